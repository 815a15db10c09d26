"""Out of memory, where a server has a route for it, so that the next question finds the model cold."""

import time
from collections.abc import Callable, Mapping

from provider.core.backends import Backend
from provider.core.capabilities.llamacpp import is_router
from provider.core.errors import TimedOut

PATIENCE = 30.0  # seconds until the memory is free
PAUSE = 0.1
STAYS = "its server has no route to unload it: no cold figures"


def can_unload(backend: Backend) -> bool:
    """Asks nothing that changes anything."""
    return backend.kind in UNLOAD and UNLOAD[backend.kind][0](backend)


def unload(backend: Backend, model: str) -> None:
    """Returns when the server says that the model is gone.

    Raises:
        TimedOut: it is still there; somebody may be using it.
    """
    path, body = UNLOAD[backend.kind][1](model)
    backend.checked(backend.http.post(path, body, PATIENCE), model)
    give_up = time.monotonic() + PATIENCE
    while backend.describe(model).loaded:
        if time.monotonic() > give_up:
            raise TimedOut(f"{model} is still loaded {PATIENCE:g} s after it was to be unloaded: is it in use?")
        time.sleep(PAUSE)


def _ollama(model: str) -> tuple[str, Mapping[str, object]]:
    return "/api/generate", {"model": model, "keep_alive": 0}


def _llamacpp(model: str) -> tuple[str, Mapping[str, object]]:
    return "/models/unload", {"model": model}


type Question = Callable[[str], tuple[str, Mapping[str, object]]]

UNLOAD: Mapping[str, tuple[Callable[[Backend], bool], Question]] = {
    "ollama": (lambda _: True, _ollama),
    "llamacpp": (lambda backend: is_router(backend.http.get("/props").json() or {}), _llamacpp),
}
