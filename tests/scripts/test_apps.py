"""The command `apps`: every app comes to Dify once, complete, and only ours are touched."""

import json
import re
import stat
from contextlib import ExitStack

import pytest

from scripts.apps import marks
from scripts.apps.files import files
from tests.scripts.kit_runs import run, run_here
from tests.servers.dify import PROVIDER
from tests.servers.dify_apps import DifyWithApps, ScriptedApp
from tests.servers.dify_killing import BY_EMAIL, BY_KEY, kill_everywhere

pytest_plugins = ["tests.servers.dify_fixtures"]

NAMES = [file.name for file in files()]


def a_dify(stack, ours):
    dify = stack.enter_context(DifyWithApps()).with_plugin(ours)
    dify.state.hand_made(PROVIDER, "auto")
    return dify


@pytest.fixture
def dify(ours):
    with ExitStack() as stack:
        yield a_dify(stack, ours)


@pytest.fixture
def apps(dify, tmp_path):
    def apps(action, *arguments, **environment):
        keys = ("--keys", str(tmp_path / "keys.json")) if action != "list" else ()
        ran = run_here("apps", action, *arguments, "--dify", dify.url, *keys, "--json", **{**BY_KEY, **environment})
        return json.loads(ran.stdout) | {"code": ran.returncode}

    return apps


def state(dify):
    """All that `apps` has a hand in, without what differs from run to run."""
    told = {
        app.dsl["app"]["name"]: (app.published, app.enabled, len(app.keys), marks.MARK.search(app.description)[1])
        for app in dify.apps.values()
    }
    return told, [each["name"] for each in dify.datasets.values()], list(dify.dataset_keys)


def test_every_app_is_imported_published_keyed_and_noted(dify, apps, tmp_path):
    told = apps("up")

    assert (told["code"], told["ok"], told["changed"]) == (0, True, True)
    assert [app["name"] for app in told["apps"]] == NAMES
    assert len(dify.apps) == len(NAMES)
    assert all(app.published and app.enabled and len(app.keys) == 1 for app in dify.apps.values())
    written = json.loads((tmp_path / "keys.json").read_text())
    assert {name: app["key"] for name, app in written["apps"].items()} == {
        name: dify.apps[app["id"]].keys[0]["token"] for name, app in written["apps"].items()
    }
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600


def test_a_second_run_changes_nothing_and_says_so(dify, apps):
    apps("up")
    before, keys = state(dify), dify.count("POST /datasets/api-keys")
    dify.calls.clear()

    told = apps("up")

    assert {app["action"] for app in told["apps"]} == {"nothing"}
    assert told["changed"] is False
    assert state(dify) == before
    assert keys == 1
    assert [call for call in dify.changes() if "datasets/api-keys" not in call] == []


def test_the_knowledge_is_made_filled_and_named_in_the_app(dify, apps):
    apps("up", "knowledge_qa")

    ((dataset, its),) = dify.datasets.items()
    (app,) = dify.apps.values()
    nodes = {node["id"]: node["data"] for node in app.dsl["workflow"]["graph"]["nodes"]}
    assert nodes["knowledge"]["dataset_ids"] == [dataset]
    assert "11434" in its["documents"][0]["text"]
    assert not dify.dataset_keys  # it was only lent


def test_a_key_for_datasets_that_was_there_stays(dify, apps):
    dify.dataset_keys.append({"id": "0", "type": "dataset", "token": "dataset-theirs"})

    apps("up", "knowledge_qa")
    apps("down")

    assert [key["token"] for key in dify.dataset_keys] == ["dataset-theirs"]


def test_an_app_whose_file_changed_is_overwritten_and_keeps_its_key(dify, apps):
    apps("up", "simple_qa_workflow")
    (before,) = dify.apps.values()
    described = before.description
    before.description = described[:-8] + "00000000"

    told = apps("up", "simple_qa_workflow")

    (after,) = dify.apps.values()
    assert told["apps"][0]["action"] == "update"
    assert (after.id, after.keys) == (before.id, before.keys)
    assert after.description == described


def test_another_model_is_asked_if_it_is_named(dify, apps):
    dify.state.hand_made(PROVIDER, "qwen3:8b's")

    told = apps("up", "simple_qa_workflow", "--model", "qwen3:8b's")

    assert told["code"] == 0
    (app,) = dify.apps.values()
    models = [node["data"]["model"] for node in app.dsl["workflow"]["graph"]["nodes"] if "model" in node["data"]]
    assert {(model["provider"], model["name"]) for model in models} == {(PROVIDER, "qwen3:8b's")}


def test_down_removes_ours_and_nothing_else(dify, apps, tmp_path):
    theirs = ScriptedApp(
        "7", {"app": {"name": "Simple Q&A (workflow)", "mode": "workflow", "icon": "", "icon_background": ""}}
    )
    theirs.description = "made by hand"
    dify.apps["7"] = theirs
    dify.datasets["8"] = {"name": "handbook", "documents": []}
    apps("up")

    told = apps("down")

    assert sorted(told["removed"]) == NAMES
    assert (list(dify.apps), list(dify.datasets)) == (["7"], ["8"])
    assert not (tmp_path / "keys.json").exists()
    assert apps("down")["removed"] == []


def test_down_of_one_app_leaves_the_others(dify, apps, tmp_path):
    apps("up", "bare_echo", "simple_qa_workflow")
    apps("down", "bare_echo")

    assert [app.dsl["app"]["name"] for app in dify.apps.values()] == ["Simple Q&A (workflow)"]
    assert list(json.loads((tmp_path / "keys.json").read_text())["apps"]) == ["simple_qa_workflow"]


def test_list_says_which_are_there(apps):
    apps("up", "bare_echo")

    assert {app["name"]: app["there"] for app in apps("list")["apps"]} == {name: name == "bare_echo" for name in NAMES}


def test_a_dry_run_shows_the_plan_and_changes_nothing(dify, apps):
    apps("up", "bare_echo")
    dify.calls.clear()

    told = apps("up", "bare_echo", "simple_qa_workflow", "--dry-run")

    assert told["apps"] == [
        {"name": "bare_echo", "action": "nothing"},
        {"name": "simple_qa_workflow", "action": "create"},
    ]
    assert len(dify.apps) == 1
    assert dify.changes() == []


def test_what_dify_refuses_is_told_in_its_words_and_the_others_come(dify, apps):
    dify.refuses["Bare echo"] = "Invalid DSL: unknown node type"

    told = apps("up", "bare_echo", "simple_qa_workflow")

    assert told["code"] == 1
    assert "Invalid DSL: unknown node type" in told["refused"][0]["error"]
    assert [app["name"] for app in told["apps"]] == ["simple_qa_workflow"]


def test_a_dify_with_an_older_dsl_is_asked_to_take_it_all_the_same(dify, apps, monkeypatch):
    monkeypatch.setattr("tests.servers.dify_apps.OWN_DSL", (0, 4))

    assert apps("up", "bare_echo")["code"] == 0
    assert dify.by_title()["Bare echo"].published


def test_without_the_plugin_it_says_what_to_run(tmp_path):
    with DifyWithApps() as dify:
        ran = run_here("apps", "up", "--dify", dify.url, "--keys", str(tmp_path / "k"), **BY_KEY)

        assert ran.returncode == 1
        assert "python -m scripts install" in ran.stderr
        assert not dify.apps


def test_without_a_model_for_auto_it_says_how_to_get_one(dify, apps):
    dify.state.entries.clear()

    told = apps("up")

    assert told["code"] == 1
    assert "type your server's address" in told["fix"]


def test_an_app_without_a_model_needs_neither_plugin_nor_model(tmp_path):
    with DifyWithApps() as dify:
        ran = run_here("apps", "up", "bare_echo", "--dify", dify.url, "--keys", str(tmp_path / "k"), **BY_KEY)

        assert ran.returncode == 0, ran.stderr


def test_a_session_that_runs_out_in_the_middle_is_renewed(dify, tmp_path):
    dify.interrupt = lambda number, when: dify.sessions.forget() if number % 7 == 0 and when == "before" else None
    ran = run_here("apps", "up", "--dify", dify.url, "--keys", str(tmp_path / "k"), **BY_EMAIL)

    assert ran.returncode == 0, ran.stderr
    assert len(dify.apps) == len(NAMES)


def test_an_unknown_name_is_answered_with_those_there_are(apps):
    told = apps("up", "nothing")

    assert told["code"] == 2
    assert "simple_qa_workflow" in told["fix"]


@pytest.mark.slow
def test_killed_after_any_call_and_run_again_dify_is_as_if_nothing_had_happened(ours, tmp_path):
    wanted = ("bare_echo", "knowledge_qa")

    def arguments(dify):
        return ("apps", "up", *wanted, "--dify", dify.url, "--keys", str(tmp_path / f"{dify.port}.json"))

    with ExitStack() as stack:
        calm = a_dify(stack, ours)
        assert run_here(*arguments(calm), **BY_EMAIL).returncode == 0
        difys = [a_dify(stack, ours) for _ in range(len(calm.calls) + 1)]
        killed = kill_everywhere(difys, arguments)

        assert killed == [True] * len(calm.calls) + [False]
        for dify in difys:
            ran = run_here(*arguments(dify), **BY_EMAIL)
            assert ran.returncode == 0, ran.stderr
            assert state(dify)[:2] == state(calm)[:2]
            assert all(re.search(":[0-9a-f]{8}$", app.description) for app in dify.apps.values())


def test_the_printed_lines_name_what_was_done_and_what_comes_next(dify, tmp_path):
    ran = run("apps", "up", "bare_echo", "--dify", dify.url, "--keys", str(tmp_path / "keys.json"), **BY_KEY)

    assert ran.stdout.splitlines() == [
        "✓ bare_echo: created",
        f"  Keys: {tmp_path / 'keys.json'}. Next: make load HOST={dify.url} SCENARIO=bare_echo",
    ]
    assert "app-" not in ran.stdout + ran.stderr
