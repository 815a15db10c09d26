"""All that listens on the lab's host, in one process: `python -m tests.netlab.servers ACT:ADDRESS:PORT...`."""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable

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


ACTS: dict[str, Callable[[str, int], None]] = {
    each.__name__: each for each in (ollama, forwarder, hang, no_names, silent)
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
