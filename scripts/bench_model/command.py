"""The command: which models of which servers, and what happens when one fails."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from typer import Argument, Exit, Option

from provider.core.backends import Backend, label_of
from provider.core.fingerprint import Fingerprint
from provider.core.server import Timeouts
from scripts.bench_model import screen
from scripts.bench_model.measuring import Measurement, Result, Wish
from scripts.bench_model.unloading import can_unload
from scripts.config.servers import opened
from scripts.kit import exits
from scripts.kit.asking import agreed
from scripts.kit.command import AsJson, Quiet, Stop, speaking
from scripts.kit.output import Output
from scripts.kit.settings import Settings, read_settings

LONGEST = 3600.0  # seconds for one answer
MORE_STEPS = 3  # warm-up, unload, cold

type Pair = tuple[Backend, str, str]  # with the server's label and the model


def bench_model(  # noqa: PLR0913, PLR0917 - options of a command line
    server: Annotated[
        str, Argument(metavar="SERVER", help="Address as in the plugin's form; else the settings, else this machine.")
    ] = "",
    model: Annotated[
        list[str] | None, Option(help="A model to measure; repeatable. Else the one that is loaded.")
    ] = None,
    runs: Annotated[int, Option(min=1, max=1000, help="Runs that count, after a warm-up.")] = 3,
    prompt_tokens: Annotated[int, Option(min=16, help="Length of the question; each is new, so no cache helps.")] = 512,
    output_tokens: Annotated[int, Option(min=2, help="Length of the answer.")] = 128,
    cold: Annotated[bool, Option("--cold", help="Unload each model once, after asking you, to time loading.")] = False,
    yes: Annotated[bool, Option("--yes", "-y", help="Do not ask.")] = False,
    markdown: Annotated[bool, Option("--markdown", help="A Markdown table, to paste.")] = False,
    config: Annotated[Path | None, Option(help="A YAML file with settings, else local-models.yaml.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """How fast a model is: loading, first token, prefill and decode, by the server's counters and by the clock here.

    One request at a time, through the plugin's own client. A key is read from LOCAL_MODELS_API_KEY.

    Exit code: 0 all were measured, 1 one could not be, 2 wrong options.

    Example: python -m scripts bench-model http://127.0.0.1:11434 --model qwen3:4b --model gemma3:4b --cold
    """
    with speaking(as_json=as_json, quiet=quiet) as output:
        wish = Wish(runs, prompt_tokens, output_tokens, cold)
        pairs = _pairs(server, model or [], read_settings(config))
        if cold:
            _agree(pairs, output, yes=yes)
        results = [_measured(pair, wish, output) for pair in pairs]
        _tell(results, wish, output, as_markdown=markdown)


def _pairs(typed: str, models: Sequence[str], settings: Settings) -> list[Pair]:
    """Each model on each server that has it; a model that no server has is measured in vain, and told so."""
    servers = [_patient(backend, found, settings) for backend, found in opened(typed, settings)]
    if not models:
        named = [settings.ollama_default_model] if settings.ollama_default_model else []
        return _having(servers, named) or [(backend, label, backend.pick("chat")) for backend, label in servers]
    pairs = []
    for model in models:
        pairs += _having(servers, [model]) or [(*servers[0], model)]
    return pairs


def _having(servers: Sequence[tuple[Backend, str]], models: Sequence[str]) -> list[Pair]:
    return [
        (backend, label, model)
        for model in models
        for backend, label in servers
        if any(backend.is_same_model(model, offered) for offered in backend.offers())
    ]


def _patient(backend: Backend, found: Fingerprint, settings: Settings) -> tuple[Backend, str]:
    """A large model on a slow machine takes longer than Dify would wait."""
    server = backend.http.server
    timeouts = Timeouts(first_token=settings.ollama_timeout, idle=settings.ollama_timeout, total=LONGEST)
    backend.http.server = replace(server, timeouts=timeouts)
    backend.waits = True
    return backend, f"{label_of(backend.kind, backend.flavour)} {found.version}".strip()


def _agree(pairs: Sequence[Pair], output: Output, *, yes: bool) -> None:
    names = [model for backend, _, model in pairs if can_unload(backend)]
    if names and not agreed(f"Unload {', '.join(names)}? Whoever uses it now has to wait.", output, yes=yes):
        raise Stop("nothing was unloaded, nothing was measured", "Leave out --cold.", exits.PROBLEM)


def _measured(pair: Pair, wish: Wish, output: Output) -> Result:
    backend, label, model = pair
    with screen.steps(output, model, wish.runs + (MORE_STEPS if wish.cold else 1)) as on_step:
        return Measurement(backend, label, model, wish, on_step).result()


def _tell(results: Sequence[Result], wish: Wish, output: Output, *, as_markdown: bool) -> None:
    if as_markdown and not output.as_json:
        sys.stdout.write(screen.markdown(results, wish))
    else:
        screen.show(output, results, wish)
    failed = [result for result in results if result.error]
    for result in failed:
        output.bad(f"{result.model}: {result.error}")
    asked = {"runs": wish.runs, "prompt_tokens": wish.prompt_tokens, "output_tokens": wish.output_tokens}
    output.result({"ok": not failed, **asked, "cold": wish.cold, "models": [result.as_dict() for result in results]})
    if failed:
        raise Exit(exits.PROBLEM)
