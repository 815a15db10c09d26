"""The command line."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Sequence
from time import monotonic, sleep
from typing import Any

from scripts.doctoring.dify import dify
from scripts.doctoring.machine import Machine
from scripts.doctoring.mending import mend
from scripts.doctoring.models import models_and_token
from scripts.doctoring.network import addresses, bind, proxies, way, where_am_i
from scripts.doctoring.pages import Usage, read_address
from scripts.doctoring.patient import Patient
from scripts.doctoring.report import show

READY, PROBLEM, USAGE, COULD_NOT_RUN, WAITED, INTERRUPTED = 0, 1, 2, 3, 4, 130
BETWEEN = 1.0  # seconds from one look to the next
CHECKS = "place addresses listener tls bind connection dns proxy host-header server models token dify-api plugin-daemon"
ORDER = [*CHECKS.split(), "compose", "ssrf"]
OPTIONS = {
    "--url": "the server, or several with commas; else OLLAMA_BASE_URL, OLLAMA_HOST, or what answers nearby",
    "--model": "the model to ask; else OLLAMA_DEFAULT_MODEL, or one that is there",
    "--dify": "Dify, such as http://localhost; else DIFY_URL",
}
FLAGS = {
    "--json": "one JSON object with schema_version",
    "--markdown": "for a bug report, without secrets",
    "--quiet": "only what is wrong",
    "--fix": "offer to write what can be written here, and ask first",
}
EXAMPLE = "Example: docker exec -i docker-plugin_daemon-1 python3 - --markdown < scripts/doctor.py"
ABOUT = "Why no model server answers from here, and the one thing to do. A key is read from LOCAL_MODELS_API_KEY."


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("doctor.py", description=ABOUT, epilog=EXAMPLE)
    for name, text in OPTIONS.items():
        parser.add_argument(name, default="", metavar="X", help=text)
    for name, text in FLAGS.items():
        parser.add_argument(name, action="store_true", help=text)
    parser.add_argument("--server", default="auto", choices=["auto", "ollama", "llamacpp", "lmstudio", "openai"])
    parser.add_argument("--no-generate", dest="generate", action="store_false", help="ask for no token")
    parser.add_argument("--wait", type=float, default=0.0, metavar="SECONDS", help="look again until it is ready")
    want = parser.parse_args(argv)
    if want.fix and not sys.stdin.isatty():
        parser.error("--fix asks before it writes, and there is nobody to ask: run it as a file, in a terminal")
    want.colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    return want


def targets(machine: Machine, want: argparse.Namespace) -> list[tuple[str, str]]:
    """The addresses that were given, without any the likeliest one; and what is left to guesses."""
    env, _ = machine.env, machine.key()
    given = [each.strip() for each in (want.url or env.get("OLLAMA_BASE_URL", "")).split(",") if each.strip()]
    if given:  # `name=URL weight=2`, as in the plugin's form, is an address too
        read = [read_address(re.sub(r"^[\w-]+=|\s+\w+=\S+", "", each)) for each in given]
        return [(url, "nothing" if exact else "port") for url, exact in read]
    if not env.get("OLLAMA_HOST") and not machine.may_look_around():
        raise Usage("LOCAL_MODELS_LOOK_AROUND forbids to look for a server: --url says where it is")
    usual = "host.docker.internal:11434" if machine.container() else "127.0.0.1:11434"
    return [(read_address(env.get("OLLAMA_HOST") or usual)[0], "everything")]


def examine(machine: Machine, want: argparse.Namespace) -> dict[str, Any]:
    """All checks; what is behind a fault is skipped."""
    patients = [Patient(machine, want, url, open_is) for url, open_is in targets(machine, want)]
    where_am_i(patients[0])
    for patient in patients:
        for check in (addresses, way, bind, proxies, models_and_token):
            machine.named = patient.page.url
            check(patient)
    dify(patients[-1])
    return _report(patients)


def _report(patients: list[Patient]) -> dict[str, Any]:
    found = [one for each in patients for one in sorted(each.findings, key=lambda one: ORDER.index(one["check"]))]
    faults = [one["code"] for one in found if one["status"] == "fail"]
    pages = [page for each in patients for page in (each.page, *each.pages)]
    return {
        "schema_version": 1,
        "ok": not faults,
        "code": faults[0] if faults else "READY",
        "exit_code": PROBLEM if faults else READY,
        "url": patients[0].page.url,
        "server": patients[0].page.name,
        "findings": found,
        "addresses": [
            {"url": page.url, "outcome": page.outcome, "ms": round(page.seconds * 1000), "server": page.name}
            for page in pages
        ],
    }


def until_ready(machine: Machine, want: argparse.Namespace) -> dict[str, Any]:
    """One look, or as many as fit into the time to wait."""
    until = monotonic() + want.wait
    report = examine(machine, want)
    while not report["ok"] and monotonic() < until:
        sleep(min(BETWEEN, max(0.0, until - monotonic())))
        report = examine(machine, want)
    if want.wait and not report["ok"]:
        report["exit_code"] = WAITED
    return report


def main(argv: Sequence[str] | None = None, machine: Machine | None = None) -> int:
    want, machine = arguments(argv), machine or Machine()
    if sys.stderr.isatty() and not want.quiet:
        print("Looking ...", file=sys.stderr)
    report: dict[str, Any] = {"exit_code": COULD_NOT_RUN}
    try:
        report = until_ready(machine, want)
        show(report, want)
        if want.fix:
            mend(report)
    except Usage as error:
        return _ended(str(error), USAGE, want)
    except KeyboardInterrupt:
        return _ended("interrupted", INTERRUPTED, want)
    except BrokenPipeError:  # whoever read it has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:  # noqa: BLE001 - a doctor that falls ill says so, in a line
        return _ended(f"the doctor itself failed: {type(error).__name__}: {error}", COULD_NOT_RUN, want)
    return report["exit_code"]


def _ended(reason: str, code: int, want: argparse.Namespace) -> int:
    print(reason, file=sys.stderr)
    if want.json:
        print(json.dumps({"schema_version": 1, "ok": False, "error": reason, "exit_code": code, "findings": []}))
    return code


if __name__ == "__main__":
    sys.exit(main())
