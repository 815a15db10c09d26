"""The engine's nodes for one run: those that need something of Dify's get it here from the plugin or from a text."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from graphon.dsl.node_factory import SlimDslNodeFactory, _TextOnlyFileSaver
from graphon.entities.base_node_data import BaseNodeData
from graphon.enums import BuiltinNodeTypes, WorkflowNodeExecutionStatus
from graphon.model_runtime.entities.llm_entities import LLMUsage
from graphon.model_runtime.entities.message_entities import PromptMessage
from graphon.model_runtime.utils.encoders import jsonable_encoder
from graphon.node_events.base import NodeRunResult
from graphon.nodes.base.node import Node
from graphon.nodes.llm import LLMNode, LLMNodeData
from pydantic import Field

from local_dify.service.knowledge import Knowledge
from local_dify.service.memory import Memory
from local_dify.service.model import Plugin, PluginModel

NO_KNOWLEDGE = "this app has no text to search: put one beside its file, with the same name and the ending .md"


@dataclass(frozen=True, slots=True)
class Means:
    """What one run may use."""

    plugin: Plugin
    knowledge: Knowledge | None
    stopped: threading.Event
    history: Sequence[tuple[str, str]] = ()  # questions and answers so far


class KnowledgeNodeData(BaseNodeData):
    type: str = BuiltinNodeTypes.KNOWLEDGE_RETRIEVAL
    query_variable_selector: list[str] | None = None
    dataset_ids: list[str] = Field(min_length=1)
    multiple_retrieval_config: dict[str, Any] | None = None


class KnowledgeNode(Node[KnowledgeNodeData]):
    """Dify keeps this node to itself; the engine does not have it."""

    node_type = BuiltinNodeTypes.KNOWLEDGE_RETRIEVAL
    knowledge: Knowledge | None = None

    @classmethod
    def version(cls) -> str:
        return "1"

    def _run(self) -> NodeRunResult:
        if self.knowledge is None:
            return NodeRunResult(status=WorkflowNodeExecutionStatus.FAILED, error=NO_KNOWLEDGE)
        asked = self.runtime_state.variable_pool.get(self.node_data.query_variable_selector or ["sys", "query"])
        query = asked.text if asked else ""
        most = int((self.node_data.multiple_retrieval_config or {}).get("top_k") or 4)
        result = self.knowledge.found(query, most, self.node_data.dataset_ids[0])
        nothing = LLMUsage.empty_usage()  # no model is asked for an economy index, and Dify says so
        return NodeRunResult(
            status=WorkflowNodeExecutionStatus.SUCCEEDED,
            inputs={"query": query},
            process_data={"usage": jsonable_encoder(nothing)},
            outputs={"result": result},
            metadata={name: getattr(nothing, name) for name in ("total_tokens", "total_price", "currency")},
        )


class _Prompts:
    """Messages as Dify keeps them with a run."""

    def serialize(self, *, model_mode: Any, prompt_messages: Sequence[PromptMessage]) -> list[dict[str, Any]]:
        return [{"role": said.role.value, "text": said.get_text_content(), "files": []} for said in prompt_messages]


@dataclass(slots=True, kw_only=True)
class NodeFactory(SlimDslNodeFactory):
    """The engine's own factory, with the plugin's process in place of its command line tool."""

    means: Means

    def _resolve_slim_llm_settings(self, *, node_id: str, data: Mapping[str, Any], node_type_label: str) -> Any:
        """A file need not name the plugin's version: there is only this one."""
        return dict(data), "", "", {}

    def _create_slim_llm_runtime(self, *, node_id: str, data: Mapping[str, Any], node_type_label: str) -> Any:
        return dict(data), PluginModel(self.means.plugin, data["model"], self.means.stopped)

    def _create_llm_node(self, request: Any) -> LLMNode:
        settings = LLMNodeData.model_validate(request.data_payload)
        asked = request.data_payload["model"]
        if settings.structured_output_enabled:
            asked = {**asked, "name": self.means.plugin.found(asked.get("name"))}
        model = PluginModel(self.means.plugin, asked, self.means.stopped)
        return LLMNode(
            node_id=request.node_id,
            data=settings,
            init_params=self.init_params,
            runtime_state=self.runtime_state,
            model_instance=model,
            memory=Memory(self.means.history, model) if settings.memory else None,
            llm_file_saver=_TextOnlyFileSaver(),
            prompt_message_serializer=_Prompts(),
            default_query_selector=("sys", "query"),
        )

    def _create_knowledge_node(self, request: Any) -> KnowledgeNode:
        data = KnowledgeNodeData.model_validate(request.data_payload)
        node = KnowledgeNode(request.node_id, data, init_params=self.init_params, runtime_state=self.runtime_state)
        node.knowledge = self.means.knowledge
        return node

    NODE_BUILDERS: ClassVar[Mapping[Any, Any]] = {
        **SlimDslNodeFactory.NODE_BUILDERS,
        BuiltinNodeTypes.LLM: _create_llm_node,
        BuiltinNodeTypes.KNOWLEDGE_RETRIEVAL: _create_knowledge_node,
    }
