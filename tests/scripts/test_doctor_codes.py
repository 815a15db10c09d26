"""The doctor and the plugin look at the same networks: they come to the same cause, and tell the same commands."""

import re

import pytest

from provider.core.reachability import diagnose
from provider.core.reachability.codes import BY_CODE
from provider.core.reachability.codes import words as words_of_the_plugin
from provider.core.reachability.line import Page
from provider.core.reachability.network import Names
from scripts.doctoring.main import ORDER
from scripts.doctoring.words import ROWS, words
from tests.core.fake_network import (
    ALIVE,
    BRIDGE,
    BY_NAME,
    GATEWAY,
    HOST_NAME,
    LAN,
    NO_PAGE,
    TALKS,
    TO_HOST,
    FakeNetwork,
    FakeServer,
    everywhere,
)
from tests.core.test_reachability import (
    test_an_answer_has_its_cause_too as answers,
)
from tests.core.test_reachability import (
    test_each_failure_signature_has_its_cause as signatures,
)
from tests.scripts.doctor_machines import ROOT, examined, found

KINDS = ("auto", "ollama", "llamacpp", "lmstudio", "openai")
BLANKS = {
    "url": "URL",
    "host": "HOST",
    "ip": "IP",
    "port": "5000",
    "source": "NET",
    "family": "FAMILY",
    "detail": "WHAT",
}
# About the form's field Proxy, which the doctor does not see; it tells of the environment's proxies.
OF_THE_FORM = {"PROXY_DOWN", "PROXY_REFUSES", "PROXY_UNSUPPORTED", "PROXY_IN_THE_WAY"}


def cases(test):
    return next(mark for mark in test.pytestmark if mark.name == "parametrize").args[1]


@pytest.mark.parametrize(("url", "network", "code"), cases(signatures))
def test_each_failure_signature_has_the_cause_that_the_plugin_finds(url, network, code):
    assert (examined(network, url)["code"], diagnose(url, network=network).code) == (code, code)


@pytest.mark.parametrize(("page", "kind", "code"), cases(answers))
def test_each_answer_has_the_cause_that_the_plugin_finds(page, kind, code):
    network = FakeNetwork(
        there={(LAN, 11434): FakeServer({"*": page, "/api/extra": NO_PAGE})}, names={"h.lan": Names((LAN,))}
    )

    report = examined(network, "http://h.lan:11434", f"--server={kind}")

    # With a server that is ready the doctor goes on, and these answer no question about models.
    assert report["code"] == (code if code != "READY" else "NO_MODELS")


@pytest.mark.parametrize(
    ("url", "network"),
    [
        (f"http://{LAN}:1", FakeNetwork(there={(LAN, 11434): TALKS}, names=BY_NAME)),
        ("http://172.18.0.1:11434", FakeNetwork(there={(BRIDGE, 11434): TALKS}, names=BY_NAME)),
        ("http://nowhere:11434", FakeNetwork(there={("127.0.0.1", 11434): TALKS}, names=BY_NAME)),
        ("http://localhost:11434", FakeNetwork(there={(BRIDGE, 11434): TALKS}, names=BY_NAME)),
        ("http://localhost:11434", FakeNetwork(names=BY_NAME)),
        ("http://localhost:11434", FakeNetwork(names={HOST_NAME: Names(("192.168.65.254",))})),
        ("http://localhost:11434", FakeNetwork(there=everywhere("timed out", 3), names=BY_NAME, arp=ALIVE)),
        (TO_HOST, FakeNetwork(there={(GATEWAY, 8080): TALKS})),
    ],
)
def test_the_fix_is_the_plugin_s_remedy(url, network):
    report, diagnosis = examined(network, url), diagnose(url, network=network)

    (fault,) = [one for one in report["findings"] if one["status"] == "fail"]
    assert (fault["code"], fault["fix"]) == (diagnosis.code, diagnosis.remedy)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("code", sorted(set(BY_CODE) - OF_THE_FORM - {"READY"}))
def test_every_command_of_the_plugin_s_remedy_is_in_the_doctor_s_fix(code, kind):
    plugin = words_of_the_plugin(code, kind, {**BLANKS, "server": "KIND"})[1]

    doctor = words(code, kind, BLANKS)[1]

    assert set(re.findall("`([^`]+)`", plugin)) <= set(re.findall("`([^`]+)`", doctor))


@pytest.mark.parametrize("code", [code for code, row in ROWS.items() if row[0] != "-"])
@pytest.mark.parametrize("kind", KINDS)
def test_all_words_can_be_filled_in_and_nothing_is_left_blank(code, kind):
    for text in words(code, kind, BLANKS):
        assert text
        assert not re.search(r"\{\{|\{(" + "|".join(BLANKS) + r")\}|=>|\b(START|LISTEN|LOG|OVERRIDE|USE_IP)\b", text)


def test_a_server_that_locks_only_its_models_wants_a_key():
    pages = {"/v1/models": Page(401, body=b'{"error":"Unauthorized"}')}
    network = FakeNetwork(there={(LAN, 8000): FakeServer(pages)})

    assert examined(network, f"http://{LAN}:8000")["code"] == "AUTH"


def test_what_is_behind_the_cause_is_skipped_and_says_so():
    report = examined(FakeNetwork(), TO_HOST)

    assert [(one["check"], one["detail"]) for one in report["findings"] if one["detail"].startswith("behind")] == [
        (check, "behind REFUSED") for check in ("listener", "tls", "host-header", "server", "models", "token")
    ]
    assert (found(report, "dns")["status"], found(report, "connection")["status"]) == ("pass", "fail")


def test_the_codes_that_only_the_doctor_has_are_documented():
    document = (ROOT / "docs" / "doctor.md").read_text(encoding="utf-8")
    own = {code for code, row in ROWS.items() if row[0] != "-"} - set(BY_CODE) | {"PROXY_IN_THE_WAY", "NONE_ANSWERS"}

    assert set(re.findall(r"^\| `([A-Z_]+)` ", document, re.MULTILINE)) == own
    assert set(re.findall(r"^\| ([a-z-]+) \|", document, re.MULTILINE)) == set(ORDER)
