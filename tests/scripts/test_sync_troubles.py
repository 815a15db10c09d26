"""What a sync does when something is wrong: with a server, with a model, with Dify, with the way between them."""

import pytest

from scripts.dify import patience
from tests.scripts.kit_runs import run_here
from tests.servers.dify import BAD_GATEWAY, PROVIDER, PluginRefusal, ScriptedDify
from tests.servers.dify_killing import BY_EMAIL, BY_KEY
from tests.servers.dify_servers import CHAT, TOOLS, ChangingOllama

pytest_plugins = ["tests.servers.dify_fixtures"]

NOBODY = "http://127.0.0.1:9"
REFUSED = "refuses the connection: no server listens on port"


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(patience, "PAUSES", (0.02, 0.02, 0.02))


@pytest.fixture
def ollama():
    with ChangingOllama(a=TOOLS, b=CHAT, c=CHAT, d=CHAT) as server:
        yield server


@pytest.fixture
def contained(dify):
    """A Dify in containers: the plugin reaches servers on the host by the host's name only."""

    def behind(host):
        def validate(model, model_type, credentials):
            if host not in credentials["base_url"]:
                url = credentials["base_url"]
                raise PluginRefusal(
                    f"127.0.0.1 in {url} means the container that the plugin runs in, not your computer"
                )
            return credentials

        dify.state.validate = validate

    return behind


def refuse(*models):
    def validate(model, model_type, credentials):
        if model in models:
            raise PluginRefusal(f"Ollama has no model {model}")
        return credentials

    return validate


def test_a_model_that_the_plugin_refuses_keeps_no_other_from_being_added(dify, ollama, sync):
    dify.state.validate = refuse("b")

    ran = sync(ollama)

    assert ran.returncode == 1
    assert {model for model, _ in dify.state.names()} == {"a", "c", "d"}
    assert "Dify did not add b (llm): Ollama has no model b" in ran.stderr
    assert "3 models of 1 server in Dify: 3 added, 1 refused." in ran.stdout


def test_after_two_refusals_in_the_same_words_the_rest_of_a_server_is_not_tried(dify, ollama, facts):
    def unreachable(*_):
        raise PluginRefusal("there is no way to the server")

    dify.state.validate = unreachable
    told = facts(ollama)

    assert dify.count(f"POST /workspaces/current/model-providers/{PROVIDER}/models/credentials") == 2
    assert [each["error"] for each in told["refused"]][2:] == [
        "not tried, because others of this server were refused"
    ] * 2


@pytest.mark.parametrize("host", ["host.docker.internal", "172.17.0.1"])
def test_a_server_that_dify_sees_at_another_address_is_looked_for_there(dify, ollama, sync, contained, host):
    contained(host)

    ran = sync(ollama)

    assert ran.returncode == 1
    assert "means the container that the plugin runs in" in ran.stderr
    assert f"Dify reaches it at {host}: run it again with --as-seen-by-dify {host}" in ran.stderr
    assert sync(ollama, "--as-seen-by-dify", host).returncode == 0


def test_when_no_usual_name_will_do_the_remedy_says_what_it_takes(ollama, facts, contained):
    contained("nowhere.example")

    told = facts(ollama)

    assert "--as-seen-by-dify host.docker.internal" in told["fix"]
    assert "extra_hosts" in told["fix"]


def test_no_other_address_is_suggested_for_a_server_elsewhere(dify, ollama, facts):
    dify.state.validate = refuse("a")

    assert facts(ollama, "--as-seen-by-dify", "host.docker.internal")["fix"] == ""


def test_a_model_whose_files_are_damaged_is_left_out_and_told(dify, ollama, sync):
    ollama.broken = {"b"}

    ran = sync(ollama)

    assert ran.returncode == 1
    assert "b is left out: Ollama at" in ran.stderr
    assert "the model's files are damaged" in ran.stderr
    assert ("b", "llm") not in dify.state.names()


def test_while_a_server_is_silent_new_models_are_added_and_nothing_else_is_changed(dify, ollama, facts):
    facts(ollama, "--set", "keep_alive=1h")
    ollama.models = {"a": TOOLS, "new": CHAT}

    told = facts(ollama, f"down={NOBODY}", "--prune")

    assert [each["model"] for each in told["done"]] == ["new"]
    assert {each["model"]: each["action"] for each in told["plan"]}["a"] == "leave"
    assert {model for model, _ in dify.state.names()} == {"a", "b", "c", "d", "new"}
    assert not told["ok"]
    assert REFUSED in told["servers"][1]["error"]


def test_without_any_server_nothing_is_asked_of_dify(dify, facts):
    told = facts(NOBODY)

    assert told["exit_code"] == 1
    assert REFUSED in told["error"]
    assert dify.calls == []


def test_something_else_at_a_server_s_address_is_told(dify, facts):
    told = facts(dify)

    assert told["exit_code"] == 1
    assert "not like a model server" in told["error"]


def test_a_server_without_models_is_no_trouble(sync):
    with ChangingOllama() as empty:
        ran = sync(empty)

    assert (ran.returncode, ran.stdout) == (0, "1 server without any model; nothing to change.\n")


def test_a_wrong_key_for_the_server_is_told(ollama, facts):
    ollama.key = "sk-right"

    told = facts(ollama, LOCAL_MODELS_API_KEY="sk-wrong")

    assert told["exit_code"] == 1
    assert "Check the API key" in told["error"]


def test_without_the_plugin_the_next_step_is_to_install_it(ollama):
    with ScriptedDify() as bare:
        ran = run_here("sync", ollama.url, "--dify", bare.url, **BY_KEY)

    assert ran.returncode == 1
    assert "the plugin is not installed" in ran.stderr
    assert "python -m scripts install" in ran.stderr


def test_a_proxy_that_finds_no_dify_for_a_moment_is_waited_for(dify, ollama, sync):
    dify.broken = [3, 5, 6]

    ran = sync(ollama)

    assert ran.returncode == 0, ran.stderr
    assert len(dify.state.names()) == 4


def test_a_dify_that_goes_away_in_the_middle_ends_it_with_what_was_done_and_the_next_run_goes_on(dify, ollama, facts):
    dify.broken = list(range(6, 99))

    first = facts(ollama)
    dify.broken = []
    second = facts(ollama)

    assert first["exit_code"] == 3
    assert len(first["done"]) == 2
    assert (second["exit_code"], second["changed"]) == (0, 2)


def test_an_answer_that_was_lost_is_not_taken_for_a_refusal(dify, ollama, facts):
    """Dify did it, the proxy did not wait: the second try finds the name taken."""

    take = dify._handled

    def lost(request, path):
        answer = take(request, path)
        return BAD_GATEWAY if len(dify.calls) == 4 else answer

    dify._handled = lost
    told = facts(ollama)

    assert told["ok"]
    assert [names for names in dify.state.names().values() if len(names) != 1] == []


def test_a_dify_that_says_yes_and_stores_nothing_is_not_believed(dify, ollama, facts):
    dify.state.entries = Forgetful()

    told = facts(ollama)

    assert not told["ok"]
    assert {each["error"] for each in told["refused"]} == {
        "Dify has saved it, but does not offer it for choice: look at the log of plugin_daemon"
    }


class Forgetful(dict):
    def setdefault(self, key, default=None):
        return default


def test_a_dify_that_is_too_old_for_named_credentials_is_told_as_that(dify, ollama, sync, monkeypatch):
    monkeypatch.setattr("tests.servers.dify_models._provider", lambda state, name, package: {
        "provider": name, "supported_model_types": ["llm"], "custom_configuration": {"status": "no-configure"},
    })  # fmt: skip
    dify.version = "1.7.2"

    ran = sync(ollama)

    assert ran.returncode == 1
    assert "this Dify (1.7.2) is too old" in ran.stderr
    assert "1.8 or newer" in ran.stderr


@pytest.mark.parametrize("calls", [1, 2, 3])
def test_tokens_that_run_out_in_mid_run_are_nobody_s_concern(dify, ollama, calls):
    dify.sessions.calls_per_token = calls

    ran = run_here("sync", ollama.url, "--dify", dify.url, **BY_EMAIL)

    assert ran.returncode == 0, ran.stderr
    assert len(dify.state.names()) == 4
    assert dify.count("POST /login") == 1


def test_a_locked_account_ends_it_at_once(dify, ollama):
    dify.sessions.wrong = 5

    ran = run_here("sync", ollama.url, "--dify", dify.url, **BY_EMAIL)

    assert ran.returncode == 1
    assert "has locked admin@example.com" in ran.stderr
    assert dify.count("POST /login") == 1
