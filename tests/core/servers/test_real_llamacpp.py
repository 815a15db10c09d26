"""The real llama.cpp: recognised with a key, below a path and asleep, and never woken to be recognised."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from provider.core import errors
from provider.core.backends import open_backend
from provider.core.fingerprint import Fingerprint, fingerprint, resolve
from provider.core.http import Http
from provider.core.server import Server
from scripts.embedded.server import EmbeddedOptions, EmbeddedServer, embedded_server

KEY = (("Authorization", "Bearer secret"),)


@pytest.fixture(scope="module")
def locked() -> Iterator[EmbeddedServer]:
    with embedded_server(EmbeddedOptions("chat", api_key="secret", api_prefix="/llm")) as server:
        yield server


@pytest.fixture(scope="module")
def sleepy() -> Iterator[EmbeddedServer]:
    with embedded_server(EmbeddedOptions("chat", sleep_idle_seconds=1)) as server:
        yield server


def is_asleep(server: Server) -> bool:
    return Http(server).get("/props").json()["is_sleeping"]


def until_asleep(server: Server) -> None:
    for _ in range(50):
        if is_asleep(server):
            return
        time.sleep(0.2)
    pytest.fail("the server does not go to sleep")


def test_it_is_told_by_any_of_its_answers(chat_server: EmbeddedServer) -> None:
    found, print_ = resolve(Server(""), (chat_server.url,))

    assert (found.url, found.kind, print_) == (chat_server.url, "llamacpp", Fingerprint("llamacpp"))


def test_it_is_recognised_from_its_first_answer_and_its_list_is_waited_for_while_it_loads() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    server = Server(f"http://127.0.0.1:{port}", "llamacpp")

    with ThreadPoolExecutor() as pool:
        answers = pool.submit(first_answers, server)
        with embedded_server(EmbeddedOptions("demo", port=port)):
            found, names = answers.result(20)

    assert (found, names) == (Fingerprint("llamacpp"), ["demo"])


def first_answers(server: Server) -> tuple[Fingerprint, list[str]]:
    """As soon as its port is open, which is before the model is there."""
    while True:
        try:
            return fingerprint(server), open_backend(server).names()
        except errors.Unreachable:
            time.sleep(0.001)


def test_its_one_model_is_described(chat_server: EmbeddedServer) -> None:
    opened = open_backend(Server(chat_server.url, "llamacpp"))
    info = opened.describe(opened.pick())

    assert (info.name, info.kind, info.flavour) == ("chat", "llamacpp", "")
    assert (info.context_length, info.train_context_length) == (4096, 4096)
    assert (info.tools, info.thinking, info.vision, info.audio) == (True, True, False, False)
    assert (info.loaded, info.embedding, info.rerank) == (True, None, None)


def test_a_locked_one_below_a_path_is_recognised_before_the_key_is_known(locked: EmbeddedServer) -> None:
    server = Server(locked.url)

    assert fingerprint(server) == Fingerprint("llamacpp")
    with pytest.raises(errors.Unauthorized, match=r"llama\.cpp at .*/llm said “Invalid API Key”"):
        open_backend(Server(locked.url, "llamacpp")).names()
    assert open_backend(Server(locked.url, "llamacpp", KEY)).names() == ["chat"]


def test_one_that_sleeps_is_recognised_and_described_without_being_woken(sleepy: EmbeddedServer) -> None:
    server = Server(sleepy.url, "llamacpp")
    until_asleep(server)

    found = fingerprint(server)
    opened = open_backend(server)
    info = opened.describe(opened.names()[0])
    opened.check_health()

    assert found == Fingerprint("llamacpp")
    assert (info.name, info.tools) == ("chat", True)
    assert is_asleep(server)


def test_every_question_a_fingerprint_may_ask_leaves_it_asleep(sleepy: EmbeddedServer) -> None:
    server = Server(sleepy.url, "llamacpp")
    until_asleep(server)

    for path in ("/api/version", "/api/extra/version", "/v1/models", "/.well-known/localai.json", "/info", "/version"):
        Http(server).get(path)

    assert is_asleep(server)


def test_the_other_kind_of_server_may_be_chosen_by_hand(chat_server: EmbeddedServer) -> None:
    opened = open_backend(Server(chat_server.url, "openai"))

    assert opened.describe("chat").flavour == "llamacpp"
    assert open_backend(Server(chat_server.url, "openai"), "llamacpp").label == "llama.cpp"
