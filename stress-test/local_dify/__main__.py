"""The command: PYTHONPATH=stress-test .venv/bin/python -m local_dify --server http://127.0.0.1:11434."""

import json
import sys
import threading
from pathlib import Path
from typing import Annotated

from typer import Argument, Exit, Option, run

from local_dify.launcher import NotStarted, Served, running

COULD_NOT_RUN = 3


def command(
    server: Annotated[str, Option(help="Address of your model server.")],
    workflows: Annotated[
        list[Path] | None, Argument(help="Workflow files, or names of those in stress-test/workflows. Without: all.")
    ] = None,
    model: Annotated[str, Option(help="Asked instead of the model in the files.")] = "auto",
    port: Annotated[int, Option(help="Port on loopback; 0 is any free one.", min=0, max=65535)] = 0,
    most: Annotated[int, Option(help="Runs of each app at one time; 0 is no limit.", min=0)] = 0,
    as_json: Annotated[bool, Option("--json", help="Print the address and the keys as one JSON object.")] = False,
    quiet: Annotated[bool, Option("--quiet", help="Only errors.")] = False,
) -> None:
    """Serve workflow files as Dify would, until Ctrl-C. This is a test stand-in, not Dify.

    A key for your model server is read from the environment variable LOCAL_MODELS_API_KEY.

    Example: PYTHONPATH=stress-test .venv/bin/python -m local_dify --server http://127.0.0.1:11434
    """
    try:
        with running(server, workflows, model, port, most=most) as served:
            _show(served, as_json=as_json, quiet=quiet)
            threading.Event().wait()
    except NotStarted as error:
        print(error, file=sys.stderr)
        raise Exit(COULD_NOT_RUN) from None
    except KeyboardInterrupt:
        raise Exit(0) from None


def _show(served: Served, *, as_json: bool, quiet: bool) -> None:
    if as_json:
        print(json.dumps({"schema_version": 1, **served}), flush=True)
    elif not quiet:
        print(f"Local Dify app (a test stand-in, not Dify): {served['url']}\n", flush=True)
        longest = max(map(len, served["keys"]))
        for name, key in served["keys"].items():
            print(f"{name:<{longest}}  {key}", flush=True)
        print("\nCtrl-C ends it.", flush=True)


if __name__ == "__main__":
    run(command)
