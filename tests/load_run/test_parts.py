"""The parts of a load generator: what counts to a stage, and what it costs itself."""

from array import array

import pytest

from load_metrics.exchange import Exchange, Outcome
from load_metrics.slo import limits, read
from load_run.assignment import Assignment, all_of, share
from load_run.book import Book
from load_run.conditions import without_secrets
from load_run.gathering import Gathering
from load_run.vitals import highest, worst
from load_scenarios.prompts import Prompt
from load_scenarios.target import Target

MS = 1_000_000


def exchange(sent, end=None, **facts):
    """In ms."""
    end = end or sent + 100
    times = {"first_token": (sent + 50) * MS, "ended": end * MS, "closed": end * MS}
    return Exchange(
        "chat",
        sent=sent * MS,
        arrivals=array("q", [(sent + 50) * MS]),
        outcome=Outcome.OK,
        output_tokens=1,
        **times | facts,
    )


def test_only_what_was_sent_while_a_stage_was_open_counts():
    book = Book({})
    before_any = book.counts(exchange(900))
    book.open(["run"], 1000 * MS, 0)
    inside = [book.counts(exchange(sent)) for sent in (999, 1000, 1999)]
    window = book.close(2000 * MS)

    assert (before_any, inside, window) == (False, [False, True, True], 1.0)
    assert book.counts(exchange(1999, end=2500)), "it was sent in time, and may end later"
    assert not book.counts(exchange(2000))


@pytest.mark.parametrize(("closed", "window"), [(1700, 0.7), (2000, 1.0), (2400, 1.0)])
def test_the_window_is_as_long_as_tokens_were_counted(closed, window):
    book = Book({})
    book.open(["run"], 1000 * MS, 1.0)

    assert book.close(closed * MS) == window


def test_an_open_loop_request_counts_where_it_was_due_however_late_it_is_sent():
    book = Book({})
    book.open(["run"], 1000 * MS, 0)
    book.close(2000 * MS)

    assert book.counts(exchange(2050, scheduled=1999 * MS))
    assert not book.counts(exchange(1500, scheduled=900 * MS))


def test_a_sweep_counts_to_the_step_and_to_the_run():
    book, gathering = Book({}), Gathering({})
    for number, sent in enumerate((1000, 1200, 5000)):
        step = f"step {number // 2}"
        if number != 1:
            book.open(["run", step], sent * MS, 1.0)
        book.add(exchange(sent))
    gathering.add("w", {"tallies": book.take(), "vitals": vitals(), "window_s": 1.0})

    assert {label: gathering.tally(label).total().outcomes["ok"] for label in ("run", "step 0", "step 1")} == {
        "run": 3, "step 0": 2, "step 1": 1,
    }  # fmt: skip
    assert sorted(gathering.tally("run").seconds.at) == [0, 4]
    assert book.take() == {}, "everything is sent once"


def test_what_ends_between_two_steps_is_in_the_window_of_neither_nor_of_the_run():
    book = Book({})
    book.open(["run", "step 0"], 1000 * MS, 1.0)
    book.close(2000 * MS)
    book.add(exchange(1500, end=2500))
    book.open(["run", "step 1"], 3000 * MS, 1.0)
    taken = book.take()

    sums = [dict(taken[label]["rows"]["chat"]["c"][1]) for label in ("run", "step 0")]
    assert [(each["ok_inside"], each["busy_ns"]) for each in sums] == [(0, 500 * MS)] * 2


def vitals(**given):
    return {"cpu_percent_max": 10.0, "gc_pause_ms_max": 1.0, "dropped": 0, "late": 0} | given


def test_two_workers_are_one_run():
    gathering = Gathering(limits(read("e2e_p95=1s")))
    for worker, cpu, dropped in (("a", 20.0, 3), ("b", 95.0, 4)):
        book = Book(gathering._limits)
        book.open(["run"], 1000 * MS, 0)
        for sent in range(1000, 2000, 100):
            book.add(exchange(sent))
        told = vitals(cpu_percent_max=cpu, dropped=dropped)
        gathering.add(worker, {"tallies": book.take(), "vitals": told, "window_s": 1.0})

    total = gathering.tally("run").total()
    assert (total.outcomes["ok"], total.sums["good"], total.histograms["e2e"].count) == (20, 20, 20)
    assert gathering.vitals == vitals(cpu_percent_max=95.0, dropped=7)
    assert gathering.window_s == 1.0


def test_the_processor_is_judged_by_three_seconds_together():
    assert highest([10, 100, 40, 40]) == 60.0
    assert highest([100, 50]) == 75.0
    assert highest([]) is None
    assert worst([vitals(cpu_percent_max=None), vitals(cpu_percent_max=5.0)])["cpu_percent_max"] == 5.0


@pytest.mark.parametrize(("number", "of"), [(7, 3), (2, 4), (1000, 1)])
def test_shares_add_up(number, of):
    shares = [share(number, index, of) for index in range(of)]

    assert sum(shares) == number
    assert max(shares) - min(shares) <= 1


def test_what_a_worker_is_told_survives_the_way_and_shows_no_key():
    target = Target("w", "dify", "http://d/v1", "app-secret", "workflow", inputs={"a": 1})
    assignment = Assignment("a1", (target,), (Prompt(("Hi",), 1.0),), wait=(1.0, 2.0), limits={"ttft": 5.0})
    told = all_of(assignment, ["x", "y"])

    assert [(name, each.index, each.of) for name, each in told.items()] == [("x", 0, 2), ("y", 1, 2)]
    assert Assignment.from_wire(told["y"].to_wire()) == told["y"]
    assert "secret" not in repr(assignment)


def test_an_address_in_a_report_has_neither_password_nor_query():
    assert without_secrets("http://me:word@dify:80/v1?key=x") == "http://dify:80/v1"
