"""Who answered: a model server gives itself away by its headers or by what its lists look like."""

from collections.abc import Callable
from typing import Any

from provider.core.reachability.line import Page, Trouble

SOME_OPENAI = "an OpenAI-compatible server"
SOME_HTTP = "something that speaks HTTP"
NAMES = {"ollama": "Ollama", "llamacpp": "llama.cpp", "lmstudio": "LM Studio", "openai": SOME_OPENAI}
OWNERS = {"vllm": "vLLM", "sglang": "SGLang", "llamacpp": "llama.cpp", "organization_owner": "LM Studio"}
HEADERS = {"llama.cpp": "llama.cpp", "kobold": "KoboldCpp"}  # KoboldCpp also plays Ollama, so the header comes first
FIRST = "/api/version"
LOGIN = (401, 403)


def identify(first: Page, ask: Callable[[str], Page]) -> str:
    """The server's name, from its answer to `FIRST` and as few more as it takes; empty if it is none we know."""
    try:
        return _by_header(first) or _ollama(first) or _lm_studio(first, ask) or _by_models(ask("/v1/models"))
    except Trouble:  # it closed the connection in between; model servers keep it
        return ""


def fits(kind: str, name: str) -> bool:
    """Whether the server called `name` is what the chosen kind means."""
    if kind in ("auto", "openai"):
        return name not in ("", SOME_HTTP)
    return name.startswith(NAMES.get(kind, name))


def _by_header(page: Page) -> str:
    server = page.headers.get("server", "").lower()
    return next((name for mark, name in HEADERS.items() if mark in server), "")


def _ollama(page: Page) -> str:
    version = _value(page.json(), "version") if page.status == 200 else None  # noqa: PLR2004 - HTTP's OK
    return f"Ollama {version}" if isinstance(version, str) else ""


def _lm_studio(page: Page, ask: Callable[[str], Page]) -> str:
    # To a path it does not know LM Studio says 200 and this.
    if b"Unexpected endpoint or method" in page.body:
        return "LM Studio"
    return "LM Studio" if isinstance(_value(ask("/api/v1/models").json(), "models"), list) else ""


def _by_models(page: Page) -> str:
    models = _value(page.json(), "data")
    if not isinstance(models, list):
        return ""
    owner = _value(models[0], "owned_by") if models else None
    return OWNERS.get(owner, SOME_OPENAI) if isinstance(owner, str) else SOME_OPENAI


def _value(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None
