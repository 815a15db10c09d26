import pytest

from scripts.bench.figures import Pairs, middle_half, percentile
from scripts.bench.rows import What, row

RATIO = What("cpu", "CPU", "µs", "ratio", 1.35)


@pytest.mark.parametrize(
    ("values", "percent", "found"),
    [
        ([7.0], 95, 7.0),
        ([3.0, 1.0, 2.0], 50, 2.0),
        ([1.0, 2.0, 3.0, 4.0], 50, 2.0),
        (list(range(1, 101)), 95, 95),
        (list(range(1, 401)), 95, 380),
        ([1.0, 2.0], 0, 1.0),
        ([1.0, 2.0], 100, 2.0),
    ],
)
def test_a_percentile_is_always_one_of_the_values(values, percent, found):
    assert percentile(values, percent) == found


def test_half_of_the_values_lie_in_the_middle_half():
    assert middle_half([9, 1, 5, 3, 7, 2, 8, 4]) == (2, 7)


def test_a_disturbed_round_does_not_change_the_result():
    quiet = row(RATIO, Pairs([30, 33, 31], [20, 22, 20]))
    disturbed = row(RATIO, Pairs([30, 33, 310], [20, 22, 20]))

    assert (quiet.result, disturbed.result) == (1.5, 1.5)


def test_a_machine_that_slows_down_in_the_middle_does_not_change_a_ratio():
    """The median of the ratios; the ratio of the medians would be 2.4 / 1.0."""
    assert row(RATIO, Pairs([1.2, 1.2, 2.4, 2.4, 2.4], [1.0, 1.0, 2.0, 1.0, 2.0])).result == pytest.approx(1.2)


def test_sides_of_different_length_are_no_pairs():
    with pytest.raises(ValueError, match="shorter"):
        Pairs([1, 2], [1]).ratios()


@pytest.mark.parametrize(
    ("comparison", "result"),
    [("ratio", 3.0), ("difference", 4.0), ("value", 6.0)],
)
def test_a_row_compares_as_it_is_told(comparison, result):
    found = row(What("n", "t", "ms", comparison), Pairs([6, 6, 6], [2, 2, 2]))

    assert (found.value, found.reference, found.result, found.met) == (6, 2, result, None)


@pytest.mark.parametrize(("value", "met"), [(1.34, True), (1.35, True), (1.36, False)])
def test_a_target_is_the_most_a_result_may_be(value, met):
    assert row(RATIO, Pairs([value], [1])).met is met


def test_a_row_as_json_has_everything_to_judge_it_by():
    found = row(RATIO, Pairs([1.23456, 1.3, 1.2], [1, 1, 1]), {"median": 0.123456})

    assert found.as_dict() == {
        "name": "cpu",
        "title": "CPU",
        "unit": "µs",
        "value": 1.2346,
        "reference": 1,
        "comparison": "ratio",
        "result": 1.2346,
        "spread": [1.2, 1.3],
        "target": 1.35,
        "met": True,
        "rounds": 3,
        "details": {"median": 0.1235},
    }
