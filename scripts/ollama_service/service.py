"""What the client can do: text, chat, vectors, models, pulls."""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Literal, Self, TypedDict, Unpack, overload

from provider.core.chat import ChatRequest, Event, Message
from provider.core.errors import BadSetting
from provider.core.wire import ollama_request
from provider.core.wire.embeddings import Unreadable, Vector, read_ollama
from scripts.ollama_service import answers, pulling
from scripts.ollama_service.answers import ChatResult, Stream
from scripts.ollama_service.config import Config, configured
from scripts.ollama_service.errors import OllamaServiceError
from scripts.ollama_service.listing import ListedModel, ModelDetails, listed_models
from scripts.ollama_service.messages import AnyMessage, AnyTool, read_messages, read_tools
from scripts.ollama_service.pulling import PullProgress
from scripts.ollama_service.transport import Question, Sleep, Transport

HEALTH = 5.0  # seconds


class Options(TypedDict, total=False):
    """What a question may bring besides its words. What is left out, the server decides."""

    parameters: Mapping[str, Any]  # temperature, max_tokens, …: by the names of docs/parameters.md
    stop: tuple[str, ...]
    json_schema: Mapping[str, Any] | None
    json_mode: bool
    thinking: str | None  # off, on, low, medium, high, max
    context_length: int | None  # tokens; another one than before makes Ollama load the model anew
    keep_alive: str  # 5m, 24h, -1
    extra_body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Health:
    """Whether Ollama answers: true or false in an `if`, with the version or the reason."""

    ok: bool
    version: str = ""
    seconds: float = 0.0
    error: str = ""

    def __bool__(self) -> bool:
        return self.ok


class OllamaService:
    """One Ollama. Leaving `async with`, or `close()`, closes its connections."""

    def __init__(  # noqa: PLR0913 - what may be set
        self,
        base_url: str = "",
        *,
        model: str = "",
        timeout: float | None = None,  # seconds without a word
        max_connections: int | None = None,
        api_key: str = "",
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """Without arguments: OLLAMA_BASE_URL or OLLAMA_HOST, OLLAMA_DEFAULT_MODEL, OLLAMA_TIMEOUT, …"""
        self.config: Config = configured(
            base_url, model=model, timeout=timeout, max_connections=max_connections, api_key=api_key
        )
        self._transport = Transport(self.config, sleep)

    @property
    def url(self) -> str:
        return self.config.url

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        await self._transport.close()

    # Asking a model

    @overload
    async def generate(
        self,
        prompt: str,
        *,
        model: str = "",
        system: str = "",
        stream: Literal[False] = False,
        **options: Unpack[Options],
    ) -> str: ...
    @overload
    async def generate(
        self, prompt: str, *, model: str = "", system: str = "", stream: Literal[True], **options: Unpack[Options]
    ) -> Stream[str]: ...
    async def generate(
        self, prompt: str, *, model: str = "", system: str = "", stream: bool = False, **options: Unpack[Options]
    ) -> str | Stream[str]:
        """The text that follows a prompt; with `stream` its pieces. What the model thinks is left out."""
        first = (Message("system", (system,)),) if system else ()
        messages = (*first, Message("user", (prompt,)))
        request = ChatRequest(self._model(model), messages, completion=True, **options)
        events = await self._events("/api/generate", ollama_request.encode_generate(request), request)
        return answers.texts(events) if stream else (await answers.collected(events)).text

    @overload
    async def chat(
        self,
        messages: Sequence[AnyMessage],
        *,
        model: str = "",
        tools: Sequence[AnyTool] = (),
        stream: Literal[False] = False,
        **options: Unpack[Options],
    ) -> ChatResult: ...
    @overload
    async def chat(
        self,
        messages: Sequence[AnyMessage],
        *,
        model: str = "",
        tools: Sequence[AnyTool] = (),
        stream: Literal[True],
        **options: Unpack[Options],
    ) -> Stream[Event]: ...
    async def chat(
        self,
        messages: Sequence[AnyMessage],
        *,
        model: str = "",
        tools: Sequence[AnyTool] = (),
        stream: bool = False,
        **options: Unpack[Options],
    ) -> ChatResult | Stream[Event]:
        """The next turn: text, thinking, tool calls with their ids, usage; with `stream` as events."""
        request = ChatRequest(self._model(model), read_messages(messages), tools=read_tools(tools), **options)
        events = await self._events("/api/chat", ollama_request.encode_chat(request), request)
        return events if stream else await answers.collected(events)

    async def embed(
        self, texts: str | Sequence[str], *, model: str = "", dimensions: int | None = None, keep_alive: str = ""
    ) -> list[Vector]:
        """A vector for each text, in their order."""
        inputs = [texts] if isinstance(texts, str) else list(texts)
        if not inputs:
            return []
        name = self._model(model)
        # An empty text would make Ollama refuse them all.
        sent = [text or " " for text in inputs]
        body: dict[str, Any] = {"model": name, "input": sent if len(sent) > 1 else sent[0]}
        body |= {"dimensions": dimensions} if dimensions else {}
        body |= {"keep_alive": ollama_request.keep_alive(keep_alive)} if keep_alive else {}
        vectors = self._vectors(await self._transport.ask(Question("/api/embed", body, name)))
        if len(vectors) != len(inputs):
            raise OllamaServiceError(f"Ollama at {self.url} gave {len(vectors)} vectors for {len(inputs)} texts")
        return vectors

    # Models

    async def list_models(self) -> list[ListedModel]:
        return listed_models(await self._transport.ask(Question("/api/tags")))

    async def show_model(self, name: str) -> ModelDetails:
        return ModelDetails.read(name, await self._transport.ask(Question("/api/show", {"model": name}, name)))

    async def pull_model(self, name: str, *, insecure: bool = False) -> AsyncGenerator[PullProgress]:
        """Download a model; the last item is `done`. Ending early stops the download, the next pull goes on from there.

        Raises:
            OllamaServiceError: in the first step what was refused, in a later one what went wrong.
        """
        body = {"model": name, "stream": True, "insecure": insecure}
        silence = max(self.config.read, pulling.SILENCE)
        response = await self._transport.open(Question("/api/pull", body, name, pulling.TRIES, silence))
        async with aclosing(pulling.progress(response, self.url, name)) as steps:
            async for step in steps:
                yield step

    # The server

    async def health_check(self) -> Health:
        """Never raises for a server that is down, and does not try again."""
        begin = time.perf_counter()
        try:
            found = await self._transport.ask(Question("/api/version", tries=1, silence=min(HEALTH, self.config.read)))
        except OllamaServiceError as error:
            return Health(ok=False, seconds=time.perf_counter() - begin, error=str(error))
        seconds = time.perf_counter() - begin
        if not isinstance(found.get("version"), str):
            return Health(ok=False, seconds=seconds, error=f"{self.url} answers, but not like Ollama")
        return Health(ok=True, version=found["version"], seconds=seconds)

    async def _events(self, path: str, body: dict[str, Any], request: ChatRequest) -> Stream[Event]:
        response = await self._transport.open(Question(path, body, request.model))
        return answers.events(response, self.url, request)

    def _model(self, name: str) -> str:
        if not (name or self.config.model):
            raise BadSetting("no model was named: give `model`, or set OLLAMA_DEFAULT_MODEL")
        return name or self.config.model

    def _vectors(self, answer: dict[str, Any]) -> list[Vector]:
        try:
            return read_ollama(answer).vectors
        except Unreadable as error:
            raise OllamaServiceError(f"Ollama at {self.url} gave no vectors: {error}") from error
