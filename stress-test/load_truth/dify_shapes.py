"""Dify's words: a workflow, and a chatflow, which names a conversation and ends twice."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from load_truth.plan import Plan
from load_truth.shapes import Shape, sse

MODEL = "llm"


class Workflow(Shape):
    """Its text is `text_chunk`, its end `workflow_finished`."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.names: dict[str, Any] = {"task_id": str(uuid4()), "workflow_run_id": self.id}

    def begin(self) -> Iterator[bytes]:
        yield self._event("workflow_started", {"id": self.id, "inputs": {}})
        yield self._event("node_started", {"node_id": MODEL, "node_type": "llm"})

    def text(self, text: str, *, thinking: bool) -> bytes:
        return self._event(
            "text_chunk", {"text": self._marked(text, thinking), "from_variable_selector": [MODEL, "text"]}
        )

    def end(self) -> Iterator[bytes]:
        yield self._event("node_finished", self._node("succeeded"))
        yield self._event("workflow_finished", self._finished("succeeded"))

    def error(self) -> Iterator[bytes]:
        yield self._event("error", {}, code="completion_request_error", status=400, message="the model ran away")

    def failed(self) -> Iterator[bytes]:
        yield self._event("node_finished", self._node("failed"))
        yield self._event("workflow_finished", self._finished("failed"))

    def document(self, text: str) -> Any:
        failed = self.plan.fault == "failed"
        return {
            **self.names,
            "data": self._finished("failed" if failed else "succeeded") | {"outputs": {"answer": text}},
        }

    def _marked(self, text: str, thinking: bool) -> str:
        """Dify streams thinking as text between tags."""
        return f"<think>{text}</think>" if thinking else text

    def _node(self, status: str) -> dict[str, Any]:
        return {"node_id": MODEL, "node_type": "llm", "status": status, "outputs": {"usage": self.usage}}

    def _finished(self, status: str) -> dict[str, Any]:
        error = None if status == "succeeded" else "the model ran away"
        return {"id": self.id, "status": status, "outputs": {}, "error": error, "elapsed_time": 0.1}

    def _event(self, event: str, data: Any, **more: Any) -> bytes:
        return sse({"event": event, **self.names, "data": data, **more})


class Chat(Workflow):
    """The same with `message` for text, and `message_end` after `workflow_finished`."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.names |= {"message_id": str(uuid4()), "conversation_id": str(uuid4())}

    def text(self, text: str, *, thinking: bool) -> bytes:
        return self._event("message", {}, answer=self._marked(text, thinking), from_variable_selector=[MODEL, "text"])

    def end(self) -> Iterator[bytes]:
        yield from super().end()
        yield self._event("message_end", {}, metadata={"usage": self.usage})

    def failed(self) -> Iterator[bytes]:
        yield from super().failed()
        yield from self.error()

    def document(self, text: str) -> Any:
        return {"event": "message", **self.names, "answer": text, "metadata": {"usage": self.usage}}
