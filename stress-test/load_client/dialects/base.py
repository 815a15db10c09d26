"""What the dialects share: text that comes, thinking within it, the end, and what is missing at the end."""

import json
import re
from abc import ABC, abstractmethod
from typing import Any, ClassVar

from load_client.repeated import Repeated
from load_client.splitting import JsonLines, ServerSentEvents
from load_metrics.exchange import Exchange, Outcome

LONGEST_TEXT = 100_000
DECODER = json.JSONDecoder()
THINK = "<think>"
THOUGHTS = re.compile(r"<think>.*?(?:</think>|$)\s*", re.DOTALL)


class Dialect(ABC):
    """Reads one answer into one exchange. `at` is when the bytes came, in ns of CLOCK_MONOTONIC."""

    splitter: ClassVar[type[ServerSentEvents | JsonLines]] = ServerSentEvents
    content_type: ClassVar[str] = "text/event-stream"

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.error = ""
        self.finished = False
        self.produced = False
        """Whether the model gave something that is no text, such as a tool call."""
        self._texts: list[str] = []
        self._begin = ""
        """The text up to the first visible word, while that has not come."""
        self.plain = ""
        """What the last event said, if that was text of the answer and nothing else."""
        self._repeated = Repeated()

    def event(self, data: bytes, at: int) -> None:
        """One whole event. Bad JSON raises `ValueError`."""
        exchange = self.exchange
        exchange.events += 1
        if not exchange.first_event:
            exchange.first_event = at
        if not data:
            return
        text = self._repeated.text_of(data)
        if text:
            self.text(text, at)
        else:
            self._read(data, at)

    def repeat(self, text: str, at: int) -> None:
        """One whole event that was like the last one, but for its text."""
        exchange = self.exchange
        exchange.events += 1
        if exchange.first_visible:
            exchange.last_token = at
            exchange.arrivals.append(at)
            self._texts.append(text)
        else:
            self.text(text, at)

    def _read(self, data: bytes, at: int) -> None:
        texts, arrivals = len(self._texts), len(self.exchange.arrivals)
        self.read(data, at)
        said = len(self._texts) - texts, len(self.exchange.arrivals) - arrivals
        if said == (1, 1) and not (self.finished or self.error):
            self.plain = self._texts[-1]
            self._repeated.learn(data, self.plain)
        else:
            self.plain = ""
            self._repeated.forget()

    @abstractmethod
    def read(self, data: bytes, at: int) -> None:
        """One event that says something."""

    @abstractmethod
    def whole(self, value: Any, at: int) -> None:
        """The one document of a blocking answer."""

    def text(self, text: str, at: int, *, thinking: bool = False, token: bool = True) -> None:
        """Text of the answer; `token` is false for what the model did not make, such as a template's words."""
        if not text:
            return
        exchange = self.exchange
        if token:
            if not exchange.first_token:
                exchange.first_token = at
            exchange.last_token = at
            exchange.arrivals.append(at)
        if thinking:
            return
        self._texts.append(text)
        if token and not exchange.first_visible:
            self._begin += text
            if _is_visible(self._begin):
                exchange.first_visible = at

    def call(self, at: int) -> None:
        """A piece of a tool call: the model is at work, and there is nothing to see."""
        self.produced = True
        self.exchange.first_token = self.exchange.first_token or at
        self.exchange.last_token = at
        self.exchange.arrivals.append(at)

    def replace(self, text: str) -> None:
        """The server takes back what it said."""
        self._texts = [text]

    def fail(self, error: Any) -> None:
        """An error of the server; the first one counts."""
        words = error if isinstance(error, str) else json.dumps(error, ensure_ascii=False)
        self.error = self.error or words[:400] or "an error without a word"

    def end(self, at: int) -> None:
        """The terminal event."""
        self.finished = True
        self.exchange.ended = at

    def conclude(self) -> tuple[Outcome, str]:
        """How it ended, once nothing more comes."""
        self.exchange.text = THOUGHTS.sub("", "".join(self._texts))[:LONGEST_TEXT]
        if self.error:
            return Outcome.APP_ERROR, self.error
        if not self.finished:
            return (
                Outcome.STREAM_TRUNCATED,
                f"the stream ended after {self.exchange.events} events, without its last one",
            )
        if not (self.produced or self.exchange.text.strip() or self.exchange.first_token):
            return Outcome.EMPTY_ANSWER, "the answer is empty"
        return Outcome.OK, ""


def _is_visible(text: str) -> bool:
    """Whether there is a word that is not thinking; a tag may come in pieces."""
    shown = THOUGHTS.sub("", text).strip()
    return bool(shown) and not THINK.startswith(shown)


def count(value: Any) -> int | None:
    """A number of tokens as a server tells it; `None` for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def parsed(data: bytes) -> dict[str, Any]:
    """The object that an event is. Raises `ValueError` for anything else; half as dear as `json.loads` of bytes."""
    value = DECODER.decode(data.decode())
    if not isinstance(value, dict):
        raise ValueError("an event is no object")  # noqa: TRY004 - bad JSON, like any other
    return value
