"""A proxy between the plugin and the server."""

import pytest

from provider.core.reachability import diagnose
from provider.core.reachability.line import Page, Trouble
from tests.core.fake_network import BRIDGE, OLLAMA, TALKS, TO_HOST, FakeNetwork, FakeServer

PROXY = "http://me:secret@10.9.9.9:3128"
AT_PROXY = ("10.9.9.9", 3128)
THROUGH = f"{TO_HOST}/api/version"


@pytest.mark.parametrize(
    ("there", "proxy", "code"),
    [
        ({(BRIDGE, 11434): TALKS}, PROXY, "PROXY_IN_THE_WAY"),
        ({}, PROXY, "PROXY_DOWN"),
        ({}, "http://no-such-proxy:3128", "PROXY_DOWN"),
        ({}, "socks5://10.9.9.9:1080", "PROXY_UNSUPPORTED"),
        ({AT_PROXY: FakeServer({})}, "https://10.9.9.9:3128", "REFUSED"),
        ({AT_PROXY: FakeServer({"*": Page(403)})}, PROXY, "PROXY_REFUSES"),
        ({AT_PROXY: FakeServer({"*": Trouble("closed")})}, PROXY, "PROXY_REFUSES"),
        ({AT_PROXY: FakeServer({THROUGH: OLLAMA["/api/version"]})}, PROXY, "READY"),
        ({AT_PROXY: FakeServer({"*": Page(403)}), (BRIDGE, 11434): TALKS}, PROXY, "PROXY_IN_THE_WAY"),
    ],
)
def test_a_proxy_is_looked_at_when_there_is_one(there, proxy, code):
    diagnosis = diagnose(TO_HOST, proxy=proxy, network=FakeNetwork(there=there))

    assert diagnosis.code == code
    assert "secret" not in diagnosis.message


def test_what_squid_says_about_the_server_is_told():
    denied = Page(503, {"x-squid-error": "ERR_CONNECT_FAIL 111"})
    network = FakeNetwork(there={AT_PROXY: FakeServer({"*": denied})})

    cause = diagnose(TO_HOST, proxy=PROXY, network=network).cause

    assert cause == (
        "The proxy does not pass the request on to http://172.17.0.1:11434: it says HTTP 503 ERR_CONNECT_FAIL 111."
    )


def test_the_environment_s_proxy_counts_only_when_the_setting_says_so():
    network = FakeNetwork(there={(BRIDGE, 11434): TALKS}, proxy=PROXY)

    assert diagnose(TO_HOST, proxy="env", network=network).code == "PROXY_IN_THE_WAY"
    assert diagnose(TO_HOST, proxy="", network=network).code == "READY"
