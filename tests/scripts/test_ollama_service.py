"""The client against what a real Ollama sent, and against servers that look at what it asks."""

import asyncio
import base64

import pytest

from provider.core.chat import Finished, Message, Text, Thinking, Tool, ToolCall, ToolCalls, Usage
from provider.core.errors import BadSetting
from scripts.ollama_service import ChatResult, OllamaService
from tests.core.wire.streams import decode, decoder_for
from tests.scripts.ollama_asking import all_of, ask
from tests.servers import Delivery, End, ReplayServer, Response, ScriptedServer
from tests.servers.bodies import CREATED, OLLAMA_USAGE, ndjson, ollama_call, ollama_line, ollama_stream
from tests.servers.replay import RECORDINGS
from tests.servers.streams import SEPARATORS

ANSWER = "Hello from the tiny test model."
THOUGHT = "The user says something, I answer."
CHATS = [
    "chat_stop_stream",
    "chat_length_stream",
    "chat_thinking_stream",
    "chat_think_false_stream",
    "chat_tools_stream",
]
QUESTION = [{"role": "user", "content": "hi"}]
WEATHER = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}


@pytest.fixture
def recorded():
    with ReplayServer("ollama") as server:
        yield server


@pytest.mark.parametrize("name", CHATS)
@pytest.mark.parametrize("pieces", [7, None])
def test_a_recorded_chat_gives_the_events_the_plugin_sees(name, pieces):
    async def stream(ollama):
        return await all_of(await ollama.chat(QUESTION, stream=True), [])

    with ReplayServer("ollama", {"/api/chat": name}, Delivery(pieces)) as server:
        events = ask(server, stream)

    path = RECORDINGS / "ollama" / f"{name}.body"
    assert events == decode(decoder_for(path), [path.read_bytes()])


def test_a_chat_is_collected_into_text_thinking_calls_and_usage(recorded):
    recorded.answers = {"/api/chat": "chat_thinking_stream"}
    result = ask(recorded, lambda ollama: ollama.chat(QUESTION))

    assert (result.text, result.thinking, result.finish_reason) == (ANSWER, THOUGHT, "stop")
    assert result.usage.completion_tokens > 0

    recorded.answers = {"/api/chat": "chat_tools_stream"}
    result = ask(recorded, lambda ollama: ollama.chat(QUESTION, tools=[WEATHER]))

    [call] = result.tool_calls
    assert (call.name, len(call.id), result.finish_reason) == ("get_weather", 32, "tool_calls")


def test_generate_gives_text_and_leaves_out_what_was_thought(recorded):
    async def stream(ollama):
        return await all_of(await ollama.generate("hi", stream=True), [])

    assert ask(recorded, lambda ollama: ollama.generate("hi", model="tinychat")) == ANSWER
    assert "".join(ask(recorded, stream, model="tinychat")) == ANSWER


def test_the_next_turn_gives_calls_and_results_back_with_their_ids():
    call = ollama_call("get_weather", {"city": "Paris"}, "call_1")
    first = [ollama_line(tool_calls=[call]), ollama_line(done="stop")]

    async def two_turns(ollama):
        answer = await ollama.chat(QUESTION, tools=[Tool("get_weather")])
        assistant = Message("assistant", tool_calls=answer.tool_calls)
        result = {"role": "tool", "content": "sunny", "tool_call_id": answer.tool_calls[0].id}
        return answer, await ollama.chat([*QUESTION, assistant, result])

    with ScriptedServer(Response.ndjson(first), Response.ndjson(ollama_stream("Sunny."))) as server:
        called, told = ask(server, two_turns)

    assert called.tool_calls == (ToolCall("call_1", "get_weather", '{"city": "Paris"}'),)
    assert told.text == "Sunny."
    assert server.asked("/api/chat")[1]["messages"][1:] == [
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "content": "sunny", "tool_call_id": "call_1", "tool_name": "get_weather"},
    ]


def test_messages_may_be_written_as_openai_has_them():
    picture = base64.b64encode(b"\x89PNG").decode()
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{picture}"}}
    called = {"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}
    messages = [
        {"role": "user", "content": [{"type": "text", "text": "Look."}, image], "images": [b"\x89PNG", picture]},
        {"role": "assistant", "content": None, "tool_calls": [called]},
    ]
    with ScriptedServer(Response.ndjson(ollama_stream("ok"))) as server:
        ask(server, lambda ollama: ollama.chat(messages))

    assert server.asked("/api/chat")[0]["messages"] == [
        {"role": "user", "content": "Look.", "images": [picture] * 3},
        {"role": "assistant", "content": "", "tool_calls": [ollama_call("f", {"a": 1}, "1")]},
    ]


@pytest.mark.parametrize(
    "message",
    [{"role": "robot", "content": "hi"}, {"content": "hi"}, {"role": "user", "images": ["http://pictures/a.png"]}],
)
def test_a_message_that_cannot_be_meant_is_told_before_anything_is_sent(message):
    with ScriptedServer(Response(500)) as server, pytest.raises(BadSetting):
        ask(server, lambda ollama: ollama.chat([message]))

    assert server.requests == []


def test_options_go_where_ollama_wants_them():
    with ScriptedServer(Response.ndjson(ollama_stream("ok"))) as server:
        ask(
            server,
            lambda ollama: ollama.generate(
                "hi",
                system="Be brief.",
                parameters={"max_tokens": 9, "temperature": 0},
                context_length=8192,
                keep_alive="-1",
                thinking="off",
            ),
        )

    assert server.asked("/api/generate") == [
        {
            "model": "m",
            "prompt": "hi",
            "system": "Be brief.",
            "stream": True,
            "think": False,
            "keep_alive": -1,
            "options": {"num_predict": 9, "temperature": 0, "num_ctx": 8192},
        }
    ]


def test_line_separators_inside_a_text_are_text():
    with ScriptedServer(Response.ndjson(ollama_stream(SEPARATORS))) as server:
        assert ask(server, lambda ollama: ollama.chat(QUESTION)).text == SEPARATORS


def test_tokens_the_server_did_not_count_are_estimated():
    uncounted = ndjson({"model": "m", "created_at": CREATED, "message": {"role": "assistant"}, "done": True})
    with ScriptedServer(Response.ndjson([ollama_line("Hello world"), uncounted])) as server:
        result = ask(server, lambda ollama: ollama.chat(QUESTION))

    assert result == ChatResult("Hello world", usage=Usage(8, 2, estimated=True))


def test_thinking_is_told_apart_however_it_comes():
    lines = [ollama_line(thinking="hm"), ollama_line("Hello"), ollama_line(done="stop")]
    with ScriptedServer(
        Response.ndjson(lines), Response.ndjson(ollama_stream("<thi", "nk>hm</think>", "Hello"))
    ) as server:

        async def twice(ollama):
            return [await all_of(await ollama.chat(QUESTION, stream=True), []) for _ in range(2)]

        in_field, in_text = ask(server, twice)

    assert in_field == in_text
    assert in_text[:2] == [Thinking("hm"), Text("Hello")]
    assert isinstance(in_text[2], Finished)


def test_the_default_model_is_used_and_none_at_all_is_told():
    with ScriptedServer(Response.ndjson(ollama_stream("ok"))) as server:
        ask(server, lambda ollama: ollama.chat(QUESTION), model="qwen3:4b")
        ask(server, lambda ollama: ollama.chat(QUESTION, model="other"), model="qwen3:4b")
        with pytest.raises(BadSetting, match="OLLAMA_DEFAULT_MODEL"):
            ask(server, lambda ollama: ollama.chat(QUESTION), model="")

    assert [body["model"] for body in server.asked("/api/chat")] == ["qwen3:4b", "other"]


def test_connections_are_used_again_and_never_more_than_allowed():
    async def six_at_once(ollama):
        return await asyncio.gather(*(ollama.generate(str(number)) for number in range(6)))

    answer = Response.ndjson([0.02, ndjson({"response": "ok", "done": True, **OLLAMA_USAGE})])
    with ScriptedServer(answer) as server:
        assert ask(server, six_at_once, max_connections=2) == ["ok"] * 6

    assert server.connections == 2


@pytest.mark.parametrize("read", [0, 1])
def test_leaving_a_stream_early_closes_its_connection(read):
    async def leave(ollama):
        async with await ollama.generate("hi", stream=True) as pieces:
            return [await anext(pieces) for _ in range(read)]

    begun = Response.ndjson([ndjson({"response": "one"}), 0.02, ndjson({"response": "two"})], End.HANG)
    with ScriptedServer(begun) as server:
        assert ask(server, leave) == ["one"] * read
        assert server.client_left.wait(2)


def test_the_key_travels_in_its_header_and_shows_nowhere():
    with ScriptedServer(Response.of_json({"error": "unauthorized"}, 401)) as server:
        service = OllamaService(server.url, api_key="sk-secret")
        with pytest.raises(Exception, match="unauthorized") as raised:
            ask(server, OllamaService.list_models, api_key="sk-secret")

    assert server.requests[0].headers["authorization"] == "Bearer sk-secret"
    assert "sk-secret" not in f"{raised.value!r} {service.config!r}"
    asyncio.run(service.close())


def test_calls_end_a_collected_answer_only_once():
    calls = [ollama_call("a", {}), ollama_call("b", {})]
    lines = [ollama_line(tool_calls=calls[:1]), ollama_line("Both.", tool_calls=calls[1:], done="stop")]
    with ScriptedServer(Response.ndjson(lines)) as server:
        events = ask(server, _events)

    [told] = [event for event in events if isinstance(event, ToolCalls)]
    assert [call.name for call in told.calls] == ["a", "b"]
    assert all(call.id for call in told.calls)


async def _events(ollama):
    return await all_of(await ollama.chat(QUESTION, stream=True), [])


def test_the_example_in_the_documents_runs(recorded, monkeypatch, capsys):
    page = (RECORDINGS.parents[1] / "docs" / "ollama-service.md").read_text(encoding="utf-8")
    recorded.answers = {
        "/api/generate": "generate_stream",
        "/api/chat": "chat_thinking_stream",
        "/api/embed": "embed_one",
    }
    monkeypatch.setenv("OLLAMA_BASE_URL", recorded.url)

    exec(page.partition("```python\n")[2].partition("```")[0], {})

    printed = capsys.readouterr().out
    assert printed.count(ANSWER) == 3
    assert "64 ['tinychat:latest'" in printed
    assert "Get it: python -m scripts pull nope:7b" in printed
