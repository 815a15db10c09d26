"""Each failure that was measured on real networks has its own cause."""

import pytest

from provider.core.reachability import REAL_NETWORK, diagnose
from provider.core.reachability.line import Page, Trouble
from provider.core.reachability.network import Names
from tests.core.fake_network import (
    ALIVE,
    BRIDGE,
    BY_NAME,
    HOST_NAME,
    LAN,
    OLLAMA,
    TALKS,
    TO_HOST,
    FakeNetwork,
    FakeServer,
    everywhere,
    troubled,
)


@pytest.mark.parametrize(
    ("url", "network", "code"),
    [
        # nothing listens
        (TO_HOST, FakeNetwork(), "REFUSED"),
        ("http://host.docker.internal:11434", FakeNetwork(names=BY_NAME), "REFUSED"),
        (f"http://{HOST_NAME}:11434", FakeNetwork(names={HOST_NAME: Names(("192.168.65.254",))}), "NOT_RUNNING"),
        ("http://127.0.0.1:11434", FakeNetwork(container=False), "NOT_RUNNING"),
        ("http://127.0.0.1:11434", FakeNetwork(), "LOCALHOST_IN_CONTAINER"),
        (
            "http://localhost:8080",
            FakeNetwork(),
            "LOCALHOST_IN_CONTAINER",
        ),
        (TO_HOST, FakeNetwork(own=(BRIDGE,)), "OWN_ADDRESS"),
        # packets do not come through
        (TO_HOST, FakeNetwork(there=everywhere("timed out", 3.5), arp=ALIVE), "FIREWALL_DROP"),
        (f"http://{LAN}:11434", FakeNetwork(there=everywhere("timed out", 3.5), arp={LAN: True}), "FIREWALL_DROP"),
        (f"http://{LAN}:11434", FakeNetwork(there=everywhere("timed out", 1.0), arp={LAN: False}), "NO_SUCH_HOST"),
        (TO_HOST, FakeNetwork(there=everywhere("timed out", 3.5)), "NO_REPLY"),
        ("http://8.8.8.8:80", FakeNetwork(there={("8.8.8.8", 80): ("timed out", 3.5)}, arp=ALIVE), "NO_REPLY"),
        (TO_HOST, FakeNetwork(there=everywhere("host unreachable", 0.004), arp=ALIVE), "FIREWALL_REJECT"),
        (TO_HOST, FakeNetwork(there=everywhere("host unreachable", 1.03), arp=ALIVE), "FIREWALL_REJECT"),
        (TO_HOST, FakeNetwork(there=everywhere("host unreachable", 3.06), arp=ALIVE), "NO_SUCH_HOST"),
        (
            f"http://{LAN}:11434",
            FakeNetwork(there=everywhere("host unreachable", 0.1), arp={LAN: False}),
            "NO_SUCH_HOST",
        ),
        (TO_HOST, FakeNetwork(there=everywhere("net unreachable", 0.001), gateway=""), "NO_ROUTE"),
        (
            TO_HOST,
            FakeNetwork(there=everywhere("net unreachable", 0.001), gateway="", container=False),
            "NOT_CONNECTED",
        ),
        ("http://[fd00::1]:1", FakeNetwork(there={("fd00::1", 1): ("net unreachable", 0.0)}), "NO_IPV6"),
        ("http://127.0.0.1:1", FakeNetwork(there={("127.0.0.1", 1): ("timed out", 3.5)}, container=False), "HANGS"),
        # names
        ("http://gpu.lan:11434", FakeNetwork(), "DNS_UNKNOWN"),
        ("http://gpu:11434", FakeNetwork(container=False), "DNS_UNKNOWN"),
        ("http://ollama:11434", FakeNetwork(), "SERVICE_NAME_UNKNOWN"),
        (f"http://{HOST_NAME}:11434", FakeNetwork(), "HOST_NAME_MISSING"),
        ("http://gpu.lan:1", FakeNetwork(names={"gpu.lan": Names(outcome="no name server")}), "DNS_BROKEN"),
        ("http://gpu.lan:1", FakeNetwork(names={"gpu.lan": Names(outcome="slow name server")}), "DNS_SLOW"),
        # it takes the call
        (TO_HOST, FakeNetwork(there={(BRIDGE, 11434): troubled("closed")}), "FORWARDER_UPSTREAM_DOWN"),
        (TO_HOST, FakeNetwork(there={(BRIDGE, 11434): troubled("reset")}), "CONNECTION_RESET"),
        (TO_HOST, FakeNetwork(there={(BRIDGE, 11434): troubled("silent", tls=Trouble("silent"))}), "HANGS"),
        (TO_HOST, FakeNetwork(there={(BRIDGE, 11434): troubled("not http", "SSH-2.0-OpenSSH")}), "NOT_HTTP"),
        # TLS
        ("https://h.lan", FakeNetwork(there={(LAN, 443): TALKS}, names={"h.lan": Names((LAN,))}), "TLS_MISMATCH"),
        (
            TO_HOST,
            FakeNetwork(there={(BRIDGE, 11434): troubled("closed", tls=Trouble("tls untrusted"))}),
            "TLS_MISMATCH",
        ),
        *(
            (f"https://{LAN}:1", FakeNetwork(there={(LAN, 1): FakeServer({}, Trouble(outcome))}), code)
            for outcome, code in [
                ("tls untrusted", "TLS_UNTRUSTED"),
                ("tls wrong name", "TLS_WRONG_NAME"),
                ("tls expired", "TLS_EXPIRED"),
                ("tls failed", "TLS_FAILED"),
            ]
        ),
    ],
)
def test_each_failure_signature_has_its_cause(url, network, code):
    assert diagnose(url, network=network).code == code


NGINX_400 = b"<html><title>400 The plain HTTP request was sent to HTTPS port</title></html>"
GO_400 = b"Client sent an HTTP request to an HTTPS server.\n"


@pytest.mark.parametrize(
    ("page", "kind", "code"),
    [
        (OLLAMA["/api/version"], "auto", "READY"),
        (OLLAMA["/api/version"], "openai", "READY"),
        (OLLAMA["/api/version"], "llamacpp", "WRONG_KIND"),
        (Page(503, {"server": "llama.cpp"}, b'{"error":{"message":"Loading model"}}'), "llamacpp", "LOADING"),
        (Page(401, {"server": "llama.cpp"}, b'{"error":{"message":"Invalid API Key"}}'), "llamacpp", "AUTH"),
        (Page(403, body=b"Forbidden"), "auto", "AUTH"),
        (Page(403), "ollama", "OLLAMA_HOST_CHECK"),
        (Page(502, {"server": "nginx"}), "auto", "GATEWAY_UPSTREAM_DOWN"),
        (Page(200, body=b"<html>"), "auto", "WRONG_SERVICE"),
        (Page(200, {"server": "KoboldCpp"}, b'{"version":"0.7.0"}'), "ollama", "WRONG_KIND"),
        (Page(400, body=NGINX_400), "auto", "TLS_MISMATCH"),
        (Page(400, body=GO_400), "auto", "TLS_MISMATCH"),
        (Page(301, {"location": "https://h.lan/api/version"}), "auto", "MOVED"),
        (Page(302, {"location": "https://login.lan/?next=/api/version"}), "auto", "WRONG_SERVICE"),
    ],
)
def test_an_answer_has_its_cause_too(page, kind, code):
    network = FakeNetwork(there={(LAN, 11434): FakeServer({"*": page})}, names={"h.lan": Names((LAN,))})

    assert diagnose("http://h.lan:11434", kind, network=network).code == code


@pytest.mark.parametrize("host", [LAN, HOST_NAME, "ollama.local"])
def test_ollama_trusts_some_names_so_an_empty_403_to_them_is_about_a_key(host):
    network = FakeNetwork(there={(LAN, 1): FakeServer({"*": Page(403)})}, names={host: Names((LAN,))})

    assert diagnose(f"http://{host}:1", network=network).code == "AUTH"


@pytest.mark.parametrize(
    ("ip", "source"),
    [
        (BRIDGE, "172.16.0.0/12"),
        (LAN, "192.168.0.0/16"),
        ("10.1.2.3", "10.0.0.0/8"),
        ("100.64.0.9", "100.64.0.0/10"),
        ("fd00::1", "fc00::/7"),
    ],
)
def test_a_firewall_is_opened_only_to_the_block_that_both_sides_live_in(ip, source):
    url = f"http://[{ip}]:8080" if ":" in ip else f"http://{ip}:8080"
    network = FakeNetwork(there={(ip, 8080): ("timed out", 3.5)}, arp={ip: True})

    remedy = diagnose(url, network=network).remedy

    assert remedy == f"On the machine that runs the server: `sudo ufw allow from {source} to any port 8080 proto tcp`"


@pytest.mark.parametrize(
    ("url", "pages", "remedy"),
    [
        ("https://192.168.1.5:8443/llm", OLLAMA, "http://192.168.1.5:8443/llm"),
        ("http://192.168.1.5:8443", {"*": Page(400, body=GO_400)}, "https://192.168.1.5:8443"),
    ],
)
def test_the_remedy_for_the_wrong_scheme_is_the_whole_other_address(url, pages, remedy):
    network = FakeNetwork(there={(LAN, 8443): FakeServer(pages)})

    assert diagnose(url, network=network).remedy == f"Use {remedy} as the server address."


def test_only_the_typed_address_is_touched_where_no_other_may_be():
    network = FakeNetwork({(BRIDGE, 11434): TALKS}, BY_NAME, looks_around=False)

    diagnosis = diagnose(f"http://{LAN}:11434", network=network)

    assert {ip for ip, _ in network.called} == {LAN}
    assert diagnosis.answered == ()


@pytest.mark.parametrize(("value", "allowed"), [("no", False), ("0", False), ("yes", True), ("", True)])
def test_the_environment_says_whether_to_look_around(value, allowed, monkeypatch):
    monkeypatch.setenv("LOCAL_MODELS_LOOK_AROUND", value)

    assert REAL_NETWORK.may_look_around() is allowed
