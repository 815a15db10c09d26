"""Hands connections on to the address that `host-address` finds: `dind_forwarder.py FINDER LISTEN PORT...`.

The address is looked for anew when it does not take a connection. Until one is found, connections are closed at once.
Standard library and Python 3.9.
"""
# ruff: noqa: INP001, T201, UP041 - it runs alone, prints its log, and TimeoutError was two things before Python 3.11

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from urllib.parse import urlsplit

MOST, CONNECT, FIND, BETWEEN = 256, 4.0, 20.0, 2.0  # connections, then seconds
PIECE = 1 << 16  # bytes
Wires = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Down(Exception):
    """Why there is nobody to hand a connection to."""


class Way:
    """From one port here to wherever its server is now."""

    def __init__(self, finder: str, port: int) -> None:
        self.finder, self.port, self.target, self.said = finder, port, "", ""
        self.looked, self.reason, self.lock = -BETWEEN, "", asyncio.Lock()

    def say(self, text: str) -> None:
        """Only what is new, so that the log stays short."""
        if text != self.said:
            self.said = text
            print(f"port {self.port}: {text}", flush=True)

    async def open(self) -> Wires:
        tried = self.target
        if tried and (wires := await _connected(tried)):
            return wires
        async with self.lock:
            if self.target == tried:  # nobody else has looked meanwhile
                await self._find()
        if not self.target or not (wires := await _connected(self.target)):
            raise Down(self.reason or f"{self.target} does not take a connection")
        self.say(f"goes to {self.target}")
        return wires

    async def _find(self) -> None:
        if monotonic() - self.looked < BETWEEN:
            return
        pipe = asyncio.subprocess.PIPE
        call = await asyncio.create_subprocess_exec(self.finder, "--port", str(self.port), stdout=pipe, stderr=pipe)
        try:
            out, err = await asyncio.wait_for(call.communicate(), FIND)
        except asyncio.TimeoutError:
            call.kill()
            out, err = b"", b"host-address takes too long"
        self.target, self.looked = out.decode().strip(), monotonic()
        self.reason = "" if self.target else err.decode(errors="replace").strip().rpartition("\n")[2]


async def _connected(url: str) -> Wires | None:
    """`None` when it does not take the connection in time."""
    parts = urlsplit(url)
    try:
        return await asyncio.wait_for(asyncio.open_connection(parts.hostname, parts.port), CONNECT)
    except (OSError, asyncio.TimeoutError):
        return None


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(PIECE):
        writer.write(data)
        await writer.drain()
    writer.write_eof()


@asynccontextmanager
async def _place(places: asyncio.Semaphore) -> AsyncIterator[None]:
    if places.locked():
        raise Down(f"more than {MOST} connections at once")
    async with places:
        yield


async def _serve(way: Way, places: asyncio.Semaphore, near: Wires) -> None:
    """Until both sides have ended, or one is broken."""
    writers = [near[1]]
    try:
        async with _place(places):
            far = await way.open()
            writers.append(far[1])
            for each in writers:
                each.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            await asyncio.gather(_pump(near[0], far[1]), _pump(far[0], near[1]))
    except Down as reason:
        way.say(f"closed, {reason}")
    except (OSError, asyncio.CancelledError):
        pass  # one side broke the connection, or the forwarder ends
    finally:
        for each in writers:
            each.close()


async def main(finder: str, listen: str, ports: list[int]) -> None:
    loop, end, places = asyncio.get_running_loop(), asyncio.Event(), asyncio.Semaphore(MOST)
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, end.set)
    for port in ports:
        way = Way(finder, port)
        await asyncio.start_server(lambda *near, way=way: _serve(way, places, near), listen, port)
    print("listening", flush=True)
    await end.wait()


if __name__ == "__main__":
    try:
        asyncio.run(main(sys.argv[1], sys.argv[2], [int(port) for port in sys.argv[3:]]))
    except OSError as error:
        sys.exit(f"cannot listen on {sys.argv[2]}: {error.strerror}")
