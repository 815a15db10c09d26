"""What many instances cost: finding out who has which model, and choosing one for each call."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

from provider.core.backends import Backend
from provider.core.dispatch import Target, dispatch
from provider.core.instances import Instance
from provider.core.model_info import ModelInfo
from provider.core.parallel import in_parallel
from provider.core.routing.inventory import take_stock
from provider.core.server import Server
from scripts.bench.figures import Pairs
from scripts.bench.lab import Lab
from scripts.bench.rows import Row, What, row
from tests.servers import Response, ScriptedServer, by_path

INSTANCES, MODELS, CALLERS, CALLS = 5, 40, 50, 2000
MILLISECONDS, MICROSECONDS = 1e3, 1e6


def discovery(lab: Lab) -> Iterator[Row]:
    """The first look of many callers at once: each server is asked once."""
    requests: list[float] = []
    times: list[float] = []
    for _ in lab.rounds(5):
        with ExitStack() as stack:
            servers = _servers(stack)
            template, instances = Server(servers[0].url), _instances(servers)
            begin = time.perf_counter()
            in_parallel([partial(take_stock, template, instances)] * CALLERS)
            times.append((time.perf_counter() - begin) * MILLISECONDS)
            requests.append(sum(len(server.requests) for server in servers))
    title = f"Requests to find {MODELS} models on each of {INSTANCES} servers, {CALLERS} callers"
    expected = [float(INSTANCES)] * len(requests)
    yield row(What("discovery_requests", title, "", "value", INSTANCES), Pairs(requests, expected))
    yield row(What("discovery_time", "The time that takes", "ms", "value"), Pairs(times, times))


def routing(lab: Lab) -> Iterator[Row]:
    """Choosing among several, against a form with one server; the question itself costs nothing here."""
    several: list[float] = []
    alone: list[float] = []
    with ExitStack() as stack:
        servers = _servers(stack)
        target = Target(Server(servers[0].url), _instances(servers), "model-7", ModelInfo("model-7", "openai"))
        one = replace(target, instances=target.instances[:1])
        for _ in lab.rounds(5):
            several.append(_per_call(target))
            alone.append(_per_call(one))
    title = f"Routing of a call among {INSTANCES} servers"
    yield row(What("routing", title, "µs", "difference"), Pairs(several, alone))


def _per_call(target: Target) -> float:
    dispatch(target, "chat", _answer, "conversation")  # the first one takes stock
    begin = time.perf_counter()
    for _ in range(CALLS):
        dispatch(target, "chat", _answer, "conversation")
    return (time.perf_counter() - begin) / CALLS * MICROSECONDS


def _answer(_backend: Backend, model: str) -> str:
    return model


def _servers(stack: ExitStack) -> list[ScriptedServer]:
    listed = [{"id": f"model-{at}", "object": "model", "owned_by": "tests"} for at in range(MODELS)]
    answer = by_path({"GET /v1/models": Response.of_json({"object": "list", "data": listed})})
    return [stack.enter_context(ScriptedServer(answer)) for _ in range(INSTANCES)]


def _instances(servers: Sequence[ScriptedServer]) -> tuple[Instance, ...]:
    return tuple(Instance(f"server {at}", (server.url,), "openai") for at, server in enumerate(servers))
