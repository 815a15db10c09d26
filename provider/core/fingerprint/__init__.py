"""Which program answers at an address. Told by what only that program says, never by a status code alone."""

from dataclasses import replace
from functools import cache

from provider.core import errors
from provider.core.fingerprint.identify import MODELS, identify
from provider.core.fingerprint.signs import Fingerprint
from provider.core.http import Http, Reply
from provider.core.server import Server
from provider.core.wire.failure import read_failure

PROBE = 2.0  # seconds for each question


def fingerprint(server: Server) -> Fingerprint:
    """Ask from the most telling route to the least.

    Raises:
        Unreachable, TimedOut: nothing answers.
        Unauthorized: something answers, but wants a key before it says who it is.
        BadSetting: what answers is no model server.
    """
    http = Http(server)
    replies: list[Reply] = []

    @cache
    def ask(path: str) -> Reply:
        replies.append(http.get(path, PROBE))
        return replies[-1]

    return identify(ask) or _raise(_nothing_known(server, replies, ask(MODELS)))


def resolve(server: Server, urls: tuple[str, ...]) -> tuple[Server, Fingerprint]:
    """The first address that is a model server, with its prefix. Raises the first failure when none is."""
    failures: list[errors.ServerError] = []
    for url in urls:
        try:
            found = fingerprint(replace(server, url=url))
        except errors.ServerError as error:
            failures.append(error)
        else:
            return replace(server, url=url + found.prefix, kind=found.kind), found
    raise next((each for each in failures if not isinstance(each, errors.Unreachable)), failures[0])


def _raise(error: errors.ServerError) -> Fingerprint:
    raise error


def _nothing_known(server: Server, replies: list[Reply], models: Reply) -> errors.ServerError:
    refused = next((reply for reply in replies if reply.status in (401, 403, 407)), None)
    if refused:
        words = server.masked(read_failure(refused.body).words)
        return errors.Unauthorized(
            f"{server.url} refuses access (HTTP {refused.status}{f': {words}' if words else ''}). "
            "Check the API key and its scheme, or, for Ollama without a key, use an IP address as host."
        )
    moved = next((reply.headers["Location"] for reply in replies if "Location" in reply.headers), "")
    if moved:
        return errors.BadSetting(f"{server.url} redirects to {moved}. Use that address as server address.")
    words = server.masked(read_failure(models.body).words)
    return errors.BadSetting(
        f"{server.url} answers, but not like a model server "
        f"(/v1/models: HTTP {models.status}{f', {words}' if words else ''}). "
        "Check the port and the path of the server address: Ollama has 11434, llama.cpp 8080, LM Studio 1234."
    )


__all__ = ["Fingerprint", "fingerprint", "resolve"]
