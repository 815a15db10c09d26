"""`python -m scripts sync`: every model of every server in Dify.

command   options, words, exit codes
├── options   what was asked for, checked
├── running   one sync and what is told of it, or one that goes on
│   └── watch     when to look again
├── round     one look at the servers, one at Dify, and what makes them agree
│   ├── servers   which models there are
│   │   └── kinds     what each is for: chat, vectors, ranking, speech
│   ├── wanted    how each should stand in Dify
│   │   ├── marks     names by which sync knows its own credentials, and what has changed since
│   │   │   └── contexts  which context lengths are a change
│   │   └── seen      addresses as Dify's containers must write them
│   ├── plan      add, update, remove, leave: decided without asking anybody
│   └── apply     the plan, call by call, each of which may be the last
└── screen    the plan as a table, the end in a sentence, everything as JSON
"""
