"""An answer of /api/chat or /api/generate: its events as they come, or all of them collected."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Self

import httpx

from provider.core.chat import ChatRequest, Event, Finished, Text, Thinking, ToolCall, ToolCalls, Usage
from provider.core.errors import BrokenStream
from provider.core.tokens import estimate_prompt, estimate_text
from provider.core.wire.failure import Refusal
from provider.core.wire.ollama import Decoder
from provider.core.wire.thinking import ThinkingSplitter
from scripts.ollama_service.errors import OllamaStreamError, refused
from scripts.ollama_service.transport import reading

DRAIN = 0.2  # seconds given to the end of a finished answer, so that its connection can serve again


@dataclass(frozen=True, slots=True)
class ChatResult:
    """A whole answer. `finish_reason` is `stop`, `length` or `tool_calls`."""

    text: str
    thinking: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: str = "stop"
    usage: Usage | None = None


class Stream[Item](AsyncIterator[Item]):
    """Pieces of an answer. Read it to its end, or leave `async with`: closing tells the model to stop."""

    def __init__(self, items: AsyncGenerator[Item], close: Callable[[], Awaitable[None]]) -> None:
        self._items = items
        self._close = close

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Item:
        return await anext(self._items)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._items.aclose()
        await self._close()  # a generator that was never begun closes nothing


def events(response: httpx.Response, url: str, request: ChatRequest) -> Stream[Event]:
    return Stream(_events(response, url, request), response.aclose)


def texts(stream: Stream[Event]) -> Stream[str]:
    """Only what is said, not what is thought."""

    async def said() -> AsyncGenerator[str]:
        async for event in stream:
            if isinstance(event, Text):
                yield event.text

    return Stream(said(), stream.aclose)


async def collected(stream: Stream[Event]) -> ChatResult:
    async with stream:
        seen = [event async for event in stream]
    end = seen[-1]
    assert isinstance(end, Finished)  # noqa: S101 - a stream without its end was raised
    return ChatResult(
        "".join(event.text for event in seen if isinstance(event, Text)),
        "".join(event.text for event in seen if isinstance(event, Thinking)),
        tuple(call for event in seen if isinstance(event, ToolCalls) for call in event.calls),
        end.reason,
        end.usage,
    )


async def _events(response: httpx.Response, url: str, request: ChatRequest) -> AsyncGenerator[Event]:
    decoder, answer = Decoder(), _Answer(request)
    try:
        async with reading(response, url) as pieces:
            async for piece in pieces:
                for event in answer.take(decoder.feed(piece)):
                    yield event
                if decoder.complete:
                    await _drain(pieces)
                    break
            for event in answer.take(decoder.end()):
                yield event
    except Refusal as refusal:
        raise refused(url, refusal.failure, request.model) from refusal
    except OllamaStreamError:
        raise
    except BrokenStream as error:
        raise OllamaStreamError(f"Ollama at {url}: {error}") from error


async def _drain(pieces: AsyncIterator[bytes]) -> None:
    with suppress(TimeoutError, httpx.HTTPError):
        async with asyncio.timeout(DRAIN):
            async for _ in pieces:
                pass


class _Answer:
    """Thinking told from text, and tokens counted where the server did not."""

    def __init__(self, request: ChatRequest) -> None:
        self._request = request
        self._splitter = ThinkingSplitter()
        self._tokens = 0

    def take(self, decoded: Iterable[Event]) -> Iterator[Event]:
        for event in decoded:
            for part in self._split(event):
                if isinstance(part, Text | Thinking):
                    self._tokens += estimate_text(part.text)
                yield self._counted(part)

    def _split(self, event: Event) -> Iterable[Event]:
        if isinstance(event, Text):
            return self._splitter.feed(event.text)
        return [*self._splitter.end(), event]

    def _counted(self, event: Event) -> Event:
        if not isinstance(event, Finished) or event.usage:
            return event
        return replace(event, usage=Usage(estimate_prompt(self._request), self._tokens, estimated=True))
