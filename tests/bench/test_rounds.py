from dataclasses import replace
from types import SimpleNamespace

import pytest

from scripts.bench import lab as lab_module
from scripts.bench.errors import NotMeasured
from scripts.bench.lab import QUICK, Lab
from scripts.bench.measures.streams import Load


@pytest.fixture
def clock(monkeypatch):
    """Only goes on when it is told to."""
    now = SimpleNamespace(seconds=100.0)
    monkeypatch.setattr(lab_module.time, "monotonic", lambda: now.seconds)
    return now


def lab_with(seconds):
    return Lab(replace(QUICK, seconds=seconds), None, None, None)


def test_all_rounds_are_run_when_there_is_time(clock):
    assert list(lab_with(60).rounds(3)) == [0, 1, 2]


def test_a_round_that_would_go_beyond_the_limit_is_left_out(clock):
    done = []
    for at in lab_with(60).rounds(9):
        done.append(at)
        clock.seconds += 20

    assert done == [0, 1]


def test_one_round_is_always_run(clock):
    done = []
    for at in lab_with(1).rounds(3):
        done.append(at)
        clock.seconds += 20

    assert done == [0]


def test_each_round_is_told(clock):
    told = []
    lab = lab_with(60)
    lab.on_round = lambda done, most: told.append((done, most))

    list(lab.rounds(2))

    assert told == [(1, 2), (2, 2)]


def test_nobody_waits_for_an_answer_beyond_the_limit(clock):
    lab = lab_with(20)
    clock.seconds += 15
    assert lab.patience == pytest.approx(5)

    clock.seconds += 5
    with pytest.raises(NotMeasured, match="no time left after 20 s"):
        _ = lab.patience


def test_streams_arrive_evenly_or_all_at_once():
    assert Load(4, 10, 2).offsets() == [0, 0.5, 1, 1.5]
    assert Load(3, 10, 0).offsets() == [0, 0, 0]
