"""Servers that rerank as real ones do, each with its own routes, shapes and refusals.

What a document is worth stands in its own text, as a logit: “relevant 3.5”. Other texts get -6.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from provider.core.dispatch import Target
from provider.core.instances import Instance
from provider.core.model_info import ModelInfo
from provider.core.server import Server, Timeouts
from tests.servers import Request, Response, ScriptedServer, by_path
from tests.servers.faults import (
    llamacpp_error,
    llamacpp_unknown_path,
    lmstudio_unknown_path,
    ollama_unknown_path,
    openai_error,
)

QUICK = Timeouts(connect=2, first_token=5, idle=5, total=10)

type Items = list[tuple[int, float, str]]
type Answer = Callable[[dict[str, Any]], Response]


def target(server: ScriptedServer, kind: str = "openai", flavour: str = "", model: str = "m") -> Target:
    instance = Instance("here", (server.url,), kind, flavour)
    return Target(Server(server.url, kind, timeouts=QUICK), (instance,), model, ModelInfo(model, kind, flavour))


def logit(text: str) -> float:
    words = text.split()
    return float(words[1]) if words[:1] == ["relevant"] else -6.0


def probability(text: str) -> float:
    return 1 / (1 + math.exp(-logit(text)))


def best_first(texts: Sequence[str], score: Callable[[str], float]) -> Items:
    """Index, score and text."""
    return sorted(((at, score(text), text) for at, text in enumerate(texts)), key=lambda item: -item[1])


def rerank_server(routes: dict[str, Answer], otherwise: Response | None = None) -> ScriptedServer:
    scripts = {f"POST {path}": _script(answer) for path, answer in routes.items()}
    return ScriptedServer(by_path(scripts, otherwise or not_found()))


def not_found() -> Response:
    return Response.of_json({"detail": "Not Found"}, 404)


def missing_field(*names: str) -> Response:
    """As FastAPI says it."""
    detail = [{"type": "missing", "loc": ["body", name], "msg": "Field required", "input": {}} for name in names]
    return Response.of_json({"detail": detail}, 422)


# Answers


def vllm(body: dict[str, Any]) -> Response:
    if "documents" not in body:
        return openai_error(400, "BadRequestError", "[{'type': 'missing', 'loc': ('body', 'documents')}]")
    items = best_first(body["documents"], probability)[: body.get("top_n") or None]
    results = [{"index": at, "document": {"text": text}, "relevance_score": score} for at, score, text in items]
    return Response.of_json({"id": "rerank-1", "model": "m", "usage": {"total_tokens": 9}, "results": results})


def vllm_score(body: dict[str, Any]) -> Response:
    """Its older route, in the order of the question."""
    data = [{"index": at, "object": "score", "score": probability(text)} for at, text in enumerate(body["text_2"])]
    return Response.of_json({"id": "score-1", "object": "list", "data": data, "model": "m"})


def localai(body: dict[str, Any]) -> Response:
    """Without `top_n` it gives nothing; unsorted, and logits."""
    documents = body["documents"][: body.get("top_n", 0)]
    results = [
        {"index": at, "document": {"text": text}, "relevance_score": logit(text)} for at, text in enumerate(documents)
    ]
    return Response.of_json({"model": "m", "usage": {"total_tokens": 9}, "results": results or None})


def xinference(body: dict[str, Any]) -> Response:
    """Documents come back as plain texts, or not at all."""
    items = best_first(body["documents"], probability)
    results = [{"index": at, "relevance_score": score, "document": text} for at, score, text in items]
    return Response.of_json({"id": "1", "results": results, "meta": {"tokens": None}})


def jina(body: dict[str, Any]) -> Response:
    items = best_first(body["documents"], probability)
    results = [{"index": at, "document": {"text": text}, "relevance_score": score} for at, score, text in items]
    return Response.of_json({"model": body["model"], "object": "list", "results": results, "usage": {}})


def cohere(body: dict[str, Any]) -> Response:
    items = best_first(body["documents"], probability)
    results = [{"index": at, "relevance_score": score} for at, score, _ in items]
    return Response.of_json({"id": "1", "results": results, "meta": {"api_version": {"version": "2"}}})


def sglang(body: dict[str, Any]) -> Response:
    """A bare list with `score`."""
    items = best_first(body["documents"], logit)
    return Response.of_json([{"score": score, "document": text, "index": at} for at, score, text in items])


def without_index(body: dict[str, Any]) -> Response:
    items = best_first(body["documents"], probability)
    return Response.of_json({"data": [{"document": {"text": text}, "score": score} for _, score, text in items]})


def tei(most: int = 32) -> Answer:
    def answer(body: dict[str, Any]) -> Response:
        if "texts" not in body:
            return Response.of_text("Failed to deserialize the JSON body: missing field `texts`", 422)
        if len(body["texts"]) > most:
            words = f"batch size {len(body['texts'])} > maximum allowed batch size {most}"
            return Response.of_json({"error": words, "error_type": "Validation"}, 422)
        items = best_first(body["texts"], logit if body.get("raw_scores") else probability)
        return Response.of_json([{"index": at, "score": score} for at, score, _ in items])

    return answer


@dataclass(frozen=True, slots=True)
class LlamaCpp:
    """Logits, sorted, without texts. It counts a token for each character, and takes `batch` for a pair."""

    batch: int = 100_000
    score: Callable[[str], float] = logit

    def __call__(self, body: dict[str, Any]) -> Response:
        for document in body["documents"]:
            if (tokens := len(body["query"]) + len(document) + 3) > self.batch:
                words = f"input ({tokens} tokens) is too large to process. increase the physical batch size "
                return llamacpp_error(500, "server_error", f"{words}(current batch size: {self.batch})")
        items = best_first(body["documents"], self.score)[: body["top_n"]]
        results = [{"index": at, "relevance_score": score} for at, score, _ in items]
        return Response.of_json({"model": "m", "object": "list", "usage": {}, "results": results}, Server="llama.cpp")


def not_enabled(_body: dict[str, Any]) -> Response:
    words = "This server does not support reranking. Start it with `--reranking`"
    return llamacpp_error(501, "not_supported_error", words)


def raw(value: Any) -> Answer:
    """Whatever was asked."""
    return lambda _body: value if isinstance(value, Response) else Response.of_json(value)


# Servers: program, kind, flavour, what it answers

SERVERS: dict[str, tuple[str, str, Callable[[], ScriptedServer]]] = {
    "llamacpp": ("llamacpp", "", lambda: rerank_server({"/v1/rerank": LlamaCpp()}, llamacpp_unknown_path())),
    "vllm": ("openai", "vllm", lambda: rerank_server({"/v1/rerank": vllm, "/rerank": vllm})),
    "old vllm": ("openai", "vllm", lambda: rerank_server({"/score": vllm_score})),
    "tei": ("openai", "", lambda: rerank_server({"/rerank": tei()})),
    "known tei": ("openai", "tei", lambda: rerank_server({"/rerank": tei()})),
    "localai": ("openai", "", lambda: rerank_server({"/v1/rerank": localai})),
    "xinference": ("openai", "", lambda: rerank_server({"/v1/rerank": xinference})),
    "jina": ("openai", "", lambda: rerank_server({"/v1/rerank": jina})),
    "cohere v1": ("openai", "", lambda: rerank_server({"/v1/rerank": jina})),
    "cohere v2": ("openai", "", lambda: rerank_server({"/v2/rerank": cohere})),
    "sglang": ("openai", "sglang", lambda: rerank_server({"/v1/rerank": sglang})),
    "lemonade": ("openai", "", lambda: rerank_server({"/v1/reranking": LlamaCpp()})),
    "infinity": ("openai", "", lambda: rerank_server({"/rerank": xinference})),
    "without an index": ("openai", "", lambda: rerank_server({"/rerank": without_index})),
    "gateway before ollama": ("ollama", "", lambda: rerank_server({"/api/rerank": cohere}, ollama_unknown_path())),
    "newer lmstudio": ("lmstudio", "", lambda: rerank_server({"/v1/rerank": jina}, lmstudio_unknown_path())),
}


def _script(answer: Answer) -> Callable[[Request], Response]:
    return lambda request: answer(request.json)
