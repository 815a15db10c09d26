"""`python -m scripts demo`: the plugin's main job, on the embedded llama.cpp or on a server of yours.

command  the options, and what happens when a step fails
├── steps   what is done, one function a step, with values as results
└── screen  what a person sees of it
"""
