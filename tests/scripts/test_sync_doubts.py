"""What a sync leaves as it is because it cannot be sure, and what it does not take for done."""

import pytest

from scripts.dify import patience
from tests.servers.dify import PluginRefusal
from tests.servers.dify_servers import CHAT, TOOLS, ChangingOllama

pytest_plugins = ["tests.servers.dify_fixtures"]

CALLS = 14  # of a first sync of two models


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(patience, "PAUSES", (0.02, 0.02, 0.02))


def actions(told):
    return {each["model"]: each["action"] for each in told["plan"]}


def test_a_model_that_its_server_lists_and_cannot_describe_now_is_not_pruned(dify, facts):
    with ChangingOllama(a=CHAT, b=CHAT, gone=CHAT) as ollama:
        facts(ollama)
        ollama.broken = {"a"}
        del ollama.models["gone"]
        told = facts(ollama, "--prune")

    assert actions(told) == {"a": "leave", "b": "right", "gone": "remove"}
    assert {model for model, _ in dify.state.names()} == {"a", "b"}


def test_a_model_that_one_of_two_servers_cannot_describe_now_keeps_both_addresses(dify, facts):
    with ChangingOllama(a=CHAT) as first, ChangingOllama(a=CHAT) as second:
        facts(first, second)
        both = f"{first.url}, {second.url}"
        before = dify.state.values("a")["base_url"]
        second.broken = {"a"}
        told = facts(first, second, "--prune")

    assert actions(told) == {"a": "leave"}
    assert dify.state.values("a")["base_url"] == before == both


@pytest.mark.parametrize(
    "words", ["HTTP 404, 404 page not found", "a model of this name already exists elsewhere"], ids=["404", "exists"]
)
def test_the_plugin_s_refusal_is_not_taken_for_dify_s_that_it_was_done_before(dify, sync, words):
    def refuse(*_):
        raise PluginRefusal(words)

    with ChangingOllama(a=CHAT) as ollama:
        dify.state.validate = refuse
        added = sync(ollama)
        dify.state.validate = lambda model, model_type, credentials: credentials
        sync(ollama)
        ollama.models["a"] = TOOLS
        dify.state.validate = refuse
        updated = sync(ollama)

    assert (added.returncode, updated.returncode) == (1, 1)
    assert f"Dify did not add a (llm): {words}" in added.stderr
    assert f"Dify did not update a (llm): {words}" in updated.stderr
    assert "added a" not in added.stdout


@pytest.mark.parametrize("call", range(1, CALLS))
def test_a_moment_without_dify_is_waited_for_at_any_call(dify, sync, call):
    with ChangingOllama(a=CHAT, b=("embedding",)) as ollama:
        dify.broken = [call]
        ran = sync(ollama)

    assert ran.returncode == 0, ran.stderr
    assert {model for model, _ in dify.state.names()} == {"a", "b"}
