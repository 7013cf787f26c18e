"""One transaction for all that arrives while another is under way: a commit with fsync is the dearest part of each.

What arrives first is written at once and alone; the more there is, the more goes together. Nothing waits for a timer.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import sqlalchemy as sa

from gateway.database import once_more

T = TypeVar("T")

MOST = 500
"""How many go into one transaction."""


class GroupCommit(Generic[T]):
    """`write` takes several in one transaction of its own, once however often it is called with the same ones."""

    def __init__(self, write: Callable[[Sequence[T]], None]) -> None:
        self._write = write
        self._waiting: deque[tuple[T, asyncio.Future[None]]] = deque()
        self._writer: asyncio.Task[None] | None = None

    async def add(self, one: T) -> None:
        """Return when it is committed. Raises what its writing raised; another's mistake is no matter of this one."""
        loop = asyncio.get_running_loop()
        written: asyncio.Future[None] = loop.create_future()
        self._waiting.append((one, written))
        if self._writer is None or self._writer.done():
            self._writer = loop.create_task(self._work())
        await written

    async def _work(self) -> None:
        while self._waiting:
            taken = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
            await self._commit(taken)

    async def _commit(self, taken: Sequence[tuple[T, asyncio.Future[None]]]) -> None:
        failed: Exception | None = None
        try:
            await asyncio.to_thread(once_more, self._write, [one for one, _ in taken])
        except Exception as error:  # noqa: BLE001  # raised again where it was added
            failed = error
        if failed is not None and len(taken) > 1 and not _away(failed):
            for one in taken:
                await self._commit([one])
            return
        for _, written in taken:
            if written.done():
                continue
            if failed is None:
                written.set_result(None)
            else:
                written.set_exception(failed)


def _away(error: Exception) -> bool:
    """Whether Postgres cannot be reached or is too busy: then each alone would fail in the same way, only slower."""
    return isinstance(error, (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError))
