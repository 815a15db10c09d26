"""Several slow questions at once, with a moment at which we stop waiting."""

from collections.abc import Callable, Sequence
from threading import Thread
from time import monotonic


def left(until: float) -> float:
    """Seconds until then; never 0, which to a socket means “do not wait at all”."""
    return max(0.01, until - monotonic())


def share(part: float, until: float) -> float:
    """The moment when this part of the time left is over."""
    return monotonic() + part * left(until)


def together[T](calls: Sequence[Callable[[], T]], until: float, otherwise: Callable[[int], T]) -> list[T]:
    """Run all calls at once; one that is not done by `until` counts as `otherwise` of its place."""
    answers = [otherwise(at) for at in range(len(calls))]

    def run(at: int) -> None:
        answers[at] = calls[at]()

    # Daemon threads: a name server that hangs must not hold up the end of the process.
    threads = [Thread(target=run, args=(at,), daemon=True) for at in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(left(until))
    return list(answers)
