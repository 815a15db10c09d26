"""How an embedded server is started: the options of `python -m scripts.embedded`, as a value."""

from dataclasses import dataclass, fields
from typing import Annotated

from typer import Argument, Option


@dataclass(frozen=True, slots=True)
class EmbeddedOptions:
    """Each field is the command-line option of the same name."""

    model: Annotated[str, Argument(help="A name from the list above, or the path of a GGUF file.")] = "demo"
    alias: Annotated[str, Option(help="Names that clients see, separated by commas.")] = ""
    host: Annotated[str, Option(help="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Option(help="0: any free one.")] = 0
    context_length: Annotated[int, Option(help="Tokens for one request; 0: as many as it was trained for.")] = 0
    shared_context: Annotated[bool, Option("--shared-context", help="All slots share one pool of that size.")] = False
    slots: Annotated[int, Option(help="Requests answered at the same time.")] = 2
    # With more threads than one, single requests stall for a second on a machine with two cores.
    threads: Annotated[int, Option(help="Threads that compute.")] = 1
    batch_size: Annotated[int, Option(help="Longest input of an embedding model; 0: llama.cpp's choice.")] = 0
    embedding: Annotated[bool, Option("--embedding", help="Serve embeddings; the model embedding does.")] = False
    rerank: Annotated[bool, Option("--rerank", help="Serve reranking; the model rerank does.")] = False
    mmproj: Annotated[str, Option(help="Path of a projector for pictures; the model vision has one.")] = ""
    template: Annotated[str, Option(help="Path of another chat template.")] = ""
    api_key: Annotated[str, Option(help="Key that clients must send.")] = ""
    api_prefix: Annotated[str, Option(help="Path before every route, such as /llm.")] = ""
    metrics: Annotated[bool, Option("--metrics", help="Serve GET /metrics.")] = False
    sleep_idle_seconds: Annotated[int, Option(help="Unload the model when idle for so long; -1: never.")] = -1
    verbosity: Annotated[int, Option(help="llama.cpp's log on stderr, from 1 (errors) to 4 (everything).")] = 1
    watch_stdin: Annotated[bool, Option("--watch-stdin", help="End when standard input ends.")] = False


def command_line(options: EmbeddedOptions) -> list[str]:
    """The arguments for `python -m scripts.embedded` that say the same."""
    settings = {field.name: (getattr(options, field.name), field.default) for field in fields(options)}
    del settings["model"]
    changed = {name: value for name, (value, default) in settings.items() if value != default}
    return [options.model, *(_argument(name, value) for name, value in changed.items())]


def _argument(name: str, value: object) -> str:
    flag = "--" + name.replace("_", "-")
    return flag if value is True else f"{flag}={value}"
