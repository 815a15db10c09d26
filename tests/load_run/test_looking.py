"""What answers at an address, and what it wants to be asked."""

from types import SimpleNamespace

import pytest

from load_scenarios.looking import CannotAsk, Wanted, look
from tests.servers import Response, ScriptedServer

INFO = {"name": "Simple Q&A", "mode": "workflow", "author_name": "me"}
FORM = {"user_input_form": [{"paragraph": {"variable": "question", "required": True, "max_length": 500}}]}


def dify(info=INFO, status=200):
    """A Dify's small answers; remembers the keys it was shown."""
    seen = SimpleNamespace(keys=[], urls=[])

    def fetch(_method, url, headers, _body, _timeout):
        seen.keys.append(headers["Authorization"])
        seen.urls.append(url)
        return status, {"/info": info, "/parameters": FORM}["/" + url.rpartition("/")[2]]

    return fetch, seen


def test_a_dify_app_is_known_by_its_key_and_tells_the_rest():
    ask, seen = dify()
    found = look(Wanted("http://dify/v1/", key="app-1", max_tokens=9), ask)

    (target,) = found.targets
    assert (found.kind, found.stand_in) == ("dify", False)
    assert (target.name, target.url, target.route, target.question, target.longest) == (
        "dify workflow Simple_Q&A", "http://dify/v1", "workflow", "question", 500,
    )  # fmt: skip
    assert set(seen.urls) == {"http://dify/v1/info", "http://dify/v1/parameters"}
    assert "app-1" not in repr(found)


def test_every_app_of_a_mix_is_asked_with_its_own_key():
    ask, seen = dify()
    wanted = Wanted("http://dify", keys={"a": "app-a", "b": "app-b", "c": "app-c"}, mix={"a": 3, "c": 1})
    found = look(wanted, ask)

    assert [(target.name, target.weight, target.key) for target in found.targets] == [
        ("dify workflow a", 3, "app-a"), ("dify workflow c", 1, "app-c"),
    ]  # fmt: skip
    assert set(seen.keys) == {"Bearer app-a", "Bearer app-c"}


def test_a_stand_in_is_known_by_what_it_says_of_itself():
    ask, _ = dify({**INFO, "author_name": "test stand-in, not Dify"})

    assert look(Wanted("http://dify", key="app-1"), ask).stand_in


@pytest.mark.parametrize(
    ("wanted", "answer", "words"),
    [
        (Wanted("http://d", key="app-1"), dify(status=401), "does not know the key"),
        (Wanted("http://d", key="app-1"), dify(status=404), "is it the address of Dify"),
        (Wanted("http://d", key="app-1"), dify(None), "answered no JSON: is it the address of Dify"),
        (
            Wanted("http://d", key="app-1"),
            dify("https://d/v1/info", 301),
            r"points to https://d \(HTTP 301\): use that",
        ),
        (Wanted("http://d", key="app-1"), dify({"message": "API off."}, 403), "HTTP 403, API off.: turn its API on"),
        (Wanted("http://d", key="app-1"), dify({"message": "Bad."}, 400), "HTTP 400, Bad.: .* publish it in Dify"),
        (Wanted("http://d", key="app-1"), dify({"name": "x"}), "say --route workflow, chat or completion"),
        (Wanted("http://d", keys={"a": "app-a"}, mix={"b": 1}), dify(), "there is no key for b; there are a"),
        (Wanted("http://d", kind="dify"), dify(), "a Dify app is asked with its key"),
    ],
)
def test_nobody_to_ask_is_said_in_words(wanted, answer, words):
    with pytest.raises(CannotAsk, match=words):
        look(wanted, answer[0])


def test_a_real_model_server_is_recognised_and_its_model_found(demo_server):
    found = look(Wanted(demo_server.url))

    (target,) = found.targets
    assert (found.kind, found.server["kind"], target.model, target.name) == (
        "openai", "llamacpp", "demo", "openai chat demo",
    )  # fmt: skip


def test_nobody_there_is_said_with_the_address():
    with pytest.raises(CannotAsk, match=r"http://127\.0\.0\.1:9 is not reachable"):
        look(Wanted("http://127.0.0.1:9"))


def test_whoever_forgot_the_key_of_a_dify_is_reminded():
    page = Response(404, [b"<!doctype html><title>404 Not Found</title>"], {"Content-Type": "text/html"})
    with ScriptedServer(page) as server, pytest.raises(CannotAsk, match="ask it with its app's key: KEY=app-…"):
        look(Wanted(server.url))
