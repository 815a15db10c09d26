"""Docker's networks on this machine: where containers come from, and the address they find the host at."""

import json
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any

from scripts.host.machine import Machine

USUAL_ADDRESS = "172.17.0.1"
USUAL_NETWORKS = ("172.16.0.0/12",)  # Docker's own pool; after about fifteen networks it goes on in 192.168.0.0/16


@dataclass(frozen=True, slots=True)
class Networks:
    """`reason` says why these are the usual ones and not the real ones."""

    address: str = USUAL_ADDRESS
    subnets: tuple[str, ...] = USUAL_NETWORKS
    reason: str = ""


def networks(machine: Machine) -> Networks:
    """As Docker tells them, with the usual range, so that a network made tomorrow is in it too."""
    listed = machine.ask("docker", "network", "ls", "--quiet", "--filter", "driver=bridge")
    if listed.reason or not listed.text.split():
        return Networks(reason=listed.reason or "Docker has no bridge network")
    told = machine.ask("docker", "network", "inspect", *listed.text.split())
    try:
        found = [] if told.reason else json.loads(told.text)
        pools = [(each["Name"], pool) for each in found for pool in (each["IPAM"]["Config"] or ()) if _is_ipv4(pool)]
    except (ValueError, KeyError, TypeError) as error:
        return Networks(reason=f"Docker's answer cannot be read: {error}")
    gateway = next((pool["Gateway"] for name, pool in pools if name == "bridge" and pool.get("Gateway")), USUAL_ADDRESS)
    return Networks(gateway, _merged([pool["Subnet"] for _, pool in pools]), told.reason)


def _is_ipv4(pool: dict[str, Any]) -> bool:
    gateway = pool.get("Gateway")
    return ip_network(pool["Subnet"]).version == 4 and (not gateway or ip_address(gateway).version == 4)  # noqa: PLR2004


def _merged(subnets: list[str]) -> tuple[str, ...]:
    usual = [ip_network(each) for each in USUAL_NETWORKS]
    others = sorted({each for each in subnets if not any(ip_network(each).overlaps(network) for network in usual)})
    return (*USUAL_NETWORKS, *others)
