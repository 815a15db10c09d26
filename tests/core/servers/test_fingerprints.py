"""Each program is told by what only it says, wherever it listens, and in few questions."""

from dataclasses import replace

import pytest

from provider.core import address, errors
from provider.core.backends import label_of, open_backend
from provider.core.fingerprint import fingerprint, resolve
from provider.core.reachability.identity import identify
from provider.core.reachability.line import Page
from provider.core.server import Server, Timeouts
from tests.servers import Request, ScriptedServer
from tests.servers.known import DOCKER, KNOWN, LEMONADE, OPEN_WEBUI, SGLANG_LOCKED, UNKNOWN, WEB_PAGE, StandIn

QUICK = Timeouts(connect=2, first_token=5, idle=5, total=10)
every_server = pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.title)


def at(url: str, **settings) -> Server:
    return Server(url, timeouts=QUICK, **settings)


@every_server
def test_each_server_gives_its_own_name_in_few_questions(known: StandIn) -> None:
    with known.serve() as server:
        found = fingerprint(at(server.url))

    assert (found.kind, found.flavour, found.prefix) == (known.kind, known.flavour, known.prefix)
    assert found.version == known.version
    assert len(server.requests) == known.questions <= 9
    assert {request.method for request in server.requests} == {"GET"}


@every_server
def test_all_questions_of_a_fingerprint_share_one_connection(known: StandIn) -> None:
    with known.serve() as server:
        fingerprint(at(server.url))
        fingerprint(at(server.url))

        assert server.connections == 1


@every_server
def test_nothing_is_asked_that_wakes_loads_or_generates(known: StandIn) -> None:
    """/health makes SGLang generate; anything but lists and versions wakes a llama.cpp that sleeps."""
    harmless = {
        "/api/version", "/api/extra/version", "/v1/models", "/.well-known/localai.json", "/api/v1/models",
        "/engines/v1/models", "/get_model_info", "/info", "/version", "/api/tags",
    }  # fmt: skip
    with known.serve() as server:
        fingerprint(at(server.url))

    assert {request.path for request in server.requests} <= harmless


@every_server
@pytest.mark.parametrize("port", sorted({known.port for known in KNOWN if known.port}))
def test_nobody_is_mistaken_at_another_servers_usual_port(known: StandIn, port: int) -> None:
    """A proxy brings us to this server, whatever the port in the address."""
    answer, url = known.script(), f"http://127.0.0.1:{port}"
    with ScriptedServer(lambda request: answer(replace(request, path=request.path.removeprefix(url)))) as server:
        found, print_ = resolve(at("", proxy=server.url), (url,))

    assert (print_.kind, print_.flavour) == (known.kind, known.flavour)
    assert found.url == url + known.prefix
    assert {request.path.startswith(url) for request in server.requests} == {True}


@every_server
def test_a_server_below_a_path_is_told_too(known: StandIn) -> None:
    """A gateway, or llama.cpp's --api-prefix."""
    answer = known.script()
    with ScriptedServer(lambda request: answer(replace(request, path=request.path.removeprefix("/llm")))) as server:
        found = fingerprint(at(server.url + "/llm"))

    assert (found.kind, found.flavour) == (known.kind, known.flavour)


@every_server
def test_the_key_is_sent_and_opens_what_is_locked(known: StandIn) -> None:
    with known.serve() as server:
        found = fingerprint(at(server.url, headers=(("Authorization", "Bearer k"),)))

    assert (found.kind, found.flavour) == (known.kind, known.flavour)


@every_server
def test_a_look_at_the_network_gives_the_same_name(known: StandIn) -> None:
    answer = known.script()

    def ask(path: str) -> Page:
        response = answer(Request("GET", path, {}, b"", 1))
        return Page(response.status, {name.lower(): text for name, text in response.headers.items()}, response.body)

    is_named = known.flavour or known.kind != "openai"
    expected = label_of(known.kind, known.flavour) if is_named else "an OpenAI-compatible server"
    assert identify(ask("/api/version"), ask).removesuffix(f" {known.version}") == expected


@pytest.mark.parametrize("unknown", UNKNOWN, ids=lambda known: known.title)
def test_what_is_no_model_server_we_know_is_refused(unknown: StandIn) -> None:
    with unknown.serve() as server, pytest.raises(errors.ServerError) as raised:
        fingerprint(at(server.url))

    expected = {
        SGLANG_LOCKED.title: (errors.Unauthorized, "refuses access (HTTP 401: Unauthorized)"),
        OPEN_WEBUI.title: (errors.BadSetting, "answers, but not like a model server"),
        WEB_PAGE.title: (errors.BadSetting, "a web page titled “welcome”"),
    }
    kind, words = expected[unknown.title]
    assert type(raised.value) is kind
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        ("/engines/v1", DOCKER),
        ("/engines", DOCKER),
        ("/engines/v1/chat/completions", DOCKER),
        ("", DOCKER),
        ("/v1", DOCKER),
        ("/api/v1", LEMONADE),
        ("/api/v0/models", LEMONADE),
        ("/v1", LEMONADE),
    ],
)
def test_the_path_may_be_typed_or_not(typed: str, known: StandIn) -> None:
    with known.serve() as server:
        found, print_ = resolve(at(""), address.candidates(server.url + typed))
        models = open_backend(found, print_.flavour).names()

    assert (print_.flavour, bool(models)) == (known.flavour, True)
