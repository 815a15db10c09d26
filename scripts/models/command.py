"""The command: which servers are looked at, and what is printed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from typer import Argument, Exit, Option

from scripts.kit import exits
from scripts.kit.command import AsJson, Quiet, Stop, speaking
from scripts.kit.output import Output
from scripts.kit.settings import Settings, read_settings
from scripts.models.look import Look, instances_of, look_at, usual_instances
from scripts.models.reaching import key_headers
from scripts.models.rows import COLUMNS, facts, rows

WIDE = 240  # columns, so that a line is a model where the table goes into a pipe or a file


def models(
    servers: Annotated[
        list[str] | None,
        Argument(
            metavar="SERVER",
            help="Addresses, as in the plugin's form: HOST:PORT, URL, or name=URL. "
            "Without any: those of the settings, and the usual ports of this machine where one answers.",
        ),
    ] = None,
    config: Annotated[Path | None, Option(help="A YAML file with settings, else local-models.yaml.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """List the models of all servers: size, context, what they can do, whether they are loaded.

    A server that cannot be reached is a row with the reason. A key is read from LOCAL_MODELS_API_KEY.

    Exit code: 0 all servers answer, 1 one does not, 2 an address cannot be meant.

    Example: python -m scripts models 172.17.0.1:11434 big=http://192.168.1.7:8080
    """
    with speaking(as_json=as_json, quiet=quiet) as output:
        looks = _looks(output, servers or [], read_settings(config))
        _show(output, looks)


def _looks(output: Output, servers: Sequence[str], settings: Settings) -> list[Look]:
    named = instances_of(servers, settings)
    usual = () if servers else usual_instances(named)
    headers = key_headers(settings)
    with output.doing(f"Looking at {', '.join(each.name for each in (*named, *usual))}"):
        looks = look_at((*named, *usual), headers)
    found = [look for look in looks[len(named) :] if look.is_there]
    return [*looks[: len(named)], *found]


def _show(output: Output, looks: Sequence[Look]) -> None:
    if not looks:
        raise Stop(
            "no model server answers at the usual ports of this machine",
            "Start one (ollama serve), or say where it is: python -m scripts models HOST:PORT",
            servers=[],
            models=[],
        )
    if not output.console.is_terminal:
        output.console.width = WIDE
    output.table("", COLUMNS, rows(looks))
    silent = [look for look in looks if look.error]
    for look in silent:
        output.bad(f"{look.instance.name}: {look.error}", look.fix)
    code = exits.PROBLEM if silent else exits.READY
    output.result({"ok": not silent, "exit_code": code, **facts(looks)})
    if silent:
        raise Exit(code)
