"""When open-loop requests are due."""

from itertools import islice, pairwise
from statistics import fmean

import pytest

from load_scenarios.arrivals import Arrivals
from load_scenarios.prompts import BadPrompts, Prompt
from load_scenarios.trace import in_order


def test_a_constant_rate_has_equal_gaps_from_the_start_on():
    assert list(Arrivals(rate=4, seconds=1).times()) == [0, 0.25, 0.5, 0.75]


def test_a_poisson_rate_has_the_right_number_and_gaps_of_every_size():
    times = list(Arrivals(rate=50, poisson=True, seconds=200, seed=7).times())
    gaps = [later - earlier for earlier, later in pairwise(times)]

    assert len(times) == pytest.approx(50 * 200, rel=0.03)
    assert fmean(gap * gap for gap in gaps) == pytest.approx(2 * fmean(gaps) ** 2, rel=0.1), "exponential"


def test_a_ramp_is_denser_towards_its_end_and_has_the_mean_rate():
    times = list(Arrivals(rate=2, to_rate=10, seconds=10).times())

    assert len(times) == 60
    assert sum(at < 5 for at in times) == 20  # 2 to 6 a second
    assert [round(later - earlier, 6) for earlier, later in pairwise(times)] == sorted(
        [round(later - earlier, 6) for earlier, later in pairwise(times)], reverse=True
    )


def test_a_ramp_may_go_down():
    times = list(Arrivals(rate=10, to_rate=2, seconds=10).times())

    assert len(times) == 60
    assert sum(at < 5 for at in times) == 40


def test_a_burst_is_many_at_once_again_and_again():
    assert list(Arrivals("burst", size=2, every=3, seconds=7).times()) == [0, 0, 3, 3, 6, 6]


@pytest.mark.parametrize(
    "arrivals",
    [
        Arrivals(rate=7, seconds=3),
        Arrivals(rate=7, poisson=True, seconds=3, seed=1),
        Arrivals(rate=1, to_rate=9, seconds=3),
        Arrivals("burst", size=5, every=1, seconds=3),
        Arrivals("trace", at=(0.0, 0.5, 0.5, 2.0)),
    ],
)
@pytest.mark.parametrize("processes", [1, 2, 3])
def test_all_processes_together_send_exactly_what_one_would(arrivals, processes):
    alone = list(enumerate(arrivals.times()))
    shared = [due for index in range(processes) for due in arrivals.share(index, processes)]

    assert sorted(shared) == alone
    assert Arrivals.from_wire(arrivals.to_wire()) == arrivals


def test_a_rate_without_an_end_goes_on():
    assert len(list(islice(Arrivals(rate=100).times(), 1000))) == 1000


def test_what_was_due_is_told_for_a_run_that_was_cut_short():
    assert Arrivals(rate=10, seconds=60).due_before(1.5) == 15


def test_a_trace_begins_at_its_first_request():
    prompts = [Prompt(("b",), at=12.5), Prompt(("a",), at=10.0)]

    assert in_order(prompts, "t.jsonl") == ([prompts[1], prompts[0]], (0.0, 2.5))


def test_a_trace_needs_a_time_in_every_line():
    with pytest.raises(BadPrompts, match=r"t\.jsonl is no trace: every line needs the field `at`"):
        in_order([Prompt(("a",), at=1.0), Prompt(("b",))], "t.jsonl")
