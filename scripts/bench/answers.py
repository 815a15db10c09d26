"""One answer of a plugin: when its first chunk came, how many there were, and when it ended."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from provider.core.detected import Detected
from scripts.bench.errors import NotMeasured
from scripts.plugin_host import PluginHost
from scripts.plugin_host.model_calls import llm_request
from scripts.plugin_host.session import Message, Session

MESSAGES = [{"role": "user", "content": "hi"}]
WORD = "word "  # the text of each chunk, on every side

type Wire = Literal["ollama", "openai"]


@dataclass(frozen=True, slots=True)
class Question:
    """`chunks` come each after `pause` seconds; without a pause as fast as they are taken."""

    model: str
    chunks: int
    credentials: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def request(self) -> dict[str, Any]:
        return llm_request(self.model, self.credentials, MESSAGES, parameters=self.parameters)


def to_server(url: str, wire: Wire, chunks: int, pause: float = 0) -> Question:
    """With the form as Dify keeps it after it was saved, so that nothing has to be looked up."""
    saved = Detected(f"{wire} {url}", url, wire).dumps()
    return Question(paced_model(chunks, pause), chunks, {"base_url": url, "server": wire, "detected": saved})


def to_echo(chunks: int, pause: float = 0) -> Question:
    return Question("echo", chunks, parameters={"text": WORD, "chunks": chunks, "pause": pause})


def paced_model(chunks: int, pause: float) -> str:
    """The paced server takes the pace from the model's name."""
    return f"{chunks}x{pause:g}"


class Answer:
    """Heard by the thread that reads the plugin, so that no switch of threads is in its times."""

    def __init__(self, host: PluginHost, question: Question, due: float | None = None) -> None:
        self.begin = time.perf_counter() if due is None else due
        self.first = 0.0
        self.chunks = 0
        self._expected = question.chunks + 1  # the last one has the usage
        self._failure = ""
        self._ended = threading.Event()
        # The host forgets a session that nobody holds.
        self._session: Session = host.listen("invoke_llm", question.request(), self._hear)

    @property
    def first_seconds(self) -> float:
        """From when it was due to be asked, so that a late start counts too."""
        return self.first - self.begin

    def wait(self, patience: float) -> "Answer":
        """Raises `NotMeasured` for an answer that is not what was asked for."""
        if not self._ended.wait(patience):
            raise NotMeasured(f"an answer was not complete in time: {self.chunks} of {self._expected} chunks")
        if self._failure or self.chunks != self._expected:
            raise NotMeasured(f"an answer had {self.chunks} of {self._expected} chunks{self._failure}")
        return self

    def _hear(self, message: Message) -> None:
        match message["type"]:
            case "stream":
                self.first = self.first or time.perf_counter()
                self.chunks += 1
            case "end":
                self._ended.set()
            case _:
                error = message.get("data") or {}
                self._failure = f"; {message['type']}: {error.get('message', 'no message')}"
                self._ended.set()
