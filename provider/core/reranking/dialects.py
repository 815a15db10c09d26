"""The ways to ask for a ranking that local servers know. Their answers differ too, but one reader reads them all."""

from typing import Any, ClassVar

from provider.core.backends import Backend
from provider.core.reranking.question import Question


class Dialect:
    """A route and the body it wants."""

    name: ClassVar[str]
    path: ClassVar[str]
    most: ClassVar[int] = 1000  # documents in one request

    @property
    def probe_path(self) -> str:
        return self.path

    def encode(self, model: str, question: Question) -> dict[str, Any]:
        """All documents are asked for: LocalAI returns none without `top_n`, llama.cpp none with 0."""
        return {
            "model": model,
            "query": question.query,
            "documents": list(question.documents),
            "top_n": len(question.documents),
        }


class V1(Dialect):
    """Jina's route, the usual one: vLLM, LocalAI, Xinference, SGLang, Infinity, LiteLLM and GPUStack have it too."""

    name = "v1"
    path = "/v1/rerank"


class LlamaCpp(V1):
    """Its router would load the model only to answer a probe."""

    name = "llamacpp"

    @property
    def probe_path(self) -> str:
        return f"{self.path}?autoload=false"


class Plain(Dialect):
    """Servers whose routes have no version: Infinity, older vLLM, small servers of one's own."""

    name = "plain"
    path = "/rerank"


class Tei(Dialect):
    """Hugging Face Text Embeddings Inference: one model, texts, a bare list."""

    name = "tei"
    path = "/rerank"
    most = 32  # its --max-client-batch-size, unless set higher

    def encode(self, model: str, question: Question) -> dict[str, Any]:
        return {"query": question.query, "texts": list(question.documents), "raw_scores": False, "truncate": True}


class CohereV2(Dialect):
    """Cohere's own, and servers that stand in for it."""

    name = "cohere"
    path = "/v2/rerank"


class Reranking(Dialect):
    """Lemonade's."""

    name = "reranking"
    path = "/v1/reranking"


class OllamaLike(Dialect):
    """Ollama has no such route, but gateways in front of it do."""

    name = "ollama"
    path = "/api/rerank"


class Score(Dialect):
    """vLLM's older route: pairs of texts."""

    name = "score"
    path = "/score"

    def encode(self, model: str, question: Question) -> dict[str, Any]:
        return {"model": model, "text_1": question.query, "text_2": list(question.documents)}


DIALECTS: dict[str, Dialect] = {
    each.name: each for each in (V1(), Plain(), Tei(), CohereV2(), Reranking(), OllamaLike(), Score(), LlamaCpp())
}
ANY = ("v1", "plain", "tei", "cohere", "reranking", "ollama", "score")
# By kind or flavour, what is worth trying, in this order.
KNOWN: dict[str, tuple[str, ...]] = {
    "llamacpp": ("llamacpp",),
    "lmstudio": ("v1",),
    "ollama": ("v1", "ollama"),
    "tei": ("tei",),
    "lemonade": ("reranking", "v1"),
}


def worth_trying(backend: Backend) -> list[Dialect]:
    names = KNOWN.get(backend.flavour) or KNOWN.get(backend.kind, ANY)
    return [DIALECTS[name] for name in names]
