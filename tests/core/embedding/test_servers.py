"""What each kind of server is asked: routes and fields."""

import pytest

from provider.core import errors
from provider.core.chat import Media
from provider.core.embedding import detected
from provider.core.model_info import ModelInfo
from tests.core.embedding.embedding_servers import backend, embedded, error, openai, server, vector, well
from tests.servers import ReplayServer, Response, ScriptedServer, by_path

PICTURE = Media("image", "image/png", "QUJD")


def ollama(*names: str) -> ReplayServer:
    return ReplayServer("ollama", dict(zip(names[::2], names[1::2], strict=True)))


def test_ollama_is_asked_to_cut_with_one_context_length_and_keep_alive():
    with ollama("POST /api/embed", "embed_batch") as running:
        found = embedded(running, ["hello", "world", "你好"], "ollama", context_length=512, keep_alive="-1")

    assert running.asked("/api/embed") == [
        {
            "model": "m",
            "input": ["hello", "world", "你好"],
            "truncate": True,
            "options": {"num_ctx": 512},
            "keep_alive": -1,
        }
    ]
    assert [(len(vector), vector[0]) for vector in found.vectors] == [
        (64, -0.1814558),
        (64, -0.2109599),
        (64, 0.1290995),
    ]
    assert found.tokens == 12


def test_ollama_picked_by_auto_gets_the_context_length_a_form_by_name_would_have():
    with ollama("POST /api/show", "show_embedding", "POST /api/embed", "embed_one") as running:
        embedded(running, ["hello"], "ollama")
        embedded(running, ["hello"], "ollama")

    assert [body["options"] for body in running.asked("/api/embed")] == [{"num_ctx": 512}] * 2
    assert len(running.asked("/api/show")) == 1


def test_ollama_takes_dimensions_and_extra_options():
    with ollama("POST /api/embed", "embed_one") as running:
        extra = {"options": {"num_thread": 2, "num_ctx": 9}, "truncate": False}
        (found,) = embedded(running, ["hello"], "ollama", dimensions=8, context_length=512, extra_body=extra).vectors

    (body,) = running.asked("/api/embed")
    assert (body["dimensions"], body["options"], body["truncate"]) == (8, {"num_thread": 2, "num_ctx": 512}, False)
    assert len(found) == 8  # the recorded server did not cut, so it was done here


def test_a_text_too_long_for_ollama_was_cut_there():
    with ollama("POST /api/embed", "embed_too_long_truncated") as running:
        assert embedded(running, ["word " * 2000], "ollama", context_length=512).tokens == 512


def test_an_empty_text_in_ollama_keeps_its_place_and_gets_a_direction():
    with ollama("POST /api/embed", "embed_empty_string") as running:
        found = embedded(running, ["hello", ""], "ollama", context_length=512)

    assert running.asked("/api/embed")[0]["input"] == ["hello", " "]
    assert found.vectors[1] == [0.125] * 64


def test_a_chat_model_on_ollama_is_answered_with_the_command_for_an_embedding_model():
    with (
        ollama("POST /api/embed", "embed_on_chat_model") as running,
        pytest.raises(errors.Rejected, match="ollama pull nomic-embed-text"),
    ):
        embedded(running, ["a"], "ollama", context_length=512)


def test_ollama_by_openais_route_speaks_base64():
    with ollama("POST /v1/embeddings", "v1_embeddings_base64") as running:
        (found,) = embedded(running, ["hello"], "openai", "ollama").vectors

    assert found[:3] == [-0.1814558, 0.1814558, 0.02017745]


def test_vllm_is_told_where_to_cut():
    with server(well) as running:
        embedded(running, ["a"], "openai", "vllm", context_length=8192)

    assert running.requests[0].json["truncate_prompt_tokens"] == 8192


def test_tei_is_asked_by_its_own_route_and_counts_in_a_header():
    def answer(request):
        vectors = [vector(text) for text in request.json["inputs"]]
        return Response.of_json(vectors, X_Compute_Tokens="9")

    with ScriptedServer(by_path({"POST /embed": answer})) as running:
        found = embedded(running, ["text 1", "", "text 2"], "openai", "tei")

    assert running.asked("/embed") == [{"truncate": True, "inputs": ["text 1", " ", "text 2"]}]
    assert ([vector[1] for vector in found.vectors], found.tokens) == ([1, 0, 2], 9)


def test_tei_says_how_many_texts_it_takes():
    def answer(body):
        if len(body["inputs"]) > 2:
            said = {
                "error": f"batch size {len(body['inputs'])} > maximum allowed batch size 2",
                "error_type": "validation",
            }
            return Response.of_json(said, 422)
        return Response.of_json([vector(text) for text in body["inputs"]])

    with server(answer) as running:
        assert len(embedded(running, ["a", "b", "c", "d", "e"], "openai", "tei").vectors) == 5


def test_llamacpp_gets_pictures_as_parts_and_never_at_the_end_of_a_prompt():
    with server(lambda body: openai([[1.0, 2.0] for _ in body["input"]])) as running:
        embedded(running, ["text", PICTURE], "llamacpp")

    picture, newline = running.requests[0].json["input"][1]["content"]
    assert picture == {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}}
    assert newline == {"type": "text", "text": "\n"}


@pytest.mark.parametrize("kind", ["ollama", "lmstudio", "openai"])
def test_other_servers_do_not_get_pictures(kind):
    with server(well) as running, pytest.raises(errors.Rejected, match="vectors of texts only"):
        embedded(running, [PICTURE], kind, context_length=512)

    assert running.requests == []


def test_extra_fields_of_the_form_are_sent_and_win_over_ours():
    with server(well) as running:
        embedded(running, ["a"], extra_body={"encoding_format": "float", "user": "me", "model": "no", "input": "no"})

    assert running.requests[0].json == {"encoding_format": "float", "user": "me", "model": "m", "input": ["a"]}


def test_what_the_server_lists_as_no_embedding_model_is_refused_without_a_question():
    with server(well) as running:
        for kind in ("ollama", "lmstudio", "openai"):
            with pytest.raises(errors.Rejected, match="m gives no vectors"):
                detected(backend(running, kind), ModelInfo("m", kind, embedding=False))

    assert running.requests == []


def test_what_the_server_lists_as_an_embedding_model_is_not_tried():
    with server(well) as running:
        info = ModelInfo("m", "lmstudio", embedding=True)
        assert detected(backend(running, "lmstudio"), info) == info

    assert running.requests == []


def test_a_loaded_model_of_unknown_size_is_measured_with_one_text():
    with server(well) as running:
        info = detected(backend(running, "lmstudio"), ModelInfo("m", "lmstudio", embedding=True, loaded=True))

    assert info.embedding_size == 3


def test_where_nobody_tells_one_short_text_does():
    with server(well) as running:
        info = detected(backend(running), ModelInfo("m", "openai"))

    assert (info.embedding, info.embedding_size) == (True, 3)
    assert [request.json["input"] for request in running.requests] == [["hello"]]


def test_a_server_that_refuses_that_text_is_quoted():
    said = "The model does not support Embeddings API"

    with server(lambda _: error(400, said)) as running, pytest.raises(errors.Rejected, match=said):
        detected(backend(running, "openai", "vllm"), ModelInfo("m", "openai"))


def test_a_server_without_the_route_is_told_as_one_that_makes_no_vectors():
    with ScriptedServer(by_path({})) as running, pytest.raises(errors.Rejected, match=r"no route /v1/embeddings .*404"):
        embedded(running, ["a"])


def test_a_wrong_name_is_answered_with_the_right_ones():
    replay = ollama("POST /api/embed", "error_model_missing_stream")

    with replay as running, pytest.raises(errors.ModelMissing, match=r"tinyembed.*ollama pull m"):
        embedded(running, ["a"], "ollama", context_length=512)


def test_a_router_is_not_made_to_load_a_model_for_a_question():
    not_loaded = error(400, "model is not loaded")

    with ScriptedServer(by_path({}, not_loaded)) as running:
        assert detected(backend(running, "llamacpp"), ModelInfo("m", "llamacpp")).embedding

    assert {request.path.partition("?")[2] for request in running.requests} == {"autoload=false"}
