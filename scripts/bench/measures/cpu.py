"""CPU of the plugin's process for each streamed chunk, against a plugin that makes the same chunks out of nothing."""

from collections.abc import Iterator

from scripts.bench.answers import Question, to_echo
from scripts.bench.figures import Pairs
from scripts.bench.lab import Lab
from scripts.bench.rows import Row, What, row
from scripts.plugin_host import PluginHost

OLLAMA = What("cpu_ollama", "CPU per chunk, Ollama", "µs", "ratio", 1.35)
OPENAI = What("cpu_openai", "CPU per chunk, OpenAI", "µs", "ratio", 1.5)
MICROSECONDS = 1e6


def cpu(lab: Lab) -> Iterator[Row]:
    chunks = lab.plan.cpu_chunks
    sides = [
        (lab.echo, to_echo(chunks)),
        (lab.ours, lab.question("ollama", chunks)),
        (lab.ours, lab.question("openai", chunks)),
    ]
    spent: list[list[float]] = [[], [], []]
    for turn in lab.rounds(lab.plan.cpu_rounds):
        # Each side is first, second and last in turn: a machine that slows down slows all.
        for at in (turn, turn + 1, turn + 2):
            spent[at % 3].append(_per_chunk(lab, *sides[at % 3]))
    echo, ollama, openai = spent
    yield row(OLLAMA, Pairs(ollama, echo))
    yield row(OPENAI, Pairs(openai, echo))


def _per_chunk(lab: Lab, host: PluginHost, question: Question) -> float:
    before = host.cpu_seconds()
    answer = lab.ask(host, question)
    return (host.cpu_seconds() - before) / answer.chunks * MICROSECONDS
