"""What can go wrong between this client and Ollama.

OllamaServiceError            any of them; `status` is Ollama's, also for an error in mid-stream
├── OllamaConnectionError     nothing answered in time: the only ones that are tried again
├── OllamaModelNotFoundError  it does not have the model, or its registry does not
└── OllamaStreamError         the answer stopped before its end
"""

import re

from provider.core.errors import BrokenStream, ModelMissing, ServerError, Unreachable
from provider.core.wire.failure import Failure

NOT_FOUND, FAILED = 404, 500
NO_SUCH_ROUTE = "page not found"
NOT_IN_REGISTRY = "file does not exist"  # how a pull says that nobody has this name
CODE = re.compile(r"\bcode:(\d{3})\b")  # in an error that Ollama printed as a Go map
ADVICE = {
    401: "Check the key; for a model of Ollama's cloud, run `ollama signin` on its machine.",
    404: "The path of the address is wrong, or this Ollama is too old.",
    405: "The path of the address is wrong, or a proxy changed the method.",
    501: "This model cannot embed: choose an embedding model, such as nomic-embed-text.",
    503: "Try again in a moment; OLLAMA_MAX_QUEUE and OLLAMA_NUM_PARALLEL let it take more at once.",
}
BY_WORDS = {
    "no space left": "Make room on the disk of Ollama's machine: `ollama list`, then `ollama rm MODEL`.",
    "no such host": "Ollama's machine does not reach the registry: check its network, or HTTPS_PROXY of its service.",
    "requires a newer version": "Update Ollama: https://ollama.com/download",
}
HOST_REFUSED = "Ollama refuses the host name in the address: use an IP address, localhost or host.docker.internal."


class OllamaServiceError(ServerError):
    """Ollama did not do what it was asked; the message names the address, its words and what to do."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class OllamaConnectionError(OllamaServiceError, Unreachable): ...


class OllamaModelNotFoundError(OllamaServiceError, ModelMissing): ...


class OllamaStreamError(OllamaServiceError, BrokenStream): ...


def refused(url: str, failure: Failure, model: str = "", location: str = "") -> OllamaServiceError:
    """What a refusal means: an answer with an error status, or an error line in a stream."""
    status = failure.status or _code_in(failure.words)
    in_answer = f" (HTTP {failure.status})" if failure.status else ""
    said = f"Ollama at {url} said {f'“{failure.words}”' if failure.words else 'nothing'}{in_answer}"
    if model and _is_about_the_model(failure.words, status):
        return OllamaModelNotFoundError(f"{said}. {_how_to_get(model, failure.words)}", NOT_FOUND)
    return OllamaServiceError(f"{said}. {_advice(failure.words, status, location)}".removesuffix(". "), status)


def _code_in(words: str) -> int:
    """An error line came under status 200, but had Ollama known before, it would have been this one."""
    found = CODE.search(words)
    return int(found[1]) if found else FAILED


def _is_about_the_model(words: str, status: int) -> bool:
    if NOT_IN_REGISTRY in words:
        return True
    return status == NOT_FOUND and "not found" in words and NO_SUCH_ROUTE not in words


def _how_to_get(model: str, words: str) -> str:
    if NOT_IN_REGISTRY in words:
        return f"The registry has no “{model}”: names are at https://ollama.com/search"
    return f"Get it: python -m scripts pull {model}"


def _advice(words: str, status: int, location: str) -> str:
    if status == 403 and not words:  # noqa: PLR2004 - its check of the Host header
        return HOST_REFUSED
    if 300 <= status < 400:  # noqa: PLR2004 - HTTP's redirections
        return f"It redirects to {location or 'another address'}: use that as the address."
    return next((advice for sign, advice in BY_WORDS.items() if sign in words), ADVICE.get(status, ""))
