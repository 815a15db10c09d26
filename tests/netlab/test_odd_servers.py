"""host-address and what is no model server, or not quite: the same verdict by every program that asks."""

import shutil

import pytest

from tests.netlab.programs import HOST_ADDRESS
from tests.netlab.scenarios import DOCKER0, NAME
from tests.netlab.servers import ODD

pytestmark = [pytest.mark.netlab, pytest.mark.slow, pytest.mark.usefixtures("seen")]  # the scenarios wait meanwhile
ASKERS = ["bash", "wget", "curl"]
UP, HUNG = 21012, 21011
VERDICTS = {
    "locked": "",
    "unnamed": "",  # to a name that Ollama does trust
    "moved": "MOVED",
    "gateway": "GATEWAY_UPSTREAM_DOWN",
    "secured": "TLS_MISMATCH",
    "alert": "TLS_MISMATCH",
    "greeting": "NOT_HTTP",
    "slow": "WRONG_SERVICE",
}
NOT_SHOWN = {
    ("wget", "secured"),
    ("wget", "alert"),
    ("wget", "greeting"),
    ("curl", "alert"),
}  # they keep to themselves what came


def host_address(lab, *options, hosts=(), **env):
    return lab.run("usual", str(HOST_ADDRESS), *options, hosts=dict(hosts), **env)


def code_of(result):
    return result.err.splitlines()[-1].removeprefix("host-address: ").partition(":")[0]


@pytest.fixture
def alpine(lab, tmp_path):
    """A PATH with nothing but busybox."""
    if not (busybox := shutil.which("busybox")):
        pytest.skip("no busybox here, so Alpine's programs cannot be tried")
    for applet in lab.on_host(busybox, "--list").out.split():
        (tmp_path / applet).symlink_to(busybox)
    return str(tmp_path)


@pytest.mark.parametrize("asker", ASKERS)
@pytest.mark.parametrize("act", VERDICTS)
def test_what_answers_is_judged_by_its_answer(lab, programs_without, asker, act):
    path = programs_without(*(other for other in ASKERS if other != asker), "python")

    result = host_address(lab, f"--port={ODD[act]}", hosts=DOCKER0, PATH=path)

    if not VERDICTS[act]:
        assert (result.code, result.out) == (0, f"http://{NAME}:{ODD[act]}\n"), result.err
        assert "a server that wants a key answers" in result.err
    elif (asker, act) not in NOT_SHOWN:
        assert (result.code, result.out, code_of(result)) == (1, "", VERDICTS[act])
    assert result.seconds < 8


def test_where_it_sends_on_to_is_told(lab):
    result = host_address(lab, f"--port={ODD['moved']}", hosts=DOCKER0)

    assert "sends on to http://172.17.0.1:11434/v1/models" in result.err


def test_an_address_with_the_wrong_scheme_is_told_the_right_one(lab):
    result = host_address(lab, f"--host=https://{NAME}:{ODD['secured']}", hosts=DOCKER0, LOCAL_MODELS_LOOK_AROUND="no")

    assert (result.code, code_of(result)) == (1, "TLS_MISMATCH")
    assert f"--host http://{NAME}:{ODD['secured']}" in result.err


def test_a_name_that_ollama_does_not_trust_is_no_matter_of_a_key(lab):
    typed = [f"--host=models.lan:{ODD['unnamed']}", "--kind=ollama"]

    result = host_address(lab, *typed, hosts={"models.lan": "172.17.0.1"}, LOCAL_MODELS_LOOK_AROUND="no")

    assert (result.code, code_of(result)) == (1, "OLLAMA_HOST_CHECK")
    assert "name that ends with .internal" in result.err


def test_a_server_that_says_what_it_is_comes_before_one_that_only_wants_a_key(lab):
    """Many programs want a key; the usual port of Ollama has one on the host, of llama.cpp another."""
    locked = lab.start("socat", "TCP-LISTEN:8080,fork,reuseaddr", f"TCP:127.0.0.1:{ODD['locked']}")
    try:
        alone = host_address(lab, "--kind=llamacpp", hosts=DOCKER0)
        beside = host_address(lab, f"--host={UP}", hosts=DOCKER0)
        meant = host_address(lab, f"--host={NAME}:8080", hosts=DOCKER0)
    finally:
        locked.kill()

    assert [each.out for each in (alone, beside, meant)] == [
        f"http://{NAME}:8080\n", f"http://{NAME}:{UP}\n", f"http://{NAME}:8080\n",
    ]  # fmt: skip


def test_alpine_tells_a_server_that_hangs_from_a_firewall(lab, alpine):
    hung, dropped = (
        lab.run("usual", f"{alpine}/sh", str(HOST_ADDRESS), f"--port={port}", "--timeout=2", hosts=DOCKER0, PATH=alpine)
        for port in (HUNG, 21003)
    )

    assert [code_of(each) for each in (hung, dropped)] == ["HANGS", "FIREWALL_DROP"]


def test_alpine_is_not_kept_waiting_by_a_server_that_answers(lab, alpine):
    result = lab.run("usual", f"{alpine}/sh", str(HOST_ADDRESS), f"--port={UP}", hosts=DOCKER0, PATH=alpine)

    assert (result.code, result.seconds < 1) == (0, True)
