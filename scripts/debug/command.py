"""The command: options, what is told before the plugin starts, and how the end is told."""

import signal
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, NoReturn

from typer import Exit, Option

from scripts.debug.alone import alone
from scripts.debug.checking import Finding
from scripts.debug.preparing import NAME, Asked, Prepared, prepare
from scripts.debug.running import Debugging
from scripts.debug.secret import Secret
from scripts.dify.ours import ROOT
from scripts.dify.telling import told
from scripts.doctoring.machine import Machine
from scripts.kit import exits
from scripts.kit.command import AsJson, Quiet, Stop, speaking
from scripts.kit.output import Output
from scripts.kit.settings import read_settings

ENDING = (signal.SIGTERM, signal.SIGHUP) if hasattr(signal, "SIGHUP") else (signal.SIGTERM,)


def debug(  # noqa: PLR0913, PLR0917 - one parameter an option
    check: Annotated[bool, Option("--check", help="Only check .env, the address and the key.")] = False,
    host: Annotated[str, Option(help="Dify's debugging address; else REMOTE_INSTALL_HOST, or where one answers.")] = "",
    port: Annotated[int, Option(min=0, max=65535, help="Its port; else REMOTE_INSTALL_PORT, or 5003.")] = 0,
    renew: Annotated[bool, Option("--renew", help="Ask Dify for the key, also when .env has one.")] = False,
    reload: Annotated[bool, Option("--reload", help="Start again when a source file changes.")] = False,
    anyway: Annotated[bool, Option("--anyway", help="Also when the plugin is installed in that Dify.")] = False,
    wait: Annotated[float, Option(min=0, help="Seconds to wait for a Dify that is not up yet.")] = 0.0,
    dify: Annotated[
        str, Option(help="Address of Dify's pages, to ask for the key; http://localhost if nothing is set.")
    ] = "",
    root: Annotated[Path, Option(help="The plugin's folder, with its .env.", exists=True, file_okay=False)] = ROOT,
    config: Annotated[Path | None, Option(help="Settings file, instead of local-models.yaml.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Run the plugin here, from its sources, for a Dify that has remote debugging on (its port 5003).

    The key comes from REMOTE_INSTALL_KEY, in the environment or in .env; or Dify is asked for it and .env written, with
    the sign-in of `install`: DIFY_EMAIL and DIFY_PASSWORD. It is a secret: no option takes it, no output shows it.

    Exit codes: 0 ended by Ctrl-C, or the check found nothing; 1 a problem was found; 2 wrong options; 3 Dify is not
    reachable; 4 Dify was away for too long.

    Example: python -m scripts debug --check
    """
    with speaking(as_json=as_json, quiet=quiet) as output, told():
        asked = Asked(root.resolve(), host, port, check, renew, anyway, wait)
        ready = prepare(asked, read_settings(config, dify_url=dify), Machine())
        _show(output, ready)
        if ready.stops:
            _end(output, ready, _code(ready.stops, wait))
        if check:
            output.good(f"{ready.target.address} answers and takes the key of {ready.target.key_from}")
            _end(output, ready, exits.READY)
        with alone(ready.target):
            _debug(output, ready, Debugging(asked.root, ready.target, output, reload=reload))


def _debug(output: Output, ready: Prepared, debugging: Debugging) -> NoReturn:
    """Whoever ends it, ends it well; `docker stop` and a closed terminal too."""
    began, before = time.monotonic(), {name: signal.signal(name, _interrupt) for name in ENDING}
    try:
        debugging.run()
    except KeyboardInterrupt:
        output.good("ended; Dify has the plugin no more")
    except Stop as stop:
        stop.facts |= _facts(ready)
        raise
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
    _end(output, ready, exits.READY, connections=debugging.connections, seconds=round(time.monotonic() - began, 1))


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _show(output: Output, ready: Prepared) -> None:
    secret = ready.secret
    if ready.wrote:
        output.good(f"{NAME} has {ready.wrote} from {ready.target.key_from}")
    for finding in ready.findings:
        text = secret.hide(f"{finding.where}: {finding.wrong}")
        if finding.stops:
            output.bad(text, finding.fix)
        else:
            output.warn(f"{text} → {finding.fix}")


def _code(stops: list[Finding], wait: float) -> int:
    """Only when nothing else is wrong it is Dify's turn."""
    if any(finding.code != "UNREACHABLE" for finding in stops):
        return exits.PROBLEM
    return exits.WAITED if wait else exits.COULD_NOT_RUN


def _facts(ready: Prepared) -> dict[str, Any]:
    secret = ready.secret
    findings = [{name: _hidden(value, secret) for name, value in asdict(each).items()} for each in ready.findings]
    address = {"host": secret.hide(ready.target.host), "port": ready.target.port}
    return {"address": address, "key_from": ready.target.key_from, "findings": findings}


def _hidden(value: object, secret: Secret) -> object:
    return secret.hide(value) if isinstance(value, str) else value


def _end(output: Output, ready: Prepared, code: int, **facts: Any) -> NoReturn:
    output.result({"ok": code == exits.READY, "exit_code": code, **_facts(ready), **facts})
    raise Exit(code)
