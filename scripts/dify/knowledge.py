"""Dify's knowledge: datasets with an economy index, which needs no embedding model.

They are listed and deleted like everything else of the console; only the service API, with a key of its own, takes a
text. Facts of Dify 1.12.1, tests/recordings/dify 40 to 43.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scripts.dify.errors import DifyError, TookTooLong
from scripts.dify.session import DifySession

BASE = "/datasets"
KEYS = f"{BASE}/api-keys"
PAGE = 100
POLL = 0.5  # seconds; the first index takes 3 to 7 s
WORKER_FIX = "look whether Dify's worker runs: docker compose ps worker; docker compose logs --tail 50 worker"


@dataclass(frozen=True, slots=True)
class Dataset:
    id: str
    name: str
    is_filled: bool = False  # with at least one text that can be searched


@dataclass(frozen=True, slots=True)
class Key:
    """It opens all datasets of the workspace. Dify gives it no name."""

    id: str
    token: str
    made_at: float  # seconds since 1970, by Dify's clock


class Knowledge:
    """The datasets of the workspace that is signed in to."""

    def __init__(self, dify: DifySession) -> None:
        self._dify = dify

    def named(self, beginning: str) -> list[Dataset]:
        """Those whose names begin so."""
        params = {"page": 1, "limit": PAGE, "keyword": beginning, "include_all": "true"}
        found = [_dataset(each) for each in self._dify.get(BASE, params)["data"]]
        return [each for each in found if each.name.startswith(beginning)]

    def delete(self, dataset: Dataset) -> None:
        self._dify.call("DELETE", f"{BASE}/{dataset.id}")

    def all_keys(self) -> list[Key]:
        return [_key(each) for each in self._dify.get(KEYS)["data"]]

    def new_key(self) -> Key:
        return _key(self._dify.post(KEYS))

    def delete_key(self, key: Key) -> None:
        self._dify.call("DELETE", f"{KEYS}/{key.id}")


class Filling:
    """The service API, with a key."""

    def __init__(self, dify: DifySession, token: str) -> None:
        self._dify, self._token = dify, token

    def create(self, name: str) -> Dataset:
        """For the whole team: else an admin who is not the owner would not see it."""
        body = {"name": name, "indexing_technique": "economy", "permission": "all_team_members"}
        return _dataset(self._call("POST", BASE, json=body))

    def fill(self, dataset: Dataset, name: str, text: str, patience: float) -> None:
        """One document, unless it is there already; waits until it is indexed.

        Raises:
            DifyError: the index failed, with Dify's words, or took longer than `patience` seconds.
        """
        if not self._documents(dataset):
            body = {"name": name, "text": text, "indexing_technique": "economy", "process_rule": {"mode": "automatic"}}
            self._call("POST", f"{BASE}/{dataset.id}/document/create-by-text", json=body)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            document = next(iter(self._documents(dataset)), {})
            if document.get("indexing_status") == "completed":
                return
            if document.get("indexing_status") == "error":
                raise DifyError(f"Dify could not index {name}: {document.get('error')}", WORKER_FIX)
            time.sleep(POLL)
        raise TookTooLong(f"{name} was not indexed after {patience:g} s", WORKER_FIX)

    def _documents(self, dataset: Dataset) -> list[dict[str, Any]]:
        return self._call("GET", f"{BASE}/{dataset.id}/documents", params={"page": 1, "limit": 20})["data"]

    def _call(self, method: str, path: str, **request: Mapping[str, Any]) -> Any:
        return self._dify.service(method, path, self._token, **request)


def _dataset(told: Mapping[str, Any]) -> Dataset:
    return Dataset(told["id"], told["name"], bool(told.get("total_available_documents")))


def _key(told: Mapping[str, Any]) -> Key:
    return Key(told["id"], told["token"], float(told.get("created_at") or 0))
