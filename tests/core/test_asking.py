"""Asking a server over real sockets: retries, time-outs, pooled connections, clean endings."""

import threading
import time
from dataclasses import replace

import pytest

from provider.core import errors
from provider.core.backends import Backend, open_backend
from provider.core.chat import ChatRequest, Event, Finished, Message, Text
from provider.core.fingerprint import fingerprint
from provider.core.server import Server, Timeouts
from tests.servers import End, KeepAlive, Response, ScriptedServer, faults, streams
from tests.servers.http_server import LLAMACPP_KEEP_ALIVE

REQUEST = ChatRequest("m", (Message("user", ("hi",)),))
QUICK = Timeouts(connect=2, first_token=5, idle=5, total=10)


def backend(server: ScriptedServer, kind: str = "openai", timeouts: Timeouts = QUICK) -> Backend:
    return open_backend(Server(server.url, kind, timeouts=timeouts))


def text(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Text))


def test_forty_calls_share_one_connection() -> None:
    with ScriptedServer(streams.openai("Hello")) as server:
        for _ in range(40):
            assert text(list(backend(server).chat(REQUEST))) == "Hello"

    assert server.connections == 1


def test_forty_calls_to_ollama_share_one_connection() -> None:
    with ScriptedServer(streams.ollama("Hello")) as server:
        for _ in range(40):
            assert text(list(backend(server, "ollama").chat(REQUEST))) == "Hello"

    assert server.connections == 1


@pytest.mark.parametrize("drops", [End.CLOSE, End.RESET])
def test_a_pooled_connection_the_server_has_closed_is_replaced_unseen(drops: End) -> None:
    keep_alive = KeepAlive(requests=1, drops_next=drops)
    with ScriptedServer(streams.openai("Hello"), keep_alive=keep_alive) as server:
        answers = [text(list(backend(server).chat(REQUEST))) for _ in range(3)]

    assert answers == ["Hello"] * 3
    assert len(server.requests) == 3
    assert len(server.dropped) == 2


def test_llama_cpps_habit_of_ending_connections_is_never_seen() -> None:
    with ScriptedServer(streams.openai("Hello"), keep_alive=replace(LLAMACPP_KEEP_ALIVE, requests=3)) as server:
        answers = {text(list(backend(server).chat(REQUEST))) for _ in range(20)}

    assert answers == {"Hello"}


def test_a_fresh_connection_that_answers_nothing_is_not_tried_twice_in_secret() -> None:
    """A forwarder whose server is down: accepted, then closed. It is told after the visible retries."""
    with (
        ScriptedServer(
            Response(end=End.CLOSE, headers={}), keep_alive=KeepAlive(requests=0, drops_next=End.CLOSE)
        ) as server,
        pytest.raises(errors.ServerError),
    ):
        list(backend(server).chat(REQUEST))


def test_a_loading_model_is_waited_for() -> None:
    with ScriptedServer(*faults.loading_then(streams.openai("Hello"), times=2)) as server:
        assert text(list(backend(server, "llamacpp").chat(REQUEST))) == "Hello"

    assert len(server.requests) == 3


def test_a_model_that_loads_for_too_long_is_told() -> None:
    with ScriptedServer(faults.loading()) as server, pytest.raises(errors.Loading, match="Loading model"):
        list(backend(server, "llamacpp", replace(QUICK, first_token=1)).chat(REQUEST))


def test_a_busy_server_is_asked_again() -> None:
    with ScriptedServer(faults.ollama_busy(), streams.ollama("Hello")) as server:
        assert text(list(backend(server, "ollama").chat(REQUEST))) == "Hello"


def test_a_busy_server_says_when_to_ask_again_and_nobody_waits_for_long() -> None:
    busy = faults.too_many_requests()
    with ScriptedServer([busy.but(headers={"Retry-After": "2"}), streams.openai("Hi")]) as server:
        begin = time.monotonic()
        assert text(list(backend(server).chat(REQUEST))) == "Hi"
        assert time.monotonic() - begin >= 2

    with ScriptedServer(busy.but(headers={"Retry-After": "60"})) as server:
        with pytest.raises(errors.Busy):
            backend(server, timeouts=Timeouts(2, 300, 5, 300)).chat(REQUEST)
        assert len(server.requests) == 1


def test_a_refusal_is_raised_before_the_first_event() -> None:
    with ScriptedServer(faults.wrong_key()) as server, pytest.raises(errors.Unauthorized, match="Invalid API Key"):
        backend(server, "llamacpp").chat(REQUEST)

    assert len(server.requests) == 1


def test_usage_is_not_asked_for_when_an_old_server_refuses_it() -> None:
    refused = faults.openai_error(400, "invalid_request_error", "Unrecognized request argument: stream_options")
    with ScriptedServer(refused, streams.openai("Hello")) as server:
        assert text(list(backend(server).chat(REQUEST))) == "Hello"

    assert ["stream_options" in request.json for request in server.requests] == [True, False]


@pytest.mark.parametrize("kind", ["ollama", "openai"])
def test_silence_after_the_first_token_ends_with_the_idle_time_out(kind: str) -> None:
    script = streams.ollama_falls_silent() if kind == "ollama" else streams.openai_falls_silent()
    said: list[Event] = []
    with ScriptedServer(script) as server, pytest.raises(errors.TimedOut, match=r"0\.3 s"):
        said.extend(backend(server, kind, replace(QUICK, idle=0.3)).chat(REQUEST))
    for event in said:
        assert isinstance(event, Text)


def test_silence_before_the_first_token_ends_with_the_first_token_time_out() -> None:
    with ScriptedServer(streams.never_answers()) as server, pytest.raises(errors.TimedOut, match="first_token_timeout"):
        backend(server, "openai", replace(QUICK, first_token=0.3)).chat(REQUEST)


@pytest.mark.parametrize("script", [streams.openai_trickles(), streams.pings_forever()])
def test_an_answer_without_end_stops_at_the_total_time_out(script: Response) -> None:
    with ScriptedServer(script) as server, pytest.raises(errors.TimedOut, match="PLUGIN_MAX_EXECUTION_TIMEOUT"):
        list(backend(server, "openai", replace(QUICK, total=0.5)).chat(REQUEST))


def test_the_text_before_the_total_time_out_is_passed_on() -> None:
    said: list[Event] = []
    with ScriptedServer(streams.ollama_trickles()) as server:
        answer = backend(server, "ollama", replace(QUICK, total=0.6)).chat(REQUEST)
        with pytest.raises(errors.TimedOut):
            said.extend(answer)

    assert len(said) >= 3


@pytest.mark.parametrize("end", [End.PROPER, End.CLOSE, End.RESET])
@pytest.mark.parametrize("kind", ["ollama", "openai"])
def test_a_cut_answer_is_an_error_after_its_text(kind: str, end: End) -> None:
    script = streams.ollama_ends_early(end) if kind == "ollama" else streams.openai_ends_early(end)
    said: list[Event] = []
    with ScriptedServer(script) as server:
        answer = backend(server, kind).chat(REQUEST)
        with pytest.raises(errors.BrokenStream, match="before its end"):
            said.extend(answer)

    if end is not End.RESET:  # a reset may throw away what had arrived
        assert text(said) == "Hello wor"


def test_a_connection_that_breaks_after_the_end_was_seen_is_no_error() -> None:
    whole = streams.openai("Hello").but(end=End.RESET)
    with ScriptedServer(whole) as server:
        events = list(backend(server).chat(REQUEST))

    assert isinstance(events[-1], Finished)


def test_a_server_that_keeps_the_connection_open_after_its_end_is_not_waited_for() -> None:
    with ScriptedServer(streams.ollama("Hello").but(end=End.HANG)) as server:
        events = list(backend(server, "ollama", replace(QUICK, idle=30)).chat(REQUEST))

    assert text(events) == "Hello"


def test_closing_the_answer_closes_the_servers_connection() -> None:
    with ScriptedServer(streams.openai_trickles()) as server:
        answer = backend(server).chat(REQUEST)
        next(answer)
        answer.close()

        assert server.client_left.wait(5)


def test_a_stop_word_the_server_ignored_ends_the_answer_and_the_connection() -> None:
    request = replace(REQUEST, stop=("word word",))
    with ScriptedServer(streams.openai_trickles()) as server:
        events = list(backend(server).chat(request))

        assert server.client_left.wait(5)
    assert text(events) == ""
    assert events[-1] == Finished("stop")


def test_two_hundred_streams_at_once_are_all_whole() -> None:
    answers: list[str] = []
    with ScriptedServer(streams.openai(*["word "] * 20)) as server:

        def ask() -> None:
            answers.append(text(list(backend(server).chat(REQUEST))))

        threads = [threading.Thread(target=ask) for _ in range(200)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert answers == ["word " * 20] * 200


def test_a_redirect_names_the_address_to_use() -> None:
    moved = Response(301, headers={"Location": "https://box/api/chat"})
    with ScriptedServer(moved) as server, pytest.raises(errors.BadSetting, match="https://box"):
        backend(server, "ollama").chat(REQUEST)


def test_the_key_goes_with_the_request_and_not_with_the_session() -> None:
    with ScriptedServer(streams.openai("Hello")) as server:
        with_key = Server(server.url, "openai", (("Authorization", "Bearer k"),), timeouts=QUICK)
        list(open_backend(with_key).chat(REQUEST))
        list(backend(server).chat(REQUEST))

    assert [request.headers.get("authorization") for request in server.requests] == ["Bearer k", None]


@pytest.mark.parametrize("value", ["Bearer s3cret-key", "s3cret-key"])
def test_a_key_that_the_server_repeats_is_not_passed_on(value: str) -> None:
    refusal = Response.of_json({"error": {"message": "Incorrect API key provided: s3cret-key."}}, 401)
    with ScriptedServer(refusal) as server:
        locked = Server(server.url, "openai", headers=(("Authorization", value),))
        with pytest.raises(errors.Unauthorized, match=r"provided: …\.”") as raised:
            open_backend(locked).names()
        with pytest.raises(errors.Unauthorized, match=r"provided: …\.") as found:
            fingerprint(locked)

    assert "s3cret" not in f"{raised.value}{found.value}"


def test_environment_proxies_are_ignored_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer(streams.openai("Hello")) as server, ScriptedServer(streams.openai("proxied")) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        direct = list(backend(server).chat(REQUEST))
        through = list(open_backend(Server(server.url, "openai", proxy=proxy.url, timeouts=QUICK)).chat(REQUEST))

    assert text(direct) == "Hello"
    assert text(through) == "proxied"
