"""The progress of a pull: one JSON object a line, and only `success` is one."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import httpx

from provider.core.errors import BrokenStream
from provider.core.wire.failure import error_in
from provider.core.wire.lines import LineSplitter, read_object
from scripts.ollama_service.errors import OllamaStreamError, refused
from scripts.ollama_service.transport import reading

SUCCESS = "success"
# A large file is verified without a word between `verifying sha256 digest` and the next line.
SILENCE = 1800.0  # seconds
TRIES = 2


@dataclass(frozen=True, slots=True)
class PullProgress:
    """One line. Bytes are of the layer `digest`; they may go down when Ollama tries a part again."""

    status: str
    digest: str = ""
    total: int | None = None
    completed: int = 0

    @property
    def done(self) -> bool:
        return self.status == SUCCESS


async def progress(response: httpx.Response, url: str, model: str) -> AsyncGenerator[PullProgress]:
    """Every line as it comes.

    Raises:
        OllamaModelNotFoundError, OllamaServiceError: an error line, which comes under status 200.
        OllamaStreamError: the end came before `success`.
    """
    lines, last = LineSplitter(), PullProgress("")
    try:
        async with reading(response, url) as pieces:
            async for piece in pieces:
                for line in filter(bytes.strip, lines.feed(piece)):
                    last = _read(line, url, model)
                    yield last
            if (rest := lines.end()).strip() and not last.done:
                last = _read(rest, url, model)
                yield last
    except OllamaStreamError:
        if not last.done:
            raise
    except BrokenStream as error:
        raise OllamaStreamError(f"Ollama at {url}: {error}") from error
    if not last.done:
        raise OllamaStreamError(
            f"Ollama at {url} ended the pull of {model} before its end, at “{last.status or 'nothing'}”; "
            "what came stays there, and pulling again goes on from it"
        )


def _read(line: bytes, url: str, model: str) -> PullProgress:
    part = read_object(line)
    if failure := error_in(part):
        raise refused(url, failure, model)
    return PullProgress(
        str(part.get("status") or ""),
        str(part.get("digest") or ""),
        _count(part.get("total")),
        _count(part.get("completed")) or 0,
    )


def _count(value: Any) -> int | None:
    """Go leaves out a zero."""
    return value if isinstance(value, int) and value >= 0 else None
