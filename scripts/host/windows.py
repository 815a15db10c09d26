"""Windows: variables of the person's account, as Ollama's app reads them, and the firewall's rule."""

from pathlib import Path

from provider.core.address import host_and_port, is_loopback
from scripts.host import ollama
from scripts.host.ollama import EVERYWHERE, OllamaOptions
from scripts.host.plan import HostFile, Plan
from scripts.host.rendering import render

SCRIPT = Path("ollama-settings.ps1")
DOCKER_DESKTOP = (
    "Docker Desktop reaches a server on 127.0.0.1 as host.docker.internal: for Dify it need not listen anywhere else."
)
INSIDE_WSL = (
    "Docker Engine inside WSL comes from a network of its own: add --listen 0.0.0.0, and use the address that "
    "“ip route show default” prints inside WSL."
)


def ollama_plan(options: OllamaOptions) -> Plan:
    values = ollama.environment(options)
    host = ollama.host_of(values)
    is_open = bool(host) and (host in EVERYWHERE or not is_loopback(host))
    port = host_and_port(f"http://{values['OLLAMA_HOST']}")[1] if host else None
    return Plan(
        files=(HostFile(SCRIPT, render("windows.ps1", variables=values, port=port if is_open else None)),),
        commands=(f"powershell -ExecutionPolicy Bypass -File {SCRIPT}",),
        warnings=tuple(ollama.warnings(options, values)),
        notes=(DOCKER_DESKTOP, INSIDE_WSL),
        language="powershell",
    )
