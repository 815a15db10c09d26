"""How many tokens a server counts for how many words: two requests before the load."""

from random import Random

from load_client import Client, Timeouts
from load_metrics.exchange import Outcome
from load_scenarios import asking
from load_scenarios.lengths import LONG, SHORT, BadLength, Length, Scale, prompts, text
from load_scenarios.prompts import Prompt
from load_scenarios.salt import salted
from load_scenarios.session import Session
from load_scenarios.target import Target


def prompts_of(length: Length, target: Target, run: str, timeouts: Timeouts) -> tuple[Prompt, ...]:
    """Raises `BadLength` when the server does not count, or does not answer."""
    random = Random(0)
    counted = [_count(text(words, random), target, f"{run}-{words}", timeouts) for words in (SHORT, LONG)]
    return tuple(prompts(length, Scale.through(*counted)))


def _count(said: str, target: Target, run: str, timeouts: Timeouts) -> int:
    session = Session(target, f"load-{run}", Prompt((said,), max_tokens=1))
    client = Client()
    try:
        exchange = client.ask(asking.ask(session, salted(said, run, 0), timeouts))
    finally:
        client.close()
    # One token may well be no text yet; it was counted all the same.
    if exchange.outcome not in (Outcome.OK, Outcome.EMPTY_ANSWER):
        raise BadLength(f"a prompt could not be measured: {exchange.message or exchange.outcome}")
    if exchange.prompt_tokens is None:
        raise BadLength(f"{target.url} does not say how many tokens a prompt has; use --prompts")
    return exchange.prompt_tokens
