"""An app's graph as a running engine: made anew for each run, as its nodes keep the run's state."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphon.dsl import DslError, importer
from graphon.dsl.entities import DslCredentials
from graphon.engine import Engine
from graphon.engine.filter import EngineEventFilterContext, ResponseStreamFilter, filter_engine_events
from graphon.engine_events.base import EngineEvent
from graphon.graph.graph import Graph
from graphon.runtime.init_params import InitParams
from graphon.runtime.runtime_state import RuntimeState
from graphon.runtime.variable_pool import VariablePool
from pydantic import ValidationError

from local_dify.service.dsl import App, NotServable, unsupported
from local_dify.service.nodes import Means, NodeFactory

MOST_WORKERS = 5  # threads a run, when its graph has branches that go on side by side


@dataclass(frozen=True, slots=True)
class Values:
    """What the run's variables are at its start."""

    inputs: Mapping[str, Any]
    system: Mapping[str, Any]
    conversation: Mapping[str, Any] = field(default_factory=dict)  # what earlier turns have set


def engine_for(app: App, values: Values, means: Means) -> Engine:
    pool = _pool(app, values)
    state = RuntimeState(variable_pool=pool, start_at=time.time(), workflow_id=app.workflow_id)
    graph = _graph(app, state, means)
    return Engine(graph=graph, runtime_state=state, workers=_workers(app.graph))


def events(engine: Engine) -> Iterator[EngineEvent]:
    """In the order in which the app's answer is composed, as Dify streams it."""
    context = EngineEventFilterContext.from_engine(engine)
    yield from filter_engine_events(engine.run(), context=context, filters=[ResponseStreamFilter()])


def refusals(app: App, means: Means) -> Iterator[str]:
    """Why the engine does not take this graph; nothing, if it does."""
    reasons = list(unsupported(app, NodeFactory.NODE_BUILDERS))
    yield from reasons
    if reasons:
        return
    try:
        engine_for(app, Values({}, {}), means)
    except NotServable as error:
        yield str(error)


def _pool(app: App, values: Values) -> VariablePool:
    pool = VariablePool()
    importer._add_runtime_variables(pool, runtime_variables=app.variables)
    for name, value in values.inputs.items():
        pool.add((_root(app), name), value)
    for name, value in values.system.items():
        pool.add(("sys", name), value)
    for name, value in values.conversation.items():
        pool.add(("conversation", name), value)
    return pool


def _graph(app: App, state: RuntimeState, means: Means) -> Graph:
    init = InitParams(workflow_id=app.workflow_id, graph_config=app.graph, run_context={}, call_depth=0)
    common: dict[str, Any] = {
        "graph_config": app.graph,
        "init_params": init,
        "runtime_state": state,
        "credentials": DslCredentials(),
        "dependencies": [],
    }
    factory = NodeFactory(means=means, **common)
    try:
        return Graph.init(graph_config=app.graph, node_factory=factory, root_node_id=_root(app))
    except (DslError, ValidationError, ValueError, TypeError) as error:
        raise NotServable(f"Dify's engine refuses its graph: {' '.join(str(error).split())}") from error


def _root(app: App) -> str:
    try:
        return importer._select_root_node_id(app.graph)
    except DslError as error:
        raise NotServable("its graph must have exactly one start node") from error


def _workers(graph: Mapping[str, Any]) -> int:
    """An idle worker looks for work a hundred times a second, so there are as many as can ever be busy."""
    ways_on = Counter((edge["source"], edge.get("sourceHandle")) for edge in graph.get("edges", []))
    has_containers = any(node["data"]["type"] in ("iteration", "loop") for node in graph["nodes"])
    side_by_side = any(count > 1 for count in ways_on.values())
    return MOST_WORKERS if has_containers or side_by_side else 1
