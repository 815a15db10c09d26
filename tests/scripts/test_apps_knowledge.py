"""The command `apps up`: the knowledge that one of the apps looks into, and the key that is lent for it."""

import pytest

from scripts.apps.library import dataset_name
from tests.servers.dify_knowledge import ScriptedDataset

pytest_plugins = ["tests.servers.dify_fixtures", "tests.servers.dify_apps_fixtures"]
pytestmark = pytest.mark.slow  # each runs the command several times


def test_the_knowledge_is_made_filled_and_named_in_the_app(app_dify, apps):
    told = apps("up", "knowledge_qa")

    assert told["code"] == 0
    [dataset] = app_dify.library.datasets.values()
    [app] = app_dify.apps.values()
    nodes = {node["id"]: node["data"] for node in app.dsl["workflow"]["graph"]["nodes"]}
    assert nodes["knowledge"]["dataset_ids"] == [dataset.id]
    assert "11434" in dataset.documents[0].text
    assert dataset.permission == "all_team_members"
    assert app_dify.library.keys == []  # it was only lent


def test_a_key_for_datasets_that_was_there_is_used_and_stays(app_dify, apps):
    theirs = app_dify.library.new_key(made_at=1795221164)

    apps("up", "knowledge_qa")
    apps("down")

    assert app_dify.library.keys == [theirs]
    assert app_dify.count("POST /datasets/api-keys") == 0


def test_knowledge_of_an_older_text_goes_when_the_app_has_the_new_one(app_dify, apps):
    app_dify.library.put(ScriptedDataset("local-models-knowledge-00000000"))
    app_dify.library.put(ScriptedDataset("handbook"))

    apps("up", "knowledge_qa")

    assert app_dify.library.names() == ["handbook", dataset_name()]


def test_an_index_that_fails_is_told_and_the_next_run_begins_anew(app_dify, apps):
    app_dify.library.index_error = "no worker"
    told = apps("up", "bare_echo", "knowledge_qa")

    assert told["code"] == 1
    assert [app["name"] for app in told["apps"]] == ["bare_echo"]
    assert "no worker" in told["refused"][0]["error"]
    assert (app_dify.library.names(), app_dify.library.keys) == ([], [])
    app_dify.library.index_error = ""
    assert apps("up", "knowledge_qa")["code"] == 0


def test_an_index_that_lasts_too_long_has_an_exit_code_of_its_own(app_dify, apps):
    app_dify.library.looks_until_indexed = float("inf")

    told = apps("up", "knowledge_qa", "--wait", "1")

    assert told["code"] == 4
    assert "docker compose ps worker" in told["refused"][0]["fix"]
    assert app_dify.library.keys == []
    app_dify.library.looks_until_indexed = 0
    assert apps("up", "knowledge_qa")["code"] == 0
    assert len(app_dify.library.datasets) == 1
