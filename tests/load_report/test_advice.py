"""The likely bottleneck: runs whose cause is known, because they were simulated."""

import pytest

from load_metrics.cost import comparison
from load_metrics.exchange import Outcome
from load_metrics.figures import figures
from load_report.advice import bottleneck
from load_report.words import PARTS
from tests.load_report import examples
from tests.load_report.examples import conditions, document, sweep
from tests.load_report.simulation import Chain, closed_loop, tally_of

FEW_LOADS = (1, 2, 4, 8, 16)


def part(made):
    return bottleneck(made)["part"]


def names(made):
    return [each["name"] for each in bottleneck(made)["settings"]]


def of(chain, users=8, kind="dify", model=None):
    """One load, if wanted with the model alone beside it."""
    run = closed_loop(chain, users, 30)
    beside = {}
    if model:
        alone = closed_loop(model, users, 30)
        beside = {"comparison": comparison(*(figures(tally_of(each).total(), 30.0) for each in (run, alone)))}
    return document(run, 30.0, conditions=conditions(kind=kind), **beside)


def broken(words="", outcome=Outcome.APP_ERROR, share=0.2, kind="dify"):
    return of(Chain(slots=8, failing=share, words=words, outcome=outcome), kind=kind)


@pytest.mark.parametrize(
    ("words", "expected", "setting"),
    [
        ("FATAL: sorry, too many clients already", "database", "POSTGRES_MAX_CONNECTIONS"),
        ("QueuePool limit of size 30 overflow 10 reached", "database", "SQLALCHEMY_POOL_SIZE"),
        ("HTTP 400: Too many requests. Please try again later. The current maximum concurrent requests allowed for a is 3.", "api_workers", "APP_MAX_ACTIVE_REQUESTS"),
        ("Request to Plugin Daemon Service failed-500", "plugin", "PLUGIN_DAEMON_TIMEOUT"),
        ("killed by timeout", "plugin", "PLUGIN_MAX_EXECUTION_TIMEOUT"),
        ("all 4 places of this server were taken for 30 s; raise limit=, or add a server", "plugin", "limit="),
        ("server busy, please try again. maximum pending requests exceeded", "model", "OLLAMA_MAX_QUEUE"),
        ("Context size has been exceeded.", "model", "--parallel N"),
        ("request (20018 tokens) exceeds the available context size (4096 tokens)", "model", "--parallel N"),
        ("HTTP 502: <h1>502 Bad Gateway</h1>", "api_workers", "GUNICORN_TIMEOUT"),
    ],
)  # fmt: skip
def test_who_says_such_words_is_the_bottleneck(words, expected, setting):
    made = broken(words)

    assert part(made) == expected
    assert setting in names(made)
    assert "of " in bottleneck(made)["why"]


def test_a_word_of_one_request_in_a_thousand_explains_nothing():
    assert part(broken("too many clients already", share=0.004)) != "database"


@pytest.mark.parametrize(
    ("outcome", "share", "kind", "expected"),
    [
        (Outcome.CONNECT_REFUSED, 1.0, "dify", "network"),
        (Outcome.UNKNOWN_NAME, 1.0, "ollama", "network"),
        (Outcome.CONNECT_REFUSED, 0.2, "dify", "api_workers"),
        (Outcome.CONNECT_TIMEOUT, 0.2, "openai", "model"),
        (Outcome.HTTP_429, 0.2, "dify", "api_workers"),
        (Outcome.HTTP_429, 0.2, "ollama", "model"),
        (Outcome.READ_TIMEOUT, 0.2, "ollama", "model"),
    ],
)
def test_a_class_of_errors_points_at_a_part(outcome, share, kind, expected):
    assert part(broken("x", outcome, share, kind)) == expected


def test_the_time_that_the_model_alone_needs_is_the_model_s():
    made = of(Chain(slots=1), model=Chain(slots=1, before=0, inside=0))

    assert part(made) == "model"
    assert {"OLLAMA_NUM_PARALLEL", "--parallel N"} < set(names(made))


def test_the_time_before_dify_s_first_event_is_its_workers():
    made = of(Chain(slots=8, workers=2), model=Chain(slots=8, before=0, inside=0))

    assert part(made) == "api_workers"
    assert names(made)[:2] == ["SERVER_WORKER_AMOUNT", "SERVER_WORKER_CONNECTIONS"]


def test_the_time_between_first_event_and_model_is_the_plugin_s():
    assert part(of(Chain(slots=8, inside=2500), model=Chain(slots=8, before=0, inside=0))) == "plugin"


def test_answers_in_one_piece_are_compared_as_a_whole():
    made = examples.blocking()
    made = made | {"comparison": comparison(made["totals"], made["totals"])}

    assert part(made) == "model"
    assert bottleneck(made)["why"].startswith(
        "the whole answer comes after 2.47 s (p95), from the model alone after 2.47 s"
    )


def test_a_sweep_over_a_model_with_few_slots_finds_the_model():
    made = sweep(loads=FEW_LOADS)

    assert part(made) == "model"
    assert bottleneck(made)["next"].endswith("--compare ADDRESS")
    assert part(sweep("ollama", loads=FEW_LOADS, chain=Chain(slots=4, before=0, inside=0, tokens=30))) == "model"


def test_a_sweep_over_few_workers_finds_the_workers():
    assert part(sweep(loads=FEW_LOADS, chain=Chain(slots=32, workers=3, tokens=30))) == "api_workers"


def test_a_sweep_that_does_not_reach_the_limit_says_so():
    made = sweep(loads=FEW_LOADS, chain=Chain(slots=32, tokens=30))

    assert part(made) == "none"
    assert "--sweep" in bottleneck(made)["next"]


def test_one_load_on_a_model_server_shows_a_queue_by_the_fastest_answer():
    assert part(of(Chain(slots=2, before=0, inside=0), kind="ollama")) == "model"
    assert names(of(Chain(slots=2, before=0, inside=0), kind="ollama"))[0] == "OLLAMA_NUM_PARALLEL"
    assert part(of(Chain(slots=8, before=0, inside=0), kind="openai")) == "none"


def test_one_load_on_dify_without_comparison_stays_unknown_and_says_what_to_measure():
    found = bottleneck(of(Chain(slots=2)))

    assert (found["part"], found["settings"]) == ("unknown", [])
    assert "--compare" in found["next"]


def test_one_load_on_dify_whose_first_event_is_late_needs_no_comparison():
    assert part(of(Chain(slots=8, workers=2))) == "api_workers"


def test_a_client_that_was_too_slow_is_named_before_all_others():
    assert part(examples.invalid()) == "client"
    assert part(examples.compared() | {"verdict": examples.invalid()["verdict"]}) == "client"


def test_a_doubtful_client_is_named_when_nothing_else_is():
    made = document(closed_loop(Chain(slots=2), 8, 30), 30.0, client={"cpu_percent_max": 80.0})

    assert part(made) == "client"


@pytest.mark.parametrize(
    "made", [{}, examples.bare(), examples.nothing(), {"verdict": None, "conditions": None, "totals": None}]
)
def test_without_facts_it_is_unknown(made):
    found = bottleneck(made)

    assert (found["part"], found["settings"]) == ("unknown", [])
    assert found["next"]


@pytest.mark.parametrize("name", examples.ALL)
def test_the_answer_has_the_same_shape_whatever_was_found(name):
    found = bottleneck(examples.ALL[name]())

    assert found["part"] in PARTS
    assert found["why"]
    assert all(set(each) == {"name", "where", "text"} and all(each.values()) for each in found["settings"])


def test_of_a_run_that_only_failed_the_errors_are_what_to_look_at():
    found = bottleneck(broken(words="HTTP 400: Workflow not published", outcome=Outcome.HTTP_4XX, share=1.0))

    assert (found["part"], found["why"]) == ("unknown", "every request failed, and what the errors say names no part")


def test_a_model_server_is_not_told_to_be_compared_with_the_model_behind_it():
    blocking = document([], 30.0, conditions=conditions(kind="openai")) | {"totals": {"ok": 40, "failed": 0}}

    assert bottleneck(blocking)["next"] == "more load: --sweep 1,2,4,8,16"
