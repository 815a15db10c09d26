"""Runs llama.cpp's own HTTP server inside this process, through the package `xllamacpp`."""

import errno
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.embedded.models import MODELS, Model, model_path
from scripts.embedded.options import EmbeddedOptions

if TYPE_CHECKING:
    import xllamacpp


class CannotServe(Exception):
    """Why there is no server, and what would help."""


class RunningServer:
    """It answers as long as this object is kept; xllamacpp stops a server by deleting it."""

    def __init__(self, server: "xllamacpp.Server", api_prefix: str) -> None:
        self._server = server
        self.url = server.listening_address + api_prefix


def serve(options: EmbeddedOptions) -> RunningServer:
    """Load the model and listen; it returns when the first request can be answered."""
    xllamacpp = _xllamacpp()
    params = parameters(options)
    try:
        return RunningServer(xllamacpp.Server(params), options.api_prefix)
    except (RuntimeError, ValueError) as error:
        raise CannotServe(_reason(options, error)) from error


def parameters(options: EmbeddedOptions) -> "xllamacpp.CommonParams":
    """The options in llama.cpp's words. Its router of several models is left out of xllamacpp."""
    params = _xllamacpp().CommonParams()
    model = MODELS.get(options.model, Model(""))
    _set_model(params, options, model)
    _set_capacity(params, options)
    _set_server(params, options)
    if options.embedding or model.embedding or options.rerank or model.rerank:
        _set_vectors(params, rerank=options.rerank or model.rerank)
    return params


def _set_model(params: "xllamacpp.CommonParams", options: EmbeddedOptions, model: Model) -> None:
    params.model.path = str(_model_file(options.model))
    params.model_alias = {*(options.alias or Path(options.model).stem).split(",")}
    params.warmup = False
    if options.template:
        params.chat_template = _existing(options.template).read_text(encoding="utf-8")
    if options.mmproj:
        params.mmproj.path = str(_existing(options.mmproj))
    elif model.mmproj:
        params.mmproj.path = str(model_path(model.mmproj))


def _set_capacity(params: "xllamacpp.CommonParams", options: EmbeddedOptions) -> None:
    params.n_parallel = options.slots
    params.kv_unified = options.shared_context
    params.n_ctx = options.context_length * (1 if options.shared_context else options.slots)
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = options.threads
    if options.batch_size:
        params.n_batch = params.n_ubatch = options.batch_size
    params.sleep_idle_seconds = options.sleep_idle_seconds


def _set_server(params: "xllamacpp.CommonParams", options: EmbeddedOptions) -> None:
    params.hostnames = [options.host]
    params.port = options.port
    params.api_keys = options.api_key.split(",") if options.api_key else []
    params.api_prefix = options.api_prefix
    params.endpoint_metrics = options.metrics
    params.verbosity = options.verbosity


def _set_vectors(params: "xllamacpp.CommonParams", *, rerank: bool) -> None:
    params.embedding = True
    params.n_batch = params.n_ubatch
    if rerank:
        params.pooling_type = _xllamacpp().llama_pooling_type.LLAMA_POOLING_TYPE_RANK


def _xllamacpp():  # noqa: ANN202 - a module
    try:
        import xllamacpp  # noqa: PLC0415 - so that a missing package is a message, not a traceback
    except ImportError as error:
        raise CannotServe(
            f"llama.cpp is not installed ({error}); `pip install -r requirements-dev.txt` brings it"
        ) from error
    return xllamacpp


def _model_file(name: str) -> Path:
    if name not in MODELS and not Path(name).is_file():
        raise CannotServe(f"there is no file {name}; a model is a path or one of: {', '.join(MODELS)}")
    return model_path(name) if name in MODELS else Path(name)


def _existing(path: str) -> Path:
    if not Path(path).is_file():
        raise CannotServe(f"there is no file {path}")
    return Path(path)


def _reason(options: EmbeddedOptions, error: Exception) -> str:
    if options.port and _is_taken(options.host, options.port):
        return f"port {options.port} of {options.host} is taken; --port=0 takes any free one"
    return f"llama.cpp could not serve {options.model} ({error})"


def _is_taken(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        return error.errno == errno.EADDRINUSE
    return False
