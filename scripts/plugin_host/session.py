"""One request to the plugin, and the messages that come back for it."""

import time
import uuid
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any

from scripts.plugin_host.errors import TookTooLong

type Message = dict[str, Any]

GONE: Message = {"type": "gone"}  # put in by the host when the process has ended


class Session:
    """`hear` gets the messages as they come; without it they wait for `next`."""

    def __init__(self, action: str, timeout: float = 0, hear: Callable[[Message], None] | None = None) -> None:
        self.id = uuid.uuid4().hex
        queue: SimpleQueue[Message] = SimpleQueue()
        self.put = hear or queue.put
        self._get = queue.get
        self._action, self._timeout = action, timeout
        self._deadline = time.monotonic() + timeout

    def next(self) -> Message:
        """The next message. As for Dify's daemon, the time limit is for the whole answer."""
        try:
            return self._get(timeout=max(self._deadline - time.monotonic(), 0))
        except Empty:
            raise TookTooLong(f"{self._action} was not done after {self._timeout:g} s") from None
