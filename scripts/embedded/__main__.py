"""Runs a real llama.cpp server with a model of this repository, or with any GGUF file."""

import os
import signal
import sys
import threading
from functools import wraps
from typing import Any

from typer import Exit, Typer

from scripts.embedded.llamacpp import CannotServe, serve
from scripts.embedded.models import MODELS
from scripts.embedded.options import EmbeddedOptions

HELP = f"""
Run a real llama.cpp server on this machine, with a tiny model that needs no download.

Models, written on first use:

{"\n".join(f"* **{name}** – {model.summary}" for name, model in MODELS.items())}

Example: `python -m scripts.embedded demo --port=8080`
"""
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)

app = Typer(add_completion=False, rich_markup_mode="markdown")


@app.command(help=HELP)
@wraps(EmbeddedOptions)  # Typer finds the options in the fields of the dataclass
def main(**settings: Any) -> None:
    options = EmbeddedOptions(**settings)
    _die_of(STOP_SIGNALS)  # while the model loads, Python would not see a signal
    try:
        server = serve(options)
    except CannotServe as error:
        print(error, file=sys.stderr)
        raise Exit(1) from error
    stop = _stop_event(watch_stdin=options.watch_stdin)
    _announce(options, server.url)
    stop.wait()
    _die_of(STOP_SIGNALS)  # a second Ctrl-C does not wait for running answers
    del server


def _announce(options: EmbeddedOptions, url: str) -> None:
    """The launcher waits for the line READY."""
    print(f"llama.cpp serves {options.model}: through its API, and as a chat in the browser. Ctrl-C stops it.")
    print(f"READY {url}", flush=True)


def _stop_event(*, watch_stdin: bool) -> threading.Event:
    """Set by Ctrl-C, by SIGTERM, and, if so wished, at the end of standard input: when the parent is gone."""
    stop = threading.Event()
    for number in STOP_SIGNALS:
        signal.signal(number, lambda *_: stop.set())
    if watch_stdin:
        threading.Thread(target=_set_at_end_of_stdin, args=[stop], daemon=True).start()
    return stop


def _set_at_end_of_stdin(stop: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    stop.set()


def _die_of(signals: tuple[signal.Signals, ...]) -> None:
    for number in signals:
        signal.signal(number, signal.SIG_DFL)


if __name__ == "__main__":
    app()
