"""What only one program says: pure readers, each for one question's answer.

Most of these programs also play another one's routes (docs/servers.md tells which), so a sign is a text, a header or a
field that its program alone writes; a status code never is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from provider.core.capabilities.openai import flavour_of


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """`flavour` names the program behind OpenAI's routes, `prefix` is the path before them at this address."""

    kind: str
    flavour: str = ""
    version: str = ""
    prefix: str = ""


class Answer(Protocol):
    """An HTTP answer, whoever asked for it."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...
    def json(self) -> Any: ...


OLLAMAS_NOT_FOUND = b"404 page not found"  # its web framework ends this without a line feed; Go's own has one
BY_HEADER = {"llama.cpp": Fingerprint("llamacpp"), "whisper.cpp": Fingerprint("openai", "whispercpp")}
BY_TEXT = (
    (b"Unexpected endpoint or method", Fingerprint("lmstudio")),  # with status 200, for any path it does not know
    (b"An LM Studio API token", Fingerprint("lmstudio")),
    (b"Error: KoboldCpp HTTP Server is running", Fingerprint("openai", "koboldcpp")),
)
BY_WHOLE_TEXT = {
    b"Missing authorization header": Fingerprint("openai", "jan"),
    b"Invalid or missing authorization token": Fingerprint("openai", "jan"),
    b"Invalid host header": Fingerprint("openai", "jan"),
}
KOBOLD = "kobold"  # KoboldCppServer, in older versions ConcedoLlamaForKoboldServer
# What /v1/models may say of a program that has a kind of its own.
OWN_KIND = {"llamacpp": "llamacpp", "lmstudio": "lmstudio"}


def any_answer(answer: Answer) -> Fingerprint | None:
    """Told by headers and error texts, which also a loading or a locked server sends."""
    server = answer.headers.get("server", "").lower()
    if found := BY_HEADER.get(server):
        return found
    if server.startswith("llamafile/"):
        return Fingerprint("openai", "llamafile", server.removeprefix("llamafile/"))
    if KOBOLD in server:
        return Fingerprint("openai", "koboldcpp")
    whole = BY_WHOLE_TEXT.get(answer.body.strip()) if answer.status in (401, 403) else None
    return whole or next((found for text, found in BY_TEXT if text in answer.body), None)


def ollama(answer: Answer) -> Fingerprint | None:
    """/api/version: LocalAI, Docker Model Runner, Lemonade and KoboldCpp answer it too; llama-swap with more in it."""
    value = _object(answer)
    if set(value) == {"version"} and isinstance(value["version"], str):
        return Fingerprint("ollama", version=value["version"])
    return None


def is_ollamas_not_found(answer: Answer) -> bool:
    return answer.status == 404 and answer.body == OLLAMAS_NOT_FOUND  # noqa: PLR2004 - HTTP's not found


def has_ollamas_models(answer: Answer) -> bool:
    """/api/tags."""
    return isinstance(_object(answer).get("models"), list)


def koboldcpp(answer: Answer) -> Fingerprint | None:
    """/api/extra/version."""
    value = _object(answer)
    if value.get("result") == "KoboldCpp":
        return Fingerprint("openai", "koboldcpp", str(value.get("version", "")))
    return None


def models(answer: Answer) -> list[Mapping[str, Any]] | None:
    """/v1/models: `data` may be `null` when there are none, and some servers send the bare list."""
    value = answer.json() if _is_ok(answer) else None
    if not isinstance(value, list) and not (isinstance(value, dict) and "data" in value):
        return None
    listed = value if isinstance(value, list) else value["data"] or []
    is_list = isinstance(listed, list) and all(isinstance(each, dict) and "id" in each for each in listed)
    return listed if is_list else None


def owner(listed: list[Mapping[str, Any]]) -> Fingerprint | None:
    """Who lists these models, when they say so."""
    flavour = flavour_of(listed)
    if flavour in OWN_KIND:
        return Fingerprint(OWN_KIND[flavour])
    return Fingerprint("openai", flavour) if flavour else None


def localai(answer: Answer) -> Fingerprint | None:
    """/.well-known/localai.json, which needs no key."""
    value = _object(answer)
    if isinstance(value.get("endpoints"), dict) and "version" in value:
        return Fingerprint("openai", "localai", str(value["version"]).split(" ", maxsplit=1)[0].removeprefix("v"))
    return None


def lmstudio(answer: Answer) -> Fingerprint | None:
    """/api/v1/models: a `key` for each model."""
    listed = _object(answer).get("models")
    is_own = isinstance(listed, list) and all(isinstance(each, dict) and "key" in each for each in listed)
    return Fingerprint("lmstudio") if is_own else None


def below(answer: Answer, prefix: str, flavour: str) -> Fingerprint | None:
    """Models listed below a path of this program's own; its list may be empty, and then nobody owns it."""
    listed = models(answer)
    if listed is None or (listed and flavour_of(listed) != flavour):
        return None
    return Fingerprint("openai", flavour, prefix=prefix)


def sglang(answer: Answer) -> Fingerprint | None:
    """/get_model_info."""
    value = _object(answer)
    return Fingerprint("openai", "sglang") if {"model_path", "is_generation"} <= set(value) else None


def tei(answer: Answer) -> Fingerprint | None:
    """/info: Text Generation Inference has it too, but no `model_type`."""
    value = _object(answer)
    if isinstance(value.get("model_type"), dict) and "model_id" in value:
        return Fingerprint("openai", "tei", str(value.get("version", "")))
    return None


def vllm(version: Answer, locked: Answer) -> Fingerprint | None:
    """/version is open where /v1/models wants a key; whoever has the key is told by the list."""
    value, refused = _object(version), locked.status == 401 and locked.json() == {"error": "Unauthorized"}  # noqa: PLR2004
    return Fingerprint("openai", "vllm", str(value["version"])) if refused and set(value) == {"version"} else None


def _object(answer: Answer) -> Mapping[str, Any]:
    value = answer.json() if _is_ok(answer) else None
    return value if isinstance(value, dict) and "error" not in value else {}


def _is_ok(answer: Answer) -> bool:
    return 200 <= answer.status < 300  # noqa: PLR2004 - HTTP's success range
