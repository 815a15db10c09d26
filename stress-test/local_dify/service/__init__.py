"""The service itself. It runs in `.venv-graphon`, where Dify's engine is and the plugin's SDK is not.

__main__ → server → routes ── requests (bodies, read strictly) ── problems (refusals)
                     └── jobs (one run each) ── running (graph apps, prompt apps)
                            ├── graphs → nodes → model → plugin process     knowledge, memory
                            └── words (engine events → Dify's events)

check is the command that says whether the engine takes a file.
"""
