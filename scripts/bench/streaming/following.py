"""One client in this process: follows so many streams at once each time it is told to, and says what that took.

    python -m scripts.bench.streaming.following ours|requests|httpx

A line of JSON in, `{"url": …, "streams": 200, "spread": 0.5}`, gives one out. All three run in gevent's loop with the
standard library patched, as in Locust. The two others do the least that a client of Dify's events must: find the lines,
look at the clock, read the JSON. Ours does all that a load test needs.
"""

from gevent import monkey

monkey.patch_all()

import json  # noqa: E402 - what is patched must not be loaded before
import resource  # noqa: E402
import ssl  # noqa: E402
import sys  # noqa: E402
from collections.abc import Callable, Iterable  # noqa: E402
from dataclasses import asdict, dataclass, field  # noqa: E402
from itertools import count  # noqa: E402
from time import monotonic_ns  # noqa: E402
from typing import Any  # noqa: E402

import gevent  # noqa: E402
import httpx  # noqa: E402
import requests  # noqa: E402

from load_client import Ask, Client  # noqa: E402

BODY = {"inputs": {"question": "What is a local model?"}, "response_mode": "streaming", "user": "bench"}
HEADERS = {"Accept-Encoding": "identity"}
DATA = b"data: "


@dataclass(slots=True)
class Seen:
    """One stream; times in ns."""

    events: int = 0
    first_late: int = 0
    """From the server's send to our time of the first event."""
    late: list[int] = field(default_factory=list)
    """The same of each text."""
    lags: list[int] = field(default_factory=list)
    """From the kernel's receive time to ours, of each read."""
    coalesced: int = 0
    failure: str = ""


type Follow = Callable[[str], Seen]


def ours() -> Callable[[], Follow]:
    client = Client()

    def follow(url: str) -> Seen:
        exchange = client.ask(Ask("bench", url, BODY, "dify", HEADERS))
        sent = map(int, exchange.text.split())  # 100,000 characters of text are kept: the first 6,666
        late = [came - left for came, left in zip(exchange.arrivals, sent, strict=False)]
        first = exchange.first_event - int(exchange.run_id or 0)
        seen = Seen(exchange.events, first, late, list(exchange.lags))
        seen.coalesced, seen.failure = exchange.coalesced_reads, exchange.message
        return seen

    return lambda: follow


def with_requests() -> Follow:
    session = requests.Session()
    session.trust_env = False

    def follow(url: str) -> Seen:
        with session.post(url, json=BODY, headers=HEADERS, stream=True, timeout=30) as response:
            return followed(response.iter_lines())

    return follow


def with_httpx() -> Callable[[], Follow]:
    context = ssl.create_default_context()  # one for all: making one costs more than a whole stream

    def make() -> Follow:
        client = httpx.Client(verify=context, trust_env=False, timeout=30)

        def follow(url: str) -> Seen:
            with client.stream("POST", url, json=BODY, headers=HEADERS) as response:
                return followed(line.encode() for line in response.iter_lines())

        return follow

    return make


def followed(lines: Iterable[bytes]) -> Seen:
    seen = Seen()
    for line in lines:
        if not line:
            continue
        now = monotonic_ns()
        event = json.loads(line.removeprefix(DATA))
        if not seen.events:
            seen.first_late = now - int(event["workflow_run_id"])
        seen.events += 1
    return seen


CLIENTS: dict[str, Callable[[], Callable[[], Follow]]] = {
    "ours": ours,
    "requests": lambda: with_requests,
    "httpx": with_httpx,
}


class Crowd:
    """As many followers as there were ever streams at once; each keeps its connection."""

    def __init__(self, make: Callable[[], Follow]) -> None:
        self._make = make
        self._followers: list[Follow] = []

    def run(self, url: str, streams: int, spread: float) -> dict[str, Any]:
        self._followers += [self._make() for _ in range(streams - len(self._followers))]
        gevent.get_hub().loop.update_now()  # it slept while we waited for the order: its timers would all be due
        before = _cpu()
        begin = monotonic_ns()
        greenlets = [
            gevent.spawn_later(at * spread / streams, follow, url)
            for at, follow in zip(count(), self._followers[:streams], strict=False)
        ]
        gevent.joinall(greenlets, raise_error=True)
        spent, wall = _cpu() - before, (monotonic_ns() - begin) / 1e9
        return {"cpu": spent, "wall": wall, "streams": [asdict(greenlet.value) for greenlet in greenlets]}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    crowd = Crowd(CLIENTS[sys.argv[1]]())
    while line := sys.stdin.readline():
        print(json.dumps(crowd.run(**json.loads(line))), flush=True)
