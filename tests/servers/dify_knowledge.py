"""What Dify keeps of knowledge: datasets, their documents and index, and the keys of the service API."""

import re
import time
from dataclasses import dataclass, field
from typing import Any

from tests.servers.dify_answers import done, invalid, new_id, nothing, refusal
from tests.servers.exchange import Request, Response

LONGEST_NAME = 40
PERMISSIONS = ("only_me", "all_team_members", "partial_members")
ID = r"(?P<which>[0-9a-f-]+)"


@dataclass
class Document:
    name: str
    text: str
    looks: int = 0
    id: str = field(default_factory=new_id)


@dataclass
class ScriptedDataset:
    name: str
    permission: str = "only_me"
    documents: list[Document] = field(default_factory=list)
    id: str = field(default_factory=new_id)


class Library:
    """`datasets` by id. `keys` are the workspace's. A document is indexed after so many looks, or never."""

    def __init__(self) -> None:
        self.datasets: dict[str, ScriptedDataset] = {}
        self.keys: list[dict[str, Any]] = []
        self.looks_until_indexed: float = 2
        self.index_error = ""

    def put(self, dataset: ScriptedDataset) -> ScriptedDataset:
        self.datasets[dataset.id] = dataset
        return dataset

    def names(self) -> list[str]:
        return [each.name for each in self.datasets.values()]

    def routes(self):
        console = [
            ("GET", "/datasets", self._listed),
            ("DELETE", f"/datasets/{ID}", self._delete),
            ("GET", "/datasets/api-keys", lambda _: done({"data": self.keys})),
            ("POST", "/datasets/api-keys", self._new_key),
            ("DELETE", f"/datasets/api-keys/{ID}", self._drop_key),
        ]
        service = [
            ("POST", "/v1/datasets", self._create),
            ("POST", f"/v1/datasets/{ID}/document/create-by-text", self._add),
            ("GET", f"/v1/datasets/{ID}/documents", self._documents),
        ]
        return [(*route, False) for route in console] + [(*route, True) for route in service]

    def _listed(self, request: Request) -> Response:
        query = dict(re.findall(r"(\w+)=([^&]*)", request.path))
        page, limit = int(query["page"]), int(query["limit"])
        found = [self._told(each) for each in self.datasets.values() if query.get("keyword", "") in each.name]
        shown = found[(page - 1) * limit : page * limit]
        more = len(shown) == limit
        return done({"data": shown, "has_more": more, "limit": limit, "total": len(found), "page": page})

    def _delete(self, _request: Request, which: str) -> Response:
        self._dataset(which)
        del self.datasets[which]
        return nothing()

    def new_key(self, made_at: float = 0) -> dict[str, Any]:
        token, made = f"dataset-{new_id()[-8:]}", int(made_at or time.time())
        key = {"id": new_id(), "type": "dataset", "token": token, "last_used_at": None, "created_at": made}
        self.keys.append(key)
        return key

    def _new_key(self, _request: Request) -> Response:
        return done(self.new_key())

    def _drop_key(self, _request: Request, which: str) -> Response:
        if which not in {key["id"] for key in self.keys}:
            raise refusal(404, "not_found", "API key not found")
        self.keys = [key for key in self.keys if key["id"] != which]
        return nothing()

    def _check(self, request: Request) -> None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in {key["token"] for key in self.keys}:
            raise refusal(401, "unauthorized", "Access token is invalid")

    def _create(self, request: Request) -> Response:
        self._check(request)
        name, permission = request.json["name"], request.json.get("permission", "only_me")
        if len(name) > LONGEST_NAME or permission not in PERMISSIONS:
            raise invalid("Name must be between 1 to 40 characters.")
        if name in self.names():
            words = "The dataset name already exists. Please modify your dataset name."
            raise refusal(409, "dataset_name_duplicate", words)
        return done(self._told(self.put(ScriptedDataset(name, permission))))

    def _add(self, request: Request, which: str) -> Response:
        self._check(request)
        document = Document(request.json["name"], request.json["text"])
        self._dataset(which).documents.append(document)
        return done({"document": _told_document(document, "indexing"), "batch": "20261121003243685820"})

    def _documents(self, request: Request, which: str) -> Response:
        self._check(request)
        told = []
        for document in self._dataset(which).documents:
            document.looks += 1
            told.append(_told_document(document, self._status(document), self.index_error))
        return done({"data": told, "has_more": False, "limit": 20, "total": len(told), "page": 1})

    def _status(self, document: Document) -> str:
        if document.looks <= self.looks_until_indexed:
            return "indexing"
        return "error" if self.index_error else "completed"

    def _dataset(self, which: str) -> ScriptedDataset:
        if which not in self.datasets:
            raise refusal(404, "not_found", "Dataset not found.")
        return self.datasets[which]

    def _told(self, dataset: ScriptedDataset) -> dict[str, Any]:
        ready = sum(self._status(each) == "completed" for each in dataset.documents)
        # Between these, the recording has what is of no concern here.
        return {
            "id": dataset.id, "name": dataset.name, "permission": dataset.permission, "indexing_technique": "economy",
            "total_documents": len(dataset.documents), "total_available_documents": ready,
        }  # fmt: skip


def _told_document(document: Document, status: str, error: str = "") -> dict[str, Any]:
    return {"id": document.id, "name": document.name, "indexing_status": status, "error": error or None}
