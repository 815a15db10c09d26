"""Another version is there already: what is kept, what is saved again, and what a crash in the middle leaves."""

import json
from contextlib import ExitStack

import pytest

from scripts.dify import patience, plugins
from tests.scripts.kit_runs import run_here
from tests.servers.dify import PROVIDER, ScriptedDify, our_package
from tests.servers.dify_killing import BY_EMAIL, BY_KEY, kill_everywhere
from tests.servers.dify_plugins import BAD_SIGNATURE
from tests.servers.dify_state import Entry, PluginRefusal

CALLS = 14  # of an upgrade with one form
ADDRESS = {"base_url": "http://10.0.0.5:11434"}


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(plugins, "POLL", 0.05)
    monkeypatch.setattr(patience, "PAUSES", (0.02, 0.02, 0.02))


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("packages")
    return our_package(folder / "old.difypkg", "0.0.9"), our_package(folder / "new.difypkg")


@pytest.fixture
def dify(packages):
    """With the old version, a model that was added by name, and nothing else."""
    with ScriptedDify() as server:
        server.plugins.states = ("success",)
        server.with_plugin(packages[0]).state.hand_made(PROVIDER, "qwen3:8b")
        yield server


@pytest.fixture
def install(dify, packages):
    return lambda *options, **more: run_here(
        "install", "--package", str(packages[1]), "--dify", dify.url, *options, **{**BY_KEY, **more}
    )


def fill_in(dify, **forms):
    """Saves the provider's form once for each name; the last is in use."""
    saved = dify.state.forms[PROVIDER] = Entry()
    for name, values in forms.items():
        saved.current = saved.add(name, values)


def forms(dify):
    form = dify.state.forms[PROVIDER]
    in_use = form.credentials.get(form.current)
    return {saved.name: saved.values["base_url"] for saved in form.credentials.values()}, in_use and in_use.name


@pytest.mark.parametrize("is_newer", [True, False], ids=["newer daemon", "older daemon"])
def test_the_new_version_takes_the_old_one_s_place_and_models_keep_their_credentials(dify, install, is_newer):
    dify.plugins.is_newer = is_newer

    ran = install()

    assert ran.returncode == 0, ran.stderr
    assert "0.1.0 runs in Dify 1.12.1" in ran.stdout
    assert "in place of 0.0.9" in ran.stdout
    assert dify.plugins.versions == ["0.1.0"]
    assert dify.state.names() == {("qwen3:8b", "llm"): ["by hand"]}


def test_the_same_version_with_other_contents_is_replaced(dify, packages, tmp_path):
    rebuilt = our_package(tmp_path / "rebuilt.difypkg", "0.0.9", **{"README.md": "Other words.\n"})

    ran = run_here("install", "--package", str(rebuilt), "--dify", dify.url, "--json", **BY_KEY)

    assert json.loads(ran.stdout)["replaced"] == ["0.0.9"]


def test_the_provider_s_forms_are_saved_again_and_the_same_one_is_in_use(dify, install):
    fill_in(dify, other={"base_url": "http://b:1"}, main=ADDRESS)

    ran = install("--json")

    assert ran.returncode == 0, ran.stderr
    assert sorted(json.loads(ran.stdout)["forms"]["restored"]) == ["main", "other"]
    assert forms(dify) == ({"main": ADDRESS["base_url"], "other": "http://b:1"}, "main")


def test_a_form_with_a_key_must_be_saved_by_hand_and_that_is_told(dify, install):
    fill_in(dify, main={**ADDRESS, "api_key": "sk-0123456789"})

    ran = install()

    assert ran.returncode == 1
    assert "0.1.0 runs in Dify" in ran.stdout
    assert "form “main” for http://10.0.0.5:11434 must be saved again: Dify does not give api_key away" in ran.stderr
    assert "Settings → Model Provider → Local Models" in ran.stderr
    assert forms(dify) == ({}, None)


@pytest.mark.parametrize(("key", "restored"), [("sk-0123456789", ["main"]), ("sk-another-key", [])])
def test_a_key_from_the_environment_is_filled_in_if_it_is_the_one_that_is_masked(dify, install, key, restored):
    fill_in(dify, main={**ADDRESS, "api_key": "sk-0123456789"})

    ran = install("--json", LOCAL_MODELS_API_KEY=key)

    assert json.loads(ran.stdout)["forms"]["restored"] == restored
    assert key not in ran.stdout + ran.stderr


def test_a_form_whose_server_is_down_is_told_with_the_plugin_s_words(dify, install):
    fill_in(dify, main=ADDRESS)

    def refuse(*_):
        raise PluginRefusal("http://10.0.0.5:11434 gives no reply at all")

    dify.state.validate = refuse
    ran = install("--json")

    assert ran.returncode == 1
    [form] = json.loads(ran.stdout)["forms"]["save_again"]
    assert form == {
        "name": "main",
        "address": ADDRESS["base_url"],
        "why": "http://10.0.0.5:11434 gives no reply at all",
    }


def test_a_package_that_dify_does_not_take_leaves_the_old_version_running(dify, install):
    dify.plugins.verifies = True

    ran = install()

    assert ran.returncode == 1
    assert BAD_SIGNATURE in ran.stderr
    assert dify.plugins.versions == ["0.0.9"]
    assert not [call for call in dify.calls if call.endswith("/uninstall")]


def test_a_new_version_that_does_not_start_gives_way_to_the_old_one(dify, install):
    dify.plugins.breaks, dify.plugins.broken = "failed to launch plugin: exit status 1", {"0.1.0"}

    ran = install()

    assert ran.returncode == 1
    assert "failed to launch plugin: exit status 1" in ran.stderr
    assert "0.0.9 is back and runs." in ran.stderr
    assert dify.plugins.versions == ["0.0.9"]


def test_the_old_one_that_comes_back_has_its_form_again(dify, install):
    fill_in(dify, main=ADDRESS)
    dify.plugins.breaks, dify.plugins.broken = "failed to launch plugin: exit status 1", {"0.1.0"}

    ran = install()

    assert ran.returncode == 1
    assert forms(dify) == ({"main": ADDRESS["base_url"]}, "main")


def test_a_form_that_the_old_one_cannot_have_again_is_told(dify, install):
    fill_in(dify, main={**ADDRESS, "api_key": "sk-0123456789"})
    dify.plugins.breaks, dify.plugins.broken = "failed to launch plugin: exit status 1", {"0.1.0"}

    assert "Its form “main” must be saved again: Dify does not give api_key away." in install().stderr


@pytest.mark.parametrize("call", range(1, CALLS + 2))
def test_a_moment_without_dify_is_waited_for_at_any_call(dify, packages, call):
    fill_in(dify, main=ADDRESS)
    dify.broken = [call]

    ran = run_here("install", "--package", str(packages[1]), "--dify", dify.url, **BY_EMAIL)

    assert ran.returncode == 0, ran.stderr
    assert dify.plugins.versions == ["0.1.0"]
    assert forms(dify) == ({"main": ADDRESS["base_url"]}, "main")


def test_an_uninstallation_whose_answer_was_lost_is_not_taken_for_a_refusal(dify, install):
    def lose(number, when):
        if dify.calls[number - 1].endswith("/uninstall") and when == "before":
            dify.plugins.installed.clear()

    dify.interrupt = lose
    ran = install()

    assert ran.returncode == 0, ran.stderr
    assert dify.plugins.versions == ["0.1.0"]


@pytest.mark.slow
def test_killed_after_any_call_and_run_again_it_ends_well(packages):
    """The provider's form too: Dify still shows the values of the one that went with the old version."""
    with ExitStack() as stack:

        def make():
            dify = stack.enter_context(ScriptedDify()).with_plugin(packages[0])
            dify.plugins.states = ("success",)
            dify.state.hand_made(PROVIDER, "qwen3:8b")
            fill_in(dify, main=ADDRESS)
            return dify

        def arguments(dify):
            return ("install", "--package", str(packages[1]), "--dify", dify.url)

        difys = [make() for _ in range(CALLS + 1)]
        assert kill_everywhere(difys, arguments) == [True] * CALLS + [False]
        for call, dify in enumerate(difys, 1):
            again = run_here(*arguments(dify), **BY_EMAIL)

            assert again.returncode == 0, (call, again.stderr)
            assert dify.plugins.versions == ["0.1.0"], call
            assert dify.state.names() == {("qwen3:8b", "llm"): ["by hand"]}, call
            assert list(forms(dify)[0].values()) == [ADDRESS["base_url"]], (call, dify.calls)
