"""What real servers said, cut everywhere."""

import json

import pytest

from load_metrics.exchange import Outcome
from load_metrics.timing import time_per_output_token
from tests.load_client.replaying import RECORDINGS, read, recorded, response_bytes

FAILED = {
    "53_wf_model_500", "54_wf_model_429", "55_wf_model_missing", "56_wf_plugin_missing", "57_wf_model_disabled",
    "62_chat_model_500", "68_chat_backend_lost_midstream", "29_WORKFLOW_MAX_EXECUTION_TIME_wf", "79_wf_stopped",
    "48_wf_node_retry",
}  # fmt: skip
DIFY = sorted(path.stem for path in (RECORDINGS / "dify").glob("*.sse"))
MODELS = sorted(
    (folder, path.stem)
    for folder in ("ollama", "llamacpp")
    for path in (RECORDINGS / folder).glob("*_stream.json")
    if not path.stem.startswith(("native_", "error_"))
)
EVERY = [("dify", name) for name in DIFY] + MODELS


def facts(exchange):
    return (
        exchange.outcome, exchange.message, exchange.text, exchange.events, len(exchange.arrivals),
        exchange.prompt_tokens, exchange.output_tokens, exchange.conversation_id, exchange.task_id, exchange.run_id,
        bool(exchange.first_token), bool(exchange.first_visible), bool(exchange.ended),
    )  # fmt: skip


@pytest.mark.parametrize(("folder", "name"), EVERY)
def test_facts_do_not_depend_on_how_the_network_cuts_the_bytes(folder, name):
    dialect, streaming, data = recorded(folder, name)
    whole = facts(read(data, dialect, streaming=streaming, size=len(data)))

    for size in (1, 7, 64, 1400):
        assert facts(read(data, dialect, streaming=streaming, size=size)) == whole


@pytest.mark.parametrize(("folder", "name"), EVERY)
def test_the_times_are_in_their_order(folder, name):
    dialect, streaming, data = recorded(folder, name)
    exchange = read(data, dialect, streaming=streaming, size=1)

    if exchange.first_token:
        firsts = [exchange.headers, exchange.first_event, exchange.first_token, exchange.last_token]
        assert firsts == sorted(firsts)
        assert exchange.last_token <= exchange.ended <= exchange.closed
        assert list(exchange.arrivals) == sorted(exchange.arrivals)


@pytest.mark.parametrize("name", DIFY)
def test_dify_s_failures_are_failures_and_its_answers_are_answers(name):
    dialect, streaming, data = recorded("dify", name)
    exchange = read(data, dialect, streaming=streaming)

    failed = any(name.startswith(each) for each in FAILED)
    assert exchange.outcome is (Outcome.APP_ERROR if failed else Outcome.OK), exchange.message
    assert bool(exchange.message) is failed


@pytest.mark.parametrize(("folder", "name"), MODELS)
def test_every_recorded_stream_of_a_model_is_an_answer_with_counted_tokens(folder, name):
    dialect, streaming, data = recorded(folder, name)
    exchange = read(data, dialect, streaming=streaming)

    assert exchange.outcome is Outcome.OK, exchange.message
    assert exchange.output_tokens is None or exchange.output_tokens >= len(exchange.arrivals) - 1


@pytest.mark.parametrize(
    ("folder", "name"),
    [("dify", "51_wf_qa_streaming"), ("dify", "60_chat_streaming"), ("ollama", "chat_thinking_stream"),
     ("llamacpp", "chat_thinking_stream"), ("dify", "46_completion_streaming")],
)  # fmt: skip
def test_a_stream_that_is_cut_at_any_byte_is_never_an_answer(folder, name):
    dialect, streaming, data = recorded(folder, name)
    end = max(
        data.rfind(mark) for mark in (b"workflow_finished", b"message_end", b'"done":true', b'"finish_reason":"stop"')
    )

    for cut in range(0, end, 3):
        exchange = read(data[:cut], dialect, streaming=streaming, size=4096)
        assert exchange.outcome is Outcome.STREAM_TRUNCATED, cut


def test_a_template_s_words_after_the_model_are_no_tokens():
    dialect, streaming, data = recorded("dify", "51_wf_qa_streaming")
    exchange = read(data, dialect, streaming=streaming, size=1)

    assert 0 < len(exchange.arrivals) < data.count(b'"event":"text_chunk"')
    assert exchange.last_token < data.rindex(b'"event":"text_chunk"')


def test_an_app_without_a_model_has_an_answer_and_no_first_token():
    dialect, streaming, data = recorded("dify", "50_wf_bare_streaming")
    exchange = read(data, dialect, streaming=streaming)

    assert (exchange.outcome, exchange.first_token, exchange.output_tokens) == (Outcome.OK, 0, None)
    assert exchange.text


def test_an_input_that_is_given_back_before_any_node_is_told_is_no_token():
    """So does the engine of newer versions of Dify, and the local app."""
    selector = '"from_variable_selector": ["start", "question"]'
    lines = [
        '{"event": "workflow_started", "data": {}}',
        f'{{"event": "text_chunk", "data": {{"text": "Who?", {selector}}}}}',
        '{"event": "node_started", "data": {"node_id": "start", "node_type": "start"}}',
        '{"event": "workflow_finished", "data": {"status": "succeeded", "outputs": {"answer": "Who?"}}}',
    ]
    exchange = read(response_bytes("".join(f"data: {line}\n\n" for line in lines).encode()), "dify")

    assert (exchange.outcome, exchange.first_token, exchange.text) == (Outcome.OK, 0, "Who?")


@pytest.mark.parametrize(
    ("name", "tokens", "shown"), [("61_chat_multi_step_streaming", 12, 6), ("60_chat_streaming", 8, 8)]
)
def test_the_speed_of_an_answer_is_that_of_the_nodes_that_gave_it(name, tokens, shown):
    dialect, streaming, data = recorded("dify", name)
    exchange = read(data, dialect, streaming=streaming, size=1)

    assert (exchange.output_tokens, exchange.shown_tokens) == (tokens, shown)
    assert time_per_output_token(exchange) == (exchange.last_token - exchange.first_token) / (shown - 1)


def test_thinking_comes_before_the_first_visible_word():
    for name in ("59_wf_reasoning_separated_streaming", "66_chat_reasoning_separated_streaming"):
        dialect, streaming, data = recorded("dify", name)
        exchange = read(data, dialect, streaming=streaming, size=1)

        assert exchange.first_token < exchange.first_visible
        assert "<think>" not in exchange.text


BLOCKING = sorted(path.stem for path in (RECORDINGS / "dify").glob("[456]*_blocking.json"))


@pytest.mark.parametrize("name", BLOCKING)
def test_blocking_answers_of_dify_are_judged_alike(name):
    dialect, streaming, data = recorded("dify", name)
    exchange = read(data, dialect, streaming=streaming)

    failed = any(part in name for part in ("500", "429", "missing", "disabled", "plugin_error", "retry"))
    assert exchange.outcome is (Outcome.APP_ERROR if failed else Outcome.OK), exchange.message
    assert bool(exchange.text) is not failed


@pytest.mark.parametrize("name", ["78b_err_429_concurrency_streaming", "78c_err_429_concurrency_blocking"])
def test_dify_s_limit_of_an_app_is_throttling_though_it_says_400(name):
    dialect, _, data = recorded("dify", name)

    assert read(data, dialect).outcome is Outcome.HTTP_429


def test_an_agent_s_text_is_timed_and_its_thoughts_are_not_answers():
    """As Dify's documentation describes it; none was recorded."""
    ids = '"task_id": "t1", "message_id": "m1", "conversation_id": "c1"'
    lines = [
        f'{{"event": "agent_thought", {ids}, "position": 1, "thought": "", "tool": "weekday", "tool_input": "{{}}"}}',
        f'{{"event": "agent_message", {ids}, "answer": ""}}',
        f'{{"event": "agent_message", {ids}, "answer": "On a"}}',
        f'{{"event": "agent_message", {ids}, "answer": " Friday."}}',
        f'{{"event": "agent_thought", {ids}, "position": 2, "thought": "On a Friday."}}',
        f'{{"event": "message_end", {ids}, "metadata": {{"usage": {{"prompt_tokens": 9, "completion_tokens": 4}}}}}}',
    ]
    exchange = read(response_bytes("".join(f"data: {line}\n\n" for line in lines).encode()), "dify")
    cut = read(response_bytes("".join(f"data: {line}\n\n" for line in lines[:-1]).encode()), "dify")

    assert (exchange.outcome, exchange.text, len(exchange.arrivals)) == (Outcome.OK, "On a Friday.", 2)
    assert (exchange.output_tokens, exchange.conversation_id, exchange.task_id) == (4, "c1", "t1")
    assert cut.outcome is Outcome.STREAM_TRUNCATED


PAUSE = {
    "task_id": "t1", "workflow_run_id": "r1",
    "data": {"status": "paused", "outputs": {}, "reasons": [{"TYPE": "human_input_required", "node_title": "Approve"}]},
}  # fmt: skip


def test_a_workflow_that_waits_for_a_person_has_failed_and_says_at_which_node():
    """As newer versions of Dify send it; none was recorded."""
    started = b'data: {"event": "workflow_started", "task_id": "t1", "data": {}}\n\n'
    stream = started + b"data: " + json.dumps({"event": "workflow_paused", **PAUSE}).encode() + b"\n\n"
    whole = response_bytes(json.dumps(PAUSE).encode(), kind="application/json")
    exchanges = [read(response_bytes(stream), "dify"), read(whole, "dify", streaming=False)]

    assert [exchange.outcome for exchange in exchanges] == [Outcome.APP_ERROR] * 2
    assert {exchange.message for exchange in exchanges} == {"workflow paused: it waits for a person at Approve"}
