"""Trace replay: the requests of a JSONL file at the times it says."""

from collections.abc import Sequence

from load_scenarios.prompts import BadPrompts, Prompt


def in_order(prompts: Sequence[Prompt], path: object) -> tuple[list[Prompt], tuple[float, ...]]:
    """Prompts and their times from the first on; raises `BadPrompts` when one has none."""
    times = [prompt.at for prompt in prompts if prompt.at is not None]
    if len(times) != len(prompts):
        raise BadPrompts(f"{path} is no trace: every line needs the field `at`, in seconds")
    ordered = sorted(prompts, key=lambda prompt: prompt.at or 0.0)
    first = min(times)
    return ordered, tuple(at - first for at in sorted(times))
