"""One answer: time stamps of the client's monotonic clock, and the figures that follow from them.

ttft   time to first token: from sending until the first text, thinking counts
ttfv   time to first visible text: the same without thinking
tpot   time per output token: (last text - first text) / (output tokens - 1)
e2e    from sending to the end of the answer
"""

from dataclasses import dataclass

from scripts.bench_model.counters import Counters

FEWEST = 2  # tokens of which a pace can be told


@dataclass(frozen=True, slots=True)
class Run:
    """`None` is: it did not happen, or was not told. Tokens are the server's count, never a count of chunks."""

    sent: float
    first: float | None
    visible: float | None
    last: float | None
    end: float
    prompt_tokens: int | None = None
    output_tokens: int | None = None
    reason: str = ""
    counters: Counters | None = None

    @property
    def ttft(self) -> float | None:
        return None if self.first is None else self.first - self.sent

    @property
    def ttfv(self) -> float | None:
        return None if self.visible is None else self.visible - self.sent

    @property
    def tpot(self) -> float | None:
        if self.first is None or self.last is None or (self.output_tokens or 0) < FEWEST:
            return None
        return (self.last - self.first) / ((self.output_tokens or 0) - 1)

    @property
    def e2e(self) -> float:
        return self.end - self.sent

    @property
    def decode_rate(self) -> float | None:
        """Tokens a second, as the client sees them come."""
        return 1 / self.tpot if self.tpot else None

    @property
    def prefill_rate(self) -> float | None:
        """An estimate, good for one request at a time: the first token and the way there are in it."""
        return self.prompt_tokens / self.ttft if self.prompt_tokens and self.ttft else None
