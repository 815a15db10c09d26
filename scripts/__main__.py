"""The kit's command line: `python -m scripts COMMAND`."""

import signal
import sys
from collections.abc import Iterable
from importlib import import_module

import typer

COMMANDS = {
    "apps": "scripts.apps.command:apps",
    "bench": "scripts.bench.command:bench",
    "bench-model": "scripts.bench_model.command:bench_model",
    "config": "scripts.config.command:config",
    "debug": "scripts.debug.command:debug",
    "demo": "scripts.demo.command:demo",
    "doctor": "scripts.doctor_command:doctor",
    "host": "scripts.host.command:host",
    "install": "scripts.install.command:install",
    "load": "scripts.load.command:load",
    "models": "scripts.models.command:models",
    "pack": "scripts.pack:pack_command",
    "pull": "scripts.pull.command:pull",
    "ready": "scripts.ready.command:ready",
    "sync": "scripts.sync.command:sync",
}
PASSED_ON = {"load": {"ignore_unknown_options": True}}  # to Locust


def app_of(names: Iterable[str]) -> typer.Typer:
    """The command line with these commands. Only their modules are imported: all of them take half a second."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
    app.callback()(_of_the_kit)
    for name in names:
        module, _, attribute = COMMANDS[name].partition(":")
        command = getattr(import_module(module), attribute)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name, context_settings=PASSED_ON.get(name))(command)
    return app


def _of_the_kit() -> None:
    """With it, a single command keeps its name."""


if __name__ == "__main__":
    # While the commands are imported, a second on a slow machine, Ctrl-C ends it without a word.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    app = app_of([name for name in sys.argv[1:2] if name in COMMANDS] or COMMANDS)

    from scripts.kit.characters import show_what_can_be_shown

    signal.signal(signal.SIGINT, signal.default_int_handler)
    show_what_can_be_shown()
    app(prog_name="python -m scripts")
else:
    app = app_of(COMMANDS)
