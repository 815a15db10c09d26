"""One call of an embedding model, from Dify's arguments to Dify's result."""

import time
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dify_plugin.entities.model import AIModelEntity, EmbeddingInputType
from dify_plugin.entities.model.text_embedding import MultiModalContent, MultiModalEmbeddingResult, TextEmbeddingResult

from provider.calls.validation import refused, without_facts
from provider.core import embedding, inspection
from provider.core.backends import open_backend
from provider.core.dispatch import Target, addressed, dispatch
from provider.core.embedding import EmbeddingRequest, Embeddings, Input
from provider.core.errors import BadSetting, ServerError
from provider.core.model_info import ModelInfo
from provider.core.server import Server
from provider.core.tokens import estimate_text
from provider.dify import embedding as in_dify
from provider.dify.credentials import DETECTED, Credentials, read_credentials

PROBE = 60.0  # seconds for the one text that shows whether a model embeds; it may have to be loaded for it


@dataclass(frozen=True, slots=True)
class Call:
    """`shown` is the name Dify knows the model by; `request` still lacks what is to be embedded."""

    shown: str
    target: Target
    request: EmbeddingRequest
    prefix: str


def read(model: str, form: Mapping[str, Any], input_type: EmbeddingInputType) -> Call:
    """Raises `BadSetting` for a form that cannot be meant."""
    credentials, chosen = read_credentials(form), in_dify.read_settings(form)
    name = credentials.model_name or model
    info = credentials.model(name)
    request = EmbeddingRequest(
        name,
        (),
        dimensions=chosen.dimensions,
        context_length=info.context_length,
        batch=chosen.batch,
        keep_alive=credentials.keep_alive,
        extra_body=credentials.extra_body,
    )
    target = Target(credentials.server, credentials.instances, name, info)
    return Call(model, target, request, chosen.prefix(input_type))


def texts(call: Call, given: Sequence[str]) -> TextEmbeddingResult:
    begin = time.monotonic()
    found = _embedded(call, in_dify.prefixed(given, call.prefix))
    return in_dify.to_result(call.shown, found, time.monotonic() - begin)


def documents(call: Call, given: Sequence[MultiModalContent]) -> MultiModalEmbeddingResult:
    begin = time.monotonic()
    found = _embedded(call, in_dify.from_documents(given, call.prefix))
    return in_dify.to_multimodal_result(call.shown, found, time.monotonic() - begin)


def count(given: Sequence[str]) -> list[int]:
    """Estimates: Dify's splitter counts every piece of a document, far too often to ask a server each time."""
    return [estimate_text(text) for text in given]


def schema(model: str, form: Mapping[str, Any]) -> AIModelEntity:
    """Must not fail: a model whose schema fails disappears from Dify's lists without a word."""
    try:
        info, chosen = read_credentials(form).model(model), in_dify.read_settings(form)
    except ServerError:
        info, chosen = ModelInfo(model, "openai"), in_dify.EmbeddingSettings()
    return in_dify.embedding_entity(model, info, chosen)


def validate(model: str, form: MutableMapping[str, Any]) -> None:
    """A model's form: the server has the model, it makes vectors, and of what size is kept with the form.

    Raises:
        CredentialsValidateFailedError: with the cause and the remedy.
    """
    with refused():
        asked, chosen = read_credentials(without_facts(form)), in_dify.read_settings(form)
        instances, name = addressed(asked.instances, asked.model_name or model)
        found = inspection.inspect_model(asked.server, instances, asked.asked, name, "embedding")
        info = found.model or ModelInfo(name, found.kind, found.flavour)
        info = embedding.detected(open_backend(_patient(asked, found.url, found.kind), found.flavour), info)
        _check_dimensions(chosen.dimensions, info)
        form[DETECTED] = replace(found, model=info).dumps()


def _embedded(call: Call, inputs: tuple[Input, ...]) -> Embeddings:
    if not inputs:
        return Embeddings([], 0)
    return dispatch(
        call.target,
        "embedding",
        lambda backend, model: embedding.embed(backend, replace(call.request, model=model, inputs=inputs)),
    )


def _patient(asked: Credentials, url: str, kind: Any) -> Server:
    """Nobody waits minutes for a form to be saved."""
    timeouts = asked.server.timeouts
    shorter = replace(timeouts, first_token=min(timeouts.first_token, PROBE), total=min(timeouts.total, PROBE))
    return replace(asked.server, url=url, kind=kind, timeouts=shorter)


def _check_dimensions(dimensions: int | None, info: ModelInfo) -> None:
    if dimensions and info.embedding_size and dimensions > info.embedding_size:
        raise BadSetting(
            f"dimensions is {dimensions}, but vectors of {info.name} have {info.embedding_size} numbers: "
            f"leave it empty, or type at most {info.embedding_size}"
        )
