"""The raw facts of one logical request: what happened, and when."""

from array import array
from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    """How a request ended; the values are the class names in reports."""

    OK = "ok"
    CONNECT_REFUSED = "connect_refused"
    CONNECT_TIMEOUT = "connect_timeout"
    UNKNOWN_NAME = "unknown_name"
    TLS = "tls"
    HTTP_4XX = "http_4xx"
    HTTP_429 = "http_429"  # also Dify's 400 “Too many requests”, its answer at the app's concurrency limit
    HTTP_5XX = "http_5xx"
    READ_TIMEOUT = "read_timeout"  # no byte for the time allowed
    TOTAL_TIMEOUT = "total_timeout"
    STREAM_TRUNCATED = "stream_truncated"  # end of the body before the terminal event
    APP_ERROR = "app_error"  # an error event in a 200 stream, a workflow that did not succeed
    PROTOCOL = "protocol"  # not HTTP, bad chunks, bad JSON, another content type
    EMPTY_ANSWER = "empty_answer"
    CLIENT_CANCELLED = "client_cancelled"
    INCOMPLETE = "incomplete_at_end"  # still open when the run ended: neither good nor bad


def times() -> array[int]:
    """Room for nanoseconds, 8 bytes each."""
    return array("q")


@dataclass(slots=True, eq=False)
class Exchange:
    """One request and its answer. Times are ns of CLOCK_MONOTONIC; 0 means it did not happen."""

    name: str
    """The row in Locust's table, such as `dify workflow simple_qa`."""
    streaming: bool = True
    scheduled: int = 0
    """Open loop only: when it should have been sent."""
    sent: int = 0
    """Before the first byte was written."""
    headers: int = 0
    first_event: int = 0
    """Of any kind; in Dify that is before any work of the model."""
    first_token: int = 0
    """The first text that is not empty, thinking or answer."""
    first_visible: int = 0
    """The first text of the answer itself."""
    last_token: int = 0
    ended: int = 0
    """The terminal event, or the whole of a blocking answer."""
    closed: int = 0
    """The end of the body, or the moment of failure."""
    arrivals: array[int] = field(default_factory=times)
    """When each chunk with text came."""
    lags: array[int] = field(default_factory=times)
    """For each read: from the kernel's receive time to ours, in ns."""
    events: int = 0
    reads: int = 0
    coalesced_reads: int = 0
    """Reads that held more than one event: their times are the last one's."""
    received: int = 0
    """Bytes of the body."""
    prompt_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    """All three as the server counted them; `None` when it did not."""
    shown_tokens: int | None = None
    """Of a Dify app with several model nodes: the output of those whose text came."""
    status: int = 0
    outcome: Outcome = Outcome.INCOMPLETE
    message: str = ""
    """Of a failure: address, cause, the server's words; never a key."""
    clock: str = "userland"
    """Where the times come from: `kernel` or `userland`."""
    text: str = ""
    """The visible answer, up to 100,000 characters."""
    task_id: str = ""
    conversation_id: str = ""
    run_id: str = ""
    server: dict[str, float] = field(default_factory=dict)
    """What the server measured itself, in ms."""

    @property
    def ok(self) -> bool:
        return self.outcome is Outcome.OK
