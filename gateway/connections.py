"""The hop's own connections to Postgres, where those that want the same go in one statement."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple

import psycopg

from gateway.deadline import Deadline
from gateway.prepared import Connection
from gateway.statements import Statement, Values

STATEMENT_SECONDS = 15
"""How long Postgres works on one statement."""

LOCK_SECONDS = 0.7
"""How long a statement waits for a row that another holds: twice that is within a hop's budget."""

LATE_SECONDS = 1
"""How long a statement may take before those that came meanwhile go without waiting for it: half of a hop's budget."""

ANSWER_SECONDS = STATEMENT_SECONDS + 1
"""How long an answer is waited for. Postgres itself ends a statement before; a process of it that hangs, or a machine
that is gone, ends none."""

TOGETHER = 64
"""How many one statement is run for at most."""

LOST = (psycopg.OperationalError, psycopg.InterfaceError)
"""Postgres is down, or ended the connection."""


class _Queue:
    """Those that wait for one statement. While it runs for some, more come; they go together next."""

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self.waiting: deque[_Asked] = deque()
        self.worker: asyncio.Task[None] | None = None
        self.since = 0.0
        """When it began what it is doing now."""
        self.watched = False
        """Whether somebody will look if it is late."""

    def take(self) -> list[_Asked]:
        """Who goes next: in the order they came, and not two with the same value in `apart`."""
        apart = self.statement.apart
        if not apart or len(self.waiting) == 1:
            return [self.waiting.popleft() for _ in range(min(TOGETHER, len(self.waiting)))]
        taken: dict[Any, _Asked] = {}
        left: list[_Asked] = []
        while self.waiting and len(taken) < TOGETHER:
            one = self.waiting.popleft()
            if taken.setdefault(one.values[apart], one) is not one:
                left.append(one)
        self.waiting.extendleft(reversed(left))
        # In one order everywhere, so that two processes never wait for each other's rows.
        return [taken[value] for value in sorted(taken)]


class _Asked(NamedTuple):
    values: Values
    told: asyncio.Future[Any]


class Connections:
    """The hop's own connections to Postgres, at most `most`; each statement commits by itself.

    What wants the same statement while it runs for others goes together next, as one statement for all: Postgres then
    starts, locks and commits once. Nothing waits for a timer, and a statement that is late holds nobody but those it
    runs for. A connection is made when none is free, so that a Postgres that is down is noticed at once.
    """

    def __init__(self, libpq: str, most: int) -> None:
        self._libpq = libpq
        self._free: list[Connection] = []
        self._turns = asyncio.Semaphore(most)
        self._patience = Deadline(ANSWER_SECONDS)
        self._queues: dict[Statement, _Queue] = {}
        self._working: set[asyncio.Task[None]] = set()

    async def run(self, statement: Statement, values: Values) -> Any:
        """The statement's row for these values, or None, once it is committed. Raises `psycopg.Error`.

        Who stops waiting does not stop the statement: it is done whole, and a repeat of the hop finds it done.
        """
        queue = self._queues.get(statement)
        if queue is None:
            queue = self._queues[statement] = _Queue(statement)
        loop = asyncio.get_running_loop()
        told: asyncio.Future[Any] = loop.create_future()
        queue.waiting.append(_Asked(values, told))
        if queue.worker is None:
            self._begin(queue)
        elif not queue.watched:
            queue.watched = True
            loop.call_at(queue.since + LATE_SECONDS, self._look, queue)
        return await told

    def _begin(self, queue: _Queue) -> None:
        loop = asyncio.get_running_loop()
        queue.since = loop.time()
        queue.worker = loop.create_task(self._work(queue))
        self._working.add(queue.worker)
        queue.worker.add_done_callback(self._working.discard)

    def _look(self, queue: _Queue) -> None:
        """Go on without a statement that is late, as long as some wait behind it."""
        loop = asyncio.get_running_loop()
        queue.watched = bool(queue.waiting)
        if not queue.waiting:
            return
        if loop.time() - queue.since >= LATE_SECONDS:
            self._begin(queue)
        loop.call_at(queue.since + LATE_SECONDS, self._look, queue)

    async def _work(self, queue: _Queue) -> None:
        """Run the statement for all that wait, unless it took so long that another began to."""
        loop, worker = asyncio.get_running_loop(), asyncio.current_task()
        try:
            while queue.waiting and queue.worker is worker:
                queue.since = loop.time()
                await self._together(queue.statement, queue.take())
        finally:
            if queue.worker is worker:
                queue.worker = None

    async def _together(self, statement: Statement, taken: Sequence[_Asked]) -> None:
        """Run a statement once for all of these; for each alone where that was refused: one may be the reason."""
        try:
            rows = await self._run(statement, [one.values for one in taken])
        except Exception as error:  # noqa: BLE001  # raised again where it was asked
            if len(taken) > 1 and _refused(error):
                # At the same time, as far as there are connections: some may wait for rows that others hold.
                await asyncio.gather(*(self._together(statement, [one]) for one in taken))
                return
            for one in taken:
                if not one.told.done():
                    one.told.set_exception(error)
            return
        found = {row.place: row for row in rows}
        for place, one in enumerate(taken, 1):
            if not one.told.done():
                one.told.set_result(found.get(place))

    async def _run(self, statement: Statement, rows: Sequence[Values]) -> list[Any]:
        async with self._turns:
            while self._free:
                connection = self._free.pop()
                try:
                    return await self._on(connection, statement, rows)
                except LOST:
                    if not connection.closed:
                        raise
            return await self._on(await self._connect(), statement, rows)

    async def _on(self, connection: Connection, statement: Statement, rows: Sequence[Values]) -> list[Any]:
        try:
            with self._patience:
                found = await connection.run(statement.prepared, rows)
        except BaseException:
            await self._after_failure(connection)
            raise
        self._free.append(connection)
        return found

    async def _connect(self) -> Connection:
        return Connection(
            await psycopg.AsyncConnection.connect(
                self._libpq,
                autocommit=True,
                connect_timeout=2,
                application_name="baraza-hop",
                options=" ".join(f"-c {name}={value}" for name, value in _SETTINGS.items()),
            )
        )

    async def _after_failure(self, connection: Connection) -> None:
        """Keep a connection that was only told no; when one was lost, the others are not to be trusted either."""
        if connection.idle:
            self._free.append(connection)
            return
        lost, self._free = [connection, *self._free], []
        for other in lost:
            await other.close()

    async def close(self) -> None:
        """Let what runs end, as long as Postgres itself lets it run; then close all."""
        if self._working:
            await asyncio.wait(self._working, timeout=STATEMENT_SECONDS)
        for connection in self._free:
            await connection.close()


_SETTINGS = {
    "statement_timeout": f"{STATEMENT_SECONDS}s",
    # Who waits for a row that somebody else holds keeps those it goes with waiting too.
    "lock_timeout": f"{LOCK_SECONDS}s",
    "timezone": "UTC",
    # All that a hop asks for is found by a key, for some rows: planned once a connection, and never by reading a table
    # that was small then.
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}


def _refused(error: Exception) -> bool:
    """Whether one of them may be the reason: a value that cannot be sent, or what Postgres would not do.

    That is data, a constraint, a deadlock or a row held by another (its SQLSTATE's class). Otherwise it is away, silent
    or too busy, and each alone would fail in the same way, only slower.
    """
    if isinstance(error, psycopg.Error):
        return (error.sqlstate or "")[:2] in ("22", "23", "40", "55")
    return not isinstance(error, OSError)
