"""Signing in to Dify: every way in, every refusal in words, tokens that run out in mid-run, secrets that stay secret."""

import os
import pty
import select
import subprocess
import time

import pytest

from scripts.dify import patience
from scripts.dify.address import root_of
from scripts.dify.errors import LockedOut, NotReachable, Refused, SignInFailed
from scripts.dify.patience import patiently
from scripts.dify.session import DifySession, SignIn
from tests.scripts.kit_runs import command, run_here
from tests.servers import Response, ScriptedServer
from tests.servers.dify import ADMIN_KEY, BAD_GATEWAY, EMAIL, PASSWORD, WORKSPACE, ScriptedDify

BY_EMAIL = SignIn(email=EMAIL, password=PASSWORD)
WRONG = SignIn(email=EMAIL, password="wrong")
BY_KEY = SignIn(ADMIN_KEY, WORKSPACE)
LIST = "/workspaces/current/model-providers"
SYNC = ("sync", "http://127.0.0.1:9", "--dry-run")  # it fails at the server that is not there, after its options


@pytest.fixture
def dify():
    with ScriptedDify() as server:
        yield server


@pytest.mark.parametrize("sign_in", [BY_EMAIL, BY_KEY], ids=["e-mail", "admin key"])
def test_one_call_signs_in_and_learns_the_version(dify, sign_in):
    session = DifySession(dify.url, sign_in)

    assert session.get(LIST) == {"data": []}
    assert session.version == "1.12.1"


def test_tokens_that_run_out_in_mid_run_are_renewed_without_the_password(dify):
    dify.sessions.calls_per_token = 2
    session = DifySession(dify.url, BY_EMAIL)

    answers = [session.get(LIST) for _ in range(7)]

    assert answers == [{"data": []}] * 7
    assert (dify.count("POST /login"), dify.count("POST /refresh-token")) == (1, 3)


def test_when_the_refresh_token_is_dead_too_it_signs_in_again(dify):
    session = DifySession(dify.url, BY_EMAIL)
    session.get(LIST)
    dify.sessions.forget()

    assert session.get(LIST) == {"data": []}
    assert dify.count("POST /login") == 2


def test_an_upload_that_meets_an_expired_token_is_sent_again_as_a_whole(dify):
    dify.sessions.calls_per_token = 1
    session = DifySession(dify.url, BY_EMAIL)
    session.get(LIST)

    with pytest.raises(Refused, match="not a zip"):
        session.call("POST", "/workspaces/current/plugin/upload/pkg", files={"pkg": ("a.difypkg", b"content")})

    first, second = [request.body for request in dify.requests if request.path.endswith("/upload/pkg")]
    assert b"content" in first
    assert b"content" in second


@pytest.mark.parametrize(("takes", "version"), [("plain", "1.11.1"), ("bearer", "1.9.1")])
def test_versions_before_base64_and_before_cookies_are_signed_in_to_as_well(dify, takes, version):
    dify.sessions.takes, dify.version = takes, version
    session = DifySession(dify.url, BY_EMAIL)

    assert session.get(LIST) == {"data": []}


def test_a_wrong_password_costs_one_of_the_five_tries(dify):
    with pytest.raises(SignInFailed, match="Invalid email or password") as error:
        DifySession(dify.url, WRONG).get(LIST)

    assert dify.count("POST /login") == 1
    assert "lock the account" in error.value.fix


def test_a_locked_account_is_not_tried_again(dify):
    dify.sessions.wrong = 5

    with pytest.raises(LockedOut, match=r"has locked admin@example\.com") as error:
        patiently(lambda: DifySession(dify.url, BY_EMAIL).get(LIST))

    assert dify.count("POST /login") == 1
    assert "24 hours" in error.value.fix


@pytest.mark.parametrize("sign_in", [SignIn("wrong", WORKSPACE), SignIn(ADMIN_KEY, "another")])
def test_a_wrong_key_or_workspace_names_what_to_check(dify, sign_in):
    with pytest.raises(SignInFailed, match=r"Invalid token\.") as error:
        DifySession(dify.url, sign_in).get(LIST)

    assert "ADMIN_API_KEY_ENABLE" in error.value.fix


def test_a_dify_that_was_never_set_up_is_told_as_that(dify):
    dify.sessions.is_set_up = False

    with pytest.raises(SignInFailed, match="not been initialized") as error:
        DifySession(dify.url, BY_EMAIL).get(LIST)

    assert "create the admin account" in error.value.fix


MOVED = Response(301, headers={"Location": "https://dify.example.com/console/api/login"})
PAGE = Response.of_text("<html>a shop</html>", 200, "text/html")


@pytest.mark.parametrize(
    ("answer", "words", "fix"),
    [
        (MOVED, "redirects to https://dify.example.com", "--dify https://dify.example.com"),
        (PAGE, "not like Dify", "address at which Dify's pages open"),
        (Response.of_text("nothing here", 404), "HTTP 404", "address at which Dify's pages open"),
        (BAD_GATEWAY, "Dify's api behind it is not", "docker compose ps"),
    ],
    ids=["redirect", "a page", "not found", "bad gateway"],
)
def test_what_is_no_dify_is_told_with_a_remedy(answer, words, fix):
    with ScriptedServer(answer) as server, pytest.raises(NotReachable, match=words) as error:
        DifySession(server.url, BY_KEY).get(LIST)

    assert fix in error.value.fix


def test_nothing_at_the_address_is_told_with_the_reason():
    with pytest.raises(NotReachable, match=r"does not answer at http://127\.0\.0\.1:9 \(Connection refused\)"):
        DifySession("http://127.0.0.1:9", BY_KEY).get(LIST)


def test_what_passes_by_itself_is_tried_again(dify, monkeypatch):
    monkeypatch.setattr(patience, "PAUSES", (0.0, 0.0))
    session = DifySession(dify.url, BY_KEY)
    dify.broken = [1, 2]

    assert patiently(lambda: session.get(LIST)) == {"data": []}
    assert dify.count(f"GET {LIST}") == 3


@pytest.mark.parametrize(
    ("typed", "root"),
    [
        ("", "http://localhost"),
        ("localhost", "http://localhost"),
        ("127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("http://localhost/apps", "http://localhost"),
        ("http://localhost/signin?redirect=x", "http://localhost"),
        ("https://dify.example.com/console/api", "https://dify.example.com"),
        ("https://example.com/dify/console/api/", "https://example.com/dify"),
        ("http://localhost/v1", "http://localhost"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("HTTP://Localhost", "http://localhost"),
    ],
)
def test_the_address_may_be_pasted_from_the_browser(typed, root):
    assert root_of(typed) == root


@pytest.mark.parametrize("typed", ["ftp://localhost", "http://", "http://me:secret@localhost", "http://a b", "x:port"])
def test_what_is_no_address_is_a_usage_error_and_not_repeated(typed):
    ran = run_here(*SYNC, "--dify", typed, DIFY_EMAIL=EMAIL, DIFY_PASSWORD="p")

    assert ran.returncode == 2
    assert "Dify's address" in ran.stderr
    assert "secret" not in ran.stderr


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({}, "no way to sign in"),
        ({"DIFY_EMAIL": EMAIL}, "password of admin@example.com in Dify is missing"),
        ({"DIFY_ADMIN_API_KEY": "k"}, "the id of a workspace"),
        ({"DIFY_EMAIL": EMAIL, "DIFY_PASSWORD_FILE": "/nowhere/at-all"}, "DIFY_PASSWORD_FILE cannot be read"),
    ],
)
def test_a_sign_in_that_is_not_complete_is_a_usage_error_with_what_is_missing(environment, words):
    ran = run_here(*SYNC, **environment)

    assert ran.returncode == 2
    assert words in ran.stderr
    assert "Traceback" not in ran.stderr


def test_the_password_may_come_from_a_file(dify, tmp_path):
    (file := tmp_path / "password").write_text(f"{PASSWORD}\n")

    ran = run_here("install", "--package", "/nowhere.difypkg", DIFY_EMAIL=EMAIL, DIFY_PASSWORD_FILE=str(file))

    assert "there is no file /nowhere.difypkg" in ran.stderr


def test_on_a_terminal_the_password_is_asked_for_and_not_shown(dify):
    ours, theirs = pty.openpty()
    started = command("sync", "http://127.0.0.1:9", "--dify", dify.url, DIFY_EMAIL=EMAIL)
    ends = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
    process = subprocess.Popen(**started, **ends, start_new_session=True)
    os.close(theirs)
    asked = read_until(ours, "Password of admin@example.com in Dify: ")
    os.write(ours, f"{PASSWORD}\n".encode())
    rest = read_until(ours, "no server listens")
    process.wait(10)
    os.close(ours)

    assert asked.endswith("in Dify: ")
    assert PASSWORD not in asked + rest
    assert process.returncode == 1


def test_no_secret_is_in_the_arguments_or_the_output_of_a_run_that_fails(dify):
    key = "sk-a-key-of-the-servers"
    environment = {"DIFY_EMAIL": EMAIL, "DIFY_PASSWORD": "a-wrong-password", "LOCAL_MODELS_API_KEY": key}
    with ScriptedServer(Response.of_json({"version": "0.33.0"})) as server:
        ran = run_here("sync", server.url, "--dify", dify.url, "--json", **environment)

    assert ran.returncode == 1
    assert "a-wrong-password" not in ran.stdout + ran.stderr
    assert key not in ran.stdout + ran.stderr


def read_until(terminal, words, seconds=10):
    text, deadline = "", time.monotonic() + seconds
    while words not in text and time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                text += os.read(terminal, 4096).decode()
            except OSError:
                break
    return text
