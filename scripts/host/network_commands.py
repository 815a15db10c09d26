"""How containers get to a server on loopback, as options."""

from pathlib import Path
from typing import Annotated

from typer import Option

from scripts.host.delivery import Delivery, Quiet, Root, Write, Yes, deliver
from scripts.host.firewall import firewall_plan
from scripts.host.forwarder import forwarder_plan
from scripts.kit.command import AsJson

OLLAMA = "11434"
From = Annotated[
    list[str] | None, Option("--from", metavar="NETWORK", help="Who may connect; else Docker's networks. Repeatable.")
]


def forwarder(  # noqa: PLR0913, PLR0917 - options of a command line
    port: Annotated[
        list[str] | None, Option(help="11434, or 8080:9931 for another port on loopback. Repeatable.")
    ] = None,
    address: Annotated[str, Option(help="Where containers connect; else Docker's own, usually 172.17.0.1.")] = "",
    target: Annotated[str, Option(help="Where the server listens.")] = "127.0.0.1",
    allowed: From = None,
    write: Write = False,
    yes: Yes = False,
    root: Root = Path("/"),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """A socket on Docker's address that hands on to 127.0.0.1: safer than letting the server listen everywhere.

    Example: python -m scripts host forwarder --port 11434 --port 8080 --write
    """
    deliver(
        "forwarder",
        lambda machine: forwarder_plan(port or [OLLAMA], address, allowed or (), target, machine),
        Delivery(write, yes, root, as_json, quiet),
    )


def firewall(  # noqa: PLR0913, PLR0917
    port: Annotated[list[str] | None, Option(help="The port to open. Repeatable.")] = None,
    allowed: From = None,
    tool: Annotated[str, Option(help="auto, ufw, firewalld or nftables.")] = "auto",
    root: Root = Path("/"),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """The rule that lets containers reach the port, and nobody else; commands only, each program keeps its own rules.

    Example: python -m scripts host firewall --port 11434 --tool ufw
    """
    deliver(
        "firewall",
        lambda machine: firewall_plan(port or [OLLAMA], allowed or (), tool, machine),
        Delivery(root=root, as_json=as_json, quiet=quiet),
    )
