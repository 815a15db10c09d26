"""The command: which servers, which Dify, once or again and again."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from scripts.dify.models import Models
from scripts.dify.ours import our_provider
from scripts.dify.sign_in import connect
from scripts.dify.telling import told
from scripts.kit.command import AsJson, Quiet, speaking
from scripts.kit.settings import read_settings
from scripts.sync.options import Options, shelf_of, wish_of
from scripts.sync.round import Round
from scripts.sync.running import Following, Sync
from scripts.sync.watch import Watch

LONGEST_POLL = 5.0  # seconds, so that a new model is in Dify within ten


def sync(  # noqa: PLR0913, PLR0917 - options of a command line
    servers: Annotated[
        list[str] | None,
        Argument(
            metavar="SERVER",
            help="Addresses as in the plugin's form. Without any: those of the settings, else the usual ports of "
            "this machine where one answers.",
        ),
    ] = None,
    dify: Annotated[str, Option(help="Address of Dify; http://localhost if nothing else is set.")] = "",
    as_seen_by_dify: Annotated[
        str, Option(metavar="HOST", help="What 127.0.0.1 is called in Dify's containers: host.docker.internal, …")
    ] = "",
    fields: Annotated[
        list[str] | None, Option("--set", metavar="NAME=VALUE", help="A field of the plugin's model form, for all.")
    ] = None,
    only: Annotated[list[str] | None, Option(metavar="PATTERN", help="Only these models, such as 'qwen3:*'.")] = None,
    skip: Annotated[list[str] | None, Option(metavar="PATTERN", help="All models but these.")] = None,
    label: Annotated[str, Option(help="For several syncs into one Dify: each leaves the others' models alone.")] = "",
    prune: Annotated[bool, Option("--prune", help="Remove what sync added and no server has any more.")] = False,
    dry_run: Annotated[bool, Option("--dry-run", help="Show what would be done, and change nothing.")] = False,
    watch: Annotated[bool, Option("--watch", help="Go on, and follow the models as they come and go.")] = False,
    every: Annotated[float, Option(min=0.2, max=LONGEST_POLL, help="Seconds between looks with --watch.")] = 3.0,
    config: Annotated[Path | None, Option(help="A YAML file with settings, else local-models.yaml.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Bring every model of every server into Dify: add what is new, update what changed, leave the rest.

    Sign in with DIFY_EMAIL and DIFY_PASSWORD (or DIFY_PASSWORD_FILE, or a prompt), or with DIFY_ADMIN_API_KEY and
    DIFY_WORKSPACE_ID. The servers' key is read from LOCAL_MODELS_API_KEY. A second run changes nothing.

    Exit codes: 0 all is in Dify, 1 a server is silent or a model was refused, 2 wrong options, 3 Dify cannot be
    reached.

    Example: python -m scripts sync http://127.0.0.1:11434 --as-seen-by-dify host.docker.internal
    """
    with speaking(as_json=as_json, quiet=quiet) as output, told():
        asked = {"dify_url": dify, "dify_sees_servers_at": as_seen_by_dify, "sync_label": label}
        settings = read_settings(config, **asked)
        options = Options(tuple(servers or ()), tuple(fields or ()), tuple(only or ()), tuple(skip or ()))
        wish, shelf = wish_of(options, settings), shelf_of(options, settings, prune=prune)
        session = connect(settings)
        round_ = Round(Models(session, our_provider()), wish, prune, settings.ollama_default_model)
        run = Sync(output, session, shelf, round_)
        if watch and not dry_run:
            output.say(f"Watching {', '.join(shelf.names)} every {every:g} s. Ctrl-C ends it.")
            Watch(Following(run), every).run()
        run.once(dry_run=dry_run)
