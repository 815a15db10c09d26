"""Dify's app API: workflows, chats and completions, as streams and as documents.

Facts and traps: a failed workflow is HTTP 200 and says so in `workflow_finished`; a chat's stream goes on after it; only
text whose selector names an LLM node was made by the model, the rest is a template's; thinking may stand in the text.
"""

import json
from typing import Any

from load_client.dialects.base import Dialect, count, parsed

MODEL_NODES = ("llm", "agent")
GOOD = ("succeeded", "partial-succeeded")
PAUSED = "paused"


class Dify(Dialect):
    """Events by their name; those that say nothing about time, text or end are passed over."""

    def __init__(self, exchange: Any) -> None:
        super().__init__(exchange)
        self._models: set[str] = set()
        self._nodes_told = False
        self._missing: set[str] = set()
        """Terminal events that have yet to come: a chatflow has two, in either order."""
        self._usage: list[dict[str, Any]] = []
        self._made: list[tuple[str, int]] = []
        """Model nodes that have finished, and their output tokens."""
        self._shown: set[str] = set()
        """Model nodes whose text came."""

    def read(self, data: bytes, at: int) -> None:
        event = parsed(data)
        self._names(event)
        handler = getattr(self, f"_on_{event.get('event')}", None)
        if handler:
            handler(event, event.get("data") or {}, at)

    def whole(self, value: Any, at: int) -> None:
        """`data` is a workflow's, `answer` a chat's or a completion's."""
        self._names(value)
        if "data" in value:
            data = value["data"]
            ended = self._on_workflow_paused if data.get("status") == PAUSED else self._on_workflow_finished
            ended(value, data, at)
        else:
            self.text(value.get("answer") or "", at, token=False)
            self._on_message_end(value, {}, at)

    def _names(self, event: dict[str, Any]) -> None:
        exchange = self.exchange
        exchange.task_id = exchange.task_id or event.get("task_id") or ""
        exchange.conversation_id = exchange.conversation_id or event.get("conversation_id") or ""
        exchange.run_id = exchange.run_id or event.get("workflow_run_id") or ""

    def _on_workflow_started(self, event: dict[str, Any], _data: dict[str, Any], _at: int) -> None:
        self._missing.add("workflow_finished")
        if event.get("message_id"):
            self._missing.add("message_end")

    def _on_node_started(self, _event: dict[str, Any], data: dict[str, Any], _at: int) -> None:
        self._nodes_told = True
        if data.get("node_type") in MODEL_NODES:
            self._models.add(data.get("node_id") or "")

    def _on_text_chunk(self, _event: dict[str, Any], data: dict[str, Any], at: int) -> None:
        self.text(data.get("text") or "", at, token=self._by_model(data.get("from_variable_selector")))

    def _on_message(self, event: dict[str, Any], _data: dict[str, Any], at: int) -> None:
        self.text(event.get("answer") or "", at, token=self._by_model(event.get("from_variable_selector")))

    _on_agent_message = _on_message

    def _on_reasoning_chunk(self, _event: dict[str, Any], data: dict[str, Any], at: int) -> None:
        self._shown.add(data.get("node_id") or "")
        self.text(data.get("reasoning") or "", at, thinking=True)

    def _on_message_replace(self, event: dict[str, Any], _data: dict[str, Any], _at: int) -> None:
        self.replace(event.get("answer") or "")

    def _on_text_replace(self, _event: dict[str, Any], data: dict[str, Any], _at: int) -> None:
        self.replace(data.get("text") or "")

    def _on_node_finished(self, _event: dict[str, Any], data: dict[str, Any], _at: int) -> None:
        usage = (data.get("outputs") or {}).get("usage") or (data.get("process_data") or {}).get("usage")
        if isinstance(usage, dict) and data.get("node_type") in MODEL_NODES:
            self._usage.append(usage)
            self._count(self._usage)
            self._made.append((data.get("node_id") or "", count(usage.get("completion_tokens")) or 0))

    def _on_workflow_finished(self, _event: dict[str, Any], data: dict[str, Any], at: int) -> None:
        status = data.get("status")
        if status not in GOOD:
            self.fail(f"workflow {status}: {data.get('error') or 'no reason given'}")
        if isinstance(data.get("elapsed_time"), int | float):
            self.exchange.server["elapsed_ms"] = data["elapsed_time"] * 1000.0
        self._outputs(data.get("outputs") or {})
        self.exchange.shown_tokens = sum(tokens for node, tokens in self._made if node in self._shown) or None
        self._terminal("workflow_finished", at)

    def _on_workflow_paused(self, _event: dict[str, Any], data: dict[str, Any], at: int) -> None:
        """A person has to fill in a form; until then nothing more comes."""
        titles = [each["node_title"] for each in data.get("reasons") or () if each.get("node_title")]
        self.fail(f"workflow paused: it waits for a person{f' at {", ".join(titles)}' if titles else ''}")
        self.end(at)

    def _on_message_end(self, event: dict[str, Any], _data: dict[str, Any], at: int) -> None:
        usage = (event.get("metadata") or {}).get("usage")
        if isinstance(usage, dict) and not self._usage:
            self._count([usage])
        self._terminal("message_end", at)

    def _terminal(self, event: str, at: int) -> None:
        self._missing.discard(event)
        if not self._missing:
            self.end(at)

    def _on_error(self, event: dict[str, Any], _data: dict[str, Any], at: int) -> None:
        self.fail(f"{event.get('code')}: {event.get('message')}")
        self.end(at)

    def _by_model(self, selector: Any) -> bool:
        """Without a selector nobody says otherwise. An input, or a node's `usage`, is not the model's; newer engines give
        what needs no node before they tell of any."""
        if not selector:
            return True
        known = selector[0] in self._models or not self._nodes_told
        made = known and selector[1:2] in ([], ["text"], ["reasoning_content"])
        if made:
            self._shown.add(selector[0])
        return made

    def _outputs(self, outputs: dict[str, Any]) -> None:
        """A workflow may show its answer only here."""
        shown = [value for value in outputs.values() if value not in (None, "", [], {})]
        if shown and not self._texts:
            first = shown[0]
            self._texts.append(first if isinstance(first, str) else json.dumps(first, ensure_ascii=False))

    def _count(self, usages: list[dict[str, Any]]) -> None:
        """Of all model nodes together."""
        for ours, theirs in (("prompt_tokens", "prompt_tokens"), ("output_tokens", "completion_tokens")):
            counts = [number for usage in usages if (number := count(usage.get(theirs))) is not None]
            setattr(self.exchange, ours, sum(counts) if counts else None)
