"""The commands `apps up`, `apps down` and `apps list`."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Exit, Option, Typer

from scripts.apps import keys, marks, running
from scripts.apps.files import File, files
from scripts.apps.running import Asked, Report
from scripts.apps.steps import Action, Made
from scripts.dify.apps import Apps
from scripts.dify.plugins import OnStatus
from scripts.dify.session import DifySession
from scripts.dify.sign_in import connect
from scripts.dify.telling import told
from scripts.kit.command import AsJson, Quiet, speaking
from scripts.kit.output import Output
from scripts.kit.settings import read_settings

Names = Annotated[list[str] | None, Argument(metavar="[APP]...", help="Without any: all of them.")]
Address = Annotated[str, Option(help="Address of Dify; http://localhost if nothing else is set.")]
Config = Annotated[Path | None, Option(help="Settings file, instead of local-models.yaml.")]
KeysFile = Annotated[Path, Option("--keys", help="The file for the apps' keys, readable for you alone.")]
DONE = {"create": "created", "update": "updated", "nothing": "unchanged"}
DRY = {"create": "would be created", "update": "would be updated", "nothing": "unchanged"}

apps = Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help=(
        "The apps for load tests, in a Dify that is set up: bring them, list them, take them away.\n\n"
        "Example: python -m scripts apps up --dify http://localhost"
    ),
)


@apps.command()
def up(  # noqa: PLR0913, PLR0917 - options of a command line
    names: Names = None,
    dify: Address = "",
    model: Annotated[str, Option(help="The model that the apps ask.")] = "auto",
    keys_file: KeysFile = keys.USUAL,
    wait: Annotated[float, Option(min=1, help="Seconds for Dify to index the knowledge.")] = 120,
    dry_run: Annotated[bool, Option("--dry-run", help="Show what would be done, and change nothing.")] = False,
    show_keys: Annotated[bool, Option("--show-keys", help="Print the keys too.")] = False,
    config: Config = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Import, publish and key the apps; a second run changes nothing.

    Sign in with DIFY_EMAIL and DIFY_PASSWORD (or DIFY_PASSWORD_FILE, or a prompt), or with DIFY_ADMIN_API_KEY and
    DIFY_WORKSPACE_ID. Only apps that this command made are changed.

    Exit codes: 0 all are there, 1 Dify refused one or the plugin is missing, 2 wrong options, 3 Dify cannot be reached,
    4 the knowledge was not indexed in time.

    Example: python -m scripts apps up simple_qa_workflow --model qwen3:8b
    """
    with speaking(as_json=as_json, quiet=quiet) as output, told():
        wanted = files(names or ())
        keys.check(keys_file)
        session = connect(read_settings(config, dify_url=dify))
        plugin = running.check(session, model) if any(file.wants_model for file in wanted) else ""
        if dry_run:
            _tell_plan(output, running.plan(session, wanted, model))
            return
        with _progress(output) as on_step:
            report = running.up(session, wanted, Asked(model, plugin, wait, keys_file), on_step)
        _tell(output, session, report, keys_file, show_keys=show_keys)
        if report.refused:
            raise Exit(report.exit_code)


@apps.command()
def down(  # noqa: PLR0913, PLR0917 - the same
    names: Names = None,
    dify: Address = "",
    keys_file: KeysFile = keys.USUAL,
    config: Config = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Remove the apps that `apps up` made, with their knowledge; nothing else.

    Example: python -m scripts apps down
    """
    with speaking(as_json=as_json, quiet=quiet) as output, told():
        files(names or ())
        session = connect(read_settings(config, dify_url=dify))
        with _progress(output) as on_step:
            gone, datasets = running.down(session, names or (), keys_file, on_step)
        keys.forget(keys_file, session.url, gone)
        for name in [*gone, *datasets]:
            output.good(f"{name} removed")
        if not gone + datasets:
            output.good(f"there is nothing of ours in Dify at {session.url}")
        output.result({"ok": True, "removed": gone, "datasets": datasets, "dify": session.url})


@apps.command("list")
def list_(dify: Address = "", config: Config = None, as_json: AsJson = False, quiet: Quiet = False) -> None:
    """The apps there are, and which of them this Dify has.

    Example: python -m scripts apps list
    """
    with speaking(as_json=as_json, quiet=quiet) as output, told():
        session = connect(read_settings(config, dify_url=dify))
        there = marks.ours(Apps(session).all())
        rows = [(file.name, file.title, file.mode, marks.state(there.get(file.name, []))) for file in files()]
        output.table("", ("App", "Title", "Mode", "In Dify"), rows)
        facts = [dict(zip(("name", "title", "mode", "state"), row, strict=True)) for row in rows]
        output.result({"ok": True, "apps": facts, "dify": session.url})


@contextmanager
def _progress(output: Output) -> Generator[OnStatus]:
    with output.console.status("…") as line:
        yield lambda step: line.update(f"{step} …")


def _tell_plan(output: Output, plan: Sequence[tuple[File, Action]]) -> None:
    for file, action in plan:
        output.say(f"{file.name}: {DRY[action]}")
    facts = [{"name": file.name, "action": action} for file, action in plan]
    output.result({"ok": True, "dry_run": True, "changed": False, "apps": facts})


def _tell(output: Output, session: DifySession, report: Report, keys_file: Path, *, show_keys: bool) -> None:
    for made in report.made:
        output.good(f"{made.name}: {DONE[made.action]}{f', key {made.key}' if show_keys else ''}")
    for each in report.refused:
        output.bad(f"{each.name}: {each.error}", each.fix)
    if report.made:
        output.say(f"  Keys: {keys_file}. Next: make load HOST={session.url} SCENARIO={report.made[0].name}")
    facts = {
        "ok": not report.refused,
        "changed": any(made.action != "nothing" for made in report.made),
        "dify": {"url": session.url, "version": session.version},
        "apps": _facts(report.made, show_keys=show_keys),
        "refused": [{"name": each.name, "error": each.error, "fix": each.fix} for each in report.refused],
        "keys": str(keys_file),
    }
    output.result(facts)


def _facts(made: Sequence[Made], *, show_keys: bool) -> list[dict[str, Any]]:
    return [
        {"name": each.name, "id": each.id, "mode": each.mode, "action": each.action}
        | ({"key": each.key} if show_keys else {})
        for each in made
    ]
