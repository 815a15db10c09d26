"""From options to stages, and from one stage to the next."""

from types import SimpleNamespace

import pytest

from load_run import reading
from load_run.loads import BadLoad, load_of
from load_scenarios.arrivals import Arrivals

NONE = dict.fromkeys(("rate", "ramp", "burst", "sweep", "find_users", "trace", "slo", "drain"), "")
USUAL = {"arrivals": "constant", "wait": "0", "step_time": "20"}


def made(users=4, seconds=60.0, **given):
    return load_of(SimpleNamespace(**NONE | USUAL | given), users, seconds)


def stage(**given):
    (only,) = made(**given).stages
    return only


def test_users_are_the_usual_load():
    its = stage()

    assert (its.users, its.seconds, its.arrivals, its.drain, its.labels) == (4, 60, None, 0, ("run",))


def test_a_rate_is_an_open_loop():
    assert stage(rate="5", arrivals="poisson").arrivals == Arrivals(rate=5, poisson=True, seconds=60)


def test_a_ramp_is_of_users_or_of_requests():
    users, rate = stage(ramp="2-20"), stage(ramp="2-20/s")

    assert (users.users, users.to_users, users.arrivals) == (2, 20, None)
    assert (rate.users, rate.arrivals) == (0, Arrivals(rate=2, to_rate=20, seconds=60))


def test_a_burst_is_an_open_loop():
    assert stage(burst="20/10s").arrivals == Arrivals("burst", size=20, every=10, seconds=60)


def test_a_trace_lasts_until_its_last_request(tmp_path):
    file = tmp_path / "t.jsonl"
    file.write_text('{"prompt": "a", "at": 3}\n{"prompt": "b", "at": 5}\n', encoding="utf-8")
    its = stage(trace=str(file), seconds=0.0)

    assert list(its.arrivals.times()) == [0, 2]
    assert (its.seconds, its.drain) == (2.1, 30)


@pytest.mark.parametrize(("text", "unit", "users"), [("1,2,4", "users", [1, 2, 4]), ("1,2.5/s", "req/s", [0, 0])])
def test_a_sweep_is_a_stage_for_each_step_with_time_to_drain(text, unit, users):
    load = made(sweep=text)

    assert [each.users for each in load.stages] == users
    assert {each.unit for each in load.stages} == {unit}
    assert {(each.seconds, each.drain) for each in load.stages} == {(20, 10)}
    assert [each.labels for each in load.stages][-1] == ("run", f"step {len(users) - 1}")


def walk(load, carried):
    """Steps of a search on a box that carries so many users."""
    done, stage = [], load.stages[0]
    while stage:
        done.append({"load": stage.load, "met_slo": stage.load <= carried})
        stage = load.following(done)
    return [step["load"] for step in done]


def test_a_search_doubles_until_it_misses_and_then_halves_the_gap():
    search = made(find_users="64", slo="ttft_p95=2s")

    assert walk(search, 12) == [1, 2, 4, 8, 16, 12, 14, 13]
    assert walk(search, 100) == [1, 2, 4, 8, 16, 32, 64]
    assert walk(search, 0) == [1]


def test_a_sweep_goes_through_all_its_steps_whatever_comes_of_them():
    assert walk(made(sweep="1,2,4"), 0) == [1, 2, 4]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"rate": "3", "sweep": "1,2"}, "--rate and --sweep are different loads; take one"),
        ({"ramp": "1-9", "seconds": 0.0}, "--ramp needs --run-time"),
        ({"find_users": "9"}, "--find-users needs --slo"),
    ],
)
def test_options_that_cannot_go_together_are_named(given, words):
    with pytest.raises(BadLoad, match=words):
        made(**given)


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (reading.share, "1%", 0.01),
        (reading.share, "0.5", 0.5),
        (reading.wait, "1-3", (1.0, 3.0)),
        (reading.wait, "2", (2.0, 2.0)),
        (reading.warm_up, "auto", None),
        (reading.burst, "20/10", (20, 10.0)),
        (reading.json_object, '{"a": 1}', {"a": 1}),
    ],
)
def test_words_of_the_command_line_become_values(read, text, value):
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (reading.share, "200%"),
        (reading.wait, "3-1"),
        (reading.positive, "0"),
        (reading.positive, "nan"),
        (reading.seconds, "-1"),
        (reading.counting, "0"),
        (reading.whole, "1.5"),
        (reading.ramp, "1..9"),
        (reading.steps, "1,0"),
        (reading.steps, "1.5,2"),
        (reading.burst, "0/3"),
        (reading.json_object, "[]"),
        (reading.report, "no/such/file"),
    ],
)
def test_words_that_cannot_be_meant_are_refused(read, text):
    with pytest.raises(ValueError, match=r"\w"):
        read(text)
