"""Percentiles within the stated error, and merging that changes nothing."""

from hypothesis import given
from hypothesis import strategies as st

from load_metrics.histogram import Histogram

VALUES = st.lists(st.integers(0, 10**13), min_size=1, max_size=200)


def of(values):
    histogram = Histogram()
    histogram.extend(values)
    return histogram


@given(VALUES, st.sampled_from([1, 50, 90, 95, 99, 100]))
def test_a_percentile_is_within_a_twentieth_of_a_percent_of_the_nearest_rank(values, percent):
    exact = sorted(values)[max(1, -(-len(values) * percent // 100)) - 1]

    assert abs(of(values).percentile(percent) - exact) <= exact * 0.0005


@given(VALUES, VALUES)
def test_merged_histograms_are_that_of_all_values(first, second):
    merged = of(first)
    merged.merge(of(second))

    assert merged.to_wire() == of(first + second).to_wire()


@given(VALUES)
def test_nothing_is_lost_on_the_way_to_another_process(values):
    there = Histogram.from_wire(of(values).to_wire())

    assert there.to_wire() == of(values).to_wire()
    assert (there.lowest, there.highest, there.total) == (min(values), max(values), sum(values))


def test_an_empty_histogram_knows_nothing():
    assert (Histogram().percentile(50), Histogram().mean) == (None, None)


def test_merging_an_empty_one_does_not_make_zero_the_minimum():
    merged = of([5])
    merged.merge(Histogram())

    assert (merged.lowest, merged.count) == (5, 1)


def test_a_clock_that_went_backwards_counts_as_nothing():
    assert of([-5]).percentile(50) == 0
