"""A server that gives recorded answers of real servers, byte for byte; tests choose how the bytes travel."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.servers.exchange import End, Request, Response, Step
from tests.servers.http_server import HttpServer, KeepAlive

RECORDINGS = Path(__file__).parents[1] / "recordings"
OWN_HEADERS = {"connection", "keep-alive", "transfer-encoding", "content-length"}  # about our connection, not theirs
NOT_RECORDED = Response.of_text("404 page not found", 404)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How the bytes of each recorded body travel."""

    pieces: int | Sequence[int] | None = None  # bytes in each; `None`: as the recorder read them
    pause: float = 0.0  # seconds before each piece
    cut_after: int | None = None  # bytes of the body, then `end`
    end: End = End.CLOSE


class Recording:
    """`NAME.json`: request, status, headers; `NAME.body`: exact bytes."""

    def __init__(self, path: Path) -> None:
        self.name = path.stem
        self._facts = json.loads(path.read_text(encoding="utf-8"))
        self._body_path = path.with_suffix(".body")

    @property
    def request(self) -> Mapping[str, Any]:
        return self._facts["request"]

    @property
    def status(self) -> int:
        return self._facts["response"]["status"]

    @property
    def headers(self) -> Mapping[str, str]:
        return self._facts["response"]["headers"]

    @cached_property
    def body(self) -> bytes:
        return self._body_path.read_bytes()

    @property
    def reads(self) -> list[int]:
        """The sizes in which the body came."""
        return [size for kind, size, _ in self._facts["reads_ms"] if kind == "body"]

    def response(self, delivery: Delivery) -> Response:
        is_chunked = "transfer-encoding" in self.headers
        return Response(
            self.status,
            list(self._steps(delivery)),
            {name: text for name, text in self.headers.items() if name not in OWN_HEADERS} | self._length(is_chunked),
            chunked=is_chunked,
            end=End.PROPER if delivery.cut_after is None else delivery.end,
        )

    def _length(self, is_chunked: bool) -> dict[str, str]:
        """Of the whole body, even if it is cut; a recorded one is wrong where a path in the body was shortened."""
        return {} if is_chunked else {"Content-Length": str(len(self.body))}

    def _steps(self, delivery: Delivery) -> Iterator[Step]:
        left = self.body[: delivery.cut_after]
        for size in _sizes(self.reads if delivery.pieces is None else delivery.pieces, len(left)):
            if delivery.pause:
                yield delivery.pause
            yield left[:size]
            left = left[size:]


class ReplayServer(HttpServer):
    """Chooses by method, path and body; where that is not enough, `answers` names the recording for a path."""

    def __init__(
        self,
        folder: Path | str,
        answers: Mapping[str, str] | None = None,
        delivery: Delivery | None = None,
        keep_alive: KeepAlive | None = None,
    ) -> None:
        super().__init__(self._reply, keep_alive)
        self.recordings = recordings(RECORDINGS / folder)
        self.answers = dict(answers or {})
        self.delivery = delivery or Delivery()

    def _reply(self, request: Request) -> Response:
        recording = self._choose(request)
        return recording.response(self.delivery) if recording else NOT_RECORDED

    def _choose(self, request: Request) -> Recording | None:
        for key in request.keys:
            if key in self.answers:
                return self.recordings[self.answers[key]]
        fitting = [each for each in self.recordings.values() if _is_for(each, request)]
        return max(
            fitting, key=lambda each: _likeness(each, request), default=self.recordings.get("error_unknown_path")
        )


def recordings(folder: Path | str) -> dict[str, Recording]:
    """By name; `folder` is a path, or a folder below `tests/recordings`."""
    return {path.stem: Recording(path) for path in sorted((RECORDINGS / folder).glob("*.json"))}


def _is_for(recording: Recording, request: Request) -> bool:
    return (recording.request["method"], recording.request["path"]) == (request.method, request.path)


def _likeness(recording: Recording, request: Request) -> tuple[bool, bool, int]:
    """The same body is best; then a good answer, or a 404 when another model was asked; then equal fields."""
    recorded, asked = recording.request["body"], request.json
    if not (isinstance(recorded, dict) and isinstance(asked, dict)):
        return recorded in (asked, request.body.decode(errors="replace")), recording.status < 400, 0
    is_model = recorded.get("model") in (None, asked.get("model"))
    fits = recording.status < 400 if is_model else recording.status == 404
    fields = recorded.keys() | asked.keys()
    return recorded == asked, fits, sum(recorded.get(name) == asked.get(name) for name in fields)


def _sizes(wanted: int | Sequence[int], total: int) -> Iterator[int]:
    """Sizes that add up to `total`; what is wanted may be too little or too much."""
    given = iter([] if isinstance(wanted, int) else wanted)
    while total > 0:
        size = min(wanted if isinstance(wanted, int) else next(given, total), total)
        yield size
        total -= size
