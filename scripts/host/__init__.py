"""`python -m scripts host …`: what the machine with the model server needs, printed as a script or written.

command   the group of commands
├── ollama_commands, network_commands, server_commands   options of each, as a person types them
│   ├── ollama, variables        Ollama's settings: the real ones, the traps, the names that do nothing
│   ├── macos, windows           the same settings where there is no systemd
│   ├── forwarder, firewall      how containers reach a server that listens on loopback only
│   └── llamacpp, lmstudio       a service for each instance
├── plan, rendering, writing     files and commands as a value; as a script; on the disk
├── machine, listening, units    what this machine says of itself
└── status                       GPU, services, addresses and logs
"""
