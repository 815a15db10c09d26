"""From flags, environment, `.env` and Dify to one address that answers and a key that is taken; else what is wrong."""

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from scripts.debug import dify_key, env_file, reaching
from scripts.debug.checking import KNOWN, UUID, Finding, check_environment, check_lines, is_placeholder
from scripts.debug.env_file import EnvFile, NotText
from scripts.debug.handshake import Answer, KeyRefused, NoDaemon, Taken, Unreachable, Unwilling, offer
from scripts.debug.places import check_place
from scripts.debug.secret import Secret
from scripts.debug.target import HOST, KEY, METHOD, PLACE, PORT, URL, Target, chosen, lines
from scripts.dify.plugins import LOG_FIX
from scripts.dify.session import DifySession
from scripts.dify.sign_in import connect
from scripts.doctoring.machine import Machine
from scripts.kit.settings import Settings

NAME = ".env"
AGAIN = 2.0  # seconds between two looks with --wait
NEW_KEY = f"{PLACE}; or let Dify be asked: DIFY_EMAIL=… python -m scripts debug --renew"
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
    """`keys` are all that stand in `.env`, also in its comments: none of them is shown."""

    target: Target
    findings: list[Finding] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    wrote: str = ""  # what is new in `.env`

    @property
    def stops(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.stops]

    @property
    def secret(self) -> Secret:
        return Secret(self.target.key, *self.keys)


def prepare(asked: Asked, settings: Settings, machine: Machine) -> Prepared:
    """Raises `Stop` and `DifyError` only where Dify had to be asked."""
    try:
        file = env_file.read(asked.path)
    except (NotText, OSError) as error:
        return Prepared(Target(), [_unreadable(error)])
    ready = _looked_at(asked, file)
    dify = connect(settings) if asked.renew or dify_key.can_sign_in(settings) else None
    may_ask = dify if not asked.only_check else None
    is_new = may_ask is not None and (asked.renew or not _is_key(ready.target.key))
    if may_ask and is_new:
        _take_from_dify(ready, may_ask)
    if not ready.target.key:
        ready.findings.append(Finding("KEY_MISSING", NAME, f"{KEY} is missing", f"put the key there: {NEW_KEY}"))
    if not ready.stops:
        _reach(ready, asked, settings, machine)
    if is_new:
        _write(ready, asked.path, file)
    if not ready.stops:
        _offer(ready, None if is_new else may_ask, asked.path, file)
    if dify and not ready.stops:
        ready.findings += _installed(dify, anyway=asked.anyway)
    return ready


def _unreadable(error: NotText | OSError) -> Finding:
    if isinstance(error, OSError):
        return Finding("UNREADABLE_FILE", NAME, f"it cannot be read: {error.strerror}", f"ls -l {NAME} says why")
    fix = f"in PowerShell: … | Out-File -Encoding utf8NoBOM {NAME}"
    return Finding("NOT_UTF8", NAME, "it is no UTF-8, the SDK cannot start with it", fix)


def _looked_at(asked: Asked, file: EnvFile) -> Prepared:
    """What is given twice counts where it wins."""
    unused = {name for name in KNOWN if os.environ.get(name)}
    unused |= {HOST, URL} if asked.host else set()
    unused |= {PORT} if asked.port else set()
    findings = [*check_lines(file, NAME, unused), *check_environment(os.environ), *check_place(asked.path)]
    return Prepared(chosen(file.values, os.environ, asked.host, asked.port, NAME), findings, [*UUID.findall(file.text)])


def _is_key(key: str) -> bool:
    return bool(key) and not is_placeholder(key)


def _take_from_dify(ready: Prepared, dify: DifySession) -> None:
    given, old = dify_key.ask(dify), ready.target
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
    wanted = {METHOD: "remote", **lines(ready.target)}
    there = file.values
    kept = {name for name in wanted if there.get(name)} | ({HOST, PORT} if there.get(URL) else set())
    new = {name: value for name, value in wanted.items() if name == KEY or name not in kept}
    try:
        env_file.write(path, env_file.filled(file, new))
    except OSError as error:
        wrong = f"the key of Dify could not be written ({error.strerror}); it is used this time"
        ready.findings.append(Finding("NOT_WRITTEN", NAME, wrong, f"let {path.parent} be written", stops=False))
        return
    ready.wrote = ", ".join(new)
    ready.findings = [each for each in ready.findings if each.code not in ("MODE", "METHOD")]


def _offer(ready: Prepared, dify: DifySession | None, path: Path, file: EnvFile) -> None:
    """A key of `.env` that has grown too old is replaced, where there is a Dify that may be asked."""
    target = ready.target
    answer = offer(target.host, target.port, target.key)
    if isinstance(answer, KeyRefused) and dify and target.key_from == NAME:
        _take_from_dify(ready, dify)
        _write(ready, path, file)
        answer = offer(target.host, target.port, ready.target.key)
    ready.findings += _refusals(answer, ready.target)


def _refusals(answer: Answer, target: Target) -> Iterable[Finding]:
    match answer:
        case KeyRefused():
            wrong = f"Dify refuses the key of {target.key_from}: it is wrong, of another Dify, or two hours old"
            yield Finding("KEY_REFUSED", target.address, wrong, NEW_KEY)
        case Unwilling(words):
            yield Finding("UNWILLING", target.address, f"Dify refuses: {words}", LOG_FIX)
        case Unreachable(why) | NoDaemon(why):
            yield Finding("UNREACHABLE", target.address, f"{target.address}: {why}", PORT_FIX)


def _installed(dify: DifySession, *, anyway: bool) -> list[Finding]:
    found = dify_key.check_installed(dify)
    return [replace(finding, stops=False) for finding in found] if anyway else found
