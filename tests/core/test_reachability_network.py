"""What the real network is asked, read from files that stand in for /proc and /etc."""

import socket
from time import monotonic, sleep

import pytest

from provider.core.reachability import Network, diagnose
from provider.core.reachability.network import Call, Names
from provider.core.reachability.together import together

HOSTS = """\
127.0.0.1\tlocalhost
::1       localhost ip6-localhost   # both
172.17.0.1 Host.Docker.Internal
# 10.0.0.1 gone.lan

broken
"""
ROUTE = """\
Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT
eth0\t000012AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
eth0\t00000000\t010012AC\t0003\t0\t0\t0\t00000000\t0\t0\t0
"""
ARP = """\
IP address       HW type     Flags       HW address            Mask     Device
172.18.0.1       0x1         0x2         02:42:ac:12:00:01     *        eth0
172.18.0.9       0x1         0x0         00:00:00:00:00:00     *        eth0
"""
SOON = 0.2


def network(root, files=(), lookup=None):
    for path, text in dict(files).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return Network(root, lookup or (lambda name: ("10.9.8.7",)))


def failing(number):
    def lookup(name):
        raise socket.gaierror(number, "made up")

    return lookup


def test_the_hosts_file_is_asked_before_the_name_server(tmp_path):
    known = network(tmp_path, {"etc/hosts": HOSTS})

    assert [known.resolve(name, monotonic() + 1).ips for name in ("host.docker.internal", "localhost", "gone.lan")] == [
        ("172.17.0.1",),
        ("127.0.0.1", "::1"),
        ("10.9.8.7",),
    ]


def test_an_address_needs_no_name_server(tmp_path):
    silent = network(tmp_path, lookup=failing(socket.EAI_AGAIN))

    assert silent.resolve("fd00::1", monotonic() + 1) == Names(("fd00::1",))


def test_ipv4_comes_first(tmp_path):
    both = network(tmp_path, lookup=lambda name: ("fd00::1", "10.0.0.1"))

    assert both.resolve("gpu.lan", monotonic() + 1).ips == ("10.0.0.1", "fd00::1")


@pytest.mark.parametrize(
    ("number", "outcome"),
    [
        (socket.EAI_NONAME, "unknown name"),
        (socket.EAI_NODATA, "unknown name"),
        (socket.EAI_AGAIN, "no name server"),
        (socket.EAI_FAIL, "no name server"),
    ],
)
def test_each_refusal_of_a_name_server_is_told_apart(tmp_path, number, outcome):
    assert network(tmp_path, lookup=failing(number)).resolve("gpu.lan", monotonic() + 1) == Names(outcome=outcome)


def test_a_name_too_long_for_any_name_server_is_unknown(tmp_path):
    real = Network(tmp_path)

    assert real.resolve("a" * 70 + ".example", monotonic() + 1) == Names(outcome="unknown name")


def test_a_name_server_that_says_nothing_is_not_waited_for(tmp_path):
    began = monotonic()

    names = network(tmp_path, lookup=lambda name: sleep(3) or ()).resolve("gpu.lan", monotonic() + SOON)

    assert (names, monotonic() - began < 2) == (Names(outcome="slow name server"), True)


def test_a_whole_diagnosis_keeps_its_deadline_with_a_name_server_that_says_nothing(tmp_path):
    class Nowhere(Network):
        def connect(self, ip, port, until):
            sleep(3)
            return Call("timed out")

    began = monotonic()

    diagnosis = diagnose(
        "http://gpu.lan:11434", network=Nowhere(tmp_path, lambda name: sleep(3) or ()), deadline=3 * SOON
    )

    assert (diagnosis.code, monotonic() - began < 2) == ("DNS_SLOW", True)


def test_the_default_gateway_is_read_from_the_routes(tmp_path):
    assert network(tmp_path, {"proc/net/route": ROUTE}).default_gateway() == "172.18.0.1"


def test_an_internal_network_has_no_default_gateway(tmp_path):
    routes = "\n".join(ROUTE.splitlines()[:2])

    assert network(tmp_path, {"proc/net/route": routes}).default_gateway() == ""


def test_a_neighbour_is_alive_dead_or_never_met(tmp_path):
    met = network(tmp_path, {"proc/net/arp": ARP})

    assert [met.is_alive(ip) for ip in ("172.18.0.1", "172.18.0.9", "172.17.0.1")] == [True, False, None]


def test_without_proc_and_etc_nothing_is_known(tmp_path):
    bare = network(tmp_path)

    assert (bare.hosts_file(), bare.default_gateway(), bare.is_alive("10.0.0.1")) == ({}, "", None)


@pytest.mark.parametrize("mark", [".dockerenv", "run/.containerenv"])
def test_a_container_has_its_engine_s_mark(tmp_path, mark, monkeypatch):
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)

    assert not network(tmp_path).in_container()
    assert network(tmp_path, {mark: ""}).in_container()


def test_a_kubernetes_pod_is_a_container(tmp_path, monkeypatch):
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")

    assert network(tmp_path).in_container()


def test_only_own_addresses_are_own(tmp_path):
    here = network(tmp_path)

    assert [here.is_own_address(ip) for ip in ("127.0.0.1", "240.0.0.1", "no address")] == [True, False, False]


def test_the_environment_s_proxy_follows_the_rules_of_requests(tmp_path, monkeypatch):
    for name in ("http_proxy", "HTTPS_PROXY", "https_proxy", "all_proxy", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", "http://proxy:3128")
    monkeypatch.setenv("no_proxy", "172.16.0.0/12")

    asked = network(tmp_path)

    assert [asked.proxy_for(url) for url in ("http://gpu.lan:1", "http://172.17.0.1:1", "https://gpu.lan:1")] == [
        "http://proxy:3128",
        "",
        "",
    ]


def test_slow_answers_are_left_behind():
    calls = [lambda: "quick", lambda: sleep(1) or "slow"]

    assert together(calls, monotonic() + SOON, lambda at: f"no answer {at}") == ["quick", "no answer 1"]
