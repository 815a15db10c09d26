"""The command: whom to ask, what Locust is told, and its exit code."""

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Annotated, Any

from typer import Argument, Exit, Option

from scripts.embedded.server import NotStarted, embedded_server
from scripts.kit import exits
from scripts.kit.command import AsJson, Quiet, Stop, speaking
from scripts.kit.output import Output

ROOT = Path(__file__).parents[2]
STRESS = ROOT / "stress-test"
SCENARIOS = "simple_qa_workflow=3,simple_qa_chatflow=1"

type Environment = dict[str, str]


def load(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    more: Annotated[list[str] | None, Argument(help="Options of the load test, see stress-test/README.md.")] = None,
    host: Annotated[str, Option(help="A Dify or a model server. Without it everything is started here.")] = "",
    users: Annotated[int, Option(envvar="USERS", min=1, help="Users who ask one question after the other.")] = 4,
    duration: Annotated[str, Option(envvar="DURATION", help="Of the measurement, such as 60s or 5m.")] = "30s",
    scenario: Annotated[str, Option(envvar="SCENARIO", help="Apps by weight.", show_default=SCENARIOS)] = "",
    rate: Annotated[float, Option(envvar="RATE", min=0.0, help="Requests a second, instead of users.")] = 0.0,
    compare: Annotated[bool, Option(help="Without HOST: also the model alone, for Dify's own cost.")] = True,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Load test: how many users does this box carry? Ends with a verdict, and a report in load-results/.

    The key of a Dify app or of a model server is read from the environment: KEY=app-…

    Example: KEY=app-… python -m scripts load --host http://localhost --users 10 --duration 60s --slo ttft_p95=2s
    """
    with speaking(as_json=as_json, quiet=quiet) as output:
        told = [*_how_much(users, duration, rate), *_scenario(host, scenario), *(more or [])]
        results = _results(told)
        before = set(results.glob("*/report.json"))
        alone = compare and not {"--sweep", "--find-users"} & set(told)
        with _server(host, output, scenario or SCENARIOS, compare=alone) as (options, environment):
            code, why = _locust([*options, *told], environment, output)
        _end(output, code, why, set(results.glob("*/report.json")) - before)


def _how_much(users: int, duration: str, rate: float) -> list[str]:
    much = ["--rate", f"{rate:g}"] if rate else ["--users", str(users)]
    return [*much, "--run-time", duration]


def _scenario(host: str, scenario: str) -> list[str]:
    """Without HOST the apps here are asked for by name anyway."""
    return ["--scenarios", scenario] if host and scenario else []


def _results(told: Sequence[str]) -> Path:
    return Path(told[told.index("--results") + 1]) if "--results" in told[:-1] else ROOT / "load-results"


@contextmanager
def _server(host: str, output: Output, scenarios: str, *, compare: bool) -> Generator[tuple[list[str], Environment]]:
    """Options for Locust and its environment; what was started here ends with the block."""
    if host:
        key = os.environ.get("KEY", "")
        yield ["--host", host], {"LOAD_KEY": key} if key else {}
        return
    try:
        with embedded_server() as model, _local_dify(model.url, scenarios) as dify:
            output.good(f"llama.cpp at {model.url}, behind the plugin and a stand-in for Dify at {dify['url']}")
            behind = ["--compare", model.url] if compare else []
            yield ["--host", dify["url"], "--scenarios", scenarios, *behind], {"LOAD_KEYS": json.dumps(dify["keys"])}
    except NotStarted as error:
        raise Stop(str(error), code=exits.COULD_NOT_RUN) from error


@contextmanager
def _local_dify(model_url: str, scenarios: str) -> Generator[Any]:
    """It is outside the kit's packages, and only this command needs it."""
    sys.path.insert(0, str(STRESS))
    from local_dify import NotStarted as NoDify  # noqa: PLC0415
    from local_dify import running  # noqa: PLC0415

    names = [part.partition("=")[0] for part in scenarios.split(",")]
    try:
        with running(model_url, names) as served:
            yield served
    except NoDify as error:
        raise Stop(str(error), code=exits.COULD_NOT_RUN) from error


def _locust(options: Sequence[str], environment: Environment, output: Output) -> tuple[int, str]:
    """Its exit code and, where it may not speak for itself, its last word on an error."""
    config = ["--config", str(STRESS / "locust.conf"), "--locustfile", str(STRESS / "locustfile.py"), "--headless"]
    results = [] if "--results" in options else ["--results", str(ROOT / "load-results")]
    command = [sys.executable, "-m", "locust", *config, *results, *options]
    output.note(shlex.join(command))
    with TemporaryFile() as kept:
        there = kept if output.console.quiet else None
        with subprocess.Popen(
            command,
            env=os.environ | _port(options) | environment,
            stdin=subprocess.DEVNULL,
            stdout=there,
            stderr=there,
            start_new_session=True,  # a Ctrl-C in the terminal is for us, and we pass it on once
        ) as process:
            code = _wait(process)
        kept.seek(0)
        return code, _error_in(kept.read().decode("utf-8", "replace"))


def _port(options: Sequence[str]) -> Environment:
    """For the processes of one run; Locust's usual port may be another run's."""
    if "--processes" not in options or "--worker" in options:
        return {}
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
    return {"LOCUST_MASTER_BIND_PORT": port, "LOCUST_MASTER_NODE_PORT": port}


def _error_in(said: str) -> str:
    """The load test begins it with `error:`, a reader of options with the program's name before that."""
    found = re.findall(r"^(?:\S+: )?error: (.+)", said, re.MULTILINE)
    return found[-1] if found else ""


def _wait(process: subprocess.Popen[bytes]) -> int:
    """Ctrl-C ends the run, and what was measured is still reported; a second one ends it at once."""
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.send_signal(signal.SIGINT)
    try:
        return process.wait()
    except BaseException:
        process.kill()
        raise


def _end(output: Output, code: int, why: str, reports: set[Path]) -> None:
    for path in reports:
        document = json.loads(path.read_text(encoding="utf-8"))
        output.result(
            {"ok": code == exits.READY, "exit_code": code, "verdict": document["verdict"], "report": str(path)}
        )
    if not reports:
        output.bad("there is no report: the run could not begin", why or "the lines above say why")
        output.result({"ok": False, "exit_code": code, "report": None, "error": why or None})
    if code:
        raise Exit(code)
