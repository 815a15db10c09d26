"""The parts of one answer and when each is due, in ns after the request. A part is made when it is sent: it holds its time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic_ns

from load_truth.dify_shapes import Workflow
from load_truth.plan import Plan
from load_truth.shapes import Shape

NS_PER_MS = 1_000_000
Part = Callable[[], bytes | None]
"""Makes the bytes at the moment they are sent; `None` breaks the connection instead."""


@dataclass(frozen=True, slots=True)
class Due:
    """One write."""

    after: int
    part: Part


def streamed(plan: Plan, shape: Shape) -> Iterator[Due]:
    """Beginning at once, the texts at their times, the end with the last text."""
    yield Due(0, lambda: b"".join(shape.begin()))
    if plan.fault == "broken":
        yield Due(0, lambda: b"data: {this is no JSON\n\n")
    count = {"empty": 0, "silent": 0}.get(plan.fault, plan.events)
    for number in range(count // 2 if plan.fault in ("cut", "error") else count):
        after = plan.delay + number * plan.every
        thinks = number < plan.thinking
        yield Due(round(after * NS_PER_MS), lambda thinks=thinks: shape.text(f"{monotonic_ns()} ", thinking=thinks))
    last = round((plan.delay + max(count - 1, 0) * plan.every) * NS_PER_MS)
    if plan.fault != "silent":
        yield Due(last, lambda: _end(plan, shape))


def _end(plan: Plan, shape: Shape) -> bytes | None:
    if plan.fault == "cut":
        return None
    if plan.fault == "error":
        return b"".join(shape.error())
    if plan.fault == "failed":
        return b"".join(shape.failed() if isinstance(shape, Workflow) else shape.error())
    return b"".join(shape.end())


def blocking_text(plan: Plan) -> str:
    """The whole answer at once."""
    return "" if plan.fault == "empty" else " ".join("word" for _ in range(plan.events))
