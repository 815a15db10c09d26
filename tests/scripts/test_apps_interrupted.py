"""`apps up` and `apps down`, killed after any call: the next run leaves Dify as if nothing had happened."""

import json
from contextlib import ExitStack
from pathlib import Path

import pytest

from scripts.apps import marks
from tests.scripts.kit_runs import run_here
from tests.servers.dify_apps_fixtures import a_dify
from tests.servers.dify_killing import BY_EMAIL, kill_everywhere

pytest_plugins = ["tests.servers.dify_fixtures"]

WANTED = ("bare_echo", "knowledge_qa", "tool_agent")


def state(dify):
    """All that `apps` has a hand in, without the ids that differ from run to run."""
    told = {
        app.title: (app.published, app.enabled, len(app.keys), bool(marks.MARK.search(app.description)[2]))
        for app in dify.apps.values()
    }
    datasets = [(each.name, len(each.documents)) for each in dify.library.datasets.values()]
    return len(dify.apps), told, datasets, dify.library.keys


def killed_everywhere(stack, ours, arguments, before=()):
    """Difys in which the command was killed after its first call, its second, and so on; and one where it was not."""
    calm = a_dify(stack, ours)
    for earlier in before:
        assert run_here(*earlier(calm), **BY_EMAIL).returncode == 0
    calm.calls.clear()
    assert run_here(*arguments(calm), **BY_EMAIL).returncode == 0
    difys = [a_dify(stack, ours) for _ in range(len(calm.calls) + 1)]
    for dify in difys:
        for earlier in before:
            run_here(*earlier(dify), **BY_EMAIL)
    killed = kill_everywhere(difys, arguments)
    assert killed == [True] * len(calm.calls) + [False]
    return calm, difys


@pytest.fixture
def command(tmp_path):
    def command(action, *more):
        return lambda dify: ("apps", action, *more, "--dify", dify.url, "--keys", str(tmp_path / f"{dify.port}.json"))

    return command


@pytest.mark.slow
def test_killed_while_bringing_apps(ours, command, tmp_path):
    up = command("up", *WANTED)
    with ExitStack() as stack:
        calm, difys = killed_everywhere(stack, ours, up)
        for dify in difys:
            ran = run_here(*up(dify), **BY_EMAIL)
            assert ran.returncode == 0, ran.stderr
            assert state(dify) == state(calm)

    assert list(tmp_path.glob("*.lent")) == []


@pytest.mark.slow
def test_killed_while_taking_them_away(ours, command):
    up, down = command("up", *WANTED), command("down")
    with ExitStack() as stack:
        _, difys = killed_everywhere(stack, ours, down, before=[up])
        for dify in difys:
            ran = run_here(*down(dify), **BY_EMAIL)
            assert ran.returncode == 0, ran.stderr
            assert state(dify) == (0, {}, [], [])


def test_a_key_of_another_time_is_never_taken_for_ours(ours, command):
    """A run was killed before it had a key; since then somebody made one."""
    up = command("up", "knowledge_qa")
    with ExitStack() as stack:
        dify = a_dify(stack, ours)
        note = {"url": dify.url, "at": 1_000_000_000}
        Path(f"{up(dify)[-1]}.lent").write_text(json.dumps(note), encoding="utf-8")
        theirs = dify.library.new_key()

        assert run_here(*up(dify), **BY_EMAIL).returncode == 0
        assert dify.library.keys == [theirs]
