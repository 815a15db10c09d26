"""The doctor and the quick check tell servers apart that play each other's routes."""

import gzip

import pytest

from scripts.doctoring.doors import knock
from scripts.doctoring.machine import Machine
from scripts.test_ollama_quick import Server
from tests.servers import Response, ScriptedServer, known
from tests.servers.bodies import compact

BY_NAME = [
    (known.LLAMACPP, "llama.cpp", "llama.cpp"),
    (known.LLAMACPP_LOCKED, "llama.cpp", "llama.cpp"),
    (known.ROUTER, "llama.cpp", "llama.cpp"),
    (known.LM_STUDIO, "LM Studio", "LM Studio"),
    (known.LM_STUDIO_OLDEST, "LM Studio", "LM Studio"),
    (known.VLLM, "vLLM", "vLLM"),
    (known.KOBOLDCPP, "model server", "KoboldCpp"),
    (known.DOCKER, "model server", "Docker Model Runner"),
    (known.LEMONADE, "model server", "Lemonade"),
    (known.LLAMA_SWAP, "model server", "an OpenAI-compatible server"),
    (known.NO_MODELS, "model server", "an OpenAI-compatible server"),
    (known.OPEN_WEBUI, "", ""),
]


def names(url):
    """What the quick check and the doctor take it for."""
    quick = Server(url)
    quick.identify()
    return quick.name, knock(Machine(env={}), url, "127.0.0.1").name


@pytest.mark.parametrize("stand_in", [*known.KNOWN, *known.UNKNOWN], ids=lambda each: each.title)
def test_only_ollama_is_taken_for_ollama_though_others_play_its_routes(stand_in):
    with stand_in.serve() as server:
        quick, doctor = names(server.url)

    is_ollama = stand_in.kind == "ollama"
    assert (quick == "Ollama", doctor.startswith("Ollama")) == (is_ollama, is_ollama)


@pytest.mark.parametrize(("stand_in", "quick", "doctor"), BY_NAME, ids=lambda each: getattr(each, "title", ""))
def test_a_server_is_called_by_its_name(stand_in, quick, doctor):
    with stand_in.serve() as server:
        assert names(server.url) == (quick, doctor)


def test_an_answer_that_was_compressed_unasked_is_read():
    listed = {"object": "list", "data": [{"id": "m", "owned_by": "vllm"}]}
    with ScriptedServer(Response(200, [gzip.compress(compact(listed))], {"Content-Encoding": "gzip"})) as server:
        assert names(server.url) == ("vLLM", "vLLM")
