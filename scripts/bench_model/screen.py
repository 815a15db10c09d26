"""A table for a person, Markdown to paste."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from scripts.bench_model.figures import Figure
from scripts.bench_model.measuring import OnStep, Result, Wish
from scripts.kit.output import Output, escape

type Cell = Callable[[Mapping[str, Figure], str], str]

# Heading, and the measure below it; of a pair the server's counter stands left of the client's clock.
COLUMNS = (
    ("load s\nserver", "load_s_server"),
    ("\nclient", "load_s_client"),
    ("TTFT\nms", "ttft_ms"),
    ("prefill t/s\nserver", "prefill_tps_server"),
    ("\nclient", "prefill_tps_client"),
    ("decode t/s\nserver", "decode_tps_server"),
    ("\nclient", "decode_tps_client"),
)
MARKDOWN = (
    ("load s (server)", "load_s_server"),
    ("load s (client)", "load_s_client"),
    ("TTFT ms", "ttft_ms"),
    ("prefill t/s (server)", "prefill_tps_server"),
    ("prefill t/s (client)", "prefill_tps_client"),
    ("decode t/s (server)", "decode_tps_server"),
    ("decode t/s (client)", "decode_tps_client"),
)
ONLY_COLD = ("load_s_server", "load_s_client")  # warm, it says how long looking takes
NOT_COLD = ("prefill_tps_client",)  # cold, loading is in it
NOTHING = "–"
WIDE = 120  # columns, where the table goes into a pipe or a file


@contextmanager
def steps(output: Output, title: str, total: int) -> Generator[OnStep]:
    """A bar for a person at a terminal, gone when it is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    nobody_looks = output.as_json or output.console.quiet or not output.errors.is_terminal
    with Progress(*columns, console=output.errors, transient=True, disable=nobody_looks) as progress:
        task = progress.add_task(escape(title), total=total)

        def on_step(name: str) -> None:
            progress.update(task, description=escape(f"{title}: {name}"), advance=1)

        yield on_step


def show(output: Output, results: Sequence[Result], wish: Wish) -> None:
    if not output.console.is_terminal:
        output.console.width = WIDE
    for server in dict.fromkeys((result.label, result.url) for result in results):
        of_server = [result for result in results if (result.label, result.url) == server]
        output.console.print(_table(of_server))
        output.say(f"{server[0]} at {server[1]}: {told(wish)}\n")
    for result in results:
        for note in result.notes:
            output.note(f"{result.model}: {note}")


def markdown(results: Sequence[Result], wish: Wish) -> str:
    """A table with lowest and highest, and what was asked for below it."""
    lines = [("model", "", *(title for title, _ in MARKDOWN)), ("---", "---", *["---:"] * len(MARKDOWN))]
    lines += [(name, state, *cells) for result in results for name, state, cells in _rows(result, MARKDOWN, _range)]
    table = "\n".join(f"| {' | '.join(_escaped(cell) for cell in line)} |" for line in lines)
    servers = ", ".join(dict.fromkeys(f"{result.label}" for result in results))
    notes = [
        f"{result.model}: {note}." for result in results for note in (*result.notes, *filter(None, [result.error]))
    ]
    return "\n".join(
        [table, "", f"{servers}: {told(wish)}", *(["", *(f"* {note}" for note in notes)] if notes else []), ""]
    )


def told(wish: Wish) -> str:
    runs = f"median of {wish.runs} runs ± half the range" if wish.runs > 1 else "one run"
    return (
        f"question of {wish.prompt_tokens:,} tokens, new for each run, answer of {wish.output_tokens:,}; {runs}, "
        "cold only one; one request at a time."
    )


def _table(results: Sequence[Result]) -> Table:
    table = Table("\nmodel", "", box=None, padding=(0, 2, 0, 0))
    for title, _ in COLUMNS:
        table.add_column(title, justify="right", no_wrap=True)
    for result in results:
        for name, state, cells in _rows(result, COLUMNS, _with_spread):
            table.add_row(escape(name), state, *cells)
    return table


def _rows(result: Result, columns: Sequence[tuple[str, str]], cell: Cell) -> Iterator[tuple[str, str, list[str]]]:
    name = result.model
    if result.error:
        yield name, "✗", [NOTHING for _ in columns]
        return
    if result.cold:
        yield name, "cold", [cell(result.cold, each) if each not in NOT_COLD else NOTHING for _, each in columns]
        name = ""
    yield name, "warm", [cell(result.warm, each) if each not in ONLY_COLD else NOTHING for _, each in columns]


def _with_spread(found: Mapping[str, Figure], measure: str) -> str:
    if measure not in found:
        return NOTHING
    figure = found[measure]
    return number(figure.median) + ("" if figure.spread is None else f" ±{figure.spread:.0%}")


def _range(found: Mapping[str, Figure], measure: str) -> str:
    if measure not in found:
        return NOTHING
    figure = found[measure]
    ends = "" if figure.spread is None else f" ({number(min(figure.values))}–{number(max(figure.values))})"
    return number(figure.median) + ends


def number(value: float) -> str:
    """With three digits that count."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.{1 if abs(value) >= 10 else 2}f}"  # noqa: PLR2004


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|")
