"""Which models sync finds, what each is for, and names that Dify has no room for."""

import pytest

from provider.core.backends import open_backend
from provider.core.inspection import find
from provider.core.instances import Instance, parse
from provider.core.model_info import ModelInfo
from provider.core.server import Server
from scripts.sync.kinds import types_of
from scripts.sync.marks import Mark, check_label, is_ours, model_of
from scripts.sync.seen import checked_host, seen_by_dify
from scripts.sync.servers import Able, Found, Shelf
from scripts.sync.wanted import Wish, name_in_dify, unusable, wanted
from tests.servers import ScriptedServer, by_path
from tests.servers import known as known_servers
from tests.servers.dify_servers import CHAT, ChangingOllama

pytest_plugins = ["tests.servers.dify_fixtures"]

VECTORS = {"data": [{"embedding": [0.1, 0.2], "index": 0}], "usage": {"prompt_tokens": 1}}
ALONE = known_servers.GENERIC.but(pages={"/v1/models": {"object": "list", "data": [{"id": "a-model"}]}})


def types_at(url):
    server, found = find(Server(url), (url,))
    backend = open_backend(server, found.flavour)
    names = backend.names()
    return {name: types_of(backend, backend.describe(name), is_alone=len(names) == 1) for name in names}


@pytest.mark.parametrize(
    ("fixture", "expected"),
    [
        ("chat_server", {"chat": ("llm",)}),
        ("embedding_server", {"embedding": ("text-embedding",)}),
        ("rerank_server", {"rerank": ("rerank",)}),
    ],
)
def test_a_real_llamacpp_tells_by_what_it_refuses(request, fixture, expected):
    assert types_at(request.getfixturevalue(fixture).url) == expected


@pytest.mark.parametrize(
    ("stand_in", "expected"),
    [
        (known_servers.TEI, [("text-embedding",)]),
        (known_servers.TEI_RERANK, [("rerank",)]),
        (known_servers.SGLANG, [("llm",)]),
        (known_servers.VLLM, [("llm",), ("llm",)]),
        (known_servers.WHISPERCPP, [()]),
        (known_servers.LM_STUDIO, [("llm",), ("llm",), ("text-embedding",)]),
    ],
    ids=lambda each: getattr(each, "title", ""),
)
def test_other_servers_tell_by_themselves_or_by_a_tiny_question(stand_in, expected):
    with stand_in.serve() as server:
        assert sorted(types_at(server.url).values()) == sorted(expected)


def test_a_server_with_one_model_that_says_nothing_is_asked_for_a_vector():
    with ALONE.serve(**{"/v1/embeddings": VECTORS}) as embeds, ALONE.serve() as chats:
        assert types_at(embeds.url) == {"a-model": ("text-embedding",)}
        assert types_at(chats.url) == {"a-model": ("llm",)}


@pytest.mark.parametrize(
    ("url", "host", "seen"),
    [
        ("http://127.0.0.1:11434", "host.docker.internal", "http://host.docker.internal:11434"),
        ("http://localhost:8080/llm", "172.17.0.1", "http://172.17.0.1:8080/llm"),
        ("http://[::1]:8080", "[fd00::1]", "http://[fd00::1]:8080"),
        ("https://localhost", "host.docker.internal", "https://host.docker.internal:443"),
        ("http://192.168.1.7:8080", "host.docker.internal", "http://192.168.1.7:8080"),
        ("http://127.0.0.1:11434", "", "http://127.0.0.1:11434"),
    ],
)
def test_only_this_machine_s_own_addresses_are_written_differently(url, host, seen):
    assert seen_by_dify(url, checked_host(host)) == seen


def test_names_of_credentials_fit_into_dify_with_the_longest_label():
    mark = Mark("a" * 8, "0" * 5, "0" * 3)

    check_label(mark.label)
    assert len(str(mark)) == 30
    assert is_ours(str(mark), mark.label)
    assert not is_ours(str(mark), "")


def test_facts_that_are_not_certain_now_fit_any_name():
    before = Mark("", "0" * 5, model_of(ModelInfo("m", "llamacpp", loaded=False)))
    now = Mark("", "0" * 5, model_of(ModelInfo("m", "llamacpp", loaded=True, tools=True)))

    assert not now.is_met_by(str(before))
    assert before.is_met_by(str(now))


def test_a_name_that_dify_has_no_room_for_is_shortened_and_the_server_s_own_goes_along(dify, facts):
    name = "hf.co/" + "very-long-" * 30 + "name:Q4_K_M"
    with ChangingOllama() as ollama:
        ollama.models[name] = CHAT
        told = facts(ollama)

    [(model, _)] = dify.state.names()
    assert told["ok"]
    assert len(model) == 255
    assert model == name_in_dify(name)
    assert dify.state.values(model)["model_name"] == name


def test_names_with_slashes_colons_and_letters_of_any_alphabet_are_kept(dify, facts):
    names = ["hf.co/bartowski/Qwen3:Q4_K_M", "通义千问:8b", "a b+c%2F&d=e?f#g", "UPPER"]
    with ChangingOllama() as ollama:
        ollama.models = dict.fromkeys(names, CHAT)
        told = facts(ollama)
        assert facts(ollama)["changed"] == 0

    assert told["ok"], told["refused"]
    assert sorted(model for model, _ in dify.state.names()) == sorted(names)


@pytest.mark.parametrize("name", ["a\nb", "", " "])
def test_a_name_that_cannot_be_typed_is_left_out_and_told(name):
    found = Found(Instance("a", ("http://a",)), "http://a", models=(Able(ModelInfo(name, "ollama"), ("llm",)),))

    assert wanted([found], Wish()) == []
    assert list(unusable([found], Wish())) == [(name, "such a name cannot be typed")]


def test_a_type_that_the_installed_plugin_has_not_is_left(dify, facts):
    [installation] = dify.plugins.installed.values()
    installation.package.provider["supported_model_types"] = ["llm"]
    with ChangingOllama(nomic=("embedding",), tiny=CHAT) as ollama:
        told = facts(ollama)

    assert {each["model"]: each["action"] for each in told["plan"]} == {"tiny": "add", "nomic": "leave"}


def test_servers_at_usual_ports_count_only_while_they_answer():
    with ChangingOllama(tiny=CHAT) as ollama, ScriptedServer(by_path({})) as shop:
        usual = [Instance(each, (each,)) for each in ("http://127.0.0.1:9", ollama.url, shop.url)]
        shelf = Shelf((), usual, ())

        found = [shelf.look(), shelf.look()]

    assert [[each.label for each in look] for look in found] == [["Ollama 0.33.0"]] * 2
    assert len(shop.requests) < 20


def test_a_model_is_described_once_until_all_is_forgotten():
    with ChangingOllama(tiny=CHAT) as ollama:
        shelf = Shelf(parse(ollama.url), (), ())
        for _ in range(3):
            shelf.look()
        once = len(ollama.asked("/api/show"))
        shelf.forget()
        shelf.look()

        assert (once, len(ollama.asked("/api/show"))) == (1, 2)
