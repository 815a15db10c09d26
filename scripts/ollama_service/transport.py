"""Connections to one Ollama: pooled, patient by its time-outs, tried again only while nothing was answered."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from provider.core.errors import BadSetting, BrokenStream
from provider.core.wire.failure import read_failure
from provider.core.wire.lines import read_object
from scripts.ollama_service.config import Config
from scripts.ollama_service.errors import OllamaConnectionError, OllamaServiceError, OllamaStreamError, refused

TRIES = 3
WAIT = wait_exponential(multiplier=1, min=1, max=10)  # seconds between tries: 1, 2, 4, 8, 10, …
REFUSAL = 65536  # bytes read of an error body
HEADERS = {"User-Agent": "local-models-for-dify", "Accept-Encoding": "identity"}

type Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Question:
    """One request. `silence` replaces the usual read time-out."""

    path: str
    body: Mapping[str, Any] | None = None  # none: GET
    model: str = ""  # for the error text
    tries: int = TRIES
    silence: float | None = None


class Transport:
    """`sleep` is what waits between tries."""

    def __init__(self, config: Config, sleep: Sleep = asyncio.sleep) -> None:
        self.config = config
        self._sleep = sleep
        self._client = _client(config)

    async def close(self) -> None:
        await self._client.aclose()

    async def ask(self, question: Question) -> dict[str, Any]:
        """The JSON object of a whole answer."""
        response = await self.open(question)
        async with reading(response, self.config.url) as pieces:
            body = b"".join([piece async for piece in pieces])
        try:
            return read_object(body)
        except BrokenStream as error:
            raise OllamaServiceError(f"{self.config.url} answers, but not like Ollama: {error}") from error

    async def open(self, question: Question) -> httpx.Response:
        """An answer with a good status, its body unread; the caller closes it."""
        tries = AsyncRetrying(
            stop=stop_after_attempt(question.tries),
            wait=WAIT,
            retry=retry_if_exception_type(OllamaConnectionError),
            sleep=self._sleep,
            reraise=True,
        )
        response = await tries(self._send, question)
        if response.is_success:
            return response
        failure = read_failure(await _short_body(response), response.status_code)
        raise refused(self.config.url, failure, question.model, response.headers.get("Location", ""))

    async def _send(self, question: Question) -> httpx.Response:
        method = "GET" if question.body is None else "POST"
        request = self._client.build_request(
            method, self.config.url + question.path, json=question.body, timeout=_timeout(self.config, question.silence)
        )
        with _translated(self.config, question.silence):
            return await self._client.send(request, stream=True)


@asynccontextmanager
async def reading(response: httpx.Response, url: str) -> AsyncGenerator[AsyncIterator[bytes]]:
    """The pieces of the body; leaving closes the connection, unless the body was read to its end.

    Raises:
        OllamaStreamError: the connection broke, or was silent for too long, after the answer had begun.
    """
    try:
        yield response.aiter_bytes()
    except httpx.TimeoutException as error:
        raise OllamaStreamError(f"Ollama at {url} fell silent in the middle of its answer") from error
    except (httpx.HTTPError, httpx.StreamError) as error:
        raise OllamaStreamError(
            f"Ollama at {url}: the answer stopped before its end, the connection broke ({_root_cause(error)})"
        ) from error
    finally:
        await response.aclose()


def _client(config: Config) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=config.connections, max_keepalive_connections=config.connections)
    key = {"Authorization": f"Bearer {config.api_key}"} if config.api_key else {}
    try:
        # Redirects are not followed: a redirected POST turns into a GET.
        return httpx.AsyncClient(headers={**HEADERS, **key}, limits=limits, trust_env=config.trusts_environment)
    except (ImportError, ValueError) as error:
        raise BadSetting(f"the proxy that the environment names for {config.url} cannot be used: {error}") from error


def _timeout(config: Config, silence: float | None) -> httpx.Timeout:
    read = silence or config.read
    return httpx.Timeout(read, connect=min(config.connect, read), write=config.write)


@contextmanager
def _translated(config: Config, silence: float | None) -> Generator[None]:
    """Foreign exceptions end here."""
    try:
        yield
    except httpx.PoolTimeout as error:
        raise OllamaServiceError(
            f"all {config.connections} connections to {config.url} were in use for {silence or config.read:g} s; "
            "close streams that are not read to their end, or raise OLLAMA_MAX_CONNECTIONS"
        ) from error
    except httpx.ConnectTimeout as error:
        raise OllamaConnectionError(
            f"{config.url} did not accept a connection within {min(config.connect, silence or config.read):g} s"
        ) from error
    except httpx.TimeoutException as error:
        raise OllamaConnectionError(
            f"{config.url} accepted the connection but did not answer within {silence or config.read:g} s "
            "(it may still load the model; OLLAMA_TIMEOUT sets the patience)"
        ) from error
    except (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError) as error:
        raise BadSetting(f"{config.url} cannot be asked ({error})") from error
    except httpx.TransportError as error:
        raise OllamaConnectionError(f"{config.url} is not reachable ({_root_cause(error)})") from error


async def _short_body(response: httpx.Response) -> bytes:
    """An error body, however it ends."""
    body = b""
    try:
        async for piece in response.aiter_bytes():
            body += piece
            if len(body) >= REFUSAL:
                break
    except (httpx.HTTPError, httpx.StreamError):
        pass
    finally:
        await response.aclose()
    return body


def _root_cause(error: BaseException) -> str:
    """The innermost reason, without the libraries' wrapping."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    return str(error) or type(error).__name__
