"""The rule that lets containers reach a port, for the firewall that is there."""

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from scripts.host.docker import networks
from scripts.host.forwarder import port_number
from scripts.host.machine import Machine
from scripts.host.plan import Plan
from scripts.kit import exits
from scripts.kit.command import Stop

type Tool = Literal["ufw", "firewalld", "nftables"]

TOOLS: tuple[Tool, ...] = ("ufw", "firewalld", "nftables")
WHY_BY_SOURCE = (
    "The rule goes by the source: containers of Dify come in on a bridge of their own (br-…), so a rule for docker0 "
    "does not help them."
)


def firewall_plan(ports: Sequence[str], subnets: Sequence[str], tool: str, machine: Machine) -> Plan:
    """Commands only: each of these programs keeps its rules itself."""
    numbers = [port_number(port) for port in ports]
    allowed = tuple(subnets) or networks(machine).subnets
    if tool == "auto":
        chosen, told = active(machine)
    elif tool in TOOLS:
        chosen, told = tool, ""
    else:
        raise Stop(f"--tool must be auto, {', '.join(TOOLS)}, not “{tool}”", code=exits.USAGE)
    commands = _commands(chosen, numbers, allowed) if chosen else _all_commented(numbers, allowed)
    return Plan(commands=tuple(commands), notes=(*([told] if told else []), WHY_BY_SOURCE))


def active(machine: Machine) -> tuple[Tool | None, str]:
    """The firewall that is switched on, and how that was told."""
    if re.search(r"^ENABLED=yes", machine.read("/etc/ufw/ufw.conf") or "", re.MULTILINE):
        return "ufw", "ufw is switched on (/etc/ufw/ufw.conf)."
    if machine.ask("firewall-cmd", "--state").text.strip() == "running":
        return "firewalld", "firewalld runs."
    return None, "Neither ufw nor firewalld is switched on here; the rules of each are shown as comments."


def _commands(tool: str, ports: Sequence[int], subnets: Sequence[str]) -> Iterator[str]:
    pairs = [(port, subnet) for port in ports for subnet in subnets]
    match tool:
        case "ufw":
            yield from (f"sudo ufw allow from {subnet} to any port {port} proto tcp" for port, subnet in pairs)
        case "firewalld":
            rule = 'rule family="ipv4" source address="{subnet}" port port="{port}" protocol="tcp" accept'
            for port, subnet in pairs:
                yield f"sudo firewall-cmd --permanent --add-rich-rule='{rule.format(subnet=subnet, port=port)}'"
            yield "sudo firewall-cmd --reload"
        case _:
            yield "# In the chain of the input hook; here it is called input in the table inet filter."
            for port, subnet in pairs:
                yield f"sudo nft insert rule inet filter input ip saddr {subnet} tcp dport {port} accept"


def _all_commented(ports: Sequence[int], subnets: Sequence[str]) -> Iterator[str]:
    for tool in TOOLS:
        yield f"# {tool}"
        yield from (f"# {command.removeprefix('# ')}" for command in _commands(tool, ports, subnets))
