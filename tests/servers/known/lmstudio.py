"""LM Studio, which answers 200 to every path it does not know, in the versions that list models differently."""

from tests.servers.exchange import Request, Response
from tests.servers.known.stand_in import StandIn, models, needs_key

GEMMA = {
    "type": "llm", "publisher": "google", "key": "google/gemma-4-26b-a4b", "display_name": "Gemma 4 26B A4B",
    "architecture": "gemma4", "quantization": {"name": "Q4_K_M", "bits_per_weight": 4}, "size_bytes": 17990911801,
    "params_string": "26B-A4B",
    "loaded_instances": [
        {"id": "google/gemma-4-26b-a4b", "config": {"context_length": 4096, "parallel": 4}},
        {"id": "gemma-long", "config": {"context_length": 32768, "parallel": 1}},
    ],
    "max_context_length": 262144, "format": "gguf",
    "capabilities": {
        "vision": True, "trained_for_tool_use": True, "reasoning": {"allowed_options": ["off", "on"], "default": "on"},
    },
    "variants": ["google/gemma-4-26b-a4b@q4_k_m"], "selected_variant": "google/gemma-4-26b-a4b@q4_k_m",
}  # fmt: skip
QWEN = {
    "type": "llm", "publisher": "qwen", "key": "qwen3-4b", "loaded_instances": [], "max_context_length": 40960,
    "format": "gguf", "capabilities": {"vision": False, "trained_for_tool_use": True},
}  # fmt: skip
NOMIC = {
    "type": "embedding", "publisher": "nomic", "key": "text-embedding-nomic", "loaded_instances": [],
    "max_context_length": 2048, "format": "gguf",
}  # fmt: skip
V0 = {
    "object": "list",
    "data": [
        {
            "id": "qwen2-vl-7b-instruct", "object": "model", "type": "vlm", "publisher": "mlx-community",
            "arch": "qwen2_vl", "compatibility_type": "mlx", "quantization": "4bit", "state": "not-loaded",
            "max_context_length": 32768,
        },
        {
            "id": "meta-llama-3.1-8b", "object": "model", "type": "llm", "arch": "llama", "compatibility_type": "gguf",
            "state": "loaded", "max_context_length": 131072, "loaded_context_length": 8192,
            "capabilities": ["tool_use"],
        },
    ],
}  # fmt: skip


def unexpected(request: Request) -> Response:
    error = f"Unexpected endpoint or method. ({request.method} {request.path})"
    return Response.of_json({"error": error}, X_Powered_By="Express")


_LISTED = models({"id": "qwen3-4b"}, {"id": "google/gemma-4-26b-a4b"}, owned_by="organization_owner")
LM_STUDIO = StandIn(
    "LM Studio", "lmstudio", "",
    {"/api/v1/models": {"models": [QWEN, GEMMA, NOMIC]}, "/api/v0/models": V0, "/v1/models": _LISTED},
    unexpected, questions=1, headers={"X-Powered-By": "Express"}, port=1234,
)  # fmt: skip
LM_STUDIO_OLD = LM_STUDIO.but(title="LM Studio before 0.4.0", pages={"/api/v0/models": V0, "/v1/models": _LISTED})
LM_STUDIO_OLDEST = LM_STUDIO.but(title="LM Studio before 0.3.6", pages={"/v1/models": _LISTED})

REFUSED = Response.of_json(
    {
        "error": {
            "type": "invalid_request",
            "code": "invalid_api_key",
            "message": "An LM Studio API token is required to make requests to this server, but none was provided.",
        }
    },
    401,
)
LM_STUDIO_LOCKED = LM_STUDIO.but(
    title="LM Studio with a key",
    pages={path: needs_key(page, REFUSED) for path, page in LM_STUDIO.pages.items()},
    otherwise=REFUSED,
)
