"""Servers that run one model: vLLM, SGLang, Text Embeddings Inference."""

from tests.servers.exchange import Response
from tests.servers.known.stand_in import StandIn, models, needs_key

NOT_FOUND = Response.of_json({"detail": "Not Found"}, 404)
UNAUTHORIZED = Response.of_json({"error": "Unauthorized"}, 401)
_QWEN = {"id": "Qwen/Qwen3-8B", "root": "Qwen/Qwen3-8B", "parent": None, "max_model_len": 8192, "permission": []}
_LORA = {"id": "sql-lora", "root": "/loras/sql", "parent": "Qwen/Qwen3-8B", "max_model_len": None, "permission": []}

VLLM = StandIn(
    "vLLM", "openai", "vllm",
    {
        "/v1/models": models(_QWEN, _LORA, owned_by="vllm"), "/version": {"version": "0.11.0"}, "/health": Response(),
        "/tokenize": {"count": 12, "max_model_len": 8192, "tokens": [1]},
    },
    NOT_FOUND, questions=3, headers={"Server": "uvicorn"}, port=8000,
)  # fmt: skip
VLLM_LOCKED = VLLM.but(
    title="vLLM with a key",
    pages={**VLLM.pages, "/v1/models": needs_key(VLLM.pages["/v1/models"], UNAUTHORIZED)},
    questions=9,
    version="0.11.0",
)

SGLANG = StandIn(
    "SGLang", "openai", "sglang",
    {
        "/v1/models": models({**_QWEN, "max_model_len": 32768}, owned_by="sglang"),
        "/get_model_info": {
            "model_path": "Qwen/Qwen3-8B", "tokenizer_path": "Qwen/Qwen3-8B", "is_generation": True,
            "preferred_sampling_params": None, "weight_version": "default", "has_image_understanding": False,
            "has_audio_understanding": False,
        },
        "/api/tags": {"models": [{"name": "Qwen/Qwen3-8B", "model": "Qwen/Qwen3-8B", "digest": "", "size": 0}]},
        "/api/show": {"model_info": {}, "details": {}}, "/": Response.of_text("Ollama is running"),
    },
    NOT_FOUND, questions=3, headers={"Server": "uvicorn"}, port=30000,
)  # fmt: skip
SGLANG_LOCKED = SGLANG.but(title="SGLang with a key", pages={}, otherwise=UNAUTHORIZED)

_INFO = {
    "model_id": "BAAI/bge-m3", "model_sha": "5617", "model_dtype": "float16", "served_model_name": "BAAI/bge-m3",
    "model_type": {"embedding": {"pooling": "cls"}}, "max_concurrent_requests": 512, "max_input_length": 8192,
    "max_batch_tokens": 16384, "max_batch_requests": None, "max_client_batch_size": 32, "auto_truncate": False,
    "tokenization_workers": 8, "version": "1.8.1", "sha": None, "docker_label": None,
}  # fmt: skip
TEI = StandIn(
    "Text Embeddings Inference", "openai", "tei", {"/info": _INFO, "/health": Response(), "/": Response()},
    Response(404), questions=8, version="1.8.1", port=8080,
)  # fmt: skip
_RANKS = {
    "model_id": "BAAI/bge-reranker-v2-m3", "served_model_name": "BAAI/bge-reranker-v2-m3", "max_input_length": 512,
    "model_type": {"reranker": {"id2label": {"0": "LABEL_0"}, "label2id": {"LABEL_0": 0}}},
}  # fmt: skip
TEI_RERANK = TEI.but(title="Text Embeddings Inference that ranks", pages={"/info": {**_INFO, **_RANKS}})
