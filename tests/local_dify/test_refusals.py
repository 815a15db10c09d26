"""Bad requests get the status, code and text that Dify 1.12.1 gave to the same ones."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

RECORDINGS = Path(__file__).parents[1] / "recordings/dify"
REFUSALS = {
    "71_err_wrong_mode_chat_on_workflow": "bare",
    "71b_err_wrong_mode_workflow_on_chat": "chat",
    "71c_err_completion_on_workflow": "bare",
    "72_err_missing_user": "bare",
    "72b_err_missing_inputs": "bare",
    "72c_err_required_input": "bare",
    "72d_err_too_long_input": "bare",
    "72e_err_wrong_type": "bare",
    "72f_err_bad_response_mode": "bare",
    "73_err_unknown_conversation": "chat",
    "73b_err_bad_conversation_uuid": "chat",
    "73c_err_missing_query": "chat",
    "76b_err_unknown_workflow_id": "bare",
}
VERSION = re.compile(r"/\d+\.\d+/v/")  # of pydantic, in its links
HINT = re.compile(r" You have requested this URI .*")  # Flask's guess at what was meant


def recorded(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    exchange = json.loads((RECORDINGS / f"{name}.json").read_text())
    return exchange["request"], exchange["response"]


def same(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "message": HINT.sub("", VERSION.sub("/v/", body["message"]))}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_bad_request_is_refused_in_difys_words(dify, name):
    request, response = recorded(name)

    answer = dify.post(REFUSALS[name], request["path"], request["body"])

    assert (answer.status_code, same(answer.json())) == (response["status"], same(response["body"]))


@pytest.mark.parametrize(
    ("name", "headers"),
    [
        ("70_err_no_auth", {}),
        ("70b_err_bad_scheme", {"Authorization": "Basic app-x"}),
        ("70c_err_bad_key", {"Authorization": "Bearer app-nobodys"}),
    ],
)
def test_a_caller_without_a_good_key_is_told_what_is_wrong_with_it(dify, name, headers):
    request, response = recorded(name)

    answer = httpx.post(dify.url + request["path"], json=request["body"], headers=headers, trust_env=False)

    assert (answer.status_code, answer.json()) == (response["status"], response["body"])


def test_a_body_that_is_no_json_is_a_bad_request(dify):
    _, response = recorded("72g_err_not_json")

    answer = httpx.post(f"{dify.url}/v1/workflows/run", content=b"{", headers=dify.headers("bare"), trust_env=False)

    assert (answer.status_code, answer.json()) == (response["status"], response["body"])


def test_a_path_that_is_no_route_gets_difys_page(dify):
    request, response = recorded("74_err_unknown_route")

    answer = dify.post("bare", request["path"], {})

    assert (answer.status_code, answer.text) == (response["status"], response["body"])


def test_a_failed_chatflow_is_a_bad_request_for_who_wants_it_whole(dify):
    _, response = recorded("62b_chat_model_500_blocking")

    answer = dify.whole("chat", "chat", query="explode")

    assert answer.status_code == response["status"] == 400
    assert answer.json()["code"] == response["body"]["code"] == "invalid_param"
    assert answer.json()["message"].startswith("Run failed: ")


def test_a_run_with_files_is_refused_and_says_why(dify):
    file = {"type": "document", "transfer_method": "local_file", "upload_file_id": "x"}

    answer = dify.whole("bare", "workflow", inputs={"question": "x"}, files=[file])

    assert (answer.status_code, answer.json()["message"]) == (
        400,
        "the local Dify app does not hand files to a workflow",
    )
