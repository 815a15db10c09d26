"""Servers that send without an end or in bits: neither time nor memory may run out over them."""

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from provider.core import errors
from provider.core.backends import open_backend
from provider.core.chat import ChatRequest, Message
from provider.core.http import LARGEST, Http
from provider.core.server import Server, Timeouts
from provider.core.wire.chunked import Dechunker
from provider.core.wire.lines import LONGEST_LINE, LineSplitter
from provider.core.wire.sse import SSEDecoder

QUICK = Timeouts(connect=1, first_token=0.5, idle=5, total=5)
REQUEST = ChatRequest("m", (Message("user", ("hi",)),))
CHUNKED = b"HTTP/1.1 %s\r\nTransfer-Encoding: chunked\r\n\r\n"

type Behaviour = Callable[[socket.socket], None]


@contextmanager
def serving(behave: Behaviour) -> Iterator[Server]:
    """Each connection is read up to the end of its headers; then the behaviour writes what it likes."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_accept, args=(listening, behave), daemon=True).start()
        yield Server(f"http://127.0.0.1:{listening.getsockname()[1]}", "openai", timeouts=QUICK)


def _accept(listening: socket.socket, behave: Behaviour) -> None:
    with suppress(OSError):
        while True:
            threading.Thread(target=_answer, args=(listening.accept()[0], behave), daemon=True).start()


def _answer(connection: socket.socket, behave: Behaviour) -> None:
    with connection, suppress(OSError):
        asked = b""
        while not re.search(rb"\r\n\r\n", asked):
            asked += connection.recv(65536)
        behave(connection)


def in_bits(start: bytes, bit: bytes) -> Behaviour:
    """Each bit comes in time; all together never end."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(start)
        while True:
            time.sleep(0.1)
            connection.sendall(bit)

    return behave


def without_end(start: bytes, piece: bytes) -> Behaviour:
    def behave(connection: socket.socket) -> None:
        connection.sendall(start)
        while True:
            connection.sendall(piece)

    return behave


def ask(server: Server) -> None:
    list(open_backend(server).chat(REQUEST))


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 O"])
def test_headers_that_come_in_bits_have_the_first_token_time_out_together(start: bytes) -> None:
    with serving(in_bits(start, b"X-Bit: 1\r\n" if start.endswith(b"\n") else b"K")) as server:
        begin = time.monotonic()
        with pytest.raises(errors.TimedOut, match="first_token_timeout"):
            ask(server)

    assert time.monotonic() - begin < 2


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\n\r\n[", CHUNKED % b"200 OK", b"HTTP/1.1 200 OK\r\n"])
def test_an_answer_about_metadata_that_comes_in_bits_is_a_time_out(start: bytes) -> None:
    bit = b"1\r\nx\r\n" if b"chunked" in start else b"X: 1\r\n"
    with serving(in_bits(start, bit)) as server, pytest.raises(errors.TimedOut):
        Http(server).get("/v1/models", 0.5)


def test_a_refusal_whose_body_never_ends_is_told_with_what_came(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provider.core.body.REFUSAL_WAIT", 0.5)
    with (
        serving(in_bits(CHUNKED % b"500 Oops", b"1\r\nx\r\n")) as server,
        pytest.raises(errors.Failed, match=r"“xx+” \(HTTP 500"),
    ):
        ask(server)


def test_a_whole_answer_without_end_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provider.core.http.LARGEST", 1 << 20)
    with (
        serving(without_end(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536)) as server,
        pytest.raises(errors.ServerError, match="longer than 1 MiB"),
    ):
        Http(server).get("/v1/models", 5)
    assert LARGEST >= LONGEST_LINE


@pytest.mark.parametrize("size", [b"-5", b"+5", b"0x5", b"1_0", b"", b"ZZ"])
def test_a_chunk_size_that_is_no_hexadecimal_number_is_an_error(size: bytes) -> None:
    with pytest.raises(errors.BrokenStream, match="chunked encoding is broken"):
        Dechunker().feed(size + b"\r\nabc\r\n")


def test_a_long_line_costs_no_more_for_its_length() -> None:
    lines, piece = LineSplitter(), b"x" * 65536
    begin = time.process_time()
    for _ in range(LONGEST_LINE // len(piece)):
        assert lines.feed(piece) == []

    [line] = lines.feed(b"\n")
    assert len(line) == LONGEST_LINE
    assert time.process_time() - begin < 2


@pytest.mark.parametrize("line", [b"x" * 65535 + b"\n", b"data: " + b"x" * 65529 + b"\n"])
def test_lines_without_end_that_make_no_event_do_not_fill_the_memory(line: bytes) -> None:
    decoder = SSEDecoder()
    many = range(2 * LONGEST_LINE // len(line))

    with pytest.raises(errors.BrokenStream, match="without one whole event"):
        list(map(decoder.feed, (line for _ in many)))
