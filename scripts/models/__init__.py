"""`python -m scripts models`: every model of every server.

command   which servers, and what is printed
├── look      one server: who answers, and what it has, or why not
│   ├── extras    what only some servers tell of a model: its size, how much of it is on the GPU
│   └── reaching  why a server does not answer, seen from here
└── rows      from what was found to lines of a table, and to JSON
"""
