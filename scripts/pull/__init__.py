"""`python -m scripts pull NAME…`: an Ollama downloads models.

command   flags, what is printed, exit codes
├── target    which Ollama is asked
├── running   several pulls at once, each to one of five ends
│   └── layers    from Ollama's lines to bytes: what was there, what came
└── screen    a bar for each layer, a line for each end
"""
