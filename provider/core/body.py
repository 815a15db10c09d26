"""The body of a streamed answer: pieces as they arrive, with a patience and a deadline."""

import http.client
import math
import socket
import time
from collections.abc import Iterator

import requests
import urllib3

from provider.core.connections import BatchingResponse
from provider.core.errors import BrokenStream, ServerError, TimedOut
from provider.core.server import Server
from provider.core.watch import WATCH

PIECE = 65536
REFUSAL = 65536  # bytes read of an error body
REFUSAL_WAIT = 5.0  # seconds for it
DRAIN = 0.2  # seconds given to the end of a finished answer, so that its connection can serve again


class Body:
    """Iterating reads, closing closes the server's socket too, which is how a model is told to stop."""

    def __init__(self, response: requests.Response, server: Server, deadline: float, patience: float) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self.patience = patience  # seconds of silence allowed; the caller lowers it after the first token
        self._deadline = deadline
        self._server = server
        self._response = response
        self._raw = response.raw
        self._ended = False
        self._cut = False
        self.due = math.inf  # while nobody waits for the server, nothing is overdue
        self._socket = getattr(getattr(response.raw, "connection", None), "stream_socket", None)
        self._quick = _quick_reader(response)
        if self._socket is not None:
            self._socket.settimeout(None)
            WATCH.add(self)

    def __iter__(self) -> Iterator[bytes]:
        while data := self.read():
            yield data
        self._ended = True

    def read(self) -> bytes:
        """The next piece, or `b""` at the end.

        Raises:
            TimedOut: silence for longer than `patience`, or past the deadline.
            BrokenStream: the connection broke.
        """
        if self._raw.isclosed():  # read to its end, and its socket perhaps closed
            return b""
        now = time.monotonic()
        if now >= self._deadline:
            raise self._too_long()
        self.due = min(self._deadline, now + self.patience)
        try:
            data = self._read()
        except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError) as error:
            if self._cut:
                raise self._silent() from error
            raise BrokenStream(
                f"the answer stopped before its end: the connection to {self._server.url} broke ({_reason(error)})"
            ) from error
        self.due = math.inf
        if self._cut:
            raise self._silent()
        return data

    def _read(self) -> bytes:
        if self._quick is None:
            return self._raw.read1(PIECE, decode_content=True) or b""
        data = self._quick.read1(PIECE)
        if not data or self._quick.isclosed():
            self._raw.release_conn()  # as urllib3 does when the last byte was read through it
        return data

    def cut(self) -> None:
        """Called by the watch: the server was silent for too long."""
        self._cut = True
        if self._socket is not None:
            self._socket.shutdown(socket.SHUT_RDWR)

    def refusal(self) -> bytes:
        """The whole of a short error body, however it ends."""
        data, self.patience = b"", min(self.patience, REFUSAL_WAIT)
        self._deadline = min(self._deadline, time.monotonic() + REFUSAL_WAIT)
        try:
            while len(data) < REFUSAL and (piece := self.read()):
                data += piece
        except ServerError:
            pass
        self.close()
        return data

    def drain(self) -> None:
        """Read the end of an answer that is already complete, but never wait for it."""
        self.patience = DRAIN
        try:
            if not self._ended and not self.read():
                self._ended = True
        except ServerError:
            pass

    def close(self) -> None:
        """Give the connection back when the answer was read to its end; else close it."""
        WATCH.remove(self)
        self._response.close()

    def _silent(self) -> TimedOut:
        if self._deadline - time.monotonic() <= 0:
            return self._too_long()
        return TimedOut(
            f"{self._server.url} said nothing for {self.patience:g} s; if the model needs longer, raise "
            "“Seconds to the first word” (first_token_timeout) or “Seconds of silence” (idle_timeout)"
        )

    def _too_long(self) -> TimedOut:
        return TimedOut(
            f"the answer was not finished after {self._server.timeouts.total:g} s (total time-out; what came so far "
            "was passed on); limit it with max_tokens, or raise total_timeout here and "
            "PLUGIN_MAX_EXECUTION_TIMEOUT and PLUGIN_DAEMON_TIMEOUT in Dify"
        )


def _quick_reader(response: requests.Response) -> BatchingResponse | None:
    """The response below urllib3's, for plain chunked bodies: a sixth of the cost of a small piece is saved."""
    below = getattr(response.raw, "_fp", None)
    is_plain = response.headers.get("Content-Encoding", "identity") == "identity"
    return below if is_plain and isinstance(below, BatchingResponse) and below.chunked else None


def _reason(error: BaseException) -> str:
    inner = next((each for each in reversed(error.args) if isinstance(each, BaseException)), error)
    return str(inner) or type(inner).__name__
