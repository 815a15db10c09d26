"""Real llama.cpp servers brought into Dify, with the real plugin looking at each model before it is saved."""

import json

import pytest

from scripts.plugin_host import PluginError
from tests.servers.dify import PluginRefusal

pytest_plugins = ["tests.servers.dify_fixtures"]

EXPECTED = {("chat", "llm"), ("embedding", "text-embedding"), ("rerank", "rerank")}


@pytest.fixture
def with_plugin(dify, plugin):
    def validate(model, model_type, credentials):
        try:
            return plugin.validate_model(model, credentials, model_type)
        except PluginError as error:
            raise PluginRefusal(error.message) from error

    dify.state.validate = validate
    return dify


def test_each_server_s_model_is_in_dify_with_what_the_plugin_found(
    with_plugin, facts, chat_server, embedding_server, rerank_server
):  # fmt: skip
    servers = (chat_server, embedding_server, rerank_server)
    told = facts(*servers)
    again = facts(*servers)

    assert told["ok"], told["refused"]
    assert set(with_plugin.state.names()) == EXPECTED
    found = json.loads(with_plugin.state.values("chat")["detected"])
    assert (found["kind"], found["model"]["tools"], found["model"]["context_length"]) == ("llamacpp", True, 4096)
    assert (
        json.loads(with_plugin.state.values("embedding", "text-embedding")["detected"])["model"]["embedding_size"] == 64
    )
    assert (again["ok"], again["changed"]) == (True, 0)


def test_two_servers_with_the_same_model_are_saved_as_one_that_the_plugin_understands(
    with_plugin, facts, chat_server, demo_server
):  # fmt: skip
    told = facts(chat_server, f"again={chat_server.url}", demo_server)

    assert told["ok"], told["refused"]
    assert with_plugin.state.values("chat")["base_url"] == f"{chat_server.url}, again={chat_server.url}"
    assert with_plugin.state.values("demo")["base_url"] == demo_server.url


def test_an_address_that_leads_nowhere_from_dify_is_refused_with_the_plugin_s_diagnosis(
    with_plugin, facts, chat_server
):
    told = facts(chat_server, "--as-seen-by-dify", "127.0.0.2")

    assert not told["ok"]
    [refused] = told["refused"]
    assert "127.0.0.2" in refused["error"]
    assert "What to do:" in refused["error"]
