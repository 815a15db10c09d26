"""Error bodies of real servers: whose words, and which error they are."""

import json
from pathlib import Path

import pytest

from provider.core import errors
from provider.core.classify import classify
from provider.core.wire.failure import read_failure
from tests.core.wire.streams import RECORDINGS

EXPECTED = {
    "ollama/error_model_missing_stream": errors.ModelMissing,
    "ollama/show_missing": errors.ModelMissing,
    "ollama/error_tools_unsupported": errors.Rejected,
    "ollama/error_think_unsupported": errors.Rejected,
    "ollama/error_chat_on_embedding_model": errors.Rejected,
    "ollama/error_option_type": errors.Rejected,
    "ollama/error_option_number_as_string": errors.Rejected,
    "ollama/error_keep_alive_string": errors.Rejected,
    "ollama/error_image_bad_base64": errors.Rejected,
    "ollama/error_bad_json": errors.Rejected,
    "ollama/embed_on_chat_model": errors.Rejected,
    "ollama/error_forbidden_origin": errors.Unauthorized,
    "ollama/error_unknown_path": errors.Rejected,
    "ollama/v1_error_model_missing": errors.ModelMissing,
    "llamacpp/error_key_missing": errors.Unauthorized,
    "llamacpp/error_key_wrong": errors.Unauthorized,
    "llamacpp/error_context_overflow_blocking": errors.ContextOverflow,
    "llamacpp/error_image_without_mmproj": errors.Rejected,
    "llamacpp/error_embeddings_not_enabled": errors.Rejected,
    "llamacpp/error_chat_on_embedding_server": errors.Rejected,
    "llamacpp/router_error_unknown_model": errors.ModelMissing,
    "llamacpp/vision_error_bad_image": errors.Rejected,
}


@pytest.mark.parametrize(("recorded", "error"), EXPECTED.items(), ids=str)
def test_a_recorded_refusal_is_read_and_classed(recorded: str, error: type[errors.ServerError]) -> None:
    path = RECORDINGS / recorded
    status = json.loads(Path(f"{path}.json").read_text())["response"]["status"]

    failure = read_failure(Path(f"{path}.body").read_bytes(), status)

    assert classify(failure) is error
    assert "{" not in failure.words


@pytest.mark.parametrize(
    ("status", "body", "words", "error"),
    [
        (503, b'{"error":{"message":"Loading model","type":"unavailable_error","code":503}}', "Loading model", errors.Loading),
        (503, b'{"error":"server busy, please try again.  maximum pending requests exceeded"}', "server busy", errors.Busy),
        (429, b"slow down", "slow down", errors.Busy),
        (404, b'{"error":{"message":"The model `x` does not exist.","type":"NotFoundError"}}', "does not exist", errors.ModelMissing),
        (400, b'{"object":"error","message":"This model\'s maximum context length is 8192 tokens."}', "8192", errors.ContextOverflow),
        (400, b'{"error":"Trying to keep the first 5000 tokens when context the overflows"}', "5000", errors.ContextOverflow),
        (500, b'{"error":"model runner has unexpectedly stopped, this may be due to resource limitations"}', "stopped", errors.Failed),
        (400, b'{"error":"{\\"error\\": {\\"code\\":400,\\"message\\":\\"too big\\",\\"type\\":\\"exceed_context_size_error\\"}}"}',
         "too big", errors.ContextOverflow),
        (502, b"<html><head><title>502 Bad Gateway</title></head></html>", "502 bad gateway", errors.Failed),
        (500, b"", "", errors.Failed),
        (403, b"", "", errors.Unauthorized),
        (422, b'{"detail":[{"loc":["body"],"msg":"field required"}]}', "field required", errors.Rejected),
        (301, b"", "", errors.BadSetting),
        (401, b'{"error":{"message":"no","code":400}}', "no", errors.Unauthorized),
        (429, b'{"error":{"message":"slowly","code":400}}', "slowly", errors.Busy),
        (302, b'{"error":{"message":"moved","code":404}}', "moved", errors.BadSetting),
        (500, b'{"error":{"message":"bad picture","code":400}}', "bad picture", errors.Rejected),
        (400, b'[{"msg":"\\ud83d"}]', "?", errors.Rejected),
        (400, b"[" * 100_000, "[[[", errors.Rejected),
    ],
)  # fmt: skip
def test_other_refusals_are_read_and_classed(
    status: int, body: bytes, words: str, error: type[errors.ServerError]
) -> None:
    failure = read_failure(body, status)

    assert words in failure.words
    assert classify(failure) is error


def test_the_numbers_of_an_overflow_are_kept() -> None:
    body = (RECORDINGS / "llamacpp/error_context_overflow_blocking.body").read_bytes()

    failure = read_failure(body, 400)

    assert failure.context_length
    assert failure.prompt_tokens
    assert failure.prompt_tokens > failure.context_length
