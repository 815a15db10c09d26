"""What counts as a change of a model that is in Dify already: its context length, and the plugin that looked at it."""

import pytest

from provider.core.model_info import ModelInfo
from scripts.sync.contexts import Context, context_of
from scripts.sync.marks import Mark
from tests.servers import ScriptedServer
from tests.servers import known as known_servers
from tests.servers.dify import our_package
from tests.servers.dify_servers import CHAT, ChangingOllama

pytest_plugins = ["tests.servers.dify_fixtures"]

CHAT_MODEL = "qwen3-4b"


def whys(*runs):
    """For each run, why its models were updated."""
    return [[step["why"] for step in told["done"] if step["action"] == "update"] for told in runs]


def lm_studio(context):
    """One model, loaded with a context length or not loaded at all."""
    instances = [{"id": CHAT_MODEL, "config": {"context_length": context}}] if context else []
    model = {"key": CHAT_MODEL, "type": "llm", "max_context_length": 131072, "loaded_instances": instances}
    pages = {"/api/v1/models": {"models": [model]}, "/v1/models": {"object": "list", "data": [{"id": CHAT_MODEL}]}}
    return known_servers.LM_STUDIO.but(pages={**known_servers.LM_STUDIO.pages, **pages})


def test_a_context_length_that_changes_in_a_modelfile_is_brought_to_dify(facts):
    with ChangingOllama(tiny=CHAT) as ollama:
        facts(ollama)
        ollama.parameters["tiny"] = "num_ctx 16384"
        changed, again = facts(ollama), facts(ollama)

    assert whys(changed, again) == [["the model on its server has changed"], []]


def test_an_ollama_that_runs_a_model_with_a_larger_context_is_noticed_once_and_a_smaller_one_is_not(facts):
    with ChangingOllama(tiny=CHAT) as ollama:
        facts(ollama)
        runs = []
        for ollama.loaded, ollama.context in ((["tiny"], 4096), (["tiny"], 32768), ([], 0), (["tiny"], 8192)):
            runs += [facts(ollama), facts(ollama)]

    larger = ["its context length has changed from 8,192 to 32,768"]
    assert whys(*runs) == [[], [], larger, [], [], [], [], []]


def test_lm_studio_s_context_length_is_followed_while_the_model_is_loaded(facts):
    runs, context = [], 8192

    def answer(request):
        return lm_studio(context).script()(request)

    with ScriptedServer(answer) as server:
        facts(server)
        for context in (0, 8192, 32768, 4096):  # noqa: B007 - the server reads it
            runs += [facts(server), facts(server)]

    changes = [f"its context length has changed from {before}" for before in ("8,192 to 32,768", "32,768 to 4,096")]
    assert whys(*runs) == [[], [], [], [], [changes[0]], [], [changes[1]], []]


def test_a_context_length_that_was_set_by_hand_is_not_compared(facts):
    with ChangingOllama(tiny=CHAT) as ollama:
        facts(ollama, "--set", "context_size=8192")
        ollama.loaded, ollama.context = ["tiny"], 32768

        assert facts(ollama, "--set", "context_size=8192")["changed"] == 0


@pytest.mark.parametrize("version", ["0.2.0", ""], ids=["another version", "other contents"])
def test_another_plugin_looks_at_every_model_anew_and_once(dify, facts, tmp_path, version):
    with ChangingOllama(tiny=CHAT, other=CHAT) as ollama:
        facts(ollama)
        before = facts(ollama)
        dify.plugins.installed.clear()
        dify.with_plugin(our_package(tmp_path / "new.difypkg", version, **{"provider/new.py": "# new\n"}))
        runs = [before, facts(ollama), facts(ollama)]

    assert whys(*runs) == [[], ["the plugin has changed"] * 2, []]


def test_an_account_that_may_not_see_plugins_syncs_and_misses_upgrades_only(dify, facts, tmp_path):
    dify.plugins.is_listed = False
    with ChangingOllama(tiny=CHAT) as ollama:
        first = facts(ollama)
        dify.plugins.installed.clear()
        dify.with_plugin(our_package(tmp_path / "new.difypkg", "0.2.0"))

        assert (first["changed"], facts(ollama)["changed"]) == (1, 0)


@pytest.mark.parametrize(
    ("infos", "context"),
    [
        ([ModelInfo("m", "openai", context_length=4096)], Context(4096, "exactly")),
        ([ModelInfo("m", "openai")], Context(0, "any")),
        ([ModelInfo("m", "llamacpp", context_length=4096, loaded=False)], Context(4096, "any")),
        (
            [ModelInfo("m", "openai", context_length=4096), ModelInfo("m", "ollama", context_length=2048, loaded=True)],
            Context(2048, "at least"),
        ),
    ],
)
def test_of_several_servers_the_least_length_counts_and_the_most_lenient_rule(infos, context):
    assert context_of(infos) == context


@pytest.mark.parametrize("tokens", [1, 4096, 1_048_576])
def test_a_length_can_be_read_from_the_name_again(tokens):
    name = str(Mark("label", "abcde", "xyz", Context(tokens), "123"))

    assert len(name) <= 30
    assert [Mark("label", "abcde", "xyz", Context(each, "exactly"), "123").is_met_by(name) for each in (tokens, 7)] == [
        True, False,
    ]  # fmt: skip
