"""`python -m scripts install` against a Dify that keeps state: first time, second time, and every refusal."""

import json
import re

import pytest

from scripts.dify import plugins
from tests.scripts.kit_runs import run, run_here
from tests.servers import ScriptedServer, by_path
from tests.servers.dify import FEATURES, ScriptedDify, our_package
from tests.servers.dify_killing import BY_EMAIL, BY_KEY
from tests.servers.dify_plugins import BAD_SIGNATURE

RUNS = r"localmodels/local_models 0\.1\.0 runs in Dify 1\.12\.1 at http://127\.0\.0\.1:\d+"
FACTS = {"schema_version", "ok", "changed", "dify", "plugin", "replaced", "forms", "seconds"}


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(plugins, "POLL", 0.05)


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    return our_package(tmp_path_factory.mktemp("package") / "local_models.difypkg")


@pytest.fixture
def dify():
    with ScriptedDify() as server:
        server.plugins.states = ("success",)
        yield server


@pytest.fixture
def install(dify, package):
    """The command in this process, signed in with the admin key."""
    return lambda *options: run_here("install", "--package", str(package), "--dify", dify.url, *options, **BY_KEY)


@pytest.mark.slow
def test_a_person_installs_the_plugin_with_one_command_and_nothing_at_hand(dify):
    dify.plugins.states = ("pending", "running", "success")

    ran = run("install", "--dify", dify.url, **BY_EMAIL)

    assert ran.returncode == 0, ran.stderr
    assert re.search(r"packed local_models-0\.1\.0\.difypkg, [\d,]+ bytes", ran.stdout)
    assert re.search(RUNS, ran.stdout)
    assert "python -m scripts sync" in ran.stdout
    assert ran.stderr == ""
    assert dify.plugins.versions == ["0.1.0"]


def test_the_second_time_nothing_is_sent_and_nothing_changes(dify, install):
    install()
    dify.calls.clear()

    ran = install()

    assert ran.returncode == 0
    assert "0.1.0 runs already in Dify 1.12.1" in ran.stdout
    assert dify.changes() == []


def test_json_says_what_runs_where(dify, install):
    ran = install("--json")

    facts = json.loads(ran.stdout)
    assert set(facts) == FACTS
    assert (facts["schema_version"], facts["ok"], facts["changed"], facts["replaced"]) == (1, True, True, [])
    assert facts["dify"] == {"url": dify.url, "version": "1.12.1"}
    assert facts["plugin"]["id"] == "localmodels/local_models"
    assert facts["forms"] == {"restored": [], "save_again": []}
    assert json.loads(install("--json").stdout)["changed"] is False


def test_quiet_says_nothing_when_all_is_well(install):
    assert (ran := install("--quiet")).returncode == 0
    assert ran.stdout + ran.stderr == ""


def test_an_unsigned_package_that_is_refused_is_explained_with_both_ways_out(dify, install):
    dify.plugins.verifies = True

    ran = install("--json")

    assert ran.returncode == 1
    facts = json.loads(ran.stdout)
    assert facts["error"] == BAD_SIGNATURE
    assert "FORCE_VERIFYING_SIGNATURE=false" in facts["fix"]
    assert "THIRD_PARTY_SIGNATURE_VERIFICATION_ENABLED=true" in facts["fix"]
    assert "docker compose up -d plugin_daemon" in facts["fix"]


@pytest.mark.parametrize(
    ("message", "fix"),
    [
        ("init environment for plugin failed too many times", "PIP_MIRROR_URL"),
        ("failed to launch plugin: exit status 1", "docker compose logs --tail 50 plugin_daemon"),
    ],
)
def test_a_failed_installation_is_told_with_the_daemon_s_words(dify, install, message, fix):
    dify.plugins.breaks = message

    ran = install()

    assert ran.returncode == 1
    assert message in ran.stderr
    assert fix in ran.stderr


def test_a_task_that_dify_has_forgotten_is_no_failure_when_the_plugin_runs(dify, install):
    dify.plugins.states = ("forgotten",)

    assert (ran := install()).returncode == 0, ran.stderr
    assert re.search(RUNS, ran.stdout)


def test_a_dify_that_says_done_while_nothing_runs_is_not_believed(dify, install):
    dify.plugins.states = ("forgotten",)
    dify.interrupt = lambda number, when: dify.plugins.installed.clear()

    ran = install()

    assert ran.returncode == 1
    assert "Dify says that it is done, but what runs is: nothing" in ran.stderr


def test_an_installation_that_takes_too_long_is_given_up_with_an_exit_code_of_its_own(dify, install):
    dify.plugins.states = ("running",) * 99

    ran = install("--wait", "1")

    assert ran.returncode == 4
    assert "was not done after 1 s; it may still go on" in ran.stderr


def test_a_dify_that_restarts_while_it_installs_is_waited_for(dify, install):
    dify.plugins.states = ("running", "success")
    dify.broken = [5, 6]  # the first two questions about the task

    assert (ran := install()).returncode == 0, ran.stderr
    assert dify.plugins.versions == ["0.1.0"]


def test_tokens_that_run_out_in_mid_run_are_nobody_s_concern(dify, package):
    dify.sessions.calls_per_token = 1

    ran = run_here("install", "--package", str(package), "--dify", dify.url, **BY_EMAIL)

    assert ran.returncode == 0, ran.stderr
    assert dify.count("POST /login") == 1
    assert dify.count("POST /refresh-token") > 3


@pytest.mark.parametrize(
    ("features", "words", "fix"),
    [
        (
            {"plugin_installation_permission": {"restrict_to_marketplace_only": True}},
            "no plugins but those",
            "an admin",
        ),
        ({"max_plugin_package_size": 1000}, "takes 1,000", "PLUGIN_MAX_PACKAGE_SIZE"),
    ],
)
def test_what_dify_does_not_allow_is_told_before_anything_is_sent(dify, install, features, words, fix):
    dify.features = {**FEATURES, **features}

    ran = install()

    assert ran.returncode == 1
    assert words in ran.stderr
    assert fix in ran.stderr
    assert dify.changes() == []


def test_a_fork_that_tells_nothing_of_its_features_is_tried(dify, install):
    dify.features = {"ping": True}

    assert install().returncode == 0


@pytest.mark.parametrize("content", [None, b"no zip at all", b""])
def test_what_is_no_package_is_a_usage_error(dify, tmp_path, content):
    path = tmp_path / "a.difypkg"
    if content is not None:
        path.write_bytes(content)

    ran = run_here("install", "--package", str(path), "--dify", dify.url, **BY_KEY)

    assert ran.returncode == 2
    assert str(path) in ran.stderr
    assert dify.calls == []


@pytest.mark.slow
def test_no_dify_at_the_address_is_told_with_exit_code_3(package):
    with ScriptedServer(by_path({})) as shop:
        shop_ran = run_here("install", "--package", str(package), "--dify", shop.url, **BY_KEY)
    nobody_ran = run_here("install", "--package", str(package), "--dify", "http://127.0.0.1:9", **BY_KEY)

    assert (shop_ran.returncode, nobody_ran.returncode) == (3, 3)
    assert "not like Dify" in shop_ran.stderr
    assert "docker compose up -d" in nobody_ran.stderr
