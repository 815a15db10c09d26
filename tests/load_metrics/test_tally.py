"""Counting, and that it does not matter in how many processes."""

from array import array

from hypothesis import given
from hypothesis import strategies as st

from load_metrics.exchange import Exchange, Outcome
from load_metrics.figures import errors, figures, series
from load_metrics.tally import Tally
from tests.load_metrics.runs import MS, ORIGIN, answered, failure, tally_of

EXCHANGES = st.lists(
    st.builds(
        answered,
        at=st.integers(0, 5000),
        ttft=st.integers(1, 900),
        gap=st.integers(0, 300),
        tokens=st.integers(1, 20),
        name=st.sampled_from(["a", "b"]),
        outcome=st.sampled_from([Outcome.OK, Outcome.OK, Outcome.HTTP_5XX, Outcome.INCOMPLETE]),
        message=st.sampled_from(["x", "y"]),
        reads=st.integers(0, 3),
    ),
    max_size=12,
)


def seen(tally):
    numbers = {name: figures(row, 10) for name, row in sorted(tally.rows.items())}
    told = sorted(errors(tally.rows), key=str)
    rounded = [{**second, "tokens_per_s": round(second["tokens_per_s"], 1)} for second in series(tally.seconds)]
    for row in numbers.values():
        row["output_tokens_per_s"], row["total_tokens_per_s"] = round(row["output_tokens_per_s"], 3), None
    return numbers, told, rounded


@given(EXCHANGES, st.integers(0, 12))
def test_two_processes_together_are_as_one(exchanges, cut):
    first, second = tally_of(*exchanges[:cut]), tally_of(*exchanges[cut:])
    first.merge(Tally.from_wire(second.to_wire()))

    assert seen(first) == seen(tally_of(*exchanges))


@given(EXCHANGES)
def test_deltas_add_up_to_the_whole(exchanges):
    process, master = Tally(ORIGIN), Tally(ORIGIN)
    for exchange in exchanges:
        process.add(exchange)
        master.merge(process.take())
    master.merge(process.take())

    assert seen(master) == seen(tally_of(*exchanges))


def test_what_is_open_at_the_end_is_neither_good_nor_bad():
    row = figures(tally_of(answered(), failure(), failure(Outcome.INCOMPLETE)).total(), 1)

    assert (row["ok"], row["failed"], row["incomplete"], row["error_rate"]) == (1, 1, 1, 0.5)


def test_tokens_and_ends_after_the_window_are_not_its_throughput():
    exchange = answered(
        at=900, ttft=50, gap=20, tokens=5
    )  # three of the five come within the first second, and its end after it

    row = figures(tally_of(exchange, until=ORIGIN + 1000 * MS).total(), 1)

    assert (row["output_tokens_per_s"], row["tokens"]["output"]) == (3, 5)
    assert (row["requests_per_s"], row["ok"]) == (0, 1)


def test_chunks_of_a_request_that_is_open_at_the_end_count_as_many_tokens_as_those_of_the_others():
    rich = answered(tokens=10, output_tokens=30)
    cut = answered(tokens=4, output_tokens=None, outcome=Outcome.INCOMPLETE)

    row = figures(tally_of(rich, cut).total(), 1)

    assert (row["output_tokens_per_s"], row["tokens"]["output"], row["tokens"]["source"]) == (42, 30, "usage")


def test_a_server_that_counts_no_tokens_of_a_text_does_not_count():
    row = figures(tally_of(answered(tokens=6, output_tokens=0)).total(), 1)

    assert (row["tokens"]["output"], row["tokens"]["source"]) == (6, "chunks")


def test_tokens_of_a_failed_request_are_no_throughput():
    assert figures(tally_of(answered(outcome=Outcome.STREAM_TRUNCATED)).total(), 1)["output_tokens_per_s"] == 0


def test_concurrency_is_time_weighted_and_its_peak_is_followed():
    both = [answered(at=0, ttft=99, tokens=1), answered(at=50, ttft=99, tokens=1)]

    assert figures(tally_of(*both).total(), 1)["concurrency"] == {"mean": 0.2, "peak": 2}


def test_what_is_in_flight_after_the_window_is_not_its_concurrency():
    late = answered(at=500, ttft=1000, tokens=1)

    assert figures(tally_of(late, until=ORIGIN + 1000 * MS).total(), 1)["concurrency"] == {"mean": 0.5, "peak": 1}


def test_a_request_shorter_than_a_tick_is_still_one_in_flight():
    assert figures(tally_of(answered(ttft=1, tokens=1)).total(), 1)["concurrency"]["peak"] == 1


def test_seconds_show_what_began_ended_and_came_in_them():
    exchange = answered(at=500, ttft=600, gap=200, tokens=5)

    told = series(tally_of(exchange).seconds)

    assert [second["started"] for second in told] == [1, 0]
    assert [second["ok"] for second in told] == [0, 1]
    assert [second["tokens_per_s"] for second in told] == [0, 5]
    assert [second["in_flight"] for second in told] == [0.5, 0.901]
    assert told[1]["ttft_ms"]["p50"] == 600


def test_a_quiet_second_between_is_shown_as_quiet():
    told = series(tally_of(answered(at=0), answered(at=2000)).seconds)

    assert [second["started"] for second in told] == [1, 0, 1]


def test_one_class_of_failure_keeps_five_texts_and_counts_all():
    told = errors(tally_of(*[failure(message=f"text {number}") for number in range(9)]).rows)

    assert sum(error["count"] for error in told) == 9
    assert {"class": "app_error", "row": "chat", "count": 4, "message": "(other messages)"} in told


def test_p99_of_fewer_than_a_hundred_is_not_told():
    few, many = (figures(tally_of(*[answered()] * count).total(), 1)["latency"]["ttft"] for count in (99, 100))

    assert (few["p99"], many["p99"]) == (None, 100)


def test_mixed_counts_of_tokens_are_called_mixed():
    row = tally_of(answered(), answered(output_tokens=None)).total()

    assert figures(row, 1)["tokens"]["source"] == "mixed"


def test_a_request_that_was_never_sent_counts_as_failed_and_nothing_else():
    tally = tally_of(Exchange("chat", outcome=Outcome.CONNECT_REFUSED, message="refused", arrivals=array("q")))

    assert (figures(tally.total(), 1)["failed"], series(tally.seconds)) == (1, [])
