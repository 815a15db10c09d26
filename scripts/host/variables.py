"""Ollama's environment: which variables its server reads, and what to use instead of those it does not.

Read from the source of Ollama 0.33. Names that do nothing are in circulation because other programs, forks and old
versions have them.
"""

import re
from collections.abc import Iterator, Mapping

from scripts.kit import exits
from scripts.kit.command import Stop

WHOLE = (
    "OLLAMA_CONTEXT_LENGTH", "OLLAMA_GPU_OVERHEAD", "OLLAMA_MAX_LOADED_MODELS", "OLLAMA_MAX_QUEUE",
    "OLLAMA_MAX_TRANSFER_STREAMS", "OLLAMA_NUM_PARALLEL",
)  # fmt: skip
SWITCHES = (
    "OLLAMA_DEBUG_LOG_REQUESTS", "OLLAMA_FLASH_ATTENTION", "OLLAMA_GO_TEMPLATE", "OLLAMA_NOHISTORY", "OLLAMA_NOPRUNE",
    "OLLAMA_NO_CLOUD", "OLLAMA_SCHED_SPREAD", "OLLAMA_VULKAN",
)  # fmt: skip
DURATIONS = ("OLLAMA_KEEP_ALIVE", "OLLAMA_LOAD_TIMEOUT")
TEXTS = (
    "OLLAMA_AUTH", "OLLAMA_CLOUD_BASE_URL", "OLLAMA_DEBUG", "OLLAMA_EDITOR", "OLLAMA_HOST", "OLLAMA_IGPU_ENABLE",
    "OLLAMA_KV_CACHE_TYPE", "OLLAMA_LLM_LIBRARY", "OLLAMA_MODELS", "OLLAMA_ORIGINS", "OLLAMA_REMOTES",
)  # fmt: skip
REAL = frozenset((*WHOLE, *SWITCHES, *DURATIONS, *TEXTS))

# What Ollama hands on to what runs the model. llama-server reads LLAMA_ARG_… itself.
HANDED_ON = frozenset({
    "CUDA_VISIBLE_DEVICES", "GGML_VK_VISIBLE_DEVICES", "GPU_DEVICE_ORDINAL", "HIP_VISIBLE_DEVICES",
    "HSA_OVERRIDE_GFX_VERSION", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "ROCR_VISIBLE_DEVICES",
})  # fmt: skip
HANDED_ON_PREFIX = "LLAMA_ARG_"

PER_MODEL = "it is a setting of each model: {0} in a request's options, or PARAMETER {0} in a Modelfile"
CLIENTS = "it is a setting of clients, this kit among them; the server does not read it"
NEVER = {
    "OLLAMA_GPU_LAYERS": PER_MODEL.format("num_gpu"),
    "OLLAMA_NUM_GPU": f"a fork has it; {PER_MODEL.format('num_gpu')}",
    "OLLAMA_NUM_THREAD": PER_MODEL.format("num_thread"),
    "OLLAMA_NUM_THREADS": PER_MODEL.format("num_thread"),
    "OLLAMA_BATCH_SIZE": PER_MODEL.format("num_batch"),
    "OLLAMA_USE_MMAP": PER_MODEL.format("use_mmap"),
    "OLLAMA_NUM_CTX": "use OLLAMA_CONTEXT_LENGTH (--context-length)",
    "OLLAMA_GPU": "use CUDA_VISIBLE_DEVICES (--gpu)",
    "OLLAMA_CUDA": "use CUDA_VISIBLE_DEVICES (--gpu)",
    "OLLAMA_CPU_ONLY": "use CUDA_VISIBLE_DEVICES=-1 (--gpu none)",
    "OLLAMA_LOW_VRAM": "use OLLAMA_KV_CACHE_TYPE=q8_0 (--kv-cache-type), or a shorter context",
    "OLLAMA_LOG_LEVEL": "use OLLAMA_DEBUG=1",
    "OLLAMA_PORT": "the port is part of OLLAMA_HOST (--listen 127.0.0.1:PORT)",
    "OLLAMA_ORIGIN": "use OLLAMA_ORIGINS (--origin)",
    "OLLAMA_BASE_URL": CLIENTS,
    "OLLAMA_DEFAULT_MODEL": CLIENTS,
    "OLLAMA_MAX_CONNECTIONS": CLIENTS,
    "OLLAMA_TIMEOUT": f"{CLIENTS}; for slow loading use OLLAMA_LOAD_TIMEOUT",
    "OLLAMA_REQUEST_TIMEOUT": f"{CLIENTS}; for slow loading use OLLAMA_LOAD_TIMEOUT",
    "OLLAMA_API_KEY": "only clients read it: a local Ollama has no key; put a proxy that asks for one before it",
}
GONE = {
    "OLLAMA_MAX_VRAM": "gone since 0.7; OLLAMA_GPU_OVERHEAD keeps bytes free on each GPU",
    "OLLAMA_RUNNERS_DIR": "gone since 0.4, and not needed",
    "OLLAMA_TMPDIR": "gone since 0.6; TMPDIR is what is left",
    "OLLAMA_INTEL_GPU": "gone since 0.13; OLLAMA_VULKAN is what is left",
    "OLLAMA_MULTIUSER_CACHE": "gone since 0.30, and not needed",
    "OLLAMA_NEW_ENGINE": "gone since 0.30, and not needed",
}
GO_BOOLEANS = frozenset("1 t T TRUE true True 0 f F FALSE false False".split())
DURATION = re.compile(r"-?\d+|(-?\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+")
SECRET_NAME = re.compile(r"KEY$|TOKEN|SECRET|PASSW")
SECRET_VALUE = re.compile(r"://[^/\s@]+:[^/\s@]*@")  # http://user:password@proxy
IN_A_FILE = "Put it into a file that only root reads, and name that with EnvironmentFile= in a drop-in of your own."
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
CACHE_TYPES = ("f16", "q8_0", "q4_0")


def parse_pairs(pairs: tuple[str, ...]) -> dict[str, str]:
    """`NAME=VALUE` as typed.

    Raises:
        Stop: with exit code 2; the value is not repeated, it may be a proxy's password.
    """
    split = [pair.partition("=") for pair in pairs]
    for name, sign, value in split:
        if SECRET_NAME.search(name) or SECRET_VALUE.search(value):
            raise Stop(f"{name} holds a secret, and everybody can read a command line", IN_A_FILE, exits.USAGE)
        if not sign or not NAME.fullmatch(name) or not value.isprintable():
            raise Stop(f"--env wants NAME=VALUE, not “{name}…”", code=exits.USAGE)
    return {name: value for name, _, value in split}


def does_nothing(name: str) -> str | None:
    """Why Ollama's server ignores a variable and what to use instead, or `None` for one that counts."""
    if name in NEVER:
        return f"{name} does not exist in Ollama: {NEVER[name]}"
    if name in GONE:
        return f"{name} is not read any more: {GONE[name]}"
    if name.startswith("OLLAMA_") and name not in REAL:
        return f"{name} is not a variable that Ollama 0.33 reads; check the spelling"
    return None


def is_known(name: str) -> bool:
    return name in REAL or name in HANDED_ON or name.startswith(HANDED_ON_PREFIX)


def check(values: Mapping[str, str]) -> None:
    """Raises `Stop` for a value that Ollama would take for another one, or that keeps it from starting."""
    for name, value in values.items():
        if wrong := next(_wrong(name, value), None):
            raise Stop(wrong, code=exits.USAGE)


def _wrong(name: str, value: str) -> Iterator[str]:
    if not value.isprintable():
        yield f"{name} holds a line break or another control character"
    if name in WHOLE and not value.isdecimal():
        yield f"{name} must be a whole number; Ollama would ignore “{value}”"
    if name in SWITCHES and value not in GO_BOOLEANS:
        yield f"{name} must be 1 or 0; Ollama reads anything else, “{value}” too, as 1"
    if name in DURATIONS and not DURATION.fullmatch(value):
        yield f"{name} must be a duration such as 30m or 24h, seconds, or -1 for ever, not “{value}”"
    if name == "OLLAMA_KV_CACHE_TYPE" and value not in CACHE_TYPES:
        yield f"{name} must be one of {', '.join(CACHE_TYPES)}; with “{value}” no model would load"
    if name == "OLLAMA_ORIGINS":
        yield from filter(None, map(_wrong_origin, value.split(",")))


def _wrong_origin(origin: str) -> str | None:
    if not origin.strip():
        return "an empty origin (two commas, or one at the end) makes Ollama crash at its start"
    if "*" in origin or re.match(r"[a-z][a-z0-9+.-]*://", origin):
        return None
    return f"the origin “{origin}” has no scheme, which makes Ollama crash at its start: write http://{origin}"
