"""Runs from their first event to their last: read, stopped, abandoned, and many at a time."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from local_dify import launcher
from tests.local_dify.asking import PING, ROUTES, Dify, events, last_data, text
from tests.local_dify.conftest import APPS

MANY = 60


def until(holds: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


def stop_after_first_words(dify: Dify, app: str, route: str, **body) -> list[dict]:
    """Everything that was told, with a stop in the middle."""
    asked = {"inputs": {}, "user": "u-1", "response_mode": "streaming", **body}
    told = []
    with httpx.stream(
        "POST", dify.url + ROUTES[route], json=asked, headers=dify.headers(app), timeout=20, trust_env=False
    ) as response:
        for event in events(response.iter_lines()):
            told.append(event)
            if len(told) == 10:
                path = {"workflow": f"/v1/workflows/tasks/{event['task_id']}/stop"}
                stop = path.get(route, f"{ROUTES[route]}/{event['task_id']}/stop")
                assert dify.post(app, stop, {"user": "u-1"}).json() == {"result": "success"}
    return told


def test_a_stopped_workflow_ends_as_difys_does(dify):
    told = stop_after_first_words(dify, "qa", "workflow", inputs={"question": "take long"})

    assert [event["event"] for event in told[-2:]] == ["text_chunk", "workflow_finished"]
    end = told[-1]["data"]
    assert (end["status"], end["error"], end["outputs"], end["total_steps"]) == ("stopped", "Stopped by user.", {}, 2)


def test_a_stopped_chat_ends_with_the_end_of_its_message(dify):
    told = stop_after_first_words(dify, "chat", "chat", query="take long")

    assert [event["event"] for event in told[-2:]] == ["workflow_finished", "message_end"]


def test_a_stopped_completion_ends_with_the_end_of_its_message(dify):
    told = stop_after_first_words(dify, "completion", "completion", inputs={"query": "take long"})

    assert {event["event"] for event in told[:-1]} == {"message"}
    assert told[-1]["event"] == "message_end"


def test_stopping_what_does_not_run_is_no_mistake(dify):
    assert dify.post("qa", "/v1/workflows/tasks/nothing/stop", {"user": "u-1"}).json() == {"result": "success"}


def test_a_conversation_goes_on_with_what_was_said(dify, backend):
    first = dify.streamed("chat", "chat", query="one")
    conversation = first[0]["conversation_id"]

    second = dify.streamed("chat", "chat", query="two", conversation_id=conversation)

    assert second[0]["conversation_id"] == conversation
    assert second[0]["data"]["inputs"]["sys.dialogue_count"] == 2
    said = [(message["role"], message["content"]) for message in backend.asked("/v1/chat/completions")[-1]["messages"]]
    assert said == [
        ("system", "You are brief."),
        ("user", "one"), ("assistant", "Local answer about: one"), ("user", "two"),
    ]  # fmt: skip


def test_a_basic_chat_remembers_too(dify, backend):
    first = dify.whole("prompt_chat", "chat", query="one").json()

    dify.whole("prompt_chat", "chat", query="two", conversation_id=first["conversation_id"])

    said = [message["content"] for message in backend.asked("/v1/chat/completions")[-1]["messages"]]
    assert said == ["You are brief.", "one", "Local answer about: one", "two"]


def test_a_conversation_belongs_to_its_user_and_its_app(dify):
    conversation = dify.whole("chat", "chat", query="one").json()["conversation_id"]

    foreign = [
        dify.whole("chat", "chat", query="two", conversation_id=conversation, user="another"),
        dify.whole("knowledge", "chat", query="two", conversation_id=conversation),
    ]

    assert [answer.status_code for answer in foreign] == [404, 404]


def test_the_passage_that_shares_words_with_the_question_is_given_to_the_model(dify):
    told = dify.streamed("knowledge", "chat", query="What is the default port of Ollama?")

    found = [event["data"]["outputs"] for event in told if event["event"] == "node_finished"][1]["result"]
    prompt = [event["data"]["process_data"] for event in told if event["event"] == "node_finished"][2]["prompts"][0]
    assert [passage["title"] for passage in found] == ["knowledge"]
    assert prompt["text"] == f"Answer from these passages. {found[0]['content']}"
    assert told[-1]["metadata"]["retriever_resources"][0]["content"] == found[0]["content"]


def test_separated_thoughts_are_events_of_their_own_and_not_in_the_answer(dify):
    told = dify.streamed("think", "workflow", inputs={"question": "please think"})

    thoughts = [event["data"] for event in told if event["event"] == "reasoning_chunk"]
    assert "".join(thought["reasoning"] for thought in thoughts).strip() == "Let me see."
    assert [(thought["node_id"], thought["is_final"]) for thought in thoughts][-1] == ("llm", True)
    assert last_data(told, "workflow_finished")["outputs"]["answer"] == "So."


def test_an_iteration_tells_each_of_its_rounds(dify):
    told = dify.streamed("iterate", "workflow")

    names = [event["event"] for event in told]
    inside = [event["data"] for event in told if event["event"] == "node_finished" and event["data"]["iteration_id"]]
    assert (names.count("iteration_started"), names.count("iteration_completed")) == (1, 1)
    assert [(data["node_id"], data["iteration_id"]) for data in inside if data["node_type"] == "llm"] == [
        ("llm", "each")
    ] * 3
    assert last_data(told, "workflow_finished")["outputs"] == {
        "out": ["Local answer about: red", "Local answer about: green", "Local answer about: blue"]
    }


def test_a_run_goes_on_when_its_reader_has_gone(dify):
    """As in Dify; the conversation has the whole answer afterwards."""
    asked = {"inputs": {}, "query": "one two three", "user": "u-1", "response_mode": "streaming"}
    with httpx.stream(
        "POST", f"{dify.url}/v1/chat-messages", json=asked, headers=dify.headers("chat"), trust_env=False
    ) as stream:
        conversation = next(events(stream.iter_lines()))["conversation_id"]

    def count() -> int:
        return dify.streamed("chat", "chat", query="x", conversation_id=conversation)[0]["data"]["inputs"][
            "sys.dialogue_count"
        ]

    assert until(lambda: count() > 1)


def test_many_streams_at_a_time_are_whole_and_their_own(dify):
    with ThreadPoolExecutor(MANY) as pool:
        told = list(
            pool.map(lambda n: dify.streamed("qa", "workflow", inputs={"question": f"number {n}"}), range(MANY))
        )

    answers = [last_data(stream, "workflow_finished")["outputs"]["answer"] for stream in told]
    assert answers == [f"Local answer about: number {n}" for n in range(MANY)]
    assert [text(stream).partition("\n")[0] for stream in told] == answers
    assert len({stream[0]["task_id"] for stream in told}) == MANY


def test_a_connection_is_kept_for_the_next_request(dify, backend):
    with httpx.Client(base_url=dify.url, headers=dify.headers("bare"), trust_env=False) as client:
        body = {"inputs": {"question": "x"}, "user": "u", "response_mode": "streaming"}
        streams = [client.post("/v1/workflows/run", json=body).extensions["network_stream"] for _ in range(3)]

    assert len(set(map(id, streams))) == 1


@pytest.mark.slow
def test_more_runs_of_an_app_than_it_allows_are_refused_as_dify_refuses_them(graphon, backend):
    with launcher.running(backend.url, [path for path in APPS if path.stem == "qa"], most=1) as served:
        dify = Dify(**served)
        busy = threading.Thread(target=stop_when, args=[dify, (go := threading.Event())])
        busy.start()
        go.wait(10)
        refused = dify.whole("qa", "workflow", inputs={"question": "x"})
        go.clear()
        busy.join()

    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_param")
    assert refused.json()["message"].startswith("Too many requests. Please try again later.")


def stop_when(dify: Dify, is_refused: threading.Event) -> None:
    """Run until the other thread has seen what it wanted."""
    body = {"inputs": {"question": "take long"}, "user": "u", "response_mode": "streaming"}
    with httpx.stream(
        "POST", f"{dify.url}/v1/workflows/run", json=body, headers=dify.headers("qa"), trust_env=False
    ) as stream:
        for event in events(stream.iter_lines()):
            if event["event"] == "text_chunk":
                is_refused.set()
                break
        assert until(lambda: not is_refused.is_set())


@pytest.mark.slow
def test_a_stall_is_bridged_by_signs_of_life(dify):
    told = dify.streamed("qa", "workflow", inputs={"question": "please stall"})

    assert told.count(PING) == 2
    assert last_data([event for event in told if event != PING], "workflow_finished")["status"] == "succeeded"
