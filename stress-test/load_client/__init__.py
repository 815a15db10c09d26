"""A streaming HTTP client inside Locust's gevent loop that knows when each byte reached this machine.

ask         what to ask
http1       response bytes -> status, headers, body (pure)
splitting   body bytes -> events (pure)
dialects    events -> facts of an exchange: dify, openai, ollama (pure)
answer      response bytes -> a whole exchange (pure): the three above, put together
refusals    a status that is not 2xx -> class and the server's words (pure)
failures    an exception of the network -> class
wire        one connection: open, write, read with the kernel's receive times, TLS
pool        connections kept for the next request
client      asks, and waits
"""

from load_client.ask import Ask, Timeouts
from load_client.client import Client
from load_client.fetch import fetch

__all__ = ["Ask", "Client", "Timeouts", "fetch"]
