"""The doctor on the networks that the plugin's diagnosis is tested on, and on real ones that are only loopback."""

import subprocess
import sys
from pathlib import Path
from time import monotonic

from provider.core.reachability.causes import PLAIN
from provider.core.reachability.line import Trouble
from provider.core.server import Tls
from scripts.doctoring.machine import Machine
from scripts.doctoring.main import arguments, examine
from scripts.doctoring.pages import Page

ROOT = Path(__file__).parents[2]
FILE = ROOT / "scripts" / "doctor.py"
QUICK = ROOT / "scripts" / "test_ollama_quick.py"


class FakeMachine(Machine):
    """Asks a `FakeNetwork`, which is the plugin's seam, in the doctor's way."""

    def __init__(self, network, env=()):
        super().__init__("/no/such/place", dict(env))
        self.network = network

    def ask(self, url, ip, path, body=None, seconds=2.0):
        page, until = Page(url, ip), monotonic() + seconds
        call = self.network.connect(ip, page.port, until)
        page.outcome, page.seconds = PLAIN.get(call.outcome, call.outcome), call.seconds
        if call.line:
            try:
                self._talk(page, call.line, path, until)
            except Trouble as trouble:
                page.outcome, page.said = PLAIN.get(trouble.outcome, trouble.outcome), trouble.detail
        return page

    def _talk(self, page, line, path, until):
        if page.url.startswith("https:"):
            line.secure(page.host, Tls(), until)
        answer = line.ask(page.host, path, until)
        page.status, page.headers, page.body = answer.status, dict(answer.headers), answer.body

    def resolve(self, name):
        names = self.network.resolve(name, 0.0)
        return list(names.ips), PLAIN.get(names.outcome, names.outcome)

    def gateway(self):
        return self.network.gateway

    def is_alive(self, ip):
        return self.network.arp.get(ip)

    def is_own(self, ip):
        return ip in self.network.own

    def container(self):
        return "Docker container" if self.network.container else ""

    def may_look_around(self):
        return self.network.looks_around


def examined(network, url="", *options, **env):
    """The doctor's whole report."""
    where = [f"--url={url}"] if url else []
    return examine(FakeMachine(network, env), arguments([*where, "--no-generate", *options]))


def found(report, check):
    """The finding of one check."""
    (one,) = [each for each in report["findings"] if each["check"] == check]
    return one


def run(*options, program=FILE, python=sys.executable, piped=False, timeout=30, **env):
    """The file as a process of its own, which may touch nothing but the addresses it is given."""
    start = [python, "-", *options] if piped else [python, str(program), *options]
    text = program.read_text(encoding="utf-8") if piped else ""
    env = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "LOCAL_MODELS_LOOK_AROUND": "no", **env}
    return subprocess.run(
        start, input=text, env=env, capture_output=True, text=True, encoding="utf-8", timeout=timeout, check=False
    )
