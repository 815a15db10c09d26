"""Refusals and failures before the first token, worded as the real servers word them."""

from tests.servers.bodies import compact
from tests.servers.exchange import Response

LLAMACPP = {"Server": "llama.cpp"}


def llamacpp_error(status: int, kind: str, message: str, **more: object) -> Response:
    return Response.of_json({"error": {"code": status, "message": message, "type": kind, **more}}, status, **LLAMACPP)


def openai_error(status: int, kind: str, message: str) -> Response:
    return Response.of_json({"error": {"message": message, "type": kind, "param": None, "code": None}}, status)


def ollama_error(status: int, message: str) -> Response:
    return Response.of_json({"error": message}, status)


def loading() -> Response:
    return llamacpp_error(503, "unavailable_error", "Loading model")


def loading_then(response: Response, times: int = 2) -> list[Response]:
    return [*[loading()] * times, response]


def ollama_busy() -> Response:
    return ollama_error(503, "server busy, please try again.  maximum pending requests exceeded")


def wrong_key() -> Response:
    return llamacpp_error(401, "authentication_error", "Invalid API Key")


def forbidden() -> Response:
    """Ollama, when the Host or the Origin header is one it does not know: no body at all."""
    return Response(403)


def ollama_model_missing(model: str = "m") -> Response:
    return ollama_error(404, f"model '{model}' not found")


def vllm_model_missing(model: str = "m") -> Response:
    error = {"message": f"The model `{model}` does not exist.", "type": "NotFoundError", "param": None, "code": 404}
    return Response.of_json({"error": error}, 404)


def old_vllm_model_missing(model: str = "m") -> Response:
    """Flat, as vLLM wrote it before."""
    message = f"The model `{model}` does not exist."
    return Response.of_json({"object": "error", "message": message, "type": "NotFoundError", "code": 404}, 404)


def llamacpp_unknown_path() -> Response:
    return llamacpp_error(404, "not_found_error", "File Not Found")


def ollama_unknown_path() -> Response:
    return Response.of_text("404 page not found", 404)


def lmstudio_unknown_path(path: str = "/x") -> Response:
    """LM Studio says 200 to a path it does not know."""
    return Response.of_json({"error": f"Unexpected endpoint or method. (GET {path})"})


def too_many_requests(retry_after: str = "2") -> Response:
    return openai_error(429, "rate_limit_error", "Too many requests").but(headers={"Retry-After": retry_after})


def nested_500() -> Response:
    """llama.cpp's words inside Ollama's error: JSON within JSON."""
    message = "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj"
    inner = compact({"error": {"code": 500, "message": message, "type": "server_error"}}).decode()
    return ollama_error(500, inner)


def context_overflow(asked: int = 2019, limit: int = 512) -> Response:
    message = f"request ({asked} tokens) exceeds the available context size ({limit} tokens), try increasing it"
    return llamacpp_error(400, "exceed_context_size_error", message, n_prompt_tokens=asked, n_ctx=limit)


def html_502() -> Response:
    page = (
        "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><h1>502 Bad Gateway</h1></body>\r\n</html>\r\n"
    )
    return Response.of_text(page, 502, "text/html")


def empty_200() -> Response:
    return Response(200, headers={"Content-Type": "application/json"})


def empty_stream() -> Response:
    """LM Studio, when the prompt is longer than the context of a GGUF model."""
    return Response.stream([])
