"""Why a server does not answer, what answers instead, and the one thing to do about it.

diagnosis     the order of things: look up, knock on all doors at once, explain
├── explanation   what the user reads
├── alternatives  which other addresses are worth one connection
├── attempt       one address, step by step, on one connection
│   └── identity  who it is that answered
├── proxies       whether the proxy is what stands in the way
├── causes        from what happened to a code
└── codes         from a code to the words: what it means, the remedy

network       all of it that touches the machine; tests pass another one
└── line      one open connection
"""

from provider.core.reachability.diagnosis import diagnose
from provider.core.reachability.explanation import Answer, Diagnosis
from provider.core.reachability.network import REAL_NETWORK, Network

__all__ = ["REAL_NETWORK", "Answer", "Diagnosis", "Network", "diagnose"]
