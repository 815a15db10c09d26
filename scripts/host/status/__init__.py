"""`python -m scripts host status`: what this machine says of GPU, services, addresses and logs.

command   the options, and what a person sees
└── parts      what can be looked at; each part skips with a reason where its program is missing
    ├── gpu         nvidia-smi, or what the kernel says of AMD's cards
    ├── services    systemd's view of each service, names in its environment that do nothing
    ├── addresses   which servers listen, and for whom
    └── logs        the last lines, without secrets
"""
