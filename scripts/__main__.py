"""The kit's command line: `python -m scripts COMMAND`."""

import signal

import typer

if __name__ == "__main__":
    # While the commands are imported, a second on a slow machine, Ctrl-C ends it without a word.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from scripts.apps.command import apps
from scripts.bench.command import bench
from scripts.bench_model.command import bench_model
from scripts.config.command import config
from scripts.debug.command import debug
from scripts.demo.command import demo
from scripts.doctor_command import doctor
from scripts.host.command import host
from scripts.install.command import install
from scripts.kit.characters import show_what_can_be_shown
from scripts.load.command import load
from scripts.models.command import models
from scripts.pack import pack_command
from scripts.pull.command import pull
from scripts.ready.command import ready
from scripts.sync.command import sync

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
app.command("bench")(bench)
app.command("bench-model")(bench_model)
app.command("debug")(debug)
app.command("demo")(demo)
app.command("doctor")(doctor)
app.command("install")(install)
app.command("load", context_settings={"ignore_unknown_options": True})(load)
app.command("models")(models)
app.command("pack")(pack_command)
app.command("pull")(pull)
app.command("ready")(ready)
app.command("sync")(sync)
app.add_typer(apps, name="apps")
app.add_typer(config, name="config")
app.add_typer(host, name="host")

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    show_what_can_be_shown()
    app(prog_name="python -m scripts")
