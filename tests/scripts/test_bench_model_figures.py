"""What is made of time stamps and of servers' counters."""

import pytest

from provider.core.backends import open_backend
from provider.core.server import Server
from scripts.bench_model.counters import CounterReader, Counters
from scripts.bench_model.figures import Figure, figures
from scripts.bench_model.run import Run
from scripts.bench_model.unloading import can_unload, unload
from tests.scripts.recorded_ollama import RECORDED as OLLAMA
from tests.servers import Delivery, Response, ScriptedServer, by_path
from tests.servers.replay import recordings

LLAMACPP = recordings("llamacpp")


def counted(data: bytes, size: int) -> Counters | None:
    reader = CounterReader()
    for at in range(0, len(data), size):
        reader.feed(data[at : at + size])
    return reader.counters()


@pytest.mark.parametrize("size", [1, 7, 1400])
@pytest.mark.parametrize(
    ("body", "told"),
    [
        (OLLAMA["chat_length_stream"].body, Counters(0.001153628, 27, None, 0.182424, 3, 0.37182)),
        (OLLAMA["generate_stream"].body, Counters(0.259281366, 27, None, 0.00355, 7, 0.006124)),
        (LLAMACPP["chat_length_stream"].body, Counters(None, 1, 20, 0.166 / 1000, 2, 0.645 / 1000)),
        (OLLAMA["v1_chat_stream"].body, None),
        (b'data: {"timings": broken\n', None),
    ],
    ids=["ollama", "ollama generate", "llama.cpp", "without counters", "not JSON"],
)
def test_counters_do_not_depend_on_how_the_network_cuts_the_bytes(body, told, size):
    found = counted(body, size)

    assert found == told


def test_each_figure_follows_its_definition():
    run = Run(sent=10.0, first=10.5, visible=11.0, last=12.5, end=12.75, prompt_tokens=100, output_tokens=21)

    assert run.ttft == 0.5, "thinking counts"
    assert run.ttfv == 1.0
    assert run.tpot == pytest.approx(0.1), "(last - first) / (tokens - 1)"
    assert run.e2e == 2.75
    assert run.decode_rate == pytest.approx(10)
    assert run.prefill_rate == pytest.approx(200)


@pytest.mark.parametrize(
    "run",
    [
        Run(0.0, None, None, None, 1.0, 5, 0),
        Run(0.0, 0.5, 0.5, 0.5, 1.0, None, 1),
        Run(0.0, 0.5, 0.5, 0.9, 1.0, None, None),
        Run(0.0, 0.5, 0.5, 0.5, 1.0, None, 9),
    ],
    ids=["no token", "one token", "not counted", "all at once"],
)
def test_what_cannot_be_told_is_not_zero(run):
    found = figures([run])

    assert run.decode_rate is None
    assert "decode_tps_client" not in found
    assert "prefill_tps_client" not in found


def test_the_middle_and_the_range_are_those_of_the_runs_that_have_the_figure():
    runs = [Run(0.0, seconds, seconds, seconds + 1, seconds + 1, 10, 11) for seconds in (0.3, 0.1, 0.2)]

    found = figures([*runs, Run(0.0, None, None, None, 1.0)])["ttft_ms"]

    assert found.median == pytest.approx(200)
    assert found.spread == pytest.approx(0.5)
    assert found.as_dict() == {"median": 200.0, "min": 100.0, "max": 300.0, "values": [300.0, 100.0, 200.0]}
    assert Figure((5.0,)).spread is None


def test_a_router_of_llama_cpp_unloads_one_model():
    def answer(name: str) -> Response:
        return LLAMACPP[name].response(Delivery())

    loaded, unloaded = answer("router_models_after"), answer("router_models_before")
    router = {
        "/v1/models": [loaded, loaded, unloaded], "/props": answer("router_props"),
        "/models/unload": answer("router_unload"),
    }  # fmt: skip
    with ScriptedServer(by_path(router)) as server:
        backend = open_backend(Server(server.url, "llamacpp"))
        assert can_unload(backend)
        assert backend.describe("alpha").loaded
        unload(backend, "alpha")

    assert server.asked("/models/unload") == [{"model": "alpha"}]


def test_a_server_with_its_one_model_is_never_asked_to_unload_it(demo_server):
    assert not can_unload(open_backend(Server(demo_server.url, "llamacpp")))
