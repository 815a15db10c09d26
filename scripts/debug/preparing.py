"""From flags, environment, `.env` and Dify to one address that answers and a key that is taken; else what is wrong."""

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from scripts.debug import dify_key, env_file, reaching
from scripts.debug.checking import Finding, check_key, check_lines, is_placeholder
from scripts.debug.env_file import EnvFile, NotText
from scripts.debug.handshake import KeyRefused, NoDaemon, Taken, Unreachable, Unwilling, offer
from scripts.debug.places import check_place
from scripts.debug.target import KEY, PLACE, URL, Target, chosen, lines
from scripts.dify.session import DifySession
from scripts.dify.sign_in import connect
from scripts.doctoring.machine import Machine
from scripts.kit.settings import Settings

NAME = ".env"
AGAIN = 2.0  # seconds between two looks with --wait
NEW_KEY = f"take the one of today: {PLACE}; or let Dify be asked: DIFY_EMAIL=… python -m scripts debug --renew"
PORT_FIX = (
    "in Dify's docker folder `docker compose ps plugin_daemon` shows whether port 5003 is published "
    "(EXPOSE_PLUGIN_DEBUGGING_PORT in docker/.env); or name another address with --host and --port"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line said."""

    root: Path
    host: str = ""
    port: int = 0
    only_check: bool = False
    renew: bool = False
    anyway: bool = False
    wait: float = 0.0

    @property
    def path(self) -> Path:
        return self.root / NAME


@dataclass(slots=True)
class Prepared:
    target: Target
    findings: list[Finding] = field(default_factory=list)
    wrote: str = ""  # what is new in `.env`

    @property
    def stops(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.stops]


def prepare(asked: Asked, settings: Settings, machine: Machine) -> Prepared:
    """Raises `Stop` and `DifyError` only where Dify had to be asked."""
    try:
        file = env_file.read(asked.path)
    except NotText:
        fix = f"in PowerShell: … | Out-File -Encoding utf8NoBOM {NAME}"
        return Prepared(Target(), [Finding("NOT_UTF8", NAME, "it is no UTF-8, the SDK cannot start with it", fix)])
    target = chosen(file.values, os.environ, asked.host, asked.port, NAME)
    ready = Prepared(target, [*check_lines(file, NAME), *check_place(asked.path)])
    dify = connect(settings) if asked.renew or dify_key.can_sign_in(settings) else None
    is_new = dify is not None and not asked.only_check and (asked.renew or not _is_key(target.key))
    if dify and is_new:
        _take_from_dify(ready, dify)
    ready.findings += _key(ready.target)
    if not ready.stops:
        _reach(ready, asked, settings, machine)
    if is_new:
        _write(ready, asked.path, file)
    if not ready.stops:
        ready.findings += _offered(ready.target)
    if dify and not ready.stops:
        ready.findings += _installed(dify, anyway=asked.anyway)
    return ready


def _is_key(key: str) -> bool:
    return bool(key) and not is_placeholder(key)


def _key(target: Target) -> Iterable[Finding]:
    """The checks of `.env` have seen the one that is in there."""
    if not target.key:
        yield Finding(
            "KEY_MISSING", NAME, f"{KEY} is missing", f"put it there: {PLACE}; or {NEW_KEY.partition('; or ')[2]}"
        )
    elif target.key_from != NAME:
        yield from check_key(target.key, target.key_from)


def _take_from_dify(ready: Prepared, dify: DifySession) -> None:
    given = dify_key.ask(dify)
    old = ready.target
    ready.target = replace(given, host=old.host or given.host, port=old.port or given.port)
    ready.findings = [each for each in ready.findings if not each.code.startswith("KEY_")]


def _reach(ready: Prepared, asked: Asked, settings: Settings, machine: Machine) -> None:
    """An address from the command line is meant as it is."""
    host = ready.target.host
    hosts = [host] if asked.host else reaching.candidates(machine, host, settings.dify_url)
    until = time.monotonic() + asked.wait
    while True:
        ready.target, rows = reaching.reachable(ready.target, hosts)
        if any(isinstance(answer, Taken) for _, answer in rows):
            return
        if time.monotonic() >= until:
            break
        time.sleep(AGAIN)
    wrong = f"no Dify answers: {reaching.told(ready.target.port, rows)}"
    ready.findings.append(Finding("UNREACHABLE", ready.target.address, wrong, PORT_FIX))


def _write(ready: Prepared, path: Path, file: EnvFile) -> None:
    """What is there already stays, but for the key: that is what Dify was asked for."""
    wanted = {**lines(ready.target), "INSTALL_METHOD": "remote"}
    there = file.values
    keep = {"REMOTE_INSTALL_HOST", "REMOTE_INSTALL_PORT"} if there.get(URL) else set()
    new = {name: value for name, value in wanted.items() if name == KEY or not (there.get(name) or name in keep)}
    env_file.write(path, env_file.filled(file, new))
    ready.wrote = ", ".join(new)
    ready.findings = [each for each in ready.findings if each.code not in ("MODE", "METHOD")]


def _offered(target: Target) -> Iterable[Finding]:
    match offer(target.host, target.port, target.key):
        case KeyRefused():
            wrong = f"Dify refuses the key of {target.key_from}: it is wrong, of another Dify, or two hours old"
            yield Finding("KEY_REFUSED", target.address, wrong, NEW_KEY)
        case Unwilling(words):
            yield Finding("UNWILLING", target.address, f"Dify refuses: {words}", "look at the daemon's log")
        case Unreachable(why) | NoDaemon(why):
            yield Finding("UNREACHABLE", target.address, f"{target.address}: {why}", PORT_FIX)


def _installed(dify: DifySession, *, anyway: bool) -> list[Finding]:
    found = dify_key.check_installed(dify)
    return [replace(finding, stops=False) for finding in found] if anyway else found
