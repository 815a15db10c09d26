"""The scripted Dify answers as the recorded one did: status, names in their order, types, and the words of refusals."""

import base64
import json
import re
from pathlib import Path

import pytest
import requests

from tests.servers.dify import ADMIN_KEY, EMAIL, PASSWORD, PROVIDER, WORKSPACE, ScriptedDify, our_package
from tests.servers.dify_sessions import TRIES

RECORDINGS = Path(__file__).parents[1] / "recordings" / "dify"
MODELS = f"/workspaces/current/model-providers/{PROVIDER}/models"
KEY = {"Authorization": f"Bearer {ADMIN_KEY}", "X-WORKSPACE-ID": WORKSPACE}
MODEL = {"model": "fake-chat", "model_type": "llm"}
SAVED = {**MODEL, "name": "sync:localhost", "credentials": {"base_url": "http://a:1"}}
FREE = ("credentials", "manifest", "declaration", "model_properties", "labels")  # what is in them is the plugin's


def recorded(name):
    return json.loads((RECORDINGS / f"{name}.json").read_text(encoding="utf-8"))["response"]


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    return our_package(tmp_path_factory.mktemp("package") / "ours.difypkg")


@pytest.fixture
def dify(package):
    with ScriptedDify() as server:
        yield server.with_plugin(package)


def ask(dify, method, path, headers=KEY, **more):
    return requests.request(method, f"{dify.url}/console/api{path}", headers=headers, timeout=10, **more)


def log_in(dify, password):
    return ask(dify, "POST", "/login", {}, json={"email": EMAIL, "password": password, "remember_me": True})


def encoded(password):
    return base64.b64encode(password.encode()).decode()


def differences(ours, theirs, at=""):
    """Where the two are not of one shape; what is null in one of them can be anything."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        if list(ours) != list(theirs):
            yield f"{at}: {list(ours)} instead of {list(theirs)}"
        for name in (ours.keys() & theirs.keys()) - set(FREE):
            yield from differences(ours[name], theirs[name], f"{at}.{name}")
    elif isinstance(ours, list) and isinstance(theirs, list) and ours and theirs:
        yield from differences(ours[0], theirs[0], f"{at}[0]")
    elif ours is not None and theirs is not None and type(ours) is not type(theirs):
        yield f"{at}: {ours!r} instead of {theirs!r}"


def check(answer, name):
    theirs = recorded(name)
    assert answer.status_code == theirs["status"]
    if theirs["body"] == "":
        assert answer.content == b""
        return
    assert list(differences(answer.json(), theirs["body"])) == []


def words(answer):
    return answer.json()["message"]


def test_passwords_come_in_base64_and_accounts_lock(dify):
    check(log_in(dify, PASSWORD), "04_login_plain_password")
    check(wrong := log_in(dify, encoded("wrong")), "04a_login_wrong")
    check(right := log_in(dify, encoded(PASSWORD)), "04b_login")
    locked = [log_in(dify, encoded("wrong")) for _ in range(TRIES + 1)][-1]

    assert words(wrong) == recorded("04a_login_wrong")["body"]["message"]
    assert sorted(right.cookies.keys()) == ["access_token", "csrf_token", "refresh_token"]
    assert (locked.status_code, locked.json()["code"]) == (429, "email_code_login_limit")


def test_cookies_need_the_csrf_header_and_the_admin_key_a_workspace(dify):
    cookies = log_in(dify, encoded(PASSWORD)).cookies
    without = ask(dify, "GET", MODELS, {}, cookies=cookies)

    check(without, "05b_profile_no_csrf")
    assert words(without) == recorded("05b_profile_no_csrf")["body"]["message"]
    check(ask(dify, "GET", MODELS, {"Authorization": KEY["Authorization"]}), "90b_adminkey_without_workspace")
    assert ask(dify, "GET", MODELS, {"X-CSRF-Token": cookies["csrf_token"]}, cookies=cookies).status_code == 200


def test_a_package_is_uploaded_installed_and_its_task_forgotten(package):
    with ScriptedDify() as dify:
        plugin = "/workspaces/current/plugin"
        garbage = ask(dify, "POST", f"{plugin}/upload/pkg", files={"pkg": b"no zip"})
        uploaded = ask(dify, "POST", f"{plugin}/upload/pkg", files={"pkg": package.read_bytes()}).json()
        ids = {"plugin_unique_identifiers": [uploaded["unique_identifier"]]}
        task = ask(dify, "POST", f"{plugin}/install/pkg", json=ids)
        polls = [ask(dify, "GET", f"{plugin}/tasks/{task.json()['task_id']}") for _ in range(4)]
        again = ask(dify, "POST", f"{plugin}/install/pkg", json=ids)

    check(garbage, "10b_plugin_upload_garbage")
    assert re.fullmatch(r"localmodels/local_models:[\d.]+@[0-9a-f]{64}", uploaded["unique_identifier"])
    check(task, "11_plugin_install_pkg")
    check(polls[2], "12_plugin_task_poll")
    check(polls[3], "12c_plugin_task_unknown")
    assert [each.json()["task"]["status"] for each in polls[:3]] == ["pending", "running", "success"]
    check(again, "13_plugin_install_again")
    assert again.json() == recorded("13_plugin_install_again")["body"]


def test_another_version_changes_nothing_with_the_newer_daemon_and_makes_a_task_with_the_older(dify, tmp_path):
    newer = our_package(tmp_path / "newer.difypkg", "9.9.9").read_bytes()
    for is_newer in (True, False):
        dify.plugins.is_newer = is_newer
        plugin = "/workspaces/current/plugin"
        name = ask(dify, "POST", f"{plugin}/upload/pkg", files={"pkg": newer}).json()["unique_identifier"]
        answer = ask(dify, "POST", f"{plugin}/install/pkg", json={"plugin_unique_identifiers": [name]})

        check(answer, "28b_upgrade_install_while_old_present")
        assert answer.json()["all_installed"] is is_newer


def test_a_credential_is_added_read_changed_and_deleted(dify):
    check(ask(dify, "POST", f"{MODELS}/credentials", json=SAVED), "17_model_credential_create")
    check(read := ask(dify, "GET", f"{MODELS}/credentials", params=MODEL), "18_model_credential_get")
    credential = read.json()["current_credential_id"]
    changed = {**SAVED, "credential_id": credential, "credentials": {"base_url": "http://b:2"}}
    check(ask(dify, "PUT", f"{MODELS}/credentials", json=changed), "93_credential_update_hidden_secret")
    check(ask(dify, "GET", MODELS), "19_models_by_provider")
    deleted = {**MODEL, "credential_id": credential}
    check(ask(dify, "DELETE", f"{MODELS}/credentials", json=deleted), "96_credential_delete_a")
    check(ask(dify, "DELETE", f"{MODELS}/credentials", json=deleted), "96c_credential_delete_unknown")

    assert dify.state.names() == {}


def test_it_refuses_a_long_name_a_name_that_is_there_and_a_missing_field_with_dify_s_words(dify):
    ask(dify, "POST", f"{MODELS}/credentials", json=SAVED)
    same = ask(dify, "POST", f"{MODELS}/credentials", json=SAVED)
    long = ask(dify, "POST", f"{MODELS}/credentials", json={**SAVED, "name": "n" * 31})
    missing = ask(dify, "POST", f"{MODELS}/credentials", json={**SAVED, "name": "x", "credentials": {}})
    number = ask(dify, "POST", f"{MODELS}/credentials", json={**SAVED, "name": "x", "credentials": {"base_url": 1}})

    assert words(same) == recorded("17b_model_credential_create_same_name")["body"]["message"]
    assert words(long) == recorded("17e_model_credential_long_name")["body"]["message"]
    assert words(missing) == recorded("17d_model_credential_missing_field")["body"]["message"].replace(
        "endpoint_url", "base_url"
    )
    assert words(number) == "Variable base_url should be string"


def test_the_list_of_providers_holds_the_whole_state(dify):
    for name in ("one", "two"):
        ask(dify, "POST", f"{MODELS}/credentials", json={**SAVED, "name": name})
    ask(dify, "DELETE", MODELS, json=MODEL)

    answer = ask(dify, "GET", "/workspaces/current/model-providers")

    assert list(differences(answer.json()["data"], recorded("95b_model_providers_after_remove")["body"]["data"])) == []
    [model] = answer.json()["data"][0]["custom_configuration"]["custom_models"]
    assert model["unadded_to_model_list"]
    assert [each["credential_name"] for each in model["available_model_credentials"]] == ["two", "one"]


def test_asked_for_a_default_it_chooses_one(dify):
    default = "/workspaces/current/default-model"
    before = ask(dify, "GET", default, params={"model_type": "llm"})
    ask(dify, "POST", f"{MODELS}/credentials", json=SAVED)

    check(ask(dify, "GET", default, params={"model_type": "llm"}), "22_default_model_get_none")
    assert before.json() == {"data": None}
    setting = {"model_settings": [{**MODEL, "provider": PROVIDER}]}
    check(ask(dify, "POST", default, json=setting), "22b_default_model_set")


def test_uninstalling_loses_the_provider_s_form_and_keeps_the_models(dify, package):
    forms, key = MODELS.removesuffix("/models") + "/credentials", "k-1234567890"
    form = {"name": "main", "credentials": {"base_url": "http://a:1", "api_key": key}}
    check(ask(dify, "POST", forms, json=form), "27b_provider_credential_create")
    ask(dify, "POST", f"{MODELS}/credentials", json=SAVED)
    [installation] = dify.plugins.installed
    gone = ask(dify, "POST", "/workspaces/current/plugin/uninstall", json={"plugin_installation_id": installation})
    dify.with_plugin(package)

    check(gone, "28c_upgrade_uninstall_old")
    shown = ask(dify, "GET", forms)
    assert (
        shown.json()["credentials"]["api_key"]
        == recorded("27c_provider_credential_get")["body"]["credentials"]["api_key"]
    )
    [provider] = ask(dify, "GET", "/workspaces/current/model-providers").json()["data"]
    assert provider["custom_configuration"]["available_credentials"] == []
    assert [each["model"] for each in provider["custom_configuration"]["custom_models"]] == ["fake-chat"]


def test_an_unknown_provider_has_no_models_and_no_form(dify):
    nobody = "/workspaces/current/model-providers/nobody/nothing/nothing"

    assert ask(dify, "GET", f"{nobody}/models").json() == {"data": []}
    assert words(ask(dify, "POST", f"{nobody}/credentials", json={"credentials": {}})) == (
        "Provider nobody/nothing/nothing does not exist."
    )
