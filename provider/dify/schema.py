"""`ModelInfo` → the model entity Dify shows: features, context size, parameter rules. Never asks the network."""

from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml
from dify_plugin.entities import I18nObject
from dify_plugin.entities.model import (
    AIModelEntity,
    FetchFrom,
    ModelFeature,
    ModelPropertyKey,
    ModelType,
    ParameterRule,
)

from provider.core.model_info import ModelInfo
from provider.core.parameters import HANDLED, accepted

UNKNOWN_CONTEXT = 4096  # tokens; what small servers use when nobody says more
USUAL_ANSWER = 2048  # tokens
RULES = Path(__file__).with_name("parameters.yaml")


def model_entity(name: str, info: ModelInfo, *, completion: bool = False) -> AIModelEntity:
    """What Dify may offer for this model, as far as it is known."""
    return AIModelEntity(
        model=name,
        label=I18nObject(en_US=name),
        model_type=ModelType.LLM,
        fetch_from=FetchFrom.CUSTOMIZABLE_MODEL,
        features=_features(info, completion=completion),
        model_properties={
            ModelPropertyKey.MODE: "completion" if completion else "chat",
            ModelPropertyKey.CONTEXT_SIZE: declared_context(info),
        },
        parameter_rules=list(_rules(info, completion=completion)),
    )


def declared_context(info: ModelInfo) -> int:
    """Tokens; exactly what is sent to Ollama as num_ctx."""
    return info.context_length or min(info.train_context_length or UNKNOWN_CONTEXT, UNKNOWN_CONTEXT)


def _features(info: ModelInfo, *, completion: bool) -> list[ModelFeature]:
    """An empty list would make Dify's agents say “Model schema not found”."""
    able = {
        ModelFeature.AGENT_THOUGHT: True,
        ModelFeature.VISION: info.vision,
        ModelFeature.AUDIO: info.audio,
        ModelFeature.STRUCTURED_OUTPUT: info.structured_output,
        ModelFeature.TOOL_CALL: info.tools and not completion,
        ModelFeature.STREAM_TOOL_CALL: info.tools and not completion,
        ModelFeature.MULTI_TOOL_CALL: info.tools and info.parallel_tools is not False and not completion,
    }
    return [feature for feature, yes in able.items() if yes]


@lru_cache(maxsize=256)
def _rules(info: ModelInfo, *, completion: bool) -> tuple[ParameterRule, ...]:
    """Built once for each set of facts, although the SDK asks with every call."""
    names = set(accepted(info.kind, info.flavour)) | HANDLED
    names -= {"mirostat", "mirostat_tau", "mirostat_eta"} - set(info.parameters)  # gone from newer servers
    if info.thinking is False or completion:
        names -= {"thinking", "thinking_budget"}
    if info.tools is False or completion:
        names -= {"tool_choice", "parallel_tool_calls"}
    if info.structured_output is False:
        names -= {"json_schema"}
    return tuple(_rule(entry, info) for entry in _entries() if entry["name"] in names)


def _rule(entry: dict[str, Any], info: ModelInfo) -> ParameterRule:
    limits: dict[str, Any] = {}
    if entry["name"] == "max_tokens":
        limits |= _token_limits(declared_context(info))
    if entry["name"] == "repeat_last_n" and info.kind == "llamacpp":
        limits["min"] = 0  # llama.cpp refuses Ollama's -1
    if entry["name"] == "response_format" and info.structured_output is False:
        limits["options"] = [option for option in entry["options"] if option != "json_schema"]
    return ParameterRule(**{**entry, **limits})


def _token_limits(context: int) -> dict[str, int]:
    """Dify fills in the default when the rule is ticked; without one it would be 1 token."""
    return {"max": context, "default": min(USUAL_ANSWER, context // 2)}


@cache
def _entries() -> list[dict[str, Any]]:
    return yaml.safe_load(RULES.read_text(encoding="utf-8"))
