"""The kit's command line: `python -m scripts COMMAND`."""

import typer

from scripts.bench.command import bench
from scripts.demo.command import demo
from scripts.models.command import models
from scripts.pack import pack_command
from scripts.pull.command import pull

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
app.command("bench")(bench)
app.command("demo")(demo)
app.command("models")(models)
app.command("pack")(pack_command)
app.command("pull")(pull)

if __name__ == "__main__":
    app(prog_name="python -m scripts")
