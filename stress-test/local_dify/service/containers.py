"""Events of iterations and loops, and where a node is when it is inside of one."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from graphon import engine_events as told_by_engine

from local_dify.service import told
from local_dify.service.run import Event

STARTED = {
    told_by_engine.NodeRunIterationStartedEvent: "iteration_started",
    told_by_engine.NodeRunLoopStartedEvent: "loop_started",
}
NEXT = {
    told_by_engine.NodeRunIterationNextEvent: "iteration_next",
    told_by_engine.NodeRunLoopNextEvent: "loop_next",
}
COMPLETED = {
    told_by_engine.NodeRunIterationSucceededEvent: "iteration_completed",
    told_by_engine.NodeRunIterationFailedEvent: "iteration_completed",
    told_by_engine.NodeRunLoopSucceededEvent: "loop_completed",
    told_by_engine.NodeRunLoopFailedEvent: "loop_completed",
}


def place(event: Any, kinds: Mapping[str, str]) -> Event:
    kind, container = kinds.get(event.container_id), event.container_id
    return {
        "iteration_id": container if kind == "iteration" else None,
        "loop_id": container if kind == "loop" else None,
    }


def container_event(event: Any, kinds: Mapping[str, str]) -> tuple[str, Event] | None:
    """Its name and its data."""
    kind = type(event)
    if name := STARTED.get(kind):
        return name, {**_node(event), "metadata": told.values(event.metadata), "inputs": told.values(event.inputs)}
    if name := NEXT.get(kind):
        return name, {**_node(event), "index": event.index}
    if name := COMPLETED.get(kind):
        return name, {**_node(event), **_end(event)}
    return None


def _node(event: Any) -> Event:
    return {
        "id": event.id,
        "node_id": event.node_id,
        "node_type": str(event.node_type),
        "title": event.node_title,
        "created_at": int(event.start_at.replace(tzinfo=UTC).timestamp()) if hasattr(event, "start_at") else None,
        "extras": {},
    }


def _end(event: Any) -> Event:
    error = getattr(event, "error", None)
    return {
        "inputs": told.values(event.inputs),
        "outputs": told.values(event.outputs),
        "status": "failed" if error else "succeeded",
        "error": error,
        "steps": event.steps,
        "execution_metadata": told.metadata(event.metadata),
    }
