"""The addresses that may have been meant by Dify's host, knocked at all at once; the first that answers is taken."""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from scripts.debug.handshake import Answer, NoDaemon, Taken, Unreachable, knock
from scripts.debug.target import USUAL_PORT, Target, address
from scripts.dify.address import root_of
from scripts.doctoring.doors import BRIDGE, HOST_NAMES, KNOCK, together
from scripts.doctoring.machine import Machine

LOCAL = "localhost"
THIS_MACHINE = ("", LOCAL, "127.0.0.1", "::1", "0.0.0.0", "::", "localhost.localdomain")  # noqa: S104 - read, not bound

HOST_FROM_INSIDE = (*HOST_NAMES, BRIDGE)


def candidates(machine: Machine, host: str, dify_url: str) -> list[str]:
    """`localhost` is what Dify calls itself when nobody told it better; from a container that is someone else."""
    first = LOCAL if host in ("", "0.0.0.0", "::") else host  # noqa: S104
    if not machine.may_look_around():
        return [first]
    dify = urlsplit(root_of(dify_url)).hostname or ""
    hosts = [first, *([] if dify in THIS_MACHINE else [dify])]
    if first in HOST_FROM_INSIDE:  # written in a container, read outside of it
        hosts.append(LOCAL)
    if machine.container() and first.lower() in (*THIS_MACHINE, *HOST_FROM_INSIDE):
        hosts += HOST_NAMES
        hosts += [ip for ip in (BRIDGE, machine.gateway()) if ip and not machine.is_own(ip)]
    return list(dict.fromkeys(hosts))


def reachable(target: Target, hosts: Sequence[str]) -> tuple[Target, list[tuple[str, Answer]]]:
    """The target with the first host that answers, and what happened at each; the key goes to none of them."""
    port = target.port or USUAL_PORT
    silent = Unreachable("no reply")
    answers: list[Answer] = together([lambda host=host: knock(host, port) for host in hosts], KNOCK, silent)
    rows = list(zip(hosts, answers, strict=True))
    host = next((host for host, answer in rows if isinstance(answer, Taken)), hosts[0])
    return replace(target, host=host, port=port), rows


def told(port: int, rows: Sequence[tuple[str, Answer]]) -> str:
    """Why none of them will do."""
    return "; ".join(f"{address(host, port)}: {_why(answer)}" for host, answer in rows)


def _why(answer: Answer) -> str:
    match answer:
        case Unreachable(why) | NoDaemon(why):
            return why
        case _:
            return "it speaks before it is asked, which the daemon does not"
