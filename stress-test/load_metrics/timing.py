"""From one exchange to its metrics, in ns; what cannot be known is absent, never 0."""

from collections.abc import Iterator
from itertools import pairwise

from load_metrics.exchange import Exchange, Outcome

METRICS = ("ttfe", "ttft", "ttfv", "icl", "tpot", "e2e", "e2e_scheduled", "schedule_lag", "client_lag")
NS = 1_000_000_000


def metrics(exchange: Exchange) -> Iterator[tuple[str, int]]:
    """Name and value; `icl` and `client_lag` come many times. Only a success has the times of an answer."""
    yield from (("client_lag", lag) for lag in exchange.lags)
    if exchange.scheduled and exchange.sent:
        yield "schedule_lag", exchange.sent - exchange.scheduled
    if exchange.ok:
        yield from _of_success(exchange)


def _of_success(exchange: Exchange) -> Iterator[tuple[str, int]]:
    yield "e2e", exchange.ended - exchange.sent
    if exchange.scheduled:
        yield "e2e_scheduled", exchange.ended - exchange.scheduled
    if not exchange.streaming:
        return
    firsts = {"ttfe": exchange.first_event, "ttft": exchange.first_token, "ttfv": exchange.first_visible}
    yield from ((name, at - exchange.sent) for name, at in firsts.items() if at)
    yield from (("icl", later - earlier) for earlier, later in pairwise(exchange.arrivals))
    tpot = time_per_output_token(exchange)
    if tpot is not None:
        yield "tpot", round(tpot)


def time_per_output_token(exchange: Exchange) -> float | None:
    """(last text - first text) / (tokens - 1); `None` below two tokens, or if the answer came in one piece."""
    count = exchange.shown_tokens or output_tokens(exchange)
    spent = exchange.last_token - exchange.first_token
    return spent / (count - 1) if exchange.streaming and count > 1 and len(exchange.arrivals) > 1 else None


def output_tokens(exchange: Exchange) -> int:
    """As the server counted; else the number of chunks with text, which `token_source` then says.

    A count of 0 for a text that came is none: so does a server, or a plugin in Dify, that does not count.
    """
    return exchange.output_tokens or len(exchange.arrivals)


def token_source(exchange: Exchange) -> str:
    """`usage`, `chunks`, or `none` when nothing was counted by anybody."""
    if exchange.output_tokens:
        return "usage"
    return "chunks" if exchange.arrivals else "none"


def tokens_per_second(exchange: Exchange) -> float | None:
    """Of one user while the answer was coming: 1 / TPOT."""
    tpot = time_per_output_token(exchange)
    return NS / tpot if tpot else None


def failed(exchange: Exchange) -> bool:
    """What is open at the end of the run is neither good nor bad."""
    return exchange.outcome not in (Outcome.OK, Outcome.INCOMPLETE)
