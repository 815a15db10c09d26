"""`python -m scripts sync` against a Dify that keeps state: what is added, updated, removed, and left alone."""

import json
import re

import pytest

from tests.scripts.kit_runs import run
from tests.servers.dify import PROVIDER
from tests.servers.dify_killing import BY_EMAIL
from tests.servers.dify_servers import CHAT, EMBEDS, TOOLS, ChangingOllama

pytest_plugins = ["tests.servers.dify_fixtures"]

NAME = r"sync:[0-9a-z]{5}\.[0-9a-z]{10}"
STATE, VERSION = "GET /workspaces/current/model-providers", "POST /workspaces/current/plugin/list/installations/ids"
FACTS = {
    "schema_version", "ok", "changed", "dify", "servers", "plan", "done", "refused", "unusable", "defaults", "error",
    "fix", "dry_run", "exit_code",
}  # fmt: skip


@pytest.fixture
def ollama():
    with ChangingOllama(qwen3__8b=TOOLS, nomic=EMBEDS, tiny=CHAT) as server:
        yield server


def steps(told, key="plan"):
    return {(each["model"], each["type"]): each["action"] for each in told[key]}


def whys(told):
    return {each["model"]: each["why"] for each in told["plan"]}


def test_a_person_brings_all_models_into_dify_and_the_second_run_changes_nothing(dify, ollama):
    first = run("sync", ollama.url, "--dify", dify.url, **BY_EMAIL)
    dify.calls.clear()
    second = run("sync", ollama.url, "--dify", dify.url, **BY_EMAIL)

    assert first.returncode == 0, first.stderr
    assert {"✓ added qwen3:8b (llm)", "✓ added nomic (text-embedding)"} <= set(first.stdout.splitlines())
    assert "3 models of 1 server in Dify: 3 added." in first.stdout
    assert second.returncode == 0
    assert second.stdout == "3 models of 1 server in Dify; nothing to change.\n"
    assert dify.changes() == []


def test_every_model_stands_in_dify_with_its_type_its_address_and_a_name_of_sync_s(dify, ollama, facts):
    told = facts(ollama)

    assert told["ok"]
    assert steps(told) == {("qwen3:8b", "llm"): "add", ("tiny", "llm"): "add", ("nomic", "text-embedding"): "add"}
    names = dify.state.names()
    assert set(names) == set(steps(told))
    assert all(re.fullmatch(NAME, name) for [name] in names.values())
    assert dify.state.values("qwen3:8b")["base_url"] == ollama.url
    assert dify.state.values("qwen3:8b")["server"] == "auto"


def test_json_is_one_object_with_everything_in_it_and_no_secret(dify, ollama, sync):
    ollama.key = "sk-0123456789"

    ran = sync(ollama, "--json", LOCAL_MODELS_API_KEY=ollama.key)

    told = json.loads(ran.stdout)
    assert set(told) == FACTS
    assert (told["schema_version"], told["changed"]) == (1, 3)
    assert told["servers"][0]["label"] == "Ollama 0.33.0"
    assert dify.state.values("tiny")["api_key"] == ollama.key
    assert ollama.key not in ran.stdout + ran.stderr


def test_a_dry_run_shows_the_plan_and_changes_nothing(dify, ollama, sync):
    ran = sync(ollama, "--dry-run")

    assert ran.returncode == 0
    assert re.search(rf"\+ add +qwen3:8b +llm +{ollama.url}", ran.stdout)
    assert "3 changes; nothing was changed." in ran.stdout
    assert dify.calls == [STATE, VERSION]


def test_all_models_are_read_in_one_call(dify, ollama, sync):
    sync(ollama)
    dify.calls.clear()
    sync(ollama)

    assert [call for call in dify.calls if "default-model" not in call] == [STATE, VERSION]


@pytest.mark.parametrize(
    ("options", "environment"),
    [
        (("--as-seen-by-dify", "host.docker.internal"), {}),
        (("--set", "keep_alive=24h"), {}),
        ((), {"LOCAL_MODELS_API_KEY": "sk-new"}),
    ],
    ids=["address", "setting", "key"],
)
def test_a_changed_address_setting_or_key_is_updated_in_place(dify, ollama, facts, options, environment):
    facts(ollama)
    before = list(dify.state.entries[PROVIDER, "tiny", "llm"].credentials)

    told = facts(ollama, *options, **environment)

    assert set(steps(told, "done").values()) == {"update"}
    assert list(dify.state.entries[PROVIDER, "tiny", "llm"].credentials) == before
    assert facts(ollama, *options, **environment)["changed"] == 0


def test_a_model_that_can_do_something_new_is_saved_again_because_dify_keeps_what_was_found(ollama, facts):
    facts(ollama)
    ollama.models["tiny"] = TOOLS

    told = facts(ollama)

    assert steps(told, "done") == {("tiny", "llm"): "update"}
    assert whys(told)["tiny"] == "the model on its server has changed"


def test_what_was_added_by_hand_is_left_alone(dify, ollama, facts):
    dify.state.hand_made(PROVIDER, "tiny", name="sync:localhost")
    dify.state.hand_made(PROVIDER, "somebody's own")

    told = facts(ollama, "--prune")

    assert steps(told)["tiny", "llm"] == "leave"
    assert dify.state.names()["tiny", "llm"] == ["sync:localhost"]
    assert dify.state.names()["somebody's own", "llm"] == ["by hand"]


def test_a_model_that_was_taken_off_the_list_in_dify_stays_off(dify, ollama, facts):
    facts(ollama)
    dify.state.entries[PROVIDER, "tiny", "llm"].is_listed = False

    told = facts(ollama)

    assert told["changed"] == 0
    assert whys(told)["tiny"] == "was taken off the list in Dify"


def test_a_model_that_is_gone_stays_until_prune_removes_it(dify, ollama, facts, sync):
    facts(ollama)
    del ollama.models["tiny"]

    kept = sync(ollama)
    told = facts(ollama, "--prune")

    assert "tiny (llm): no server has it any more; --prune removes it" in kept.stdout
    assert steps(told, "done") == {("tiny", "llm"): "remove"}
    assert ("tiny", "llm") not in dify.state.names()


def test_prune_needs_the_servers_by_name(sync):
    ran = sync("--prune")

    assert ran.returncode == 2
    assert "--prune must know which servers there are" in ran.stderr


def test_a_model_of_several_servers_stands_in_dify_once_with_all_their_addresses(dify, ollama, facts):
    with ChangingOllama(tiny=CHAT, big=CHAT) as other:
        typed = f"big={other.url} weight=2 limit=4"
        told = facts(ollama, typed)

    assert told["changed"] == 4
    assert dify.state.values("tiny")["base_url"] == f"{ollama.url}, {typed}"
    assert dify.state.values("big")["base_url"] == typed
    assert dify.state.values("qwen3:8b")["base_url"] == ollama.url


def test_dify_is_given_the_address_that_it_sees(dify, ollama, facts):
    facts(ollama, DIFY_SEES_SERVERS_AT="host.docker.internal")

    assert dify.state.values("tiny")["base_url"] == f"http://host.docker.internal:{ollama.port}"


def test_syncs_with_different_labels_leave_each_other_alone(dify, ollama, facts):
    facts(ollama, "--label", "desk")
    with ChangingOllama(other=CHAT, tiny=CHAT) as laptop:
        told = facts(laptop, "--label", "laptop", "--prune")

    assert steps(told) == {("other", "llm"): "add", ("tiny", "llm"): "leave"}
    assert re.fullmatch(r"sync:desk:[0-9a-z]{5}\.[0-9a-z]{10}", dify.state.names()["tiny", "llm"][0])
    assert facts(ollama, "--label", "desk", "--prune")["changed"] == 0


def test_only_and_skip_choose_models_by_pattern(ollama, facts):
    only = facts(ollama, "--only", "qwen3:*", "--dry-run")
    skip = facts(ollama, "--skip", "qwen3:*", "--skip", "nomic", "--dry-run")

    assert set(steps(only)) == {("qwen3:8b", "llm")}
    assert set(steps(skip)) == {("tiny", "llm")}


def test_models_that_are_not_chosen_are_no_concern_of_prune(ollama, facts):
    facts(ollama)

    told = facts(ollama, "--only", "qwen3:*", "--prune")

    assert steps(told) == {("qwen3:8b", "llm"): "right"}


def test_settings_of_the_form_may_stand_in_the_settings_file(dify, ollama, facts, tmp_path):
    (file := tmp_path / "kit.yaml").write_text(
        f"ollama_base_url: {ollama.url}\nsync_set: {{context_size: 16384, keep_alive: 24h}}\n"
    )

    facts("--config", str(file))

    assert dify.state.values("tiny")["context_size"] == "16384"
    assert dify.state.values("tiny")["keep_alive"] == "24h"


DEFAULTS = {"llm": "tiny", "text-embedding": "nomic"}


def test_defaults_are_set_where_there_are_none_and_the_loaded_model_comes_first(dify, ollama, facts):
    ollama.loaded = ["tiny"]

    assert facts(ollama)["defaults"] == DEFAULTS
    assert {name: model for name, (_, model) in dify.state.defaults.items()} == DEFAULTS


def test_a_default_that_is_there_stays_and_one_that_was_named_wins(dify, ollama, facts):
    dify.state.hand_made(PROVIDER, "mine")

    first = facts(ollama, OLLAMA_DEFAULT_MODEL="qwen3:8b")
    dify.state.defaults.clear()
    dify.state.entries.clear()
    second = facts(ollama, OLLAMA_DEFAULT_MODEL="qwen3:8b")

    assert first["defaults"] == {"text-embedding": "nomic"}
    assert second["defaults"]["llm"] == "qwen3:8b"


def test_a_default_that_is_removed_gets_a_successor(dify, ollama, facts):
    ollama.loaded = ["tiny"]
    facts(ollama)
    del ollama.models["tiny"]

    assert facts(ollama, "--prune")["defaults"] == {"llm": "qwen3:8b"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--set", "keepalive=1h"), "no field keepalive"),
        (("--set", "base_url=http://x"), "base_url is filled in by sync"),
        (("--set", "api_key=sk-secret"), "set LOCAL_MODELS_API_KEY"),
        (("--set", "keep_alive"), "--set takes NAME=VALUE"),
        (("--as-seen-by-dify", "http://a:1"), "name of a host only"),
        (("--as-seen-by-dify", "a/b"), "name of a host only"),
        (("--label", "a label"), "a label has 1 to 8 letters"),
        (("--every", "9"), "--every"),
        (("--as-seen-by-dify", "host:80"), "name of a host only"),
        (("http://127.0.0.1:nine",), "has no valid port"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error_and_changes_nothing(dify, ollama, sync, options, words):
    ran = sync(ollama, *options)

    assert ran.returncode == 2
    assert words in ran.stderr
    assert "sk-secret" not in ran.stderr
    assert dify.changes() == []
