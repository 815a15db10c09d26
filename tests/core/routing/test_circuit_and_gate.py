"""When a server is left alone, and who waits for a place."""

import threading
import time

import pytest

from provider.core.errors import Busy
from provider.core.routing.circuit import Circuit
from provider.core.routing.gate import Gate


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_failing_server_is_left_alone_longer_each_time() -> None:
    clock = Clock()
    circuit = Circuit(clock)
    pauses = []
    for _ in range(9):
        circuit.failed("refused")
        begin = clock.now
        while not circuit.may_pass():
            clock.now += 0.5
        pauses.append(clock.now - begin)

    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_after_the_pause_one_may_try_and_nobody_else() -> None:
    clock = Clock()
    circuit = Circuit(clock)
    circuit.failed("refused")
    clock.now = 2

    assert circuit.is_ready
    assert [circuit.may_pass() for _ in range(3)] == [True, False, False]
    circuit.gave_no_verdict()
    assert circuit.may_pass()
    circuit.succeeded()
    assert circuit.may_pass()
    assert circuit.is_closed


def test_without_a_limit_all_enter() -> None:
    gate = Gate()
    for _ in range(5):
        gate.enter(0, 0)

    assert gate.load == 5


def test_a_full_server_lets_the_first_comer_in_first() -> None:
    gate, entered = Gate(), []
    gate.enter(1, 0)

    def come(name: int) -> None:
        gate.enter(1, 5)
        entered.append(name)
        gate.leave()

    threads = []
    for name in range(4):
        threads.append(threading.Thread(target=come, args=(name,)))
        threads[-1].start()
        while gate.load < name + 2:
            time.sleep(0.001)
    gate.leave()
    for thread in threads:
        thread.join()

    assert entered == [0, 1, 2, 3]
    assert gate.load == 0


def test_who_waits_too_long_is_told_and_leaves_the_queue() -> None:
    gate = Gate()
    gate.enter(1, 0)

    with pytest.raises(Busy, match="limit="):
        gate.enter(1, 0.05)

    assert gate.load == 1
