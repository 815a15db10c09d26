"""What only some servers tell of a model, and the plugin has no use for: size, GPU share, where it runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from provider.core.backends import Backend
from provider.core.errors import ServerError


@dataclass(frozen=True, slots=True)
class Extra:
    size: int | None = None  # bytes of its files
    gpu_share: float | None = None  # of a loaded model, 0 to 1
    remote_host: str = ""  # of a model that runs in a cloud


def extras_of(backend: Backend) -> Mapping[str, Extra]:
    """By the model's name; empty for servers that tell nothing."""
    read = READERS.get(backend.kind)
    try:
        return read(backend) if read else {}
    except ServerError:
        return {}  # the models themselves were listed: this is not worth failing for


def _ollama(backend: Backend) -> dict[str, Extra]:
    shares = {each.get("name"): _share(each) for each in _listed(backend, "/api/ps", "models")}
    return {
        each.get("name", ""): Extra(
            _size(each.get("size")), shares.get(each.get("name")), each.get("remote_host") or ""
        )
        for each in _listed(backend, "/api/tags", "models")
    }


def _llamacpp(backend: Backend) -> dict[str, Extra]:
    listed = _listed(backend, "/v1/models", "data")
    return {each.get("id", ""): Extra(_size((each.get("meta") or {}).get("size"))) for each in listed}


def _lmstudio(backend: Backend) -> dict[str, Extra]:
    listed = _listed(backend, "/api/v1/models", "models")
    return {each.get("key", ""): Extra(_size(each.get("size_bytes"))) for each in listed}


READERS: Mapping[str, Callable[[Backend], dict[str, Extra]]] = {
    "ollama": _ollama,
    "llamacpp": _llamacpp,
    "lmstudio": _lmstudio,
}


def _listed(backend: Backend, path: str, key: str) -> list[Mapping[str, Any]]:
    value = backend.http.get(path).json()
    listed = value.get(key) if isinstance(value, dict) else None
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _share(running: Mapping[str, Any]) -> float | None:
    """While it loads, both are 0."""
    size, on_gpu = _size(running.get("size")), running.get("size_vram")
    return min(on_gpu / size, 1.0) if size and isinstance(on_gpu, int) else None


def _size(value: Any) -> int | None:
    return value if isinstance(value, int) and value > 0 else None
