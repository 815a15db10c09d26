"""The watch over open streams."""

import gc
import math
import time

from provider.core.watch import Watch


class Stream:
    def __init__(self, due: float) -> None:
        self.due = due
        self.cuts = 0

    def cut(self) -> None:
        self.cuts += 1


def wait_until(true) -> None:
    deadline = time.monotonic() + 5
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_who_is_overdue_is_cut_once_and_nobody_else() -> None:
    watch = Watch(glance=0.01)
    late, waiting, idle = Stream(time.monotonic() + 0.05), Stream(time.monotonic() + 60), Stream(math.inf)
    for stream in (late, waiting, idle):
        watch.add(stream)

    wait_until(lambda: late.cuts)
    time.sleep(0.1)

    assert (late.cuts, waiting.cuts, idle.cuts) == (1, 0, 0)


def test_who_is_removed_in_time_is_left_alone() -> None:
    watch = Watch(glance=0.01)
    stream = Stream(time.monotonic() + 0.1)
    watch.add(stream)
    watch.remove(stream)
    time.sleep(0.2)

    assert stream.cuts == 0


def test_a_forgotten_stream_is_forgotten_here_too() -> None:
    watch = Watch(glance=0.01)
    watch.add(Stream(math.inf))
    gc.collect()

    wait_until(lambda: not watch._looking)


def test_one_that_cannot_be_cut_does_not_stop_the_watch() -> None:
    class Broken(Stream):
        def cut(self) -> None:
            raise OSError("gone")

    watch = Watch(glance=0.01)
    broken, late = Broken(0), Stream(time.monotonic() + 0.1)
    watch.add(broken)
    watch.add(late)

    wait_until(lambda: late.cuts)
