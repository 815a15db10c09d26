"""What the service says of its apps and of itself."""

import json
from pathlib import Path

import httpx

from tests.local_dify.test_like_dify import shape

RECORDINGS = Path(__file__).parents[1] / "recordings/dify"
STAND_IN = "test stand-in, not Dify"


def body(name: str) -> dict:
    return json.loads((RECORDINGS / f"{name}.json").read_text())["response"]["body"]


def test_the_input_form_is_the_start_nodes(dify):
    told = dify.get("bare", "/v1/parameters").json()

    recorded = body("80_parameters")
    assert list(told) == list(recorded)
    names = [(kind, field["variable"]) for form in told["user_input_form"] for kind, field in form.items()]
    assert names == [("text-input", "question"), ("number", "size")]


def test_a_chatflow_without_variables_has_an_empty_form(dify):
    assert (
        dify.get("chat", "/v1/parameters").json()["user_input_form"] == body("80b_parameters_chat")["user_input_form"]
    )


def test_info_names_the_mode_by_which_a_caller_chooses_the_route(dify):
    told = dify.get("chat", "/v1/info").json()

    assert [*shape(told)] == [*shape(body("81_info"))]
    assert (told["name"], told["mode"], told["author_name"]) == ("chat", "advanced-chat", STAND_IN)


def test_every_answer_says_that_this_is_not_dify(dify):
    answers = [
        httpx.get(dify.url, trust_env=False),
        httpx.get(f"{dify.url}/nowhere", trust_env=False),
        httpx.post(f"{dify.url}/v1/workflows/run", trust_env=False),
        dify.get("bare", "/v1/info"),
        dify.post(
            "bare", "/v1/workflows/run", {"inputs": {"question": "x"}, "user": "u", "response_mode": "streaming"}
        ),
    ]

    assert [answer.status_code for answer in answers] == [200, 404, 401, 200, 200]
    assert {answer.headers["X-Local-Dify"] for answer in answers} == {STAND_IN}


def test_the_front_page_says_it_and_names_the_apps(dify):
    page = httpx.get(dify.url, trust_env=False).text

    assert f"This is a {STAND_IN}." in page
    assert all(f"<code>{key}</code>" in page for key in dify.keys.values())


def test_an_uploaded_file_is_described(dify):
    answer = httpx.post(
        f"{dify.url}/v1/files/upload", files={"file": ("a.txt", b"hello", "text/plain")}, data={"user": "u-1"},
        headers=dify.headers("bare"), trust_env=False,
    )  # fmt: skip

    recorded = body("84_files_upload")
    told = answer.json()
    assert (answer.status_code, [*shape(told)]) == (201, [*shape(recorded)])
    kept = ("name", "size", "extension", "mime_type")
    assert {name: told[name] for name in kept} == {name: recorded[name] for name in kept}


def test_an_upload_without_a_file_is_refused(dify):
    answer = httpx.post(
        f"{dify.url}/v1/files/upload", files={"other": b"x"}, headers=dify.headers("bare"), trust_env=False
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "no_file_uploaded")
