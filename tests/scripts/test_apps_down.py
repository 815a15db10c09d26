"""The commands `apps down` and `apps list`: only what `apps up` made goes, whatever else is there."""

import json

import pytest

from scripts.apps.files import files
from tests.scripts.kit_runs import run
from tests.servers.dify_apps import ScriptedApp
from tests.servers.dify_killing import BY_KEY
from tests.servers.dify_knowledge import ScriptedDataset

pytest_plugins = ["tests.servers.dify_fixtures", "tests.servers.dify_apps_fixtures"]
pytestmark = pytest.mark.slow  # each runs the command several times

NAMES = [file.name for file in files()]
LOOK = {"icon_type": "emoji", "icon": "x", "icon_background": "#fff"}


def test_down_removes_ours_and_nothing_else(app_dify, apps, keys_file):
    theirs = app_dify.put(ScriptedApp({"app": {"name": "Simple Q&A (workflow)", "mode": "workflow", **LOOK}}))
    theirs.description = "made by hand, like local-models:simple_qa_workflow but better"
    handbook = app_dify.library.put(ScriptedDataset("handbook"))
    apps("up")

    told = apps("down")

    assert sorted(told["removed"]) == NAMES
    assert (list(app_dify.apps), list(app_dify.library.datasets)) == ([theirs.id], [handbook.id])
    assert not keys_file.exists()
    again = apps("down")
    assert (again["code"], again["removed"], again["datasets"]) == (0, [], [])


def test_down_of_one_app_leaves_the_others(app_dify, apps, keys_file):
    apps("up", "bare_echo", "knowledge_qa", "simple_qa_workflow")
    apps("down", "bare_echo")

    assert sorted(app_dify.by_title()) == ["Knowledge Q&A", "Simple Q&A (workflow)"]
    assert len(app_dify.library.datasets) == 1
    assert list(json.loads(keys_file.read_text())["apps"]) == ["knowledge_qa", "simple_qa_workflow"]


def test_a_copy_that_somebody_made_in_dify_is_theirs(app_dify, apps):
    apps("up", "bare_echo")
    [ours] = app_dify.apps.values()
    copy = app_dify.copy(ours)

    assert apps("up", "bare_echo")["apps"][0] == {
        "name": "bare_echo", "id": ours.id, "mode": "workflow", "action": "nothing",
    }  # fmt: skip
    apps("down")
    assert list(app_dify.apps) == [copy.id]


def test_apps_on_later_pages_are_found(app_dify, apps):
    apps("up", "bare_echo")
    for number in range(150):
        app_dify.put(ScriptedApp({"app": {"name": f"theirs {number}", "mode": "chat", **LOOK}}))

    assert apps("up", "bare_echo")["apps"][0]["action"] == "nothing"
    apps("down")
    assert len(app_dify.apps) == 150


def test_list_says_which_are_there_and_what_has_to_be_done(app_dify, apps):
    apps("up", "bare_echo", "simple_qa_workflow", "tool_agent")
    app_dify.by_title()["Simple Q&A (workflow)"].published = False
    app_dify.by_title()["Tool-using agent"].description = "cut short · local-models:tool_agent"

    told = {app["name"]: app["state"] for app in apps("list")["apps"]}

    others = dict.fromkeys(NAMES, "missing")
    assert told == {**others, "bare_echo": "there", "simple_qa_workflow": "incomplete", "tool_agent": "incomplete"}


def test_the_list_is_a_table_for_people(app_dify):
    ran = run("apps", "list", "--dify", app_dify.url, **BY_KEY)

    assert ran.returncode == 0
    assert [line.split()[0] for line in ran.stdout.splitlines()[1:]] == NAMES
