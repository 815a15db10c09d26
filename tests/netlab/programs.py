"""The three programs as they are called in a container."""

import json

from tests.netlab.lab import ROOT, Lab, Result, python
from tests.netlab.scenarios import Scenario

DOCTOR = (ROOT / "scripts" / "doctor.py").read_text(encoding="utf-8")
QUICK = ROOT / "scripts" / "test_ollama_quick.py"
HOST_ADDRESS = ROOT / "devcontainer" / "network" / "host-address"


def host_address(lab: Lab, scenario: Scenario) -> Result:
    given = [f"--host={scenario.typed}"] if scenario.typed else []
    ports = [] if scenario.port == 11434 else [f"--port={scenario.port}"]
    return _run(lab, scenario, str(HOST_ADDRESS), *given, *ports)


def doctor(lab: Lab, scenario: Scenario) -> Result:
    """Piped, as into a container that has nothing but Python."""
    return _run(lab, scenario, *python("-", "--json", "--server=ollama", *_url(scenario)), text=DOCTOR)


def ready(lab: Lab, scenario: Scenario) -> Result:
    return _run(lab, scenario, *python(str(QUICK), "--json", *_url(scenario)))


PROGRAMS = (host_address, doctor, ready)


def _url(scenario: Scenario) -> list[str]:
    return [f"--url=http://{scenario.typed}:{scenario.port}"] if scenario.typed else []


def _run(lab: Lab, scenario: Scenario, *command: str, text: str = "") -> Result:
    return lab.run(scenario.container, *command, hosts=scenario.hosts, dns=scenario.dns, text=text, **scenario.env)


def told(result: Result) -> dict:
    return json.loads(result.out)
