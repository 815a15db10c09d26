"""What a person sees of the demo."""

import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from scripts.demo.steps import Answer, Server

NEXT_STEPS = """[bold]Next[/bold]
  Ask a server of yours   make demo SERVER=http://127.0.0.1:11434
  Build the plugin        make package    → dist/local_models-0.1.0.difypkg
  Install it in Dify      README.md, “Install in Dify”"""


class Screen:
    """Prints as it goes; silent when `quiet`."""

    def __init__(self, *, quiet: bool) -> None:
        self._console = Console(quiet=quiet, highlight=False)
        self._errors = Console(stderr=True, highlight=False)

    @contextmanager
    def step(self, title: str) -> Generator[None]:
        """A spinner while it lasts, a tick when it worked."""
        with self._console.status(f"{escape(title)} …"):
            yield
        self._console.print(f"[green]✓[/green] {escape(title)}")

    def begin(self, title: str) -> None:
        self._console.print(f"\n[bold]{escape(title)}[/bold]")

    def note(self, text: str) -> None:
        self._console.print(f"  [dim]{escape(text)}[/dim]")

    def say(self, text: str) -> None:
        """A piece of the answer, as it comes."""
        self._console.print(escape(text), end="", soft_wrap=True)
        if not self._console.quiet:
            sys.stdout.flush()

    def server(self, server: Server) -> None:
        table = Table(show_header=False, box=None, padding=(0, 2))
        for name, value in _facts(server):
            table.add_row(f"[dim]{name}[/dim]", escape(value))
        self._console.print(table)

    def numbers(self, answer: Answer) -> None:
        rate = f"{answer.tokens_per_second:,.0f} tokens/s" if answer.tokens_per_second else "no rate"
        first = f"{answer.ttft * 1000:,.0f} ms to the first token" if answer.ttft is not None else "no token"
        self._console.print(
            f"\n  [dim]{answer.prompt_tokens} + {answer.completion_tokens} tokens, {first}, {rate}, "
            f"finish reason {escape(answer.finish_reason)}[/dim]"
        )

    def result(self, text: str) -> None:
        self._console.print(f"  {escape(text)}", soft_wrap=True)

    def end(self) -> None:
        self._console.print(f"\n[green]Everything works.[/green]\n\n{NEXT_STEPS}")

    def failed(self, step: str, reason: str) -> None:
        """Also when quiet: on stderr."""
        self._errors.print(f"[red]✗ {escape(step)}[/red]\n  {escape(reason)}", soft_wrap=True)


def _facts(server: Server) -> Iterator[tuple[str, str]]:
    model = server.model
    yield "server", f"{server.kind} {server.version}".strip() + f" at {server.url}"
    yield "model", model.name
    yield "context length", f"{server.context_size:,} tokens"
    for name, able in (
        ("tools", model.tools),
        ("thinking", model.thinking),
        ("vision", model.vision),
        ("audio", model.audio),
        ("structured output", model.structured_output),
    ):
        yield name, {True: "yes", False: "no", None: "the server does not say"}[able]
    yield "looked at in", f"{server.seconds * 1000:,.0f} ms, without loading or generating anything"
