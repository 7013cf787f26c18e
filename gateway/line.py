"""One kept connection to Valkey for the hop: calls of all hops go down it as they come, answers come back in order.

The library's own client takes a connection and some 0.2 ms of CPU for each call, which is more than all else a hop
does; this takes a tenth. It speaks RESP2 (https://valkey.io/topics/protocol/) with `hiredis`, and only what the hop
needs: bytes in, bytes and whole numbers out. Everything that is not the hop uses the library.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable
from typing import Any, cast

import hiredis
from redis.asyncio.connection import SSLConnection, parse_url
from redis.exceptions import ConnectionError, RedisError, ResponseError  # noqa: A004  # the library's own name

Reply = Any
"""bytes, int, None or a list of such."""

CONNECT_SECONDS = 0.5
ANSWER_SECONDS = 1.0
"""How long the oldest call waits before the connection counts as lost; a hop has two seconds."""

_UNFINISHED = False
"""What `hiredis` says when the next reply has not arrived whole; RESP2 has no such value of its own."""


class Line:
    """Calls to the Valkey at an address (`redis://`, `rediss://` or `unix://`). Connects when first used, and again
    when the connection was lost; a call that was under way then fails and is not repeated."""

    def __init__(self, url: str) -> None:
        self._to: dict[str, Any] = dict(parse_url(url))
        self._wire: _Wire | None = None
        self._connecting: asyncio.Task[_Wire] | None = None

    def call(self, *words: bytes) -> Awaitable[Reply]:
        """Send one command; its reply is awaited. Raises `redis.RedisError` (a lost connection too) or OSError."""
        wire = self._wire
        return self._connect_and_send(words) if wire is None or wire.lost else wire.send(words)

    async def _connect_and_send(self, words: tuple[bytes, ...]) -> Reply:
        return await (await self._connect()).send(words)

    async def _connect(self) -> _Wire:
        """A new connection, the same for all who wait for one."""
        if self._connecting is None:
            self._connecting = asyncio.get_running_loop().create_task(self._dial())
            self._connecting.add_done_callback(self._connected)
        return await asyncio.shield(self._connecting)

    def _connected(self, task: asyncio.Task[_Wire]) -> None:
        self._connecting = None
        if not task.cancelled() and task.exception() is None:
            self._wire = task.result()

    async def _dial(self) -> _Wire:
        async with asyncio.timeout(CONNECT_SECONDS):
            wire = await self._open()
            try:
                for words in self._introduction():
                    await wire.send(words)
            except BaseException:
                wire.close()
                raise
        return wire

    async def _open(self) -> _Wire:
        loop = asyncio.get_running_loop()
        if "path" in self._to:
            _, wire = await loop.create_unix_connection(_Wire, self._to["path"])
            return wire
        is_secure = self._to.get("connection_class") is SSLConnection
        ssl = SSLConnection(**_without_class(self._to)).ssl_context.get() if is_secure else None
        host, port = self._to.get("host", "localhost"), self._to.get("port", 6379)
        _, wire = await loop.create_connection(_Wire, host, port, ssl=ssl)
        return wire

    def _introduction(self) -> list[tuple[bytes, ...]]:
        """Who we are and which database we mean."""
        said: list[tuple[bytes, ...]] = []
        if self._to.get("password"):
            name = [self._to["username"].encode()] if self._to.get("username") else []
            said.append((b"AUTH", *name, self._to["password"].encode()))
        if self._to.get("db"):
            said.append((b"SELECT", str(self._to["db"]).encode()))
        return said

    async def aclose(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
            with contextlib.suppress(asyncio.CancelledError, RedisError, OSError):
                await self._connecting
        if self._wire is not None:
            self._wire.close()


def _without_class(to: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in to.items() if name != "connection_class"}


class _Wire(asyncio.Protocol):
    """The connection itself."""

    def __init__(self) -> None:
        self.lost = False
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[tuple[float, asyncio.Future[Reply]]] = deque()
        """Calls under way, the oldest first, each with the time it was made."""
        self._unsent: list[bytes] = []
        self._replies = hiredis.Reader(replyError=ResponseError)
        self._transport: asyncio.Transport
        self._watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._look()

    def send(self, words: tuple[bytes, ...]) -> asyncio.Future[Reply]:
        """Send a command; its reply is to come."""
        if self.lost:
            raise ConnectionError("the connection was lost")
        future: asyncio.Future[Reply] = self._loop.create_future()
        self._waiting.append((self._loop.time(), future))
        if not self._unsent:
            self._loop.call_soon(self._flush)
        self._unsent.append(hiredis.pack_command(words))  # type: ignore[arg-type]  # its stub means one word
        return future

    def _flush(self) -> None:
        """Send what all hops of this turn of the loop said, in one write: writing costs more than what is written."""
        said, self._unsent = b"".join(self._unsent), []
        if not self.lost:
            self._transport.write(said)

    def data_received(self, data: bytes) -> None:
        self._replies.feed(data)
        try:
            while (reply := self._replies.gets()) is not _UNFINISHED:
                self._answer(reply)
        except hiredis.ProtocolError:
            self._transport.abort()

    def _answer(self, reply: Reply) -> None:
        if not self._waiting:  # it says why it hangs up: too many clients
            self._transport.abort()
            return
        _, future = self._waiting.popleft()
        if future.done():  # who asked has given up
            return
        if isinstance(reply, ResponseError):
            future.set_exception(reply)
        else:
            future.set_result(reply)

    def _look(self) -> None:
        """Give up a connection whose oldest call has waited too long."""
        if self._waiting and self._loop.time() - self._waiting[0][0] > ANSWER_SECONDS:
            self._transport.abort()
        elif not self.lost:
            self._watch = self._loop.call_later(ANSWER_SECONDS / 4, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        if self._watch is not None:
            self._watch.cancel()
        for _, future in self._waiting:
            if not future.done():
                future.set_exception(ConnectionError("the connection was lost"))
        self._waiting.clear()

    def close(self) -> None:
        self._transport.close()
