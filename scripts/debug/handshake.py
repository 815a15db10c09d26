"""The key, offered to the daemon before the plugin starts: a wrong one is lost in the SDK's log otherwise."""

import json
import socket
from dataclasses import dataclass

CONNECT = 3.0  # seconds
SILENCE = 1.0  # seconds after which a key counts as taken; the daemon looks it up in Redis
MOST = 4096  # bytes of what somebody says who is no daemon
ALREADY = "handshake already completed"
CLOSES = "it takes the connection and closes it: a published port or a forwarder without the daemon behind it"


@dataclass(frozen=True, slots=True)
class Taken: ...


@dataclass(frozen=True, slots=True)
class KeyRefused: ...


@dataclass(frozen=True, slots=True)
class Unwilling:
    """The daemon's own words for anything else, such as too many connections or a declaration it does not like."""

    words: str


@dataclass(frozen=True, slots=True)
class NoDaemon:
    """Somebody is there who is no daemon."""

    why: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    why: str


type Answer = Taken | KeyRefused | Unwilling | NoDaemon | Unreachable


def offer(host: str, port: int, key: str, silence: float = SILENCE) -> Answer:
    """One connection, which is closed again.

    To a second handshake newer daemons say that there was one, which is the only good word they have; older ones are
    silent, and let empty lines pass, with which an HTTP server knows the end of a request.
    """
    message = json.dumps({"type": "handshake", "data": {"key": key}}).encode() + b"\n"
    return _ask(host, port, message * 2 + b"\n", silence)


def knock(host: str, port: int, silence: float = 0.3) -> Answer:
    """Whether somebody is there who waits for us to speak first. Tells nothing."""
    return _ask(host, port, b"", silence)


def meaning_of_refusal(words: str) -> KeyRefused | Unwilling:
    """Of a line that the daemon sends before it closes."""
    said = words.strip()
    return KeyRefused() if "invalid key" in said.lower() else Unwilling(said)


def _ask(host: str, port: int, message: bytes, silence: float) -> Answer:
    try:
        line = socket.create_connection((host, port), CONNECT)
    except (OSError, UnicodeError) as error:
        return Unreachable(_why(error))
    with line:
        line.settimeout(silence)
        try:
            line.sendall(message)
            return _understood(line.recv(MOST).decode(errors="replace"))
        except TimeoutError:
            return Taken()
        except OSError:
            return NoDaemon(CLOSES)


def _understood(words: str) -> Answer:
    if not words:
        return NoDaemon(CLOSES)
    if words.startswith(("HTTP/", "<")):
        return NoDaemon("it speaks HTTP, as Dify's pages and the daemon's port 5002 do")
    first = words.splitlines()[0][:200]
    if ALREADY in first:
        return Taken()
    return meaning_of_refusal(first) if first.isprintable() else NoDaemon("it speaks some other protocol")


def _why(error: OSError | UnicodeError) -> str:
    match error:
        case ConnectionRefusedError():
            return "refused: nothing listens there"
        case TimeoutError():
            return f"no reply within {CONNECT:g} s"
        case socket.gaierror() | UnicodeError():
            return "no name server knows the name"
        case _:
            return (error.strerror or str(error)).lower()
