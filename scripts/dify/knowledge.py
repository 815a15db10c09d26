"""Dify's knowledge, by its service API: datasets with an economy index, which needs no embedding model."""

import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from scripts.dify.errors import DifyError, TookTooLong
from scripts.dify.session import DifySession

KEYS = "/datasets/api-keys"
PAGE = 100
POLL = 0.5  # seconds; the first index takes 3 to 7 s
WORKER_FIX = "look whether Dify's worker runs: docker compose ps worker; docker compose logs --tail 50 worker"


@dataclass(frozen=True, slots=True)
class Dataset:
    id: str
    name: str


@contextmanager
def opened(dify: DifySession) -> Generator["Knowledge"]:
    """With a key that was there, else with one that is removed again."""
    there = dify.get(KEYS)["data"]
    made = None if there else dify.post(KEYS)
    try:
        yield Knowledge(dify, (made or there[0])["token"])
    finally:
        if made:
            dify.call("DELETE", f"{KEYS}/{made['id']}")


class Knowledge:
    """All datasets that the key may see."""

    def __init__(self, dify: DifySession, key: str) -> None:
        self._dify, self._key = dify, key

    def named(self, beginning: str) -> list[Dataset]:
        """Those whose names begin so."""
        found = self._call("GET", "/datasets", params={"page": 1, "limit": PAGE, "keyword": beginning})["data"]
        return [Dataset(each["id"], each["name"]) for each in found if each["name"].startswith(beginning)]

    def create(self, name: str) -> Dataset:
        body = {"name": name, "indexing_technique": "economy", "permission": "only_me"}
        return Dataset(self._call("POST", "/datasets", json=body)["id"], name)

    def fill(self, dataset: Dataset, name: str, text: str, patience: float) -> None:
        """One document, unless it is there already; waits until it is indexed.

        Raises:
            DifyError: the index failed, with Dify's words, or took longer than `patience` seconds.
        """
        if not self._documents(dataset):
            body = {"name": name, "text": text, "indexing_technique": "economy", "process_rule": {"mode": "automatic"}}
            self._call("POST", f"/datasets/{dataset.id}/document/create-by-text", json=body)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            document = next(iter(self._documents(dataset)), {})
            if document.get("indexing_status") == "completed":
                return
            if document.get("indexing_status") == "error":
                raise DifyError(f"Dify could not index {name}: {document.get('error')}", WORKER_FIX)
            time.sleep(POLL)
        raise TookTooLong(f"{name} was not indexed after {patience:g} s", WORKER_FIX)

    def delete(self, dataset: Dataset) -> None:
        self._call("DELETE", f"/datasets/{dataset.id}")

    def _documents(self, dataset: Dataset) -> list[dict[str, Any]]:
        return self._call("GET", f"/datasets/{dataset.id}/documents", params={"page": 1, "limit": 20})["data"]

    def _call(self, method: str, path: str, **request: Mapping[str, Any]) -> Any:
        return self._dify.service(method, path, self._key, **request)
