"""The command: the quick check with the kit's settings, and a sign that it is at work."""

import os
from argparse import Namespace
from pathlib import Path
from typing import Annotated

from typer import Exit, Option

from scripts.kit import exits
from scripts.kit.command import AsJson, Quiet, Stop, speaking
from scripts.kit.settings import read_settings
from scripts.models.reaching import key_headers
from scripts.test_ollama_quick import until_ready, verdict


def ready(  # noqa: PLR0913, PLR0917 - one parameter an option
    url: Annotated[str, Option(help="The server; else OLLAMA_BASE_URL, OLLAMA_HOST, or where one answers.")] = "",
    model: Annotated[str, Option(help="The model; else OLLAMA_DEFAULT_MODEL, or one that is there.")] = "",
    wait: Annotated[float, Option(min=0, help="Try again until it is ready, for so many seconds.")] = 0.0,
    config: Annotated[Path | None, Option(help="A YAML file with settings, else local-models.yaml.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Say whether a model server is ready: find it, list its models, stream a few tokens, try OpenAI's routes.

    A key is read from LOCAL_MODELS_API_KEY. When nothing answers, `python -m scripts doctor` says why.

    Exit code: 0 ready, 1 not ready, 2 an option cannot be meant, 4 the time to wait is over.

    Example: python -m scripts ready --url http://172.17.0.1:11434 --wait 120
    """
    with speaking(as_json=as_json, quiet=quiet) as output:
        settings = read_settings(config, ollama_base_url=url, ollama_default_model=model)
        key_headers(settings)
        env = {
            **os.environ,
            "OLLAMA_BASE_URL": settings.ollama_base_url,
            "OLLAMA_HOST": settings.ollama_host,
            "LOCAL_MODELS_API_KEY": settings.local_models_api_key.get_secret_value(),
        }
        want = Namespace(url="", model=settings.ollama_default_model, wait=wait)

        def told(sign: str, step: str, said: str) -> None:
            (output.good if sign == "✓" else output.note)(f"{step:<8}{said}")

        try:
            with output.doing("Asking the server"):
                facts = until_ready(want, env, told)
        except ValueError as error:
            raise Stop(str(error), code=exits.USAGE) from error
        output.result(facts)
        (output.console if facts["ok"] else output.errors).print(verdict(facts), markup=False, soft_wrap=True)
    raise Exit(facts["exit_code"])
