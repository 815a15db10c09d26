"""Servers with routes of their own: Ollama, llama.cpp and what is built on it, KoboldCpp, whisper.cpp."""

from tests.servers.exchange import Response
from tests.servers.known.stand_in import StandIn, models, needs_key
from tests.servers.replay import Delivery, recordings

_OLLAMA = {name: each.response(Delivery()) for name, each in recordings("ollama").items()}
_LLAMACPP = {name: each.response(Delivery()) for name, each in recordings("llamacpp").items()}

MISSING = _OLLAMA["show_missing"]
OLLAMA = StandIn(
    "Ollama", "ollama", "",
    {
        "/api/version": _OLLAMA["version"], "/api/tags": _OLLAMA["tags"], "/api/ps": _OLLAMA["ps_before"],
        "/api/show": _OLLAMA["show_chat"], "/v1/models": _OLLAMA["v1_models"], "/": _OLLAMA["root"],
    },
    _OLLAMA["error_unknown_path"], questions=2, version="0.33.0-test", port=11434,
)  # fmt: skip
OLLAMA_BEHIND_PROXY = OLLAMA.but(
    title="Ollama behind a proxy with error pages of its own",
    otherwise=Response.of_text("<html><title>404</title></html>", 404, "text/html"),
    questions=3,
)

LLAMACPP = StandIn(
    "llama.cpp", "llamacpp", "",
    {
        "/v1/models": _LLAMACPP["models"], "/props": _LLAMACPP["props"], "/health": _LLAMACPP["health"],
        "/slots": _LLAMACPP["slots"],
    },
    _LLAMACPP["error_unknown_path"], questions=1, port=8080,
)  # fmt: skip
LOADING = Response.of_json({"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}}, 503)
LLAMACPP_LOADING = LLAMACPP.but(
    title="llama.cpp that loads", pages={}, otherwise=LOADING, headers={"Server": "llama.cpp"}
)
_LOCKED = _LLAMACPP["error_key_missing"]
LLAMACPP_LOCKED = LLAMACPP.but(
    title="llama.cpp with a key",
    pages={
        "/health": _LLAMACPP["health"],
        **{path: needs_key(page, _LOCKED) for path, page in LLAMACPP.pages.items() if path != "/health"},
    },
    otherwise=_LOCKED,
)
ROUTER = LLAMACPP.but(
    title="llama.cpp's router",
    pages={
        "/v1/models": _LLAMACPP["router_models_before"],
        "/props": _LLAMACPP["router_props"],
        "/health": _LLAMACPP["router_health"],
    },
)
LLAMAFILE_OLD = LLAMACPP.but(
    title="llamafile 0.9 and older",
    pages={
        "/v1/models": models({"id": "LLaMA_CPP", "owned_by": "llamacpp"}),
        "/props": {
            "user_name": "",
            "assistant_name": "",
            "default_generation_settings": {"n_ctx": 8192},
            "total_slots": 1,
        },
    },
    otherwise=Response.of_text("File Not Found", 404),
    headers={"Server": "llama.cpp"},
)
LLAMAFILE = StandIn(
    "llamafile 0.9's second server", "openai", "llamafile",
    {"/v1/models": models({"id": "Qwen3-0.6B-Q8_0", "owned_by": "llamafile"})},
    Response.of_text("Not Found", 404), questions=1, headers={"Server": "llamafile/0.9.3"}, version="0.9.3",
)  # fmt: skip

KOBOLD_FLAGS = {
    "result": "KoboldCpp", "version": "1.115.1", "protected": False, "llm": True, "txt2img": False, "vision": True,
    "audio": False, "transcribe": False, "tts": False, "embeddings": False, "jinja": True,
}  # fmt: skip
_KOBOLD_404 = Response.of_text(
    "Error: KoboldCpp HTTP Server is running, but this endpoint does not exist. Please check the URL and METHOD.",
    404,
    "text/html",
)
_KOBOLD_TAGS = {"models": [{"name": "koboldcpp", "model": "koboldcpp/qwen:latest", "details": {"family": "koboldcpp"}}]}
KOBOLDCPP = StandIn(
    "KoboldCpp", "openai", "koboldcpp",
    {
        "/api/extra/version": KOBOLD_FLAGS,
        "/api/extra/true_max_context_length": {"value": 16384},
        "/api/extra/tokencount": {"value": 11, "ids": [1], "prompt": "<|im_start|>user\nhi"},
        "/v1/models": models({"id": "koboldcpp/qwen", "owned_by": "koboldcpp", "permission": [], "root": "koboldcpp"}),
        "/props": {
            "chat_template": "", "id": 0, "total_slots": 1, "modalities": {"vision": True, "audio": False},
            "default_generation_settings": {"n_ctx": 16384},
        },
        "/api/version": {"version": "0.7.0"}, "/api/tags": _KOBOLD_TAGS, "/api/ps": _KOBOLD_TAGS,
        "/api/show": {"modelfile": "KoboldCpp", "capabilities": ["completion"], "model_info": {}},
        "/ping": {"status": "healthy"},
    },
    _KOBOLD_404, questions=2, headers={"Server": "KoboldCppServer"}, version="1.115.1", port=5001,
)  # fmt: skip
KOBOLDCPP_OLD = KOBOLDCPP.but(
    title="KoboldCpp of 2024",
    pages={
        "/api/extra/version": {"result": "KoboldCpp", "version": "1.76", "protected": False, "txt2img": False},
        "/api/extra/true_max_context_length": {"value": 4096},
        "/api/extra/tokencount": {"value": 1, "ids": [1]},
        "/v1/models": KOBOLDCPP.pages["/v1/models"],
        "/api/tags": _KOBOLD_TAGS,
    },
    headers={"Server": "ConcedoLlamaForKoboldServer"},
    version="1.76",
)
KOBOLDCPP_BEHIND_PROXY = KOBOLDCPP.but(title="KoboldCpp behind a proxy", headers={"Server": "nginx"})

WHISPERCPP = StandIn(
    "whisper.cpp", "openai", "whispercpp", {"/health": {"status": "ok"}},
    Response.of_text("File Not Found (/api/version)", 404), questions=1, headers={"Server": "whisper.cpp"}, port=8080,
)  # fmt: skip
