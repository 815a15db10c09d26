"""Servers that manage many models: LocalAI, Jan, Docker Model Runner, Lemonade. All but Jan also play Ollama."""

from tests.servers.exchange import Response
from tests.servers.known.stand_in import StandIn, models, needs_key

# LocalAI

_TAGS = {"models": [{"name": "qwen3-4b:latest", "model": "qwen3-4b:latest", "digest": "sha256:0", "details": {}}]}
_SHOW = {
    "modelfile": "FROM qwen3-4b.gguf", "parameters": "", "template": "", "details": {"format": "gguf"},
    "model_info": {"general.architecture": "llama-cpp", "general.context_length": 16384},
    "capabilities": ["completion", "vision", "tools"],
}  # fmt: skip
_CAPABLE = {
    "object": "list",
    "data": [
        {"id": "bge-m3", "object": "model", "capabilities": ["embeddings"], "input_modalities": ["text"], "output_modalities": []},
        {"id": "qwen3-4b", "object": "model", "capabilities": ["chat", "completion", "vision", "tools"],
         "input_modalities": ["text", "image"], "output_modalities": ["text"]},
        {"id": "whisper-1", "object": "model", "capabilities": ["transcript"], "input_modalities": ["audio"], "output_modalities": ["text"]},
    ],
}  # fmt: skip
_NO_KEY = Response.of_json(
    {"error": {"code": 401, "message": "An authentication key is required", "type": "invalid_request_error"}},
    401,
    WWW_Authenticate="Bearer",
)
LOCALAI = StandIn(
    "LocalAI", "openai", "localai",
    {
        "/.well-known/localai.json": {
            "version": "v4.9.0 (82c191a)", "endpoints": {"models": "/v1/models"}, "endpoint_groups": {},
            "capabilities": {"config_metadata": True, "mcp": True},
        },
        "/v1/models": {"object": "list", "data": [{"id": each["id"], "object": "model"} for each in _CAPABLE["data"]]},
        "/v1/models/capabilities": _CAPABLE,
        "/api/version": {"version": "0.9.0"}, "/api/tags": _TAGS, "/api/ps": {"models": None}, "/api/show": _SHOW,
        "/version": {"version": "v4.9.0 (82c191a)"}, "/readyz": Response.of_text("OK"),
    },
    Response.of_json({"error": {"code": 404, "message": "Resource not found"}}, 404),
    questions=4, version="4.9.0", port=8080,
)  # fmt: skip
LOCALAI_OLD = LOCALAI.but(
    title="LocalAI without a list of capabilities",
    pages={path: page for path, page in LOCALAI.pages.items() if path != "/v1/models/capabilities"},
)
_OPEN = ("/.well-known/localai.json", "/readyz")
LOCALAI_LOCKED = LOCALAI.but(
    title="LocalAI with a key",
    pages={path: page if path in _OPEN else needs_key(page, _NO_KEY) for path, page in LOCALAI.pages.items()},
    otherwise=_NO_KEY,
)

# Jan

_MISSING = Response.of_text("Missing authorization header", 401)
JAN = StandIn(
    "Jan", "openai", "jan",
    {"/v1/models": {"object": "list", "data": [{"id": "Jan-v3-4b", "object": "model", "created": 1, "owned_by": "user"}]}},
    Response.of_text("Not Found", 404), questions=3, port=1337,
)  # fmt: skip
JAN_LOCKED = JAN.but(
    title="Jan with a key",
    pages={path: needs_key(page, _MISSING) for path, page in JAN.pages.items()},
    otherwise=_MISSING,
    questions=1,
)
JAN_OTHER_HOST = JAN.but(
    title="Jan asked by a name it does not trust",
    pages={},
    otherwise=Response.of_text("Invalid host header", 403),
    questions=1,
)

# Docker Model Runner

_SMOL = {
    "id": "ai/smollm2:latest", "owned_by": "docker",
    "dmr": {"context_window": 8192, "architecture": "llama", "parameters": "361.82 M", "quantization": "IQ2_XXS/Q4_K_M"},
}  # fmt: skip
_GEMMA = {"id": "ai/gemma3:latest", "owned_by": "docker", "dmr": {"architecture": "gemma3"}}
_OWN = {
    "/engines/v1/models": models(_SMOL, _GEMMA),
    "/engines/_configure": [
        {"Backend": "llama.cpp", "Model": "ai/gemma3", "ModelID": "sha256:1", "Mode": 0, "Config": {"context-size": 16384}}
    ],
    "/engines/ps": [{"backend_name": "llama.cpp", "model_name": "ai/gemma3:latest", "mode": "completion"}],
    "/models": [{"id": "sha256:0", "tags": ["ai/smollm2:latest"], "created": 1, "config": {"format": "gguf", "context_size": 8192}}],
}  # fmt: skip
_GO_404 = Response(404, [b"404 page not found\n"], {"Content-Type": "text/plain", "X-Content-Type-Options": "nosniff"})
DOCKER = StandIn(
    "Docker Model Runner", "openai", "docker",
    {
        **_OWN, "/v1/models": models(_SMOL, _GEMMA), "/version": {"version": "v1.2.6"},
        "/api/version": {"version": "0.1.0"}, "/api/tags": {"models": [{"name": "ai/smollm2:latest"}]},
        "/": Response.of_text("Docker Model Runner is running"),
    },
    _GO_404, questions=3, port=12434,
)  # fmt: skip
DOCKER_OLD = DOCKER.but(
    title="Docker Model Runner of 2025",
    pages={path: page for path, page in _OWN.items() if path != "/engines/_configure"},
    otherwise=Response.of_text("not found\n", 404),
    prefix="/engines",
    questions=6,
)

# Lemonade

_LEMONADE_404 = Response.of_json(
    {"error": {"message": "The requested endpoint does not exist", "type": "not_found", "path": "/"}}, 404
)
_LIST = models(
    {
        "id": "nomic-embed-text-v1-GGUF", "checkpoint": "nomic-ai/nomic-embed-text-v1-GGUF:Q4_K_S", "recipe": "llamacpp",
        "downloaded": True, "labels": ["embeddings"],
    },
    {
        "id": "Qwen3-0.6B-GGUF", "checkpoint": "unsloth/Qwen3-0.6B-GGUF:Q4_0", "recipe": "llamacpp", "size": 0.38,
        "max_context_window": 40960, "context_length": 8192, "downloaded": True, "labels": ["reasoning", "tool-calling"],
    },
    {
        "id": "Gemma-3-4b-it-GGUF", "checkpoint": "ggml-org/gemma-3-4b-it-GGUF:Q4_K_M", "recipe": "llamacpp",
        "downloaded": True, "labels": ["hot", "vision"],
    },
    {"id": "SD-Turbo", "checkpoint": "stabilityai/sd-turbo", "recipe": "sd-cpp", "downloaded": True, "labels": ["image"]},
    owned_by="lemonade",
)  # fmt: skip
_HEALTH = {
    "status": "ok", "version": "10.0.0", "model_loaded": "Gemma-3-4b-it-GGUF",
    "all_models_loaded": [{"model_name": "Gemma-3-4b-it-GGUF", "type": "llm", "recipe": "llamacpp"}],
}  # fmt: skip
LEMONADE = StandIn(
    "Lemonade", "openai", "lemonade",
    {
        "/v1/models": _LIST, "/api/v1/models": _LIST, "/v1/health": _HEALTH, "/api/v1/health": _HEALTH,
        "/api/version": {"version": "0.16.1"}, "/api/tags": {"models": [{"name": "Qwen3-0.6B-GGUF:latest"}]},
        "/live": {"status": "ok"},
    },
    _LEMONADE_404, questions=3, port=13305,
)  # fmt: skip
LEMONADE_OLD = LEMONADE.but(
    title="Lemonade of 2025, in Python",
    pages={"/api/v1/models": _LIST, "/api/v1/health": {"status": "ok", "model_loaded": None}},
    otherwise=Response.of_json({"detail": "Not Found"}, 404),
    prefix="/api",
    questions=5,
    port=8000,
)
