"""Connections that are kept for the next request to the same address."""

from collections import defaultdict

from load_client.ask import Address
from load_client.wire import Connection


class Pool:
    """The one used last is given first: the others grow old and are closed by the server."""

    def __init__(self) -> None:
        self._idle: defaultdict[Address, list[Connection]] = defaultdict(list)

    def take(self, address: Address) -> Connection | None:
        idle = self._idle[address]
        while idle:
            connection = idle.pop()
            if not connection.dead:
                return connection
        return None

    def give(self, connection: Connection) -> None:
        connection.receiver = connection.ended = None
        self._idle[connection.address].append(connection)

    def close(self) -> None:
        for idle in self._idle.values():
            for connection in idle:
                connection.close()
        self._idle.clear()
