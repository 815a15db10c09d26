"""Writes the tables of docs/parameters.md from what the plugin really sends: `python -m scripts.parameter_table`."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from provider.core.backends import open_backend
from provider.core.chat import ChatRequest, Message, Tool
from provider.core.parameters import HANDLED, accepted
from provider.core.server import Kind, Server

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "parameters.md"
RULES = ROOT / "provider" / "dify" / "parameters.yaml"
BEGIN, END = "<!-- generated: python -m scripts.parameter_table -->\n", "<!-- end of what is generated -->\n"

# A column for each server that has names of its own.
SERVERS: Mapping[str, tuple[Kind, str]] = {
    "Ollama": ("ollama", ""),
    "llama.cpp": ("llamacpp", ""),
    "LM Studio": ("lmstudio", ""),
    "vLLM, SGLang": ("openai", "vllm"),
    "LocalAI": ("openai", "localai"),
    "KoboldCpp": ("openai", "koboldcpp"),
    "other OpenAI-compatible": ("openai", ""),
}
SCHEMA = {"type": "object"}
TEXTS = {"logit_bias": '{"15043": -100}', "samplers": '["top_k"]', "grammar": 'root ::= "yes"'}


def page(text: str) -> str:
    """The page with its tables written anew; what stands around them stays."""
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n{tables()}\n{END}{rest.split(END)[1]}"


def tables() -> str:
    rules = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    return "\n".join([*_meanings(rules), "", *_names(rules)]) + "\n"


def sent(rule: Mapping[str, Any], kind: Kind, flavour: str) -> str:
    """The fields of the request that a parameter appears in, or a dash."""
    if rule["name"] not in {*accepted(kind, flavour), *HANDLED}:
        return "–"
    backend = open_backend(Server("http://server", kind), flavour)
    _, plain = backend.encode(_request({}))
    _, with_it = backend.encode(_request({rule["name"]: _value(rule)}))
    return ", ".join(f"`{name}`" for name in _added(plain, with_it)) or "–"


def _meanings(rules: list[dict[str, Any]]) -> Iterator[str]:
    yield from ("### What each does", "", "| Parameter | Values | What it does |", "|---|---|---|")
    for rule in rules:
        yield f"| `{rule['name']}` | {_values(rule)} | {_cell(rule['help']['en_US'])} |"


def _names(rules: list[dict[str, Any]]) -> Iterator[str]:
    yield from ("### What each is called in the request", "", f"| Parameter | {' | '.join(SERVERS)} |")
    yield "|---" * (len(SERVERS) + 1) + "|"
    for rule in rules:
        cells = (sent(rule, kind, flavour) for kind, flavour in SERVERS.values())
        yield f"| `{rule['name']}` | {' | '.join(cells)} |"


def _values(rule: Mapping[str, Any]) -> str:
    if "options" in rule:
        return ", ".join(f"`{option}`" for option in rule["options"])
    if rule["type"] == "boolean":
        return "true, false"
    if "min" in rule:
        return f"{rule['min']} to {rule.get('max', 'the context size')}"
    return "JSON" if rule["name"] in ("json_schema", "logit_bias", "samplers") else "text"


def _value(rule: Mapping[str, Any]) -> Any:
    """Any value that can be meant."""
    if rule["name"] in TEXTS:
        return TEXTS[rule["name"]]
    return rule["options"][-1] if "options" in rule else rule.get("default", rule.get("min", 1))


def _request(parameters: Mapping[str, Any]) -> ChatRequest:
    """As provider/dify/prompts.py makes it, but with the last of the options where there is a choice."""
    return ChatRequest(
        "model",
        (Message("user", ("hello",)),),
        parameters,
        (Tool("tool"),),
        json_schema=SCHEMA if "json_schema" in parameters else None,
        json_mode="response_format" in parameters,
        thinking=parameters.get("thinking"),
    )


def _added(plain: Mapping[str, Any], with_it: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for name, value in with_it.items():
        if value == plain.get(name):
            continue
        if isinstance(value, dict) and name in ("options", "chat_template_kwargs"):
            yield from _added(plain.get(name) or {}, value, f"{name}.")
        else:
            yield prefix + name


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    old = PAGE.read_text(encoding="utf-8")
    new = page(old)
    if sys.argv[1:] == ["--check"]:
        sys.exit("docs/parameters.md is old: python -m scripts.parameter_table" if new != old else 0)
    PAGE.write_text(new, encoding="utf-8")
