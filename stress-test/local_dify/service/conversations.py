"""Conversations, as the server remembers them; the oldest are forgotten."""

import threading
import uuid
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

MOST = 20_000


@dataclass(slots=True)
class Conversation:
    app: str
    user: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    turns: list[tuple[str, str]] = field(default_factory=list)  # questions and answers
    variables: dict[str, Any] = field(default_factory=dict)  # of the app, as a node has set them


class Conversations:
    def __init__(self) -> None:
        self._known: OrderedDict[str, Conversation] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, app: str, user: str) -> Conversation:
        conversation = Conversation(app, user)
        with self._lock:
            self._known[conversation.id] = conversation
            while len(self._known) > MOST:
                self._known.popitem(last=False)
        return conversation

    def find(self, name: str, app: str, user: str) -> Conversation | None:
        """Nobody else's, and no other app's."""
        with self._lock:
            found = self._known.get(name)
            if found is not None:
                self._known.move_to_end(name)
        return found if found is not None and (found.app, found.user) == (app, user) else None
