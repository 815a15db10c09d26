"""Which program answers at an address. Told by what only that program says, never by a status code alone."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from provider.core import errors
from provider.core.capabilities.openai import flavour_of
from provider.core.http import Http, Reply
from provider.core.server import Server
from provider.core.wire.failure import read_failure

PROBE = 2.0  # seconds for each question


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """`flavour` names the program behind a plain OpenAI-compatible server, where it can be told."""

    kind: str
    flavour: str = ""
    version: str = ""


def fingerprint(server: Server) -> Fingerprint:
    """Ask from the most telling route to the least.

    Raises:
        Unreachable, TimedOut: nothing answers.
        Unauthorized: something answers, but wants a key first.
        BadSetting: what answers is no model server.
    """
    http = Http(server)
    replies: list[Reply] = []
    for path, read in PROBES:
        reply = http.get(path, PROBE)
        replies.append(reply)
        if found := read(reply, reply.json()):
            return found
    raise _nothing_known(server, replies)


def resolve(server: Server, urls: tuple[str, ...]) -> tuple[Server, Fingerprint]:
    """The first address that is a model server. Raises the first failure when none is."""
    failures: list[errors.ServerError] = []
    for url in urls:
        candidate = replace(server, url=url)
        try:
            found = fingerprint(candidate)
        except errors.ServerError as error:
            failures.append(error)
        else:
            return replace(candidate, kind=found.kind), found
    raise next((each for each in failures if not isinstance(each, errors.Unreachable)), failures[0])


def _llamacpp(reply: Reply, _value: Any) -> Fingerprint | None:
    """Every answer of llama.cpp carries its name, also 401 and 503."""
    if reply.headers.get("Server", "").lower() == "llama.cpp":
        return Fingerprint("llamacpp")
    return None


def _koboldcpp(_reply: Reply, value: Any) -> Fingerprint | None:
    """It also answers Ollama's and llama.cpp's routes, so it is asked before them."""
    if isinstance(value, dict) and value.get("result") == "KoboldCpp":
        return Fingerprint("openai", "koboldcpp", str(value.get("version", "")))
    return None


def _ollama(reply: Reply, value: Any) -> Fingerprint | None:
    if reply.ok and isinstance(value, dict) and isinstance(value.get("version"), str) and "error" not in value:
        return Fingerprint("ollama", version=value["version"])
    return None


def _lmstudio(_reply: Reply, value: Any) -> Fingerprint | None:
    """Its list has `models` with a `key` each, or `data` with a `compatibility_type` each."""
    if not isinstance(value, dict):
        return None
    newer, older = value.get("models"), value.get("data")
    if isinstance(newer, list) and all("key" in model for model in newer):
        return Fingerprint("lmstudio")
    if isinstance(older, list) and older and all("compatibility_type" in model for model in older):
        return Fingerprint("lmstudio")
    return None


def _openai(reply: Reply, value: Any) -> Fingerprint | None:
    """`data` may be `null` when there are no models; some servers send the bare list."""
    if not reply.ok or not (isinstance(value, list) or (isinstance(value, dict) and "data" in value)):
        return None
    entries = value if isinstance(value, list) else value["data"] or []
    if not isinstance(entries, list) or not all(isinstance(each, dict) and "id" in each for each in entries):
        return None
    flavour = flavour_of(entries)
    return Fingerprint("llamacpp") if flavour == "llamacpp" else Fingerprint("openai", flavour)


PROBES: tuple[tuple[str, Callable[[Reply, Any], Fingerprint | None]], ...] = (
    ("/api/extra/version", _koboldcpp),
    ("/health", _llamacpp),
    ("/api/version", _ollama),
    ("/api/v1/models", _lmstudio),
    ("/api/v0/models", _lmstudio),
    ("/v1/models", _openai),
)


def _nothing_known(server: Server, replies: list[Reply]) -> errors.ServerError:
    refused = next((reply for reply in replies if reply.status in (401, 403, 407)), None)
    if refused:
        words = read_failure(refused.body).words
        return errors.Unauthorized(
            f"{server.url} refuses access (HTTP {refused.status}{f': {words}' if words else ''}). "
            "Check the API key and its scheme, or, for Ollama without a key, use an IP address as host."
        )
    moved = next((reply.headers["Location"] for reply in replies if "Location" in reply.headers), "")
    if moved:
        return errors.BadSetting(f"{server.url} redirects to {moved}. Use that address as base URL.")
    last = replies[-1]
    words = read_failure(last.body).words
    return errors.BadSetting(
        f"{server.url} answers, but not like a model server "
        f"(/v1/models: HTTP {last.status}{f', {words}' if words else ''}). "
        "Check the port and the path of the base URL: Ollama has 11434, llama.cpp 8080, LM Studio 1234."
    )
