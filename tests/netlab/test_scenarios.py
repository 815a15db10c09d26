"""host-address, the doctor and the quick check, the real ones, in every network that a container may be in."""

import pytest

from tests.netlab.programs import PROGRAMS, doctor, host_address, ready, told
from tests.netlab.scenarios import NAME, SCENARIOS

pytestmark = [pytest.mark.netlab, pytest.mark.slow]
TOO_LONG = 30  # seconds on a busy machine; alone 10 at most. Without a time-out of its own a dropped packet costs 134
REMEDIES = {  # of host-address
    "REFUSED": "`python -m scripts host forwarder --port",
    "FIREWALL_DROP": "`python -m scripts host firewall --port",
    "FIREWALL_REJECT": "`python -m scripts host firewall --port",
    "NO_SUCH_HOST": "`hostname -I`",
    "FORWARDER_UPSTREAM_DOWN": "start the model server",
    "HANGS": "start the model server",
    "NO_ROUTE": "`networks: [default]`",
    "DNS_SLOW": "IP address instead of its name: --host ADDRESS",
    "HOST_NAME_MISSING": "--add-host=host.docker.internal:host-gateway",
}
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}


def url(host, scenario):
    return f"http://{host}:{scenario.port}"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_host_address_prints_the_address_that_works_or_says_why_there_is_none(seen, scenario):
    result = seen(host_address, scenario)

    if scenario.found:
        assert (result.code, result.out) == (0, url(scenario.found, scenario) + "\n"), result.err
        assert "Ollama answers" in result.err
    else:
        code, remedy = result.err.splitlines()[-1].removeprefix("host-address: ").split(": ", 1)
        assert (result.code, result.out, code) == (1, "", scenario.code)
        assert REMEDIES[code] in remedy


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_the_doctor_names_the_cause_and_the_remedy(seen, scenario):
    result = seen(doctor, scenario)

    report = told(result)
    faults = [finding for finding in report["findings"] if finding["status"] == "fail"]
    assert (report["code"], result.code, result.err) == (scenario.code, 0 if scenario.code == "READY" else 1, "")
    assert [finding["code"] for finding in faults] == ([] if scenario.code == "READY" else [scenario.code])
    assert all(scenario.fix in finding["fix"] for finding in faults)
    assert report["url"] == url(scenario.typed or scenario.found or "172.17.0.1", scenario)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_the_quick_check_is_ready_or_says_what_is_wrong(seen, scenario):
    result = seen(ready, scenario)

    facts = told(result)
    assert (facts.get("code", "READY"), facts["ok"], result.err) == (scenario.ready, scenario.ready == "READY", "")
    assert result.code == (0 if facts["ok"] else 1)
    if facts["ok"]:
        assert facts["url"] == url(scenario.typed or "172.17.0.1", scenario)
    else:
        assert "doctor.py" in facts["fix"]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_nobody_hangs(seen, scenario):
    times = {program.__name__: seen(program, scenario).seconds for program in PROGRAMS}

    assert max(times.values()) < TOO_LONG, times


def test_a_proxy_that_programs_would_ask_is_told_though_it_is_not_asked(seen):
    scenario = BY_NAME["dead proxy"]

    warnings = [finding for finding in told(seen(doctor, scenario))["findings"] if finding["status"] == "warn"]
    assert [finding["code"] for finding in warnings] == ["PROXY_IN_THE_WAY"]
    assert f"export NO_PROXY=localhost,127.0.0.1,{NAME}" in seen(host_address, scenario).err


def test_an_address_that_is_the_container_itself_is_not_asked(seen):
    result = seen(host_address, BY_NAME["in an outer container with the host's address"])

    assert "172.17.0.1" not in result.out
    assert "gateway" in result.err


def test_docker_in_docker_is_thought_of_where_the_host_is_only_the_gateway(seen):
    told_inside, told_outside = (
        seen(host_address, BY_NAME[name]).err
        for name in ("inside Docker with the host's address", "listens on loopback")
    )

    assert "`dind-forwarder start --port 21009` in the outer container" in told_inside
    assert "dind-forwarder" not in told_outside


def test_nothing_is_left_in_the_temporary_folder(seen, lab):
    for scenario in SCENARIOS:
        seen(host_address, scenario)

    assert list(lab.scratch.glob("tmp*")) == []
