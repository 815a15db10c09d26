import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from scripts.plugin_host import DaemonRuleBroken, NoReply, NotStarted, PluginError, PluginGone, PluginHost, TookTooLong
from scripts.plugin_host.model_calls import llm_request

HELLO = [{"role": "user", "content": "hello there"}]
WAIT = "for request in requests(): pass"


def texts(chunks):
    return [chunk["delta"]["message"]["content"] for chunk in chunks]


def test_a_plugin_is_ready_after_its_first_heartbeat(echo):
    assert echo.output.manifest["name"] == "echo"
    assert echo.output.heartbeats >= 1
    assert 0 < echo.start_seconds < 60


def test_an_answer_comes_chunk_by_chunk(echo):
    chunks = list(echo.invoke_llm("echo", {"key": "x"}, HELLO, parameters={"chunks": 3, "text": "早上 "}))

    assert texts(chunks) == ["早上 ", "早上 ", "早上 ", ""]
    assert [chunk["delta"]["index"] for chunk in chunks] == [0, 1, 2, 3]
    assert chunks[-1]["delta"]["finish_reason"] == "stop"


def test_an_answer_that_is_not_streamed_is_one_chunk(echo):
    assert texts(echo.invoke_llm("echo", {"key": "x"}, HELLO, parameters={"chunks": 2}, stream=False)) == ["word word "]


def test_the_other_calls_give_what_dify_would_keep(echo):
    assert echo.num_tokens("echo", {}, HELLO) == 2
    assert echo.validate_provider({"base_url": "here"}) == {"base_url": "here", "seen": "yes"}
    assert echo.validate_model("echo", {"base_url": "here"}) == {"base_url": "here"}
    assert echo.schema("echo", {})["model_properties"] == {"mode": "chat", "context_size": 4096}
    assert echo.schema("unknown", {}) is None


def test_an_error_of_the_plugin_keeps_its_type_and_its_words(echo):
    with pytest.raises(PluginError) as caught:
        echo.validate_model("echo", {"base_url": "wrong"})

    assert (caught.value.error_type, caught.value.message) == ("CredentialsValidateFailedError", "nobody answers there")
    assert "Traceback" in caught.value.details["traceback"]


def test_an_action_that_the_plugin_does_not_know_is_no_silent_success(echo):
    with pytest.raises(NoReply, match="make_coffee"):
        echo.one("make_coffee", {})


def test_many_answers_at_the_same_time_do_not_mix(echo):
    def ask(number):
        chunks = echo.invoke_llm("echo", {}, HELLO, parameters={"text": f"{number} ", "chunks": 20, "pause": 0.001})
        return "".join(texts(chunks))

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(ask, range(50)))

    assert answers == [f"{number} " * 20 for number in range(50)]


def test_hundreds_of_answers_need_no_thread_each(echo):
    heard, sessions, before = Counter(), [], threading.active_count()
    for number in range(200):
        request = llm_request("echo", {"key": "x"}, HELLO, parameters={"chunks": 5})
        sessions.append(echo.listen("invoke_llm", request, partial(count, heard, number)))
    wait_for(lambda: sum(kind == "end" for _, kind in heard) == 200)

    assert {*heard.values()} == {6, 1}
    assert threading.active_count() < before + 20


def test_a_request_is_sent_before_anyone_reads_the_answer(plugin_that):
    with PluginHost(plugin_that("for request in requests(): say('log', text=request['data']['action'])")) as host:
        unread = host.invoke("some_action", {})
        wait_for(lambda: host.output.logs)

        assert list(host.output.logs) == [{"text": "some_action"}]
        unread.close()


def test_memory_and_time_are_those_of_the_plugin(echo):
    before = echo.cpu_seconds()
    list(echo.invoke_llm("echo", {"key": "x"}, HELLO, parameters={"chunks": 5000}))

    assert echo.cpu_seconds() > before
    assert 20 << 20 < echo.rss_bytes() < 500 << 20


def test_only_a_minimal_environment_reaches_the_plugin(plugin_that, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://proxy")
    monkeypatch.setenv("LANG", "C.UTF-8")
    code = f"say('log', names=sorted(os.environ))\n{WAIT}"
    with PluginHost(plugin_that(code), env={"MAX_WORKER": "5"}) as host:
        wait_for(lambda: host.output.logs)

        assert {"INSTALL_METHOD", "LANG", "MAX_WORKER", "PATH"} <= {*host.output.logs[0]["names"]}
        assert "HTTP_PROXY" not in host.output.logs[0]["names"]


def test_a_plugin_that_cannot_start_says_why(plugin_that):
    with pytest.raises(NotStarted, match=r"exit code 1[\s\S]*no module called so"):
        PluginHost(plugin_that("raise ImportError('no module called so')", before=""))


def test_a_python_that_is_not_there_is_named(tmp_path):
    with pytest.raises(NotStarted, match="no-python"):
        PluginHost(tmp_path, python=tmp_path / "no-python")


def test_a_plugin_that_dies_ends_every_answer_with_what_it_said_last(plugin_that):
    code = "for request in requests():\n    print('out of luck', file=sys.stderr)\n    os._exit(3)"
    with PluginHost(plugin_that(code)) as host:
        with pytest.raises(PluginGone, match="out of luck"):
            host.one("any", {})
        with pytest.raises(PluginGone):
            host.one("any", {})


def test_closing_ends_the_answers_that_others_still_wait_for(plugin_that):
    host = PluginHost(plugin_that(WAIT))
    threading.Timer(0.1, host.close).start()

    with pytest.raises(PluginGone):
        host.one("any", {})


def test_closing_ends_a_request_that_the_plugin_never_reads(plugin_that):
    host = PluginHost(plugin_that("time.sleep(60)"))
    threading.Timer(0.1, host.close).start()

    with pytest.raises(PluginGone):
        host.one("any", {"text": "x" * (8 << 20)})


def test_an_answer_has_one_time_limit_for_all_of_it(plugin_that):
    code = """
    for request in requests():
        while True:
            reply(request["session_id"], "stream", text="more")
            time.sleep(0.01)
    """
    with PluginHost(plugin_that(code)) as host, pytest.raises(TookTooLong, match=r"any was not done after 0\.2 s"):
        list(host.invoke("any", {}, timeout=0.2))


def test_what_comes_for_a_call_that_was_left_is_dropped(echo):
    abandoned = echo.invoke_llm("echo", {"key": "x"}, HELLO, parameters={"chunks": 50, "pause": 0.002})
    next(abandoned)
    abandoned.close()

    assert texts(echo.invoke_llm("echo", {"key": "x"}, HELLO, parameters={"chunks": 1})) == ["word ", ""]


def test_a_call_back_to_dify_gets_a_clear_refusal(plugin_that):
    code = """
    incoming = requests()
    request = next(incoming)
    reply(request["session_id"], "invoke", type="storage", backwards_request_id="b1", request={})
    reply(request["session_id"], "stream", heard=next(incoming))
    reply(request["session_id"], "end")
    """
    with PluginHost(plugin_that(code)) as host:
        heard = host.one("any", {})["heard"]

    assert heard["event"] == "backwards_response"
    assert (heard["data"]["backwards_request_id"], heard["data"]["event"]) == ("b1", "error")
    assert "no Dify" in heard["data"]["message"]


def test_lines_that_are_no_messages_are_counted_and_kept(plugin_that):
    code = f"print('debug!', flush=True)\nprint('{{\"event\": \"party\"}}', flush=True)\nsay('log', text='x')\n{WAIT}"
    with PluginHost(plugin_that(code)) as host:
        wait_for(lambda: host.output.logs)

    assert host.output.broken_line_count == 2
    assert "debug!" in host.output.broken_lines[0]
    assert "party" in host.output.broken_lines[1]


def test_strict_finds_a_stray_line_at_the_end_of_the_block(plugin_that):
    host = PluginHost(plugin_that(f"print('debug!', flush=True)\nsay('log')\n{WAIT}"), strict=True)
    with pytest.raises(DaemonRuleBroken, match="debug!"), host:
        wait_for(lambda: host.output.logs)


@pytest.mark.parametrize(
    ("replies", "broken"),
    [
        ('reply(id, "stream", model="")', "chunk.model is empty"),
        ('reply(id, "end")', "an answer without a chunk"),
        ('reply(id, "error", error_type="E")', "error.message is no string"),
        ('reply(id, "farewell")', "a message of an unknown type"),
        ('reply(id, "stream", text="x" * (4 << 20))', "over 4194304"),
    ],
)
def test_strict_stops_at_what_the_daemon_would_not_accept(plugin_that, replies, broken):
    code = f"for request in requests():\n    id = request['session_id']\n    {replies}"
    host = PluginHost(plugin_that(code), strict=True)
    try:
        with pytest.raises(DaemonRuleBroken, match=broken):
            list(host.invoke_llm("m", {}, HELLO))
    finally:
        host.close()


def test_without_strict_all_of_it_passes(plugin_that):
    code = "for r in requests():\n    reply(r['session_id'], 'stream', model='')\n    reply(r['session_id'], 'end')"
    with PluginHost(plugin_that(code)) as host:
        assert list(host.invoke_llm("m", {}, HELLO)) == [{"model": ""}]


def count(heard, number, message):
    heard[number, message["type"]] += 1


def wait_for(condition, seconds=5):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.005)
