"""A server that answers at another address than the typed one, and how it is told."""

import pytest

from provider.core.reachability import Answer, Diagnosis, diagnose
from provider.core.reachability.line import Page, Trouble
from provider.core.reachability.network import Names
from tests.core.fake_network import (
    ALIVE,
    BRIDGE,
    BY_NAME,
    GATEWAY,
    HOST_NAME,
    LAN,
    LLAMACPP,
    LM_STUDIO,
    OLLAMA,
    TALKS,
    TO_HOST,
    VLLM,
    WEB_PAGE,
    FakeNetwork,
    FakeServer,
    everywhere,
)


@pytest.mark.parametrize(
    ("pages", "name"),
    [
        (OLLAMA, "Ollama 0.33.0"),
        (LLAMACPP, "llama.cpp"),
        (LM_STUDIO, "LM Studio"),
        ({"*": Page(200, body=b'{"error":"Unexpected endpoint or method. (GET /api/version)"}')}, "LM Studio"),
        (VLLM, "vLLM"),
        ({"/v1/models": Page(200, body=b'{"object":"list","data":[]}')}, "an OpenAI-compatible server"),
        ({"/api/version": Page(200, {"server": "KoboldCpp"}, b'{"version":"0.7"}')}, "KoboldCpp"),
        (WEB_PAGE, "something that speaks HTTP"),
        ({"/v1/models": Trouble("closed")}, "something that speaks HTTP"),
        ({"*": Page(200, body=b"[1, 2]")}, "something that speaks HTTP"),
    ],
)
def test_what_answers_elsewhere_is_told_by_its_name(pages, name):
    network = FakeNetwork(there={(BRIDGE, 11434): FakeServer(pages)})

    assert diagnose("http://127.0.0.1:11434", network=network).answered == (Answer(TO_HOST, name),)


def test_the_remedy_for_localhost_in_a_container_is_the_address_that_answers():
    network = FakeNetwork(there={(BRIDGE, 11434): TALKS}, names=BY_NAME)

    diagnosis = diagnose("http://127.0.0.1:11434", network=network)

    assert diagnosis == Diagnosis(
        code="LOCALHOST_IN_CONTAINER",
        cause="127.0.0.1 in http://127.0.0.1:11434 means the container that the plugin runs in, not your computer, "
        "and nothing listens there.",
        remedy="Use http://host.docker.internal:11434 as the server address.",
        answered=(Answer("http://host.docker.internal:11434", "Ollama 0.33.0"),),
    )


def test_the_message_says_what_was_tried_why_it_failed_what_answers_and_what_to_do():
    network = FakeNetwork(there={(BRIDGE, 11434): TALKS}, names=BY_NAME)

    message = diagnose("http://127.0.0.1:11434", network=network).message

    assert message == (
        "127.0.0.1 in http://127.0.0.1:11434 means the container that the plugin runs in, not your computer, "
        "and nothing listens there. What answers is http://host.docker.internal:11434 (Ollama 0.33.0). "
        "What to do: Use http://host.docker.internal:11434 as the server address."
    )


def test_the_message_names_the_other_addresses_that_were_tried_in_vain():
    message = diagnose("http://10.0.0.1:11434", "lmstudio", network=FakeNetwork(names=BY_NAME)).message

    assert message == (
        "http://10.0.0.1:11434 refuses the connection: no server listens on 10.0.0.1, port 11434. "
        "One that listens only on its own machine's 127.0.0.1 looks the same from here. Nothing answers at "
        "http://host.docker.internal:11434, http://172.18.0.1:11434, http://127.0.0.1:11434 either. What to do: "
        "In LM Studio open Developer, turn on “Serve on Local Network”, and start the server on port 11434."
    )


@pytest.mark.parametrize(
    ("network", "step"),
    [
        (FakeNetwork(), "extra_hosts"),
        (FakeNetwork(names=BY_NAME), "OLLAMA_HOST=0.0.0.0:11434"),
        (
            FakeNetwork(there=everywhere("timed out", 3), names=BY_NAME, arp=ALIVE),
            "ufw allow from 172.16.0.0/12 to any port 11434",
        ),
        (FakeNetwork(names={HOST_NAME: Names(("192.168.65.254",))}), "`ollama serve`"),
    ],
)
def test_localhost_in_a_container_comes_with_what_keeps_the_host_s_name_from_working(network, step):
    diagnosis = diagnose("http://localhost:11434", network=network)

    assert step in diagnosis.remedy
    assert diagnosis.remedy.endswith(" Then use http://host.docker.internal:11434 as the server address.")


def test_localhost_in_a_container_means_the_host_s_name_also_when_something_unknown_answers_there():
    network = FakeNetwork(there={(BRIDGE, 11434): FakeServer(WEB_PAGE)}, names=BY_NAME)

    diagnosis = diagnose("http://localhost:11434", network=network)

    assert diagnosis.remedy == "Use http://host.docker.internal:11434 as the server address."


@pytest.mark.parametrize(
    ("url", "kind", "there", "remedy"),
    [
        ("http://192.168.1.5", "auto", {(LAN, 11434): TALKS}, "http://192.168.1.5:11434"),
        ("http://192.168.1.5:1", "llamacpp", {(LAN, 9931): FakeServer(LLAMACPP)}, "http://192.168.1.5:9931"),
        ("http://172.18.0.1:11434", "auto", {(BRIDGE, 11434): TALKS}, "http://host.docker.internal:11434"),
        ("http://172.17.0.1:1", "auto", {(BRIDGE, 11434): TALKS}, "http://host.docker.internal:11434"),
        ("http://nowhere:11434", "auto", {("127.0.0.1", 11434): TALKS}, "http://127.0.0.1:11434"),
    ],
)
def test_another_address_where_the_server_answers_is_the_remedy(url, kind, there, remedy):
    network = FakeNetwork(there=there, names=BY_NAME)

    assert diagnose(url, kind, network=network).remedy == f"Use {remedy} as the server address."


def test_a_server_of_another_kind_is_told_but_is_not_the_remedy():
    network = FakeNetwork(there={(GATEWAY, 11434): FakeServer(LLAMACPP)})

    diagnosis = diagnose(TO_HOST, "ollama", network=network)

    assert diagnosis.answered == (Answer("http://172.18.0.1:11434", "llama.cpp"),)
    assert "OLLAMA_HOST" in diagnosis.remedy


def test_only_the_few_other_addresses_are_called_and_each_once():
    network = FakeNetwork(names={**BY_NAME, "gpu.lan": Names((LAN,))})

    diagnose("http://gpu.lan:9000", "llamacpp", network=network)

    hosts = (LAN, BRIDGE, GATEWAY, "127.0.0.1")
    assert sorted(network.called) == sorted((ip, port) for ip in hosts for port in (9000, 8080, 9931))


def test_the_plugin_s_own_bridge_is_not_called_as_if_it_were_the_host():
    network = FakeNetwork(own=(BRIDGE,), gateway="")

    diagnose("http://gpu.lan:11434", "ollama", network=network)

    assert network.called == [("127.0.0.1", 11434)]


def test_a_server_on_the_internet_is_not_looked_for_next_door():
    network = FakeNetwork(there={(BRIDGE, 11434): TALKS}, names={"api.example.com": Names(("93.184.216.34",))})

    diagnosis = diagnose("https://api.example.com", network=network)

    assert (diagnosis.code, network.called) == ("REFUSED", [("93.184.216.34", 443)])


def test_outside_of_a_container_docker_s_names_are_not_looked_up():
    network = FakeNetwork(there={(LAN, 11434): TALKS}, container=False)

    assert diagnose("http://gpu.lan:11434", network=network).tried == (
        "http://172.17.0.1:11434",
        "http://172.18.0.1:11434",
        "http://127.0.0.1:11434",
    )


def test_all_addresses_of_a_name_get_their_chance():
    network = FakeNetwork(there={("::1", 8080): FakeServer(LLAMACPP)}, names={"both.lan": Names(("127.0.0.1", "::1"))})

    assert diagnose("http://both.lan:8080", network=network).code == "READY"
