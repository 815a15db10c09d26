"""Model parameters: which server takes which, and under what name.

The names are Dify's where Dify has one (max_tokens), else llama.cpp's and Ollama's own. What a
parameter looks like in Dify's form (range, labels) is in provider/dify/parameters.yaml.
"""

import json
from collections.abc import Mapping
from typing import Any

from provider.core.errors import Rejected

# Handled by name elsewhere: they are not passed through.
HANDLED = {"json_schema", "response_format", "thinking"}

OLLAMA_OPTIONS = (
    "temperature", "top_p", "top_k", "min_p", "typical_p", "presence_penalty", "frequency_penalty", "repeat_penalty",
    "repeat_last_n", "seed", "num_keep", "num_batch", "num_gpu", "main_gpu", "num_thread", "use_mmap",
)  # fmt: skip
OLLAMA_TOP = ("truncate", "shift")
OPENAI = (
    "temperature", "top_p", "max_tokens", "presence_penalty", "frequency_penalty", "seed", "logit_bias",
    "tool_choice", "parallel_tool_calls",
)  # fmt: skip
SAMPLERS = ("top_k", "min_p", "typical_p", "repeat_penalty", "repeat_last_n")
LLAMACPP = (
    *OPENAI, *SAMPLERS, "num_keep", "top_n_sigma", "dynatemp_range", "dynatemp_exponent", "mirostat", "mirostat_tau",
    "mirostat_eta", "dry_multiplier", "dry_base", "dry_allowed_length", "dry_penalty_last_n", "xtc_probability",
    "xtc_threshold", "samplers", "grammar", "cache_prompt", "id_slot", "thinking_budget",
)  # fmt: skip
LMSTUDIO = (*OPENAI, "top_k", "min_p", "repeat_penalty", "ttl")
COMMON = (*OPENAI, "top_k", "min_p", "repeat_penalty")
# Behind OpenAI's routes; a program that is not here takes what OpenAI takes.
BY_FLAVOUR = {
    "vllm": COMMON,
    "sglang": COMMON,
    "lemonade": COMMON,
    "docker": (*OPENAI, "top_k", "min_p"),  # llama.cpp or vLLM, which call the penalty differently
    "localai": (*OPENAI, *SAMPLERS, "num_keep", "grammar"),
    "koboldcpp": (*OPENAI, *SAMPLERS, "grammar"),
    "jan": COMMON,
    "llamacpp": COMMON,
    "lmstudio": LMSTUDIO,
}

RENAMED = {
    "ollama": {"max_tokens": "num_predict"},
    "llamacpp": {"num_keep": "n_keep", "thinking_budget": "thinking_budget_tokens"},
}
RENAMED_BY_FLAVOUR = {
    "vllm": {"repeat_penalty": "repetition_penalty"},
    "sglang": {"repeat_penalty": "repetition_penalty"},
    "localai": {"num_keep": "n_keep"},
    "koboldcpp": {"typical_p": "typical", "repeat_last_n": "rep_pen_range"},
}
JSON_TEXT = {"logit_bias": dict, "samplers": list}  # typed as text, sent as what it says


def accepted(kind: str, flavour: str = "") -> tuple[str, ...]:
    """The parameters a server of this kind understands."""
    if kind == "ollama":
        return ("max_tokens", *OLLAMA_OPTIONS, *OLLAMA_TOP)
    by_kind = {"llamacpp": LLAMACPP, "lmstudio": LMSTUDIO}
    return by_kind.get(kind) or BY_FLAVOUR.get(flavour, OPENAI)


def chosen(parameters: Mapping[str, Any], kind: str, flavour: str = "") -> dict[str, Any]:
    """What the person set, under the server's names; what they left alone is not sent."""
    names, renamed = accepted(kind, flavour), RENAMED.get(kind) or RENAMED_BY_FLAVOUR.get(flavour, {})
    given = {name: value for name, value in parameters.items() if name in names and value is not None and value != ""}
    return {renamed.get(name, name): _typed(name, value) for name, value in given.items()}


def _typed(name: str, value: Any) -> Any:
    """Raises `Rejected` when text that must be JSON is not."""
    if name not in JSON_TEXT or not isinstance(value, str):
        return value
    try:
        parsed = json.loads(value)
    except ValueError as error:
        raise Rejected(f"the parameter {name} must be JSON: {error}") from error
    if not isinstance(parsed, JSON_TEXT[name]):
        raise Rejected(f"the parameter {name} must be a JSON {'object' if JSON_TEXT[name] is dict else 'list'}")
    return parsed
