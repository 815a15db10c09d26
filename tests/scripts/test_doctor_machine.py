"""What the doctor reads of its machine, and what it makes of the environment."""

import pytest

from provider.core.reachability.network import Names
from scripts.doctoring.machine import Machine
from scripts.doctoring.mending import OVERRIDE, mend
from scripts.doctoring.pages import Usage, read_address
from tests.core.fake_network import BRIDGE, BY_NAME, HOST_NAME, LOCALHOST, TALKS, TO_HOST, FakeNetwork
from tests.core.test_reachability_network import ARP, ROUTE
from tests.scripts.doctor_machines import examined, found

TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:2CAA 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1
   1: 010011AC:2CAA 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2 1
   2: 0100007F:1F90 00000000:0000 01 00000000:00000000 00:00000000 00000000     0        0 3 1
"""
TCP6 = """\
  sl  local_address                         remote_address                        st tx_queue rx_queue
   0: 00000000000000000000000000000000:2CAA 00000000000000000000000000000000:0000 0A 00000000:00000000
   1: 00000000000000000000000001000000:2CAA 00000000000000000000000000000000:0000 0A 00000000:00000000
"""


def machine(root, files=(), **env):
    for path, text in dict(files).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return Machine(str(root), env)


def test_it_sees_on_which_addresses_a_port_is_open(tmp_path):
    here = machine(tmp_path, {"proc/net/tcp": TCP, "proc/net/tcp6": TCP6})

    assert [here.listeners(port) for port in (11434, 8080)] == [["127.0.0.1", "172.17.0.1", "::", "::1"], []]


def test_it_reads_the_way_out_and_the_neighbours(tmp_path):
    here = machine(tmp_path, {"proc/net/route": ROUTE, "proc/net/arp": ARP})

    assert here.gateway() == "172.18.0.1"
    assert [here.is_alive(ip) for ip in ("172.18.0.1", "172.18.0.9", "172.17.0.1")] == [True, False, None]


def test_without_proc_nothing_is_known(tmp_path):
    bare = machine(tmp_path)

    assert (bare.gateway(), bare.is_alive("10.0.0.1"), bare.listeners(1), bare.container()) == ("", None, [], "")


@pytest.mark.parametrize(
    ("files", "env", "words"),
    [
        ({}, {}, ["not in a container"]),
        ({".dockerenv": ""}, {"DIFY_INNER_API_URL": "http://api:5001"}, ["Docker container", "Dify's plugin_daemon"]),
        ({"run/.containerenv": ""}, {"REMOTE_CONTAINERS": "true"}, ["Podman container", "dev container"]),
        ({}, {"KUBERNETES_SERVICE_HOST": "10.96.0.1"}, ["Kubernetes pod"]),
        ({}, {"CODESPACES": "true"}, ["Codespace"]),
        ({"proc/version": "Linux 5.15-microsoft-standard-WSL2"}, {}, ["WSL 2"]),
        ({"proc/version": "Linux 6.6 (root@buildkit) linuxkit"}, {}, ["Docker Desktop"]),
        ({"proc/version": "Linux 6.9-orbstack"}, {}, ["OrbStack"]),
        (
            {"etc/resolv.conf": "nameserver 127.0.0.11\n", "proc/net/route": ROUTE},
            {},
            ["network", "gateway 172.18.0.1"],
        ),
    ],
)
def test_it_knows_where_it_is(tmp_path, files, env, words):
    from scripts.doctoring.main import arguments, examine  # noqa: PLC0415 - needs the machine above

    here = machine(tmp_path, files, LOCAL_MODELS_LOOK_AROUND="no", **env)

    place = found(examine(here, arguments(["--url=http://127.0.0.1:1"])), "place")

    assert [word for word in words if word not in place["detail"]] == []


@pytest.mark.parametrize(("mode", "code"), [("api", "WRONG_CONTAINER"), ("worker", "WRONG_CONTAINER"), ("", None)])
def test_it_says_when_it_is_in_a_container_that_calls_no_models(mode, code):
    findings = examined(FakeNetwork(), TO_HOST, MODE=mode)["findings"]

    assert next((one["code"] for one in findings if one["check"] == "place" and one["status"] == "warn"), None) == code


PROXY = {"HTTP_PROXY": "http://me:secret@10.9.9.9:3128"}


@pytest.mark.parametrize(
    ("url", "env", "code"),
    [
        (TO_HOST, {}, "OK"),
        (TO_HOST, PROXY, "PROXY_IN_THE_WAY"),
        (TO_HOST, {"all_proxy": "socks5://10.9.9.9:1080"}, "PROXY_IN_THE_WAY"),
        (TO_HOST, {**PROXY, "NO_PROXY": BRIDGE}, "OK"),
        (TO_HOST, {**PROXY, "NO_PROXY": "a.lan, *"}, "OK"),
        (TO_HOST, {**PROXY, "NO_PROXY": "172.16.0.0/12"}, "PROXY_BYPASS_CIDR_ONLY"),
        (TO_HOST, {**PROXY, "NO_PROXY": "172.17.*"}, "PROXY_IN_THE_WAY"),
        (TO_HOST, {**PROXY, "NO_PROXY": f"{BRIDGE}:11434"}, "PROXY_IN_THE_WAY"),
        *(
            (f"http://{HOST_NAME}:11434", {**PROXY, "no_proxy": names}, "OK")
            for names in (HOST_NAME, ".internal", "internal")
        ),
        (f"http://{HOST_NAME}:11434", {**PROXY, "no_proxy": "*.internal"}, "PROXY_IN_THE_WAY"),
    ],
)
def test_the_environment_s_proxy_counts_as_it_does_for_clients(url, env, code):
    proxy = found(examined(FakeNetwork(names=BY_NAME), url, **env), "proxy")

    assert proxy["code"] == code
    assert "secret" not in str(proxy)


@pytest.mark.parametrize(
    ("network", "env", "url"),
    [
        (FakeNetwork(there={(BRIDGE, 11434): TALKS}, names=BY_NAME), {}, f"http://{HOST_NAME}:11434"),
        (FakeNetwork(there={(BRIDGE, 11434): TALKS}), {}, TO_HOST),
        (FakeNetwork(there={("127.0.0.1", 8080): TALKS}, container=False), {}, "http://127.0.0.1:8080"),
        (FakeNetwork(there={(BRIDGE, 8080): TALKS}), {"OLLAMA_HOST": "0.0.0.0"}, "http://172.17.0.1:8080"),
        (FakeNetwork(there={(BRIDGE, 8080): TALKS}), {"OLLAMA_BASE_URL": "172.17.0.1"}, "http://172.17.0.1:8080"),
        (
            FakeNetwork(there={(BRIDGE, 8080): TALKS}),
            {"OLLAMA_BASE_URL": "http://172.17.0.1:8080/v1"},
            "http://172.17.0.1:8080",
        ),
    ],
)
def test_without_an_exact_address_it_takes_the_server_that_answers(network, env, url):
    report = examined(network, **env)

    assert (report["url"], report["code"]) == (url, "NO_MODELS")


def test_a_host_that_was_named_is_not_swapped_for_another_one():
    network = FakeNetwork(there={("127.0.0.1", 11434): TALKS}, names={"gpu": Names(("192.168.1.5",))}, container=False)

    report = examined(network, "gpu")

    assert (report["code"], report["url"]) == ("REFUSED", "http://gpu:11434")
    assert found(report, "connection")["fix"] == "Use http://127.0.0.1:11434 as the server address."


def test_several_addresses_are_examined_one_after_the_other():
    network = FakeNetwork(there={(BRIDGE, 11434): TALKS}, names=LOCALHOST)

    findings = examined(network, "big=http://172.17.0.1:11434 weight=2, http://172.17.0.1:9999")["findings"]

    assert [one["code"] for one in findings if one["check"] == "connection"] == ["OK", "REFUSED"]


def test_a_container_that_does_not_know_the_host_s_name_is_told_how_it_would():
    compose = found(examined(FakeNetwork(there={(BRIDGE, 11434): TALKS}), TO_HOST), "compose")

    assert (compose["status"], compose["code"]) == ("warn", "HOST_NAME_MISSING")
    assert 'extra_hosts: ["host.docker.internal:host-gateway"]' in compose["fix"]


@pytest.mark.parametrize(
    ("typed", "url", "exact"),
    [
        ("gpu", "http://gpu:11434", False),
        ("gpu:8080", "http://gpu:8080", True),
        (":8080", "http://127.0.0.1:8080", True),
        ("8080", "http://127.0.0.1:8080", True),
        ("http://gpu", "http://gpu:80", True),
        ("https://gpu/llm/v1/chat/completions", "https://gpu:443/llm", True),
        ("http://0.0.0.0:11434/api/tags", "http://127.0.0.1:11434", True),
        ("0.0.0.0", "http://127.0.0.1:11434", False),
        ("::1", "http://[::1]:11434", False),
        ("[fd00::1]:8080", "http://[fd00::1]:8080", True),
    ],
)
def test_an_address_is_read_as_people_type_it(typed, url, exact):
    assert read_address(typed) == (url, exact)


@pytest.mark.parametrize(
    "typed", ["", "http://", "gpu:port", "gpu:99999", "ftp://gpu", "me:secret@gpu", "a b", "a?b", "[::1"]
)
def test_an_address_that_cannot_be_meant_is_refused_without_repeating_it(typed):
    with pytest.raises(Usage) as refused:
        read_address(typed)

    assert "secret" not in str(refused.value)


REPORT = {"ok": True, "url": "http://gpu:11434", "findings": [{"code": "HOST_NAME_MISSING"}]}


@pytest.mark.parametrize(("answer", "written"), [("y", True), ("yes", True), ("", False), ("n", False)])
def test_only_what_was_agreed_to_is_written(tmp_path, monkeypatch, answer, written):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docker-compose.yaml").write_text("services:\n  plugin_daemon:\n")
    (tmp_path / ".env").write_text("A=1")
    asked = []

    mend(REPORT, lambda question: asked.append(question) or answer)

    assert (tmp_path / ".env").read_text() == ("A=1\nOLLAMA_BASE_URL=http://gpu:11434\n" if written else "A=1")
    assert (tmp_path / "docker-compose.override.yaml").exists() is written
    assert [OVERRIDE in question for question in asked] == [False, True]


def test_nothing_is_written_over_what_is_there(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "docker-compose.yaml": "",
        "docker-compose.override.yaml": "x",
        ".env": "OLLAMA_BASE_URL=y\n",
    }.items():
        (tmp_path / name).write_text(text)

    mend(REPORT, lambda _: pytest.fail("there was nothing to ask"))

    assert (tmp_path / "docker-compose.override.yaml").read_text() == "x"
    assert (tmp_path / ".env").read_text() == "OLLAMA_BASE_URL=y\n"
    assert "put this into it yourself" in capsys.readouterr().out
