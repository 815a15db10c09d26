"""Which model servers listen, and who gets through to them."""

from collections.abc import Sequence

from provider.core.address import PORTS
from scripts.host.listening import Listener, listeners
from scripts.host.machine import Machine
from scripts.host.status.part import Line, Part

NAMES = {port: name for name, ports in PORTS.items() if name != "auto" for port in ports}
USUAL = {"ollama": "Ollama", "llamacpp": "llama.cpp", "lmstudio": "LM Studio", "openai": "vLLM and others"}
OPEN_FIX = "Close the port for other machines (python -m scripts host firewall), or listen on 127.0.0.1."
LOOPBACK_FIX = "If Dify in Docker shall use it: python -m scripts host forwarder --port {port}"


def addresses(machine: Machine, more: Sequence[int] = ()) -> Part:
    open_ports = listeners(machine)
    if open_ports is None:
        return Part("Addresses", reason="this machine has no /proc/net/tcp (it is not Linux)")
    ports = {*NAMES, *more}
    here = [each for each in open_ports if each.port in ports]
    if not here:
        listed = ", ".join(str(port) for port in sorted(ports))
        return Part("Addresses", (Line(f"nothing listens on {listed}", "warn", "Start the server: ollama serve"),))
    return Part("Addresses", tuple(_line(each, here) for each in here))


def _line(listener: Listener, all_here: Sequence[Listener]) -> Line:
    usual = USUAL.get(NAMES.get(listener.port, ""), "")
    text = f"{listener}{f' ({usual})' if usual else ''}: {listener.reach}"
    facts = {"address": listener.address, "port": listener.port, "reach": listener.reach}
    if listener.is_everywhere:
        return Line(text, "warn", OPEN_FIX, facts)
    closed = all(each.is_loopback for each in all_here if each.port == listener.port)
    return Line(text, "ok", LOOPBACK_FIX.format(port=listener.port) if closed else "", facts)
