"""`python -m scripts bench-model`: how fast each model of a server is, cold and warm.

command    the options, which models, and what happens when one fails
├── measuring   one model: warm-up, cold, and the runs that count
│   ├── prompt      a question of a wanted size that no cache has seen
│   ├── asking      one question through the plugin's own client, with a clock beside it
│   │   └── counters    what the server measured itself, read from the same bytes
│   ├── run         the time stamps of one answer, and the figures that follow from them
│   └── unloading   out of memory and back, where a server lets us
├── figures     medians and spread of several runs
└── screen      a table for a person, Markdown to paste, JSON for a program
"""
