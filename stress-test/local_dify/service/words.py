"""What the engine tells of a run, in the words of Dify's app API."""

import time
from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any

from graphon import engine_events as told_by_engine
from graphon.engine_events.base import EngineEvent

from local_dify.service import told
from local_dify.service.containers import container_event, place
from local_dify.service.run import Event, Run

STOPPED = "Stopped by user."


class Words:
    """Takes the events in their order; what was said so far decides how a run ends."""

    def __init__(self, run: Run, state: Any, sources: Mapping[str, Any]) -> None:
        """`state` is the engine's, `sources` what the user asked, for the first event."""
        self._run, self._state, self._sources = run, state, sources
        self._kinds = {node["id"]: node["data"]["type"] for node in run.app.graph["nodes"]}
        self._began = time.monotonic()
        self._first_word: float | None = None
        self._resources: list[Event] = []
        self._titles: dict[str, str] = {}
        self.answer = ""
        self.is_over = False

    def of(self, event: EngineEvent) -> Iterator[Event]:  # noqa: PLR0911, C901 - one case for each kind of event
        match event:
            case told_by_engine.GraphRunStartedEvent():
                return iter([self._run.step("workflow_started", self._opening())])
            case told_by_engine.NodeRunRetryEvent():
                return iter([self._run.step("node_retry", self._retried(event))])
            case told_by_engine.NodeRunStartedEvent():
                self._titles[event.id] = event.node_title
                return iter([self._run.step("node_started", self._node_started(event))])
            case told_by_engine.NodeRunStreamChunkEvent():
                return iter([self._text(event.chunk, list(event.selector))])
            case told_by_engine.NodeRunReasoningChunkEvent():
                data = {"reasoning": event.chunk, "node_id": event.node_id, "is_final": event.is_final}
                return iter([self._run.step("reasoning_chunk", data)])
            case told_by_engine.NodeRunRetrieverResourceEvent():
                self._resources += [_resource(found) for found in event.retriever_resources]
            case (
                told_by_engine.NodeRunSucceededEvent()
                | told_by_engine.NodeRunFailedEvent()
                | told_by_engine.NodeRunExceptionEvent()
            ):
                return iter([self._run.step("node_finished", self._node_finished(event))])
            case told_by_engine.GraphRunSucceededEvent():
                return self.finished("succeeded", event.outputs)
            case told_by_engine.GraphRunPartialSucceededEvent():
                return self.finished("partial-succeeded", event.outputs, exceptions=event.exceptions_count)
            case told_by_engine.GraphRunFailedEvent():
                return self.finished("failed", {}, event.error, event.exceptions_count)
            case _ if (inside := container_event(event, self._kinds)) is not None:
                return iter([self._run.step(*inside)])
        return iter(())

    def stopped(self) -> Iterator[Event]:
        return self.finished("stopped", {}, STOPPED)

    def finished(
        self, status: str, outputs: Mapping[str, Any], error: str | None = None, exceptions: int = 0
    ) -> Iterator[Event]:
        self.is_over = True
        yield self._run.step("workflow_finished", self._closing(status, outputs, error, exceptions))
        if self._run.app.mode == "workflow":
            return
        if status == "failed":
            yield self._run.error("invalid_param", f"Run failed: {error}")
        else:
            yield self._run.word("message_end", metadata=self._metadata(), files=[])

    def _opening(self) -> Event:
        run = self._run
        return {
            "id": run.id, "workflow_id": run.app.workflow_id, "inputs": dict(self._sources), "created_at": _now(),
        }  # fmt: skip

    def _text(self, text: str, selector: list[str]) -> Event:
        if self._run.app.mode == "workflow":
            return self._run.step("text_chunk", {"text": text, "from_variable_selector": selector})
        self._first_word = self._first_word or time.monotonic()
        self.answer += text
        return self._run.word("message", answer=text, from_variable_selector=selector)

    def _node_started(self, event: Any) -> Event:
        return {
            **self._node(event),
            "inputs": None,
            "inputs_truncated": False,
            "created_at": _second(event.start_at),
            "extras": {},
            **place(event, self._kinds),
            "agent_strategy": None,
        }

    def _node_finished(self, event: Any) -> Event:
        result, end = event.node_run_result, event.finished_at or event.start_at
        outputs = told.values(result.outputs)
        is_start = event.node_type == "start"  # its outputs are all there is, and Dify shows them as its inputs too
        return {
            **self._node(event),
            "inputs": outputs if is_start else told.values(result.inputs),
            "inputs_truncated": False,
            "process_data": told.values(result.process_data),
            "process_data_truncated": False,
            "outputs": outputs,
            "outputs_truncated": False,
            "status": str(result.status),
            "error": result.error or getattr(event, "error", None) or None,
            "elapsed_time": round((end - event.start_at).total_seconds(), 6),
            "execution_metadata": told.metadata(result.metadata),
            "created_at": _second(event.start_at),
            "finished_at": _second(end),
            "files": [],
            **place(event, self._kinds),
        }

    def _retried(self, event: Any) -> Event:
        finished = self._node_finished(_Retry(event))
        return {**finished, "status": "retry", "error": event.error, "retry_index": event.retry_index}

    def _node(self, event: Any) -> Event:
        return {
            "id": event.id,
            "node_id": event.node_id,
            "node_type": str(event.node_type),
            "title": self._titles.get(event.id, ""),
            "index": 1,
            "predecessor_node_id": None,
        }

    def _closing(self, status: str, outputs: Mapping[str, Any], error: str | None, exceptions: int) -> Event:
        run = self._run
        return {
            "id": run.id,
            "workflow_id": run.app.workflow_id,
            "status": status,
            "outputs": told.values(outputs),
            "error": error,
            "elapsed_time": round(time.monotonic() - self._began, 6),
            "total_tokens": self._state.total_tokens,
            "total_steps": self._state.node_run_steps,
            "created_by": {"id": run.user_id, "user": run.user},
            "created_at": run.created_at,
            "finished_at": _now(),
            "exceptions_count": exceptions,
            "files": [],
        }

    def _metadata(self) -> Event:
        first, end = self._first_word, time.monotonic()
        times = {
            "time_to_first_token": round(first - self._began, 3) if first else None,
            "time_to_generate": round(end - first, 3) if first else None,
        }
        usage = told.usage(self._state.llm_usage, **times)
        return {"annotation_reply": None, "retriever_resources": self._resources, "usage": usage}


class _Retry:
    """A retry has no end of its own; the next attempt begins now."""

    def __init__(self, event: Any) -> None:
        self._event, self.finished_at = event, None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._event, name)


def _resource(found: Mapping[str, Any]) -> Event:
    """Dify adds a title that nobody fills."""
    last = ("files", "summary")
    first = {name: value for name, value in found.items() if name not in last}
    return {**first, "title": None, **{name: found.get(name) for name in last}}


def _now() -> int:
    return int(time.time())


def _second(moment: Any) -> int:
    """The engine's times are UTC without saying so."""
    return int(moment.replace(tzinfo=UTC).timestamp())
