"""What the way through the plugin adds to the time until the first token, on an idle machine."""

from collections.abc import Iterator
from contextlib import closing
from statistics import median

from scripts.bench.answers import Wire, to_echo
from scripts.bench.figures import Pairs
from scripts.bench.lab import WIRES, Lab
from scripts.bench.raw import RawClient
from scripts.bench.rows import Row, What, row

MILLISECONDS = 1e3
MOST_ADDED = 1.5
TITLES: dict[Wire, str] = {"ollama": "First token, Ollama", "openai": "First token, OpenAI"}
WARM_UP = 5


def first_token(lab: Lab) -> Iterator[Row]:
    ours: dict[Wire, list[float]] = {wire: [] for wire in WIRES}
    raw: dict[Wire, list[float]] = {wire: [] for wire in WIRES}
    echo: list[float] = []
    with closing(RawClient(lab.server.url, lab.patience)) as client:
        for _ in range(WARM_UP):
            client.first_byte("ollama")
        for _ in lab.rounds(lab.plan.first_token_rounds):
            for wire in WIRES:
                raw[wire].append(client.first_byte(wire) * MILLISECONDS)
                ours[wire].append(lab.ask(lab.ours, lab.question(wire, 1)).first_seconds * MILLISECONDS)
            echo.append(lab.ask(lab.echo, to_echo(1)).first_seconds * MILLISECONDS)
    for wire in WIRES:
        what = What(f"first_token_{wire}", TITLES[wire], "ms", "difference", MOST_ADDED)
        yield row(what, Pairs(ours[wire], raw[wire]), {"do_nothing": median(echo)})
