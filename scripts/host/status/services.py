"""The services of model servers, as systemd sees them."""

from collections.abc import Iterator

from scripts.host import units, variables
from scripts.host.machine import Machine
from scripts.host.status.part import Line, Part, State

PATTERNS = ("ollama.service", "llama-server*.service", "lmstudio.service", "local-models-*.socket")
PROPERTIES = (
    "Id",
    "LoadState",
    "ActiveState",
    "SubState",
    "UnitFileState",
    "NRestarts",
    "Result",
    "ActiveEnterTimestamp",
)
MANY_RESTARTS = 3


def services(machine: Machine) -> Part:
    """What runs, what failed, and what stands in the files and does nothing."""
    written = tuple(_useless_names(machine))
    told = machine.ask("systemctl", "show", f"--property={','.join(PROPERTIES)}", "--all", *PATTERNS)
    if told.reason:
        return Part("Services", written, reason="" if written else told.reason)
    shown = [_facts(block) for block in told.text.strip().split("\n\n")]
    lines = tuple(_line(facts) for facts in shown if facts.get("LoadState") == "loaded")
    none = "systemd knows no service of a model server"
    return Part("Services", (*lines, *written), reason="" if lines or written else none)


def names(part: Part) -> list[str]:
    """The services that are there, for whoever wants their logs."""
    return [line.facts["Id"] for line in part.lines if line.facts and line.facts.get("Id", "").endswith(".service")]


def _facts(block: str) -> dict[str, str]:
    return {name: value for name, _, value in (line.partition("=") for line in block.splitlines())}


def _line(facts: dict[str, str]) -> Line:
    name, active = facts.get("Id", "?"), facts.get("ActiveState", "?")
    since = (
        f" since {facts['ActiveEnterTimestamp']}" if active == "active" and facts.get("ActiveEnterTimestamp") else ""
    )
    at_boot = "" if facts.get("UnitFileState") == "enabled" else f", {facts.get('UnitFileState') or 'not enabled'}"
    restarts = int(facts.get("NRestarts") or 0)
    again = f", restarted {restarts} times" if restarts else ""
    text = f"{name}: {active} ({facts.get('SubState', '?')}){since}{at_boot}{again}"
    return Line(text, _state(active, restarts), _fix(name, active, restarts), facts)


def _state(active: str, restarts: int) -> State:
    if active == "failed":
        return "problem"
    return "warn" if active != "active" or restarts >= MANY_RESTARTS else "ok"


def _fix(name: str, active: str, restarts: int) -> str:
    if active == "failed" or restarts >= MANY_RESTARTS:
        return f"journalctl -u {name} -n 50 --no-pager"
    return "" if active == "active" else f"sudo systemctl enable --now {name}"


def _useless_names(machine: Machine) -> Iterator[Line]:
    for setting in units.environment_of("ollama", machine):
        if why := variables.does_nothing(setting.name):
            yield Line(f"{setting.path}: {why}", "warn", f"Remove {setting.name} there, or replace it as said.")
