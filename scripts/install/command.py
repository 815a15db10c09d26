"""The command: which package, which Dify, and how the end is told."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from typer import Exit, Option

from scripts.dify.ours import Plugin
from scripts.dify.plugins import OnStatus
from scripts.dify.session import DifySession
from scripts.dify.sign_in import connect
from scripts.dify.telling import told
from scripts.install.forms import PLACE, Forms, SaveAgain
from scripts.install.package import package_to_install
from scripts.install.steps import Done, Steps
from scripts.kit import exits
from scripts.kit.command import AsJson, Quiet, speaking
from scripts.kit.output import Output
from scripts.kit.settings import Settings, read_settings


def install(  # noqa: PLR0913, PLR0917 - options of a command line
    package: Annotated[Path | None, Option(help="A .difypkg file. Without it one is made from this folder.")] = None,
    dify: Annotated[str, Option(help="Address of Dify; http://localhost if nothing else is set.")] = "",
    wait: Annotated[float, Option(min=1, help="Seconds for Dify to install the plugin's dependencies.")] = 900,
    config: Annotated[Path | None, Option(help="Settings file, instead of local-models.yaml.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Install the plugin in Dify, or replace another version; models added by name are kept.

    Sign in with DIFY_EMAIL and DIFY_PASSWORD (or DIFY_PASSWORD_FILE, or a prompt), or with DIFY_ADMIN_API_KEY and
    DIFY_WORKSPACE_ID. The same version a second time changes nothing.

    Exit codes: 0 it runs, 1 it does not or a form must be saved again, 2 wrong options, 3 Dify cannot be reached,
    4 Dify was not done in time.

    Example: DIFY_EMAIL=me@example.com python -m scripts install --dify http://localhost
    """
    with speaking(as_json=as_json, quiet=quiet) as output, told():
        settings = read_settings(config, dify_url=dify)
        session = connect(settings)
        with package_to_install(output, package) as plugin:
            begin = time.monotonic()
            with _progress(output) as on_step:
                done = Steps(session, _forms(session, plugin, settings), wait, on_step).run(plugin)
            _tell(output, session, plugin, done)
            _end(output, session, plugin, done, time.monotonic() - begin)


def _forms(session: DifySession, plugin: Plugin, settings: Settings) -> Forms:
    return Forms(session, plugin.provider, {"api_key": settings.local_models_api_key.get_secret_value()})


@contextmanager
def _progress(output: Output) -> Generator[OnStatus]:
    """One line that says what is done and for how long."""
    begin = time.monotonic()
    with output.console.status("…") as line:
        yield lambda step: line.update(f"{step} … {time.monotonic() - begin:.0f} s")


def _tell(output: Output, session: DifySession, plugin: Plugin, done: Done) -> None:
    where = f"Dify {session.version} at {session.url}".replace("  ", " ")
    if not done.changed:
        output.good(f"{plugin.id} {plugin.version} runs already in {where}; nothing to install")
    else:
        instead = f", in place of {', '.join(done.replaced)}" if done.replaced else ""
        output.good(f"{plugin.id} {plugin.version} runs in {where}{instead}")
    if done.replaced:
        output.say("  Models added by name kept their credentials.")
    for name in done.restored:
        output.good(f"the provider's form “{name}” is saved again")
    for form in done.save_again:
        output.bad(*_by_hand(form))
    if done.changed:
        output.say("  Next: python -m scripts sync brings every model of your servers into Dify.")


def _by_hand(form: SaveAgain) -> tuple[str, str]:
    address = f" for {form.address}" if form.address else ""
    return f"the provider's form “{form.name}”{address} must be saved again: {form.why}", PLACE


def _end(output: Output, session: DifySession, plugin: Plugin, done: Done, seconds: float) -> None:
    facts = {
        "ok": not done.save_again,
        "changed": done.changed,
        "dify": {"url": session.url, "version": session.version},
        "plugin": {"id": plugin.id, "version": plugin.version, "identifier": plugin.identifier},
        "replaced": list(done.replaced),
        "forms": {"restored": list(done.restored), "save_again": [asdict(form) for form in done.save_again]},
        "seconds": round(seconds, 1),
    }
    output.result(facts)
    if done.save_again:
        raise Exit(exits.PROBLEM)
