"""The group of commands: `python -m scripts host …`."""

from typer import Typer

from scripts.host.network_commands import firewall, forwarder
from scripts.host.ollama_commands import launchd, ollama, windows_command
from scripts.host.server_commands import llamacpp, lmstudio
from scripts.host.status.command import status

host = Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help=(
        "What the machine with the model server needs: printed as a script, or written with --write (with a question "
        "and a backup).\n\nExample: python -m scripts host forwarder --write"
    ),
)
host.command("status")(status)
host.command("ollama")(ollama)
host.command("forwarder")(forwarder)
host.command("firewall")(firewall)
host.command("llamacpp")(llamacpp)
host.command("lmstudio")(lmstudio)
host.command("launchd")(launchd)
host.command("windows")(windows_command)
