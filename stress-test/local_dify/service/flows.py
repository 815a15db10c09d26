"""One run of an app that is a graph: a workflow, or a chatflow with its conversation."""

import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

from graphon.engine_events import NodeRunVariableUpdatedEvent
from graphon.engine_events.base import EngineEvent

from local_dify.service import graphs
from local_dify.service.conversations import Conversation
from local_dify.service.graphs import Values
from local_dify.service.knowledge import Knowledge
from local_dify.service.model import Plugin
from local_dify.service.nodes import Means
from local_dify.service.run import Event, Run
from local_dify.service.words import STOPPED, Words

TOLD_LATER = ("timestamp", "conversation_id")  # not in the first event, but in the start node's


class Flow:
    def __init__(
        self, run: Run, inputs: Mapping[str, Any], plugin: Plugin, knowledge: Knowledge,
        conversation: Conversation | None = None, query: str = "",
    ) -> None:  # fmt: skip
        self.run = run
        self._conversation, self._query = conversation, query
        self._stopped = threading.Event()
        turns = list(conversation.turns) if conversation else []
        system = _system(run, query, len(turns) + 1)
        values = Values(inputs, system, conversation.variables if conversation else {})
        self._engine = graphs.engine_for(run.app, values, Means(plugin, knowledge, self._stopped, turns))
        told = {f"sys.{name}": value for name, value in system.items() if name not in TOLD_LATER}
        self._words = Words(run, self._engine.runtime_state, {**inputs, **told})

    def events(self) -> Iterator[Event]:
        try:
            for event in graphs.events(self._engine):
                self._remember(event)
                yield from self._words.of(event)
        except Exception as error:  # noqa: BLE001 - the engine raises again what it has told as its last event
            if not self._words.is_over:
                yield from self._words.finished("failed", {}, str(error))
        finally:
            self._end_turn()

    def abort(self) -> None:
        self._engine.request_abort(STOPPED)
        self._stopped.set()

    def last_words(self) -> Iterator[Event]:
        return self._words.stopped()

    def _remember(self, event: EngineEvent) -> None:
        if isinstance(event, NodeRunVariableUpdatedEvent) and self._conversation is not None:
            place, *name = event.variable.selector
            if place == "conversation":
                self._conversation.variables[".".join(name)] = event.variable.value

    def _end_turn(self) -> None:
        if self._conversation is not None and self._words.answer:
            self._conversation.turns.append((self._query, self._words.answer))


def _system(run: Run, query: str, dialogue: int) -> dict[str, Any]:
    """In Dify's order."""
    both = {
        "files": [], "user_id": run.user, "app_id": run.app.id,
        "workflow_id": run.app.workflow_id, "workflow_run_id": run.id,
    }  # fmt: skip
    if run.app.mode == "workflow":
        return {**both, "timestamp": int(time.time())}
    return {**both, "query": query, "conversation_id": run.conversation_id, "dialogue_count": dialogue}
