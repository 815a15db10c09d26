"""What the load tests' client costs, against `iter_lines` of requests and httpx, and how much one process follows."""

from collections.abc import Iterator
from contextlib import ExitStack
from statistics import median

from scripts.bench.figures import Pairs
from scripts.bench.lab import Lab
from scripts.bench.rows import Row, What, row
from scripts.bench.streaming.follower import Followed, Follower, Load, follower
from scripts.bench.streaming.pacer import Pacer, pacer

KINDS = ("ours", "requests", "httpx")
USUAL = Load(streams=200, events=100, per_second=50)
MANY = Load(streams=200, events=800, per_second=400)
CPU = What("client_cpu", f"Load client, CPU per event, {USUAL.streams} streams", "µs", "ratio", 0.4)
FIRST = What("client_first_event", "Load client, error of the first event's time, p99", "ms", "value", 0.1)
FOLLOWS = What(
    "client_follows", f"Load client at {MANY.offered:,.0f} events/s, error of a time, p99", "ms", "value", 10
)
WARM_UP = Load(streams=200, events=20, per_second=50)
MIDDLE, HIGH = 50, 99  # percent


def load_client(lab: Lab) -> Iterator[Row]:
    """The three clients in turn, round by round; then ours alone with many events."""
    with ExitStack() as stack:
        server = stack.enter_context(pacer())
        clients = {kind: stack.enter_context(follower(kind)) for kind in KINDS}
        for client in clients.values():
            _follow(client, server, WARM_UP)
        yield from _compared(lab, server, clients)
        yield from _many(lab, server, clients["ours"])


def _compared(lab: Lab, server: Pacer, clients: dict[str, Follower]) -> Iterator[Row]:
    seen: dict[str, list[Followed]] = {kind: [] for kind in KINDS}
    for turn in lab.rounds(lab.plan.client_rounds):
        # Each client is first, second and last in turn: a machine that slows down slows all.
        for at in range(turn, turn + len(KINDS)):
            kind = KINDS[at % len(KINDS)]
            seen[kind].append(_follow(clients[kind], server, USUAL))
    ours, requests, httpx = ([one.cpu_us for one in seen[kind]] for kind in KINDS)
    yield row(CPU, Pairs(ours, requests), {"httpx": median(httpx)})
    ours, requests, httpx = ([one.first_late_ms(HIGH) for one in seen[kind]] for kind in KINDS)
    middles = {f"{kind}_median": median(one.first_late_ms(MIDDLE) for one in seen[kind]) for kind in KINDS}
    yield row(FIRST, Pairs(ours, requests), {"requests": median(requests), "httpx": median(httpx), **middles})


def _many(lab: Lab, server: Pacer, ours: Follower) -> Iterator[Row]:
    """A compiled pacer writes each event by itself; Python's would be the one that is measured."""
    seen = [_follow(ours, server, MANY) for _ in lab.rounds(lab.plan.client_rounds)]
    late = [one.late_ms(HIGH) for one in seen]
    details = {
        "events_per_second": median(one.per_second(MANY) for one in seen),
        "cpu_percent": median(one.cpu_percent for one in seen),
        "cpu_us_per_event": median(one.cpu_us for one in seen),
        "median_ms": median(one.late_ms(MIDDLE) for one in seen),
        "lag_ms_p99": median(one.lag_ms(HIGH) for one in seen),
        "reads_with_several_events": median(one.coalesced_share for one in seen),
        "server_is_compiled": server.is_compiled,
    }
    yield row(FOLLOWS, Pairs(late, late), details)


def _follow(client: Follower, server: Pacer, load: Load) -> Followed:
    return client.follow(server.stream(load.events, load.per_second), load)
