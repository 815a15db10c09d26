"""Who asked whom for what, and how each event of the answer begins: Dify gives every kind of app its own order."""

import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from local_dify.service.dsl import App

type Event = dict[str, Any]


def _new() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Run:
    app: App
    user: str
    conversation_id: str = ""  # none in apps that have no conversations
    task_id: str = field(default_factory=_new)
    id: str = field(default_factory=_new)
    message_id: str = field(default_factory=_new)
    created_at: int = field(default_factory=lambda: int(time.time()))

    @property
    def user_id(self) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{self.app.name} {self.user}"))

    def step(self, name: str, data: Event) -> Event:
        """An event of a workflow, in an app that has one."""
        ids = {"workflow_run_id": self.id, "task_id": self.task_id}
        if self.app.mode == "workflow":
            return {"event": name, **ids, "data": data}
        return {"event": name, **self._message(), "task_id": self.task_id, "workflow_run_id": self.id, "data": data}

    def word(self, name: str, **more: Any) -> Event:
        """An event of a message, in an app that writes messages."""
        return {"event": name, **self._message(), "task_id": self.task_id, "id": self.message_id, **more}

    def error(self, code: str, message: str) -> Event:
        return {"event": "error", **self._message(), "code": code, "status": 400, "message": message}

    def _message(self) -> Event:
        conversation = {"conversation_id": self.conversation_id} if self.conversation_id else {}
        return {**conversation, "message_id": self.message_id, "created_at": self.created_at}
