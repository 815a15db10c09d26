"""Several pulls at once, each to one of five ends."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from provider.core.capabilities.ollama import same_name
from provider.core.errors import ServerError
from scripts.ollama_service import OllamaModelNotFoundError, OllamaService
from scripts.pull.layers import Layer, Layers

type State = Literal["pulled", "already_there", "not_found", "failed", "cancelled"]

GOOD: tuple[State, ...] = ("pulled", "already_there")


@dataclass(frozen=True, slots=True)
class End:
    """How one pull ended. Bytes; `there` is what an earlier pull had left."""

    name: str
    state: State
    error: str = ""
    total: int = 0
    completed: int = 0
    there: int = 0
    seconds: float = 0.0
    digest: str = ""
    had_it: bool = False  # the server has a version of the model, whatever became of this pull

    @property
    def ok(self) -> bool:
        return self.state in GOOD

    @property
    def downloaded(self) -> int:
        return max(self.completed - self.there, 0)

    def facts(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "state": self.state,
            "error": self.error,
            "total_bytes": self.total,
            "downloaded_bytes": self.downloaded,
            "already_there_bytes": self.there,
            "seconds": round(self.seconds, 2),
            "digest": self.digest,
        }


class Watcher(Protocol):
    """Sees what happens while it happens."""

    def moved(self, name: str, layers: Layers, layer: Layer | None) -> None: ...
    def ended(self, end: End) -> None: ...


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be pulled, and how many models at once."""

    names: Sequence[str]
    parallel: int = 2
    insecure: bool = False


def wanted(names: Sequence[str]) -> list[str]:
    """Each model once, whatever form its name has."""
    kept: list[str] = []
    for name in names:
        if not any(same_name(name, each) for each in kept):
            kept.append(name)
    return kept


async def pull_all(service: OllamaService, wish: Wish, watcher: Watcher, ends: dict[str, End]) -> None:
    """`ends` has an end for each name at any time, so that it is whole also when this is cancelled."""
    ends |= {name: End(name, "cancelled") for name in wish.names}
    before, places = await _digests(service), asyncio.Semaphore(wish.parallel)

    async def in_turn(name: str) -> None:
        async with places:
            await _Pull(service, name, before, watcher).run(ends, insecure=wish.insecure)

    async with asyncio.TaskGroup() as tasks:
        for name in wish.names:
            tasks.create_task(in_turn(name))


class _Pull:
    def __init__(self, service: OllamaService, name: str, before: Mapping[str, str], watcher: Watcher) -> None:
        self._service = service
        self._name = name
        self._had = _digest_of(name, before)
        self._watcher = watcher
        self._layers = Layers()
        self._begin = time.perf_counter()

    async def run(self, ends: dict[str, End], *, insecure: bool) -> None:
        ends[self._name] = self._end("cancelled")
        try:
            await self._download(insecure=insecure)
            ends[self._name] = await self._good_end()
        except OllamaModelNotFoundError as error:
            ends[self._name] = self._end("not_found", str(error))
        except ServerError as error:
            ends[self._name] = self._end("failed", str(error))
        except asyncio.CancelledError:
            ends[self._name] = self._end("cancelled")
            raise
        finally:
            self._watcher.ended(ends[self._name])

    async def _download(self, *, insecure: bool) -> None:
        async with aclosing(self._service.pull_model(self._name, insecure=insecure)) as steps:
            async for step in steps:
                self._watcher.moved(self._name, self._layers, self._layers.take(step))

    async def _good_end(self) -> End:
        """The same digest before and after: nothing newer was there."""
        digest = _digest_of(self._name, await _digests(self._service))
        return self._end("already_there" if digest and digest == self._had else "pulled", digest=digest)

    def _end(self, state: State, error: str = "", digest: str = "") -> End:
        layers = self._layers
        seconds = time.perf_counter() - self._begin
        return End(
            self._name, state, error, layers.total, layers.completed, layers.there, seconds, digest, bool(self._had)
        )


async def _digests(service: OllamaService) -> dict[str, str]:
    """By name; only to tell more about a pull, so nothing when the list cannot be had."""
    try:
        return {model.name: model.digest for model in await service.list_models()}
    except ServerError:
        return {}


def _digest_of(name: str, digests: Mapping[str, str]) -> str:
    return next((digest for each, digest in digests.items() if same_name(each, name)), "")
