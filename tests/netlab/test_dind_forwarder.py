"""Docker in Docker: the inner containers reach the host through the forwarder, with Python and with socat."""

import os
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import psutil
import pytest

from tests.netlab.lab import ROOT, python
from tests.netlab.programs import doctor, host_address, ready, told
from tests.netlab.scenarios import NAME, Scenario

pytestmark = [pytest.mark.netlab, pytest.mark.slow, pytest.mark.usefixtures("seen")]  # the scenarios wait meanwhile
FORWARDER = ROOT / "devcontainer" / "network" / "dind-forwarder"
UP, DOWN, TAKEN, OWN = range(21012, 21016)  # ports with a server: on the host; nowhere; and two in the outer container
OUTER = {"dind": "172.20.0.1", "twin": "172.17.0.1"}  # with the address of the inner docker0
MANY = """
import collections, concurrent.futures, http.client, socket, sys
host, port = sys.argv[1], int(sys.argv[2])
def ask(number):
    with socket.create_connection((host, port), 20) as leaving:
        leaving.sendall(b"GET /api/version HTTP/1.1\\r\\n")  # and no more
    line = http.client.HTTPConnection(host, port, timeout=20)
    line.request("GET", "/v1/models")
    answer = line.getresponse()
    answer.read()
    return answer.status
with concurrent.futures.ThreadPoolExecutor(20) as pool:
    print(dict(collections.Counter(pool.map(ask, range(40)))))
"""
INNER = {"dind": "inner", "twin": "twin-inner"}


@pytest.fixture(params=["python3", "socat"])
def forwarder(request, lab, tmp_path, programs_without):
    """Call it with a container and options; it is stopped at the end."""
    path = os.environ["PATH"] if request.param == "python3" else programs_without("python")
    env = {"PATH": path, "XDG_RUNTIME_DIR": str(tmp_path)}

    def call(container, *options):
        return lab.run(container, str(FORWARDER), *options, **env)

    yield call
    for container in OUTER:
        call(container, "stop")
    assert left(lab) == set()
    assert list(tmp_path.iterdir()) == []


def left(lab):
    """The processes of forwarders in the lab."""
    return {each.pid for each in psutil.process_iter() if in_lab(lab, each) and "dind" in command(each)}


def in_lab(lab, process):
    try:
        return Path(f"/proc/{process.pid}/ns/pid").readlink() in lab.spaces
    except OSError:  # it has ended meanwhile, or is somebody else's
        return False


def command(process):
    try:
        return " ".join(process.cmdline())
    except psutil.Error:  # it has ended meanwhile
        return ""


def eventually(holds, seconds=20):
    until = monotonic() + seconds
    while not (held := holds()) and monotonic() < until:
        sleep(0.2)
    return held


def inside(outer, port):
    """What a container in there sees: `host-gateway` has given it the outer container's address."""
    return Scenario("inside", INNER[outer], port, hosts={NAME: OUTER[outer]})


@contextmanager
def server(lab, address, port, *where):
    process = lab.start(*where, *python("-m", "tests.netlab.servers", f"ollama:{address}:{port}"))
    assert process.stdout.readline() == "listening\n"
    try:
        yield
    finally:
        process.communicate(timeout=10)


@pytest.mark.parametrize("outer", OUTER)
def test_inner_containers_reach_the_host_by_its_name(lab, forwarder, outer):
    started = forwarder(outer, "start", "--port", str(UP))

    assert (started.code, started.out) == (0, f"{OUTER[outer]}:{UP}: nobody has connected yet\n"), started.err
    scenario = inside(outer, UP)
    assert host_address(lab, scenario).out == f"http://{NAME}:{UP}\n"
    assert told(doctor(lab, scenario))["code"] == "READY"
    assert told(ready(lab, scenario))["ok"]
    assert forwarder(outer, "status").out.startswith(f"{OUTER[outer]}:{UP}: goes to http://172.1")


def test_a_server_that_is_down_is_told_and_found_again_when_it_is_up(lab, forwarder):
    forwarder("twin", "start", f"--port={DOWN}")
    scenario = inside("twin", DOWN)

    assert told(doctor(lab, scenario))["code"] == "FORWARDER_UPSTREAM_DOWN"
    assert ": closed, host-address: REFUSED: On the host: start the server" in forwarder("twin", "status").out
    with server(lab, "0.0.0.0", DOWN):
        assert eventually(lambda: told(ready(lab, scenario))["ok"])  # it looks again after 2 seconds
        assert ": goes to http://172.18.0.1:21013" in forwarder("twin", "status").out
    assert told(doctor(lab, scenario))["code"] == "FORWARDER_UPSTREAM_DOWN"


def test_many_connections_at_once_do_not_disturb_each_other_nor_those_that_break_off(lab, forwarder):
    forwarder("twin", "start", f"--port={UP}")

    result = lab.run("twin-inner", *python("-c", MANY, OUTER["twin"], str(UP)))

    assert (result.out, result.err) == ("{200: 40}\n", "")
    assert eventually(lambda: connections(lab) == 0)


def test_a_server_on_the_outer_container_s_own_loopback_is_reached_too(lab, forwarder):
    """As in a codespace, where there is no host with a server."""
    forwarder("dind", "start", f"--port={OWN}")

    with server(lab, "127.0.0.1", OWN, "ip", "netns", "exec", "dind"):
        assert told(doctor(lab, inside("dind", OWN)))["code"] == "READY"
        assert ": goes to http://127.0.0.1:21015" in forwarder("dind", "status").out


def connections(lab):
    """To the host's server, as the forwarder keeps them."""
    return lab.run("twin", "ss", "-tnH", "state", "established", "dport", "=", f":{UP}").out.count("\n")


def test_starting_again_changes_nothing_unless_something_else_is_wanted(lab, forwarder):
    running = []
    for ports in (["--port=1001"], ["--port=1001"], ["--port=1001", "--port=1002"]):
        assert forwarder("dind", "start", *ports).code == 0
        running.append(left(lab))

    assert running[0] == running[1]
    assert not running[1] & running[2]


def test_stop_may_be_called_twice_and_then_nothing_runs(lab, forwarder):
    forwarder("dind", "start", "--port=1001")

    assert [forwarder("dind", *call).code for call in (["status"], ["stop"], ["stop"], ["status"])] == [0, 0, 0, 1]
    assert left(lab) == set()


def test_a_port_that_is_taken_is_told(lab, forwarder):
    with server(lab, "172.20.0.1", TAKEN, "ip", "netns", "exec", "dind"):
        result = forwarder("dind", "start", f"--port={TAKEN}")

    assert (result.code, "in use" in result.err) == (1, True), result.err


def test_a_runtime_folder_that_is_not_there_does_not_matter(lab):
    calls = [["start", "--port=1001"], ["status"], ["stop"]]

    codes = [lab.run("dind", str(FORWARDER), *call, XDG_RUNTIME_DIR="/nonexistent").code for call in calls]

    assert (codes, left(lab)) == ([0, 0, 0], set())


def test_without_an_inner_docker_it_says_what_is_missing(forwarder):
    result = forwarder("plain", "start", "--wait=0")

    assert (result.code, result.out) == (1, "")
    assert "there is no docker0 here: start the inner Docker" in result.err


@pytest.mark.parametrize("options", [[], ["go"], ["start", "--port=0"], ["start", "--what=1"], ["start", "--kind=x"]])
def test_what_cannot_be_meant_ends_with_2(lab, options):
    result = lab.run("dind", str(FORWARDER), *options)

    assert (result.code, result.err.endswith("dind-forwarder --help lists the options\n")) == (2, True), result.err
