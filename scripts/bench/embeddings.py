"""Vectors per second by batch size: through the plugin, and by a bare client of the same server."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

from scripts.bench.errors import NotMeasured
from scripts.plugin_host import PluginHost

BATCHES = (1, 8, 32)
TEXT = "Text number {} is as long as a sentence that people keep in a knowledge base, and says as little."
TYPE = "text-embedding"

type Embed = Callable[[Sequence[str]], int]  # gives the number of vectors


def saved(host: PluginHost, url: str, model: str = "embedding") -> dict[str, Any]:
    """The form as Dify keeps it; batches may be as large as the largest one measured."""
    return host.validate_model(model, {"base_url": url, "batch_size": str(max(BATCHES))}, TYPE)


def through_plugin(host: PluginHost, form: Mapping[str, Any], model: str = "embedding") -> Embed:
    """One call of Dify for each batch."""
    place = {"provider": "local_models", "model_type": TYPE, "model": model, "credentials": form}

    def embed(texts: Sequence[str]) -> int:
        reply = host.one("invoke_text_embedding", {**place, "texts": list(texts), "input_type": "document"})
        return len(reply["embeddings"])

    return embed


def bare(connection: HTTPConnection, model: str = "embedding") -> Embed:
    """One request of OpenAI's form for each batch, on a connection that is kept."""

    def embed(texts: Sequence[str]) -> int:
        body = json.dumps({"model": model, "input": list(texts)})
        connection.request("POST", "/v1/embeddings", body, {"Content-Type": "application/json"})
        return len(json.loads(connection.getresponse().read())["data"])

    return embed


def per_second(embed: Embed, batch: int, seconds: float) -> float:
    """Vectors per second, for about so long. Raises `NotMeasured` for an answer that is not whole."""
    texts, done, begin = [TEXT.format(at) for at in range(batch)], 0, time.perf_counter()
    while True:
        if embed(texts) != batch:
            raise NotMeasured(f"a batch of {batch} texts gave another number of vectors")
        done += batch
        if (passed := time.perf_counter() - begin) >= seconds:
            return done / passed


def by_batch(host: PluginHost, url: str, seconds: float = 1.0) -> Iterator[tuple[int, float, float]]:
    """Batch size, vectors per second through the plugin, and the same by the bare client; one after the other."""
    through = through_plugin(host, saved(host, url))
    with closing(HTTPConnection(url.removeprefix("http://"), timeout=30)) as connection:
        for batch in BATCHES:
            yield batch, per_second(through, batch, seconds), per_second(bare(connection), batch, seconds)
