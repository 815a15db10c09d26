"""All that listens on the lab's host, in one process: `python -m tests.netlab.servers ACT:ADDRESS:PORT...`."""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from tests.scripts.recorded_ollama import ollama as recorded_ollama
from tests.scripts.recorded_ollama import recorded
from tests.servers import Request, Response

NO_SUCH_NAME = 3


def chat(request: Request) -> Response:
    return recorded("chat_think_false_blocking" if request.json.get("stream") is False else "chat_think_false_stream")


ANSWERS = {
    "/api/chat": chat,
    "/v1/chat/completions": recorded("v1_chat_blocking"),
    "/v1/completions": recorded("v1_completions_blocking"),
    "/v1/embeddings": recorded("v1_embeddings"),
}


def ollama(address: str, port: int) -> None:
    """A recorded one, at an address that is not the loopback's."""
    server = recorded_ollama(ANSWERS)
    server._listener.close()
    server._listener = socket.create_server((address, port), backlog=128)
    server.__enter__()


def forwarder(address: str, port: int) -> None:
    """A real one, to a port where nothing listens."""
    subprocess.run(["socat", f"TCP-LISTEN:{port},bind={address},fork,reuseaddr", "TCP:127.0.0.1:9"], check=False)


def hang(address: str, port: int) -> None:
    """Takes connections and never answers."""
    listener = socket.create_server((address, port))
    kept = []
    while True:
        kept.append(listener.accept())


ANSWERED = {
    "locked": b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nno",
    "unnamed": b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
    "moved": b"HTTP/1.1 308 Permanent Redirect\r\nLocation: http://172.17.0.1:11434/v1/models\r\nContent-Length: 0\r\n\r\n",
    "gateway": b"HTTP/1.1 502 Bad Gateway\r\nServer: nginx\r\nContent-Length: 2\r\n\r\nno",
    "secured": b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n",
    "alert": b"\x15\x03\x01\x00\x02\x02F",
    "greeting": b"SSH-2.0-OpenSSH_9.2\r\n",
}


def answered(act: str, address: str, port: int) -> None:
    """Takes one piece of what is sent, says the same to everyone, and closes."""
    listener = socket.create_server((address, port), backlog=64)
    while True:
        line = listener.accept()[0]
        with suppress(OSError), line:
            line.recv(65536)
            line.sendall(ANSWERED[act])


def slow(address: str, port: int) -> None:
    """A program that answers the first page and hangs at all others."""
    listener = socket.create_server((address, port), backlog=64)
    kept = []
    while True:
        kept.append(listener.accept()[0])
        if b" /v1/models" in kept[-1].recv(65536):
            with kept.pop() as line:
                line.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno")


def no_names(address: str, port: int) -> None:
    """A name server that knows no name."""
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.bind((address, port))
    while True:
        question, client = line.recvfrom(512)
        line.sendto(
            question[:2] + bytes([0x81, 0x80 | NO_SUCH_NAME]) + question[4:6] + bytes(6) + question[12:], client
        )


def silent(address: str, port: int) -> None:
    """A name server that never says anything."""
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.bind((address, port))
    while True:
        line.recvfrom(512)


ODD = {act: 21020 + at for at, act in enumerate((*ANSWERED, "slow"))}  # their ports in the lab
ACTS: dict[str, Callable[[str, int], None]] = {
    **{each.__name__: each for each in (ollama, forwarder, hang, slow, no_names, silent)},
    **{act: partial(answered, act) for act in ANSWERED},
}


def main(parts: list[str]) -> None:
    for part in parts:
        act, address, port = part.split(":")
        if act == "ollama":
            ollama(address, int(port))
        else:
            threading.Thread(target=ACTS[act], args=(address, int(port)), daemon=True).start()
    print("listening", flush=True)
    sys.stdin.read()  # until the lab ends


if __name__ == "__main__":
    main(sys.argv[1:])
