"""What it costs to follow streams: a pacer that sends them, and clients that follow, each in a process of its own.

pacer          starts the server: pacer.c where a C compiler is there, else python_pacer
follower       one client in a process of its own, asked once for each round
└── following  what runs in that process: our load client, requests, or httpx
"""
