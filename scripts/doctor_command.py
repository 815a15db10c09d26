"""The doctor as a command of the kit: `scripts/doctor.py` with the kit's settings, and a sign that it is at work."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from typer import Exit, Option

from scripts.doctoring.machine import Machine
from scripts.doctoring.main import arguments, until_ready
from scripts.doctoring.mending import mend
from scripts.doctoring.pages import Usage
from scripts.doctoring.report import show
from scripts.kit import exits
from scripts.kit.command import AsJson, Quiet, Stop, speaking
from scripts.kit.settings import Settings, read_settings

Kind = Literal["auto", "ollama", "llamacpp", "lmstudio", "openai"]


def doctor(  # noqa: PLR0913, PLR0917 - one parameter an option
    url: Annotated[str, Option(help="The server, or several with commas; else what answers nearby.")] = "",
    model: Annotated[str, Option(help="The model to ask, else one that is there.")] = "",
    server: Annotated[Kind, Option(help="Which kind of server is meant.")] = "auto",
    dify: Annotated[str, Option(help="Dify, such as http://localhost.")] = "",
    wait: Annotated[float, Option(min=0, help="Look again until it is ready, for so many seconds.")] = 0.0,
    generate: Annotated[bool, Option("--generate/--no-generate", help="Ask the model for a token.")] = True,
    markdown: Annotated[bool, Option("--markdown", help="For a bug report, without secrets.")] = False,
    fix: Annotated[bool, Option("--fix", help="Offer to write what can be written here, and ask first.")] = False,
    config: Annotated[Path | None, Option(help="A YAML file with settings, else local-models.yaml.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Say why no model server answers from here, and the one thing to do.

    Looks from this machine. From where Dify calls models, the same file looks without the kit:
    docker exec -i docker-plugin_daemon-1 python3 - < scripts/doctor.py

    A key is read from LOCAL_MODELS_API_KEY. Exit code: 0 ready, 1 a problem was found, 2 an option cannot be meant,
    3 the doctor could not run, 4 the time to wait is over.

    Example: python -m scripts doctor --url http://172.17.0.1:11434
    """
    flags = {"--json": as_json, "--quiet": quiet, "--markdown": markdown, "--fix": fix, "--no-generate": not generate}
    with speaking(as_json=as_json, quiet=quiet or markdown) as output:
        settings = read_settings(config, ollama_base_url=url, ollama_default_model=model, dify_url=dify)
        want = arguments([*(flag for flag, given in flags.items() if given), f"--server={server}", f"--wait={wait}"])
        machine = Machine(env={**os.environ, **dict(_environment(settings))})
        try:
            with output.doing("Looking"):
                report = until_ready(machine, want)
        except Usage as error:
            raise Stop(str(error), code=exits.USAGE) from error
        show(report, want)
        if fix:
            mend(report)
    raise Exit(report["exit_code"])


def _environment(settings: Settings) -> Iterator[tuple[str, str]]:
    """The settings as the single file reads them."""
    yield "OLLAMA_BASE_URL", settings.ollama_base_url
    yield "OLLAMA_HOST", settings.ollama_host
    yield "OLLAMA_DEFAULT_MODEL", settings.ollama_default_model
    yield "DIFY_URL", settings.dify_url
    yield "LOCAL_MODELS_API_KEY", settings.local_models_api_key.get_secret_value()
