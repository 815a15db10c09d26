"""Numbers and names as people read them."""

import pytest

from load_report import words


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "–"),
        (0, "0 ms"),
        (0.0712, "0.071 ms"),
        (4.26, "4.26 ms"),
        (99.96, "100 ms"),
        (812.4, "812 ms"),
        (1000, "1.00 s"),
        (73_210, "73.21 s"),
        (1_234_567, "1,235 s"),
    ],
)
def test_a_time_has_about_three_digits(value, told):
    assert words.ms(value) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [(None, "–"), (0, "0"), (7, "7"), (0.0667, "0.0667"), (4.25, "4.25"), (123.4, "123"), (80_000, "80,000")],
)
def test_a_number_has_about_three_digits(value, told):
    assert words.number(value) == told


@pytest.mark.parametrize(
    ("metric", "stat", "limit", "told"),
    [
        ("ttft", "p95", 2000.0, "TTFT p95 ≤ 2 s"),
        ("icl", "max", 250.0, "ICL max ≤ 250 ms"),
        ("e2e_scheduled", "p99", 1500.0, "E2E from schedule p99 ≤ 1.5 s"),
        ("error_rate", "", 0.015, "failed requests ≤ 1.5 %"),
        ("tokens_per_s_user", "p50", 10.0, "tokens a second and user p50 ≥ 10"),
        ("output_tokens_per_s", "", 100.0, "tokens a second ≥ 100"),
    ],
)
def test_a_threshold_is_a_condition(metric, stat, limit, told):
    assert words.threshold({"metric": metric, "stat": stat, "limit": limit}) == told


@pytest.mark.parametrize(
    ("load", "told"),
    [
        ({"mode": "users", "users": 8, "wait": 0}, "8 users, each asking again when it was answered"),
        ({"mode": "rate", "rate": 2.5, "arrivals": "poisson"}, "2.5 requests a second, poisson gaps"),
        ({"mode": "ramp", "from": 1, "to": 50, "unit": "users"}, "from 1 to 50 users"),
        ({"mode": "burst", "size": 20, "every_s": 10}, "20 requests at once every 10 s"),
        ({"mode": "trace", "requests": 12}, "12 requests at the times of a trace"),
        ({"mode": "sweep", "steps": [1, 2, 4], "unit": "users", "step_s": 20}, "1, 2, 4 users, 20 s each"),
        ({"mode": "sweep", "find_users": 64, "unit": "users", "step_s": 20}, "searched for up to 64 users, 20 s each"),
        ({"mode": "new", "of_tomorrow": True}, "mode new, of tomorrow yes"),
        ({"mode": "rate"}, "mode rate"),
        (None, ""),
    ],
)
def test_a_load_is_told_in_one_line(load, told):
    assert words.load(load) == told
