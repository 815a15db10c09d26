"""Pictures and texts as vectors, through the real plugin process."""

import base64
import math
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from gguf import GGUFWriter, PoolingType

from provider.core.detected import Detected
from scripts.embedded.gguf import llama_file, vision
from scripts.embedded.models import model_path
from scripts.embedded.server import EmbeddedOptions, EmbeddedServer, embedded_server
from scripts.plugin_host import PluginError, PluginHost
from tests.core.embedding.embedding_servers import openai, server, vector, well
from tests.servers import ScriptedServer

TYPE = "text-embedding"
type Form = dict[str, Any]


def embed(plugin: PluginHost, form: Form, *documents: tuple[str, str], model: str = "m") -> dict[str, Any]:
    given = [{"content": content, "content_type": kind} for kind, content in documents]
    data = {"provider": "local_models", "model_type": TYPE, "model": model, "credentials": form}
    return plugin.one("invoke_multimodal_embedding", {**data, "documents": given, "input_type": "document"})


def unsaved(server: ScriptedServer, kind: str, **form: str) -> Form:
    facts = Detected(f"{kind} {server.url}", server.url, kind).dumps()
    return {"base_url": server.url, "server": kind, "detected": facts, **form}


def picture(red: int, green: int, blue: int) -> str:
    """A square of one colour, as Dify sends it."""
    rows = b"".join(b"\0" + bytes([red, green, blue]) * 32 for _ in range(32))
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", 32, 32, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    parts = [struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks]
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(parts)).decode()


def similarity(one: Sequence[float], other: Sequence[float]) -> float:
    return math.sumprod(one, other) / math.hypot(*one) / math.hypot(*other)


@pytest.fixture(scope="module")
def seeing_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """A real llama.cpp with the vision model, made one that gives the mean of all its tokens."""
    add_shape = llama_file._add_shape

    def add_shape_and_pooling(writer: GGUFWriter, shape: llama_file.Shape) -> None:
        add_shape(writer, shape)
        writer.add_pooling_type(PoolingType.MEAN)

    path: Path = tmp_path_factory.mktemp("models") / "seeing.gguf"
    with patch.object(llama_file, "_add_shape", add_shape_and_pooling):
        vision.write(path)
    options = EmbeddedOptions(str(path), embedding=True, mmproj=str(model_path("vision-mmproj")))
    with embedded_server(options) as server:
        yield server


def test_llamacpp_embeds_pictures_and_survives_it(plugin: PluginHost, seeing_server: EmbeddedServer) -> None:
    form = plugin.validate_model("seeing", {"base_url": seeing_server.url}, TYPE)
    colours = [picture(250, 0, 0), picture(230, 10, 10), picture(0, 0, 250)]

    found = embed(plugin, form, *(("image", each) for each in colours), ("text", "a red text"), model="seeing")

    red, also_red, blue, text = found["embeddings"]
    assert similarity(red, also_red) > similarity(red, blue) + 0.001
    (alone,) = embed(plugin, form, ("text", "a red text"), model="seeing")["embeddings"]
    assert similarity(text, alone) > max(similarity(red, alone), 0.99)
    assert found["usage"]["tokens"] > 30
    assert seeing_server.is_running


def test_the_schema_says_that_the_model_sees(plugin: PluginHost, seeing_server: EmbeddedServer) -> None:
    form = plugin.validate_model("seeing", {"base_url": seeing_server.url}, TYPE)

    schema = plugin.schema("seeing", form, TYPE)

    assert schema
    assert schema["features"] == ["vision"]


def test_a_picture_that_is_none_is_a_bad_request(plugin: PluginHost, seeing_server: EmbeddedServer) -> None:
    form = plugin.validate_model("seeing", {"base_url": seeing_server.url}, TYPE)

    with pytest.raises(PluginError, match="Failed to load image") as raised:
        embed(plugin, form, ("image", "AAAA"), model="seeing")

    assert raised.value.error_type == "InvokeBadRequestError"


def test_a_model_that_sees_nothing_is_told(plugin: PluginHost, embedding_server: EmbeddedServer) -> None:
    form = plugin.validate_model("embedding", {"base_url": embedding_server.url}, TYPE)

    with pytest.raises(PluginError, match="--mmproj") as raised:
        embed(plugin, form, ("image", picture(1, 2, 3)), model="embedding")

    assert raised.value.error_type == "InvokeBadRequestError"


def test_pictures_keep_their_kind_and_texts_their_prefix(plugin: PluginHost) -> None:
    def answer(body: dict[str, Any]) -> Any:
        return openai([vector(each if isinstance(each, str) else "a picture") for each in body["input"]])

    with server(answer) as running:
        form = unsaved(running, "llamacpp", document_prefix="d: ")
        embed(plugin, form, ("text", "text 7"), ("image", "/9j/AAAA"), ("image", "data:image/webp;base64,UklGAA"))

    text, jpeg, webp = running.asked("/v1/embeddings")[0]["input"]
    assert text == "d: text 7"
    assert jpeg["content"][0]["image_url"] == {"url": "data:image/jpeg;base64,/9j/AAAA"}
    assert webp["content"][0]["image_url"] == {"url": "data:image/webp;base64,UklGAA"}


def test_a_server_that_takes_no_pictures_says_so(plugin: PluginHost) -> None:
    with server(well) as running, pytest.raises(PluginError, match="vectors of texts only") as raised:
        embed(plugin, unsaved(running, "openai"), ("image", "/9j/AAAA"))

    assert raised.value.error_type == "InvokeBadRequestError"
