"""The kit's command line: `python -m scripts COMMAND`."""

import typer

from scripts.bench.command import bench
from scripts.demo.command import demo
from scripts.pack import pack_command

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
app.command("bench")(bench)
app.command("demo")(demo)
app.command("pack")(pack_command)

if __name__ == "__main__":
    app(prog_name="python -m scripts")
