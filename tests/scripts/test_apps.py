"""The command `apps up`: every app comes to Dify once, complete, and keyed; a second run changes nothing."""

import json
import stat

import pytest

from scripts.apps import marks
from scripts.apps.files import FOLDER, files
from tests.scripts.kit_runs import run
from tests.servers.dify import PROVIDER
from tests.servers.dify_apps import MOST_KEYS
from tests.servers.dify_killing import BY_EMAIL, BY_KEY

pytest_plugins = ["tests.servers.dify_fixtures", "tests.servers.dify_apps_fixtures"]
pytestmark = pytest.mark.slow  # each runs the command several times

NAMES = [file.name for file in files()]
WITH_WORKFLOW = [file.name for file in files() if file.mode != "agent-chat"]


def models_of(app):
    data = [node["data"] for node in app.dsl.get("workflow", {}).get("graph", {}).get("nodes", [])]
    return [each["model"] for each in [*data, app.dsl.get("model_config", {})] if "model" in each]


def age(app):
    """As if it had been made from an older file."""
    app.description = app.description.replace(marks.MARK.search(app.description)[2], "00000000")


def test_every_app_is_imported_published_keyed_and_noted(app_dify, apps, keys_file):
    told = apps("up")

    assert (told["code"], told["ok"], told["changed"]) == (0, True, True)
    assert [app["name"] for app in told["apps"]] == NAMES
    assert {marks.MARK.search(app.description)[1] for app in app_dify.apps.values()} == set(NAMES)
    assert all(app.enabled and len(app.keys) == 1 for app in app_dify.apps.values())
    assert all(app.published is (app.mode != "agent-chat") for app in app_dify.apps.values())
    written = json.loads(keys_file.read_text())
    assert written["url"] == app_dify.url
    assert {name: app["key"] for name, app in written["apps"].items()} == {
        app["name"]: app_dify.apps[app["id"]].keys[0]["token"] for app in told["apps"]
    }


def test_the_keys_are_readable_for_their_owner_alone_and_shown_only_when_asked(app_dify, apps, keys_file):
    keys_file.write_text("{}")
    keys_file.chmod(0o644)
    told = apps("up", "bare_echo")

    assert stat.S_IMODE(keys_file.stat().st_mode) == 0o600
    assert "app-" not in json.dumps(told)
    shown = apps("up", "bare_echo", "--show-keys")
    assert shown["apps"][0]["key"] == app_dify.by_title()["Bare echo"].keys[0]["token"]


def test_a_second_run_changes_nothing_and_says_so(app_dify, apps, keys_file):
    apps("up")
    before, app_dify.calls[:] = keys_file.read_text(), []

    told = apps("up")

    assert {app["action"] for app in told["apps"]} == {"nothing"}
    assert told["changed"] is False
    assert [call for call in app_dify.changes() if "/plugin/list" not in call] == []
    assert keys_file.read_text() == before


def test_the_installed_package_stands_among_the_dependencies_and_is_checked(app_dify, apps):
    apps("up", "bare_echo", "simple_qa_workflow", "tool_agent")

    [installed] = [each.package.identifier for each in app_dify.plugins.installed.values()]
    wanted = {title: app.dsl["dependencies"] for title, app in app_dify.by_title().items()}
    ours = [{"type": "package", "value": {"plugin_unique_identifier": installed}}]
    assert wanted == {"Bare echo": [], "Simple Q&A (workflow)": ours, "Tool-using agent": ours}
    assert sum(call.endswith("/check-dependencies") for call in app_dify.calls) == 3


def test_an_app_that_lacks_a_plugin_is_not_complete(app_dify, apps):
    app_dify.lacks = [
        {"type": "package", "value": {"plugin_unique_identifier": "nobody/none:0.0.1@aaaa", "version": None}}
    ]
    told = apps("up", "simple_qa_workflow")

    assert told["code"] == 1
    assert "lacks the plugin nobody/none:0.0.1" in told["refused"][0]["error"]
    assert "aaaa" not in told["refused"][0]["error"]
    app_dify.lacks = []
    assert apps("up", "simple_qa_workflow")["apps"][0]["action"] == "update"
    assert len(app_dify.apps) == 1


@pytest.mark.parametrize("name", WITH_WORKFLOW)
def test_an_app_whose_file_changed_is_overwritten_and_keeps_its_key(app_dify, apps, name):
    apps("up", name)
    [before] = app_dify.apps.values()
    described, keys = before.description, list(before.keys)
    age(before)
    before.most = 3

    told = apps("up", name)

    [after] = app_dify.apps.values()
    assert told["apps"][0]["action"] == "update"
    assert (after.id, after.keys, after.description) == (before.id, keys, described)
    assert after.most == 3  # set by hand, for a load test


def test_an_agent_whose_file_changed_is_made_anew_because_dify_cannot_overwrite_it(app_dify, apps):
    apps("up", "tool_agent")
    [before] = app_dify.apps.values()
    age(before)

    told = apps("up", "tool_agent")

    [after] = app_dify.apps.values()
    assert told["apps"] == [{"name": "tool_agent", "id": after.id, "mode": "agent-chat", "action": "update"}]
    assert after.id != before.id


def test_a_key_is_used_again_whatever_order_dify_lists_them_in(app_dify, apps, keys_file):
    apps("up", "bare_echo")
    [app] = app_dify.apps.values()
    while len(app.keys) < MOST_KEYS:
        app.keys.insert(0, {**app.keys[0], "id": f"{len(app.keys)}", "token": f"app-theirs{len(app.keys)}"})

    apps("up", "bare_echo")

    assert json.loads(keys_file.read_text())["apps"]["bare_echo"]["key"] == app.keys[-1]["token"]
    keys_file.unlink()
    assert apps("up", "bare_echo")["code"] == 0  # no eleventh key is asked for
    assert len(app.keys) == MOST_KEYS


def test_another_model_is_asked_if_it_is_named(app_dify, apps):
    app_dify.state.hand_made(PROVIDER, "qwen3:8b's")

    told = apps("up", "simple_qa_workflow", "tool_agent", "--model", "qwen3:8b's")

    assert told["code"] == 0
    asked = [model for app in app_dify.apps.values() for model in models_of(app)]
    assert [(model["provider"], model["name"]) for model in asked] == [(PROVIDER, "qwen3:8b's")] * 2


def test_a_dry_run_shows_the_plan_and_changes_nothing(app_dify, apps, keys_file):
    apps("up", "bare_echo")
    before, app_dify.calls[:] = keys_file.read_text(), []

    told = apps("up", "bare_echo", "knowledge_qa", "--dry-run")

    assert told["apps"] == [{"name": "bare_echo", "action": "nothing"}, {"name": "knowledge_qa", "action": "create"}]
    assert [call for call in app_dify.changes() if "/plugin/list" not in call] == []
    assert keys_file.read_text() == before


def test_what_dify_refuses_is_told_in_its_words_and_the_others_come(app_dify, apps):
    app_dify.refuses["Bare echo"] = "Invalid DSL: unknown node type"

    told = apps("up", "bare_echo", "simple_qa_workflow")

    assert told["code"] == 1
    assert "Invalid DSL: unknown node type" in told["refused"][0]["error"]
    assert [app["name"] for app in told["apps"]] == ["simple_qa_workflow"]


@pytest.mark.parametrize("own", ["0.4.0", "0.6.0", "1.0.0"])
def test_a_dify_with_another_dsl_takes_it_too_when_asked_again(app_dify, apps, own):
    app_dify.dsl = own

    assert apps("up", "bare_echo")["code"] == 0
    [app] = app_dify.apps.values()
    age(app)
    assert apps("up", "bare_echo")["apps"][0] == {
        "name": "bare_echo", "id": app.id, "mode": "workflow", "action": "update",
    }  # fmt: skip
    assert list(app_dify.apps) == [app.id]
    assert app_dify.by_title()["Bare echo"].published


def test_without_the_plugin_it_says_what_to_run(app_dify, apps):
    app_dify.plugins.installed.clear()

    told = apps("up")

    assert told["code"] == 1
    assert told["fix"] == "python -m scripts install"
    assert not app_dify.apps


def test_without_a_model_for_auto_it_says_how_to_get_one(app_dify, apps):
    app_dify.state.entries.clear()

    told = apps("up")

    assert told["code"] == 1
    assert "type your server's address" in told["fix"]


def test_an_app_without_a_model_needs_neither_plugin_nor_model(app_dify, apps):
    app_dify.plugins.installed.clear()

    assert apps("up", "bare_echo")["code"] == 0


def test_a_session_that_runs_out_in_the_middle_is_renewed(app_dify, keys_file):
    app_dify.interrupt = lambda number, when: (
        app_dify.sessions.forget() if number % 13 == 0 and when == "before" else None
    )
    ran = run("apps", "up", "--dify", app_dify.url, "--keys", str(keys_file), **BY_EMAIL)

    assert ran.returncode == 0, ran.stderr
    assert len(app_dify.apps) == len(NAMES)


def test_a_dify_that_goes_away_in_the_middle_ends_the_run_and_what_was_made_is_noted(app_dify, apps, keys_file):
    apps("up", "bare_echo")
    app_dify.broken = list(range(len(app_dify.calls) + 8, 1000))

    told = apps("up")

    assert told["code"] == 3
    assert "bare_echo" in json.loads(keys_file.read_text())["apps"]


def test_an_unknown_name_is_answered_with_those_there_are(apps):
    told = apps("up", "nothing")

    assert told["code"] == 2
    assert "simple_qa_workflow" in told["fix"]


def test_a_file_for_keys_that_cannot_be_written_is_told_before_anything_is_done(app_dify, apps, tmp_path):
    told = apps("up", "bare_echo", "--keys", str(tmp_path / "nowhere" / "keys.json"))

    assert (told["code"], "--keys" in told["fix"]) == (3, True)
    assert not app_dify.calls


def test_the_printed_lines_name_what_was_done_and_what_comes_next(app_dify, keys_file):
    ran = run("apps", "up", "bare_echo", "--dify", app_dify.url, "--keys", str(keys_file), **BY_KEY)

    assert ran.stdout.splitlines() == [
        "✓ bare_echo: created",
        f"  Keys: {keys_file}. Next: make load HOST={app_dify.url} SCENARIO=bare_echo",
    ]
    assert "app-" not in ran.stdout + ran.stderr


def test_every_file_of_an_app_is_found_by_its_name():
    assert {path.stem for path in FOLDER.rglob("*.yml")} == set(NAMES)
    assert len(NAMES) == len(set(NAMES))
