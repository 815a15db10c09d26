"""An exception of the network: its class, and what to tell."""

import errno
import socket
import ssl
from collections.abc import Mapping

from load_client.http1 import CutOff, NotHttp
from load_metrics.exchange import Outcome


class Overdue(Exception):
    """A time-out of ours; `outcome` says which."""

    def __init__(self, outcome: Outcome, text: str) -> None:
        super().__init__(text)
        self.outcome = outcome


TRUST = "; SSL_CERT_FILE=FILE trusts the authority whose certificate is in it"
SHORTEST_SECRET = 8  # characters; a shorter word of a header may be any word
UNREACHABLE = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN)


def outcome_of(error: BaseException) -> Outcome:
    """The class of what was raised; a connection that breaks in an answer has truncated it."""
    if isinstance(error, Overdue):
        return error.outcome
    table: tuple[tuple[type[BaseException], Outcome], ...] = (
        (NotHttp, Outcome.PROTOCOL),
        (CutOff, Outcome.STREAM_TRUNCATED),
        (socket.gaierror, Outcome.UNKNOWN_NAME),
        (UnicodeError, Outcome.UNKNOWN_NAME),  # a name that is too long, or has an empty part
        (ssl.SSLError, Outcome.TLS),
        (ConnectionRefusedError, Outcome.CONNECT_REFUSED),
        (TimeoutError, Outcome.CONNECT_TIMEOUT),
        (ConnectionError, Outcome.STREAM_TRUNCATED),
    )
    if isinstance(error, OSError) and error.errno in UNREACHABLE:
        return Outcome.CONNECT_TIMEOUT
    return next((outcome for kind, outcome in table if isinstance(error, kind)), Outcome.PROTOCOL)


def told(where: str, error: BaseException, outcome: Outcome) -> str:
    """Address, cause, and the command or setting that helps."""
    cause = str(error) or type(error).__name__
    help_ = {
        Outcome.CONNECT_REFUSED: "nothing listens there: python -m scripts doctor --url",
        Outcome.CONNECT_TIMEOUT: "a firewall or an absent machine: python -m scripts doctor --url",
        Outcome.UNKNOWN_NAME: "the name is not known here: python -m scripts doctor --url",
    }.get(outcome)
    return f"{where}: {cause}" + (f"; {help_} {where}" if help_ else "") + remedy(error)


def remedy(error: BaseException) -> str:
    """What makes a certificate trusted that is not; else nothing."""
    return TRUST if isinstance(error, ssl.SSLCertVerificationError) else ""


def without_secrets(message: str, headers: Mapping[str, str]) -> str:
    """Servers repeat a key that they refuse."""
    for word in (word for value in headers.values() for word in value.split()):
        if len(word) >= SHORTEST_SECRET:
            message = message.replace(word, "…")
    return message
