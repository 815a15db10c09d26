"""A pull through the client: every line, and no end but `success` is one."""

import pytest

from scripts.ollama_service import (
    OllamaConnectionError,
    OllamaModelNotFoundError,
    OllamaServiceError,
    OllamaStreamError,
    PullProgress,
)
from tests.scripts.ollama_asking import all_of, ask, gone
from tests.scripts.pull_streams import MANIFEST, SUCCESS, UNKNOWN_MODEL, VERIFYING, WRITING, layer, pulled, whole
from tests.servers import End, KeepAlive, Response, ScriptedServer
from tests.servers.bodies import ndjson

LINES = (*layer("a", 300, 0, 100, 60, 300), *layer("b", 5, 5))
NO_SPACE = ndjson({"error": "write /models/blobs/sha256-aa-partial-3: no space left on device"})


def pull(seen):
    return lambda ollama: all_of(ollama.pull_model("qwen3:4b"), seen)


def failure_of(response, seen=None):
    with ScriptedServer(response) as server, pytest.raises(OllamaServiceError) as raised:
        ask(server, pull([] if seen is None else seen))
    assert len(server.requests) == 1
    return raised.value


def test_every_line_is_told_and_bytes_may_go_down():
    with ScriptedServer(whole(*LINES)) as server:
        seen = ask(server, pull([]))

    digest = "sha256:" + "a" * 64
    assert seen[:5] == [
        PullProgress("pulling manifest"),
        *(PullProgress("pulling " + "a" * 12, digest, 300, completed) for completed in (0, 100, 60, 300)),
    ]
    assert [step.status for step in seen[6:]] == ["verifying sha256 digest", "writing manifest", "success"]
    assert [step.done for step in seen] == [False] * 8 + [True]
    assert server.asked("/api/pull") == [{"model": "qwen3:4b", "stream": True, "insecure": False}]


@pytest.mark.parametrize("size", [1, 7, 1400])
def test_lines_do_not_depend_on_how_the_network_cuts_the_bytes(size):
    data = whole(*LINES).body.rstrip(b"\n")  # the last line feed may be missing
    with ScriptedServer(pulled(*(data[at : at + size] for at in range(0, len(data), size)))) as server:
        assert len(ask(server, pull([]))) == 9


@pytest.mark.parametrize(
    ("error", "kind", "status", "words"),
    [
        (UNKNOWN_MODEL, OllamaModelNotFoundError, 404, "The registry has no “qwen3:4b”"),
        (NO_SPACE, OllamaServiceError, 500, "no space left on device"),
    ],
)
def test_an_error_line_after_a_good_status_is_an_error(error, kind, status, words):
    seen = []

    raised = failure_of(pulled(MANIFEST, *LINES, error), seen)

    assert len(seen) == 6
    assert (type(raised), raised.status) == (kind, status)
    assert words in str(raised)


@pytest.mark.parametrize("end", [End.PROPER, End.CLOSE, End.RESET])
@pytest.mark.parametrize("lines", [(), (MANIFEST,), (MANIFEST, *LINES, VERIFYING, WRITING)])
def test_a_pull_that_ends_without_success_is_an_error_and_not_asked_again(lines, end):
    assert isinstance(failure_of(pulled(*lines, end=end)), OllamaStreamError)


def test_the_error_says_where_it_stopped_and_that_pulling_again_helps():
    assert "at “verifying sha256 digest”; what came stays there" in str(failure_of(pulled(MANIFEST, VERIFYING)))


def test_a_connection_that_breaks_after_success_is_no_error():
    with ScriptedServer(pulled(MANIFEST, SUCCESS, end=End.CLOSE)) as server:
        assert ask(server, pull([]))[-1].done


def test_a_name_that_cannot_be_one_is_refused_at_once():
    raised = failure_of(Response.of_json({"error": "invalid model name"}, 400))

    assert (raised.status, "invalid model name" in str(raised)) == (400, True)


def test_a_pull_is_tried_twice_as_long_as_nothing_was_answered():
    waits = []

    async def wait(seconds):
        waits.append(seconds)

    with ScriptedServer(whole(), keep_alive=KeepAlive(requests=0)) as server, pytest.raises(OllamaConnectionError):
        ask(server, pull([]), sleep=wait)
    with pytest.raises(OllamaConnectionError):
        ask(gone(), pull([]), sleep=wait)

    assert (len(server.dropped), waits) == (2, [1, 1])


def test_a_pull_is_patient_while_a_large_file_is_verified():
    with ScriptedServer(pulled(MANIFEST, VERIFYING, 0.3, SUCCESS)) as server:
        assert ask(server, pull([]), timeout=0.1)[-1].done


def test_leaving_early_ends_the_download():
    async def leave(ollama):
        steps = ollama.pull_model("qwen3:4b")
        await anext(steps)
        await steps.aclose()

    with ScriptedServer(pulled(MANIFEST, end=End.HANG)) as server:
        ask(server, leave)
        assert server.client_left.wait(2)
