"""Core statements that are compiled once, for what runs at every hop: each is the whole of its transaction.

Building, compiling and running a statement through a `Session` costs some ten times what Postgres and its driver need.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.orm import InstrumentedAttribute, Session

from gateway.prepared import Connection, Prepared

Values = Mapping[str, Any]

STATEMENT_SECONDS = 15
"""How long Postgres works on one statement."""

LOST = (psycopg.OperationalError, psycopg.InterfaceError)
"""Postgres is down, or ended the connection."""


def given(name: str, column: InstrumentedAttribute[Any]) -> sa.BindParameter[Any]:
    """A value to be given by name when the statement runs, of a column's type."""
    return sa.bindparam(name, type_=column.type)


def constant(word: str) -> sa.ColumnElement[str]:
    """A word of our own, written out in the statement."""
    if not word.isidentifier():
        raise ValueError("a constant is a plain word")
    return sa.literal_column(f"'{word}'", sa.String())


def insert_selected(model: type, columns: Mapping[str, sa.ColumnElement[Any]], *sources: sa.FromClause) -> Any:
    """An insert of one row for each row of `sources`; of one row when there are none."""
    rows = sa.select(*columns.values()).select_from(*sources)
    return insert(model).from_select(list(columns), rows, include_defaults=False)


class Statement:
    """A statement of Core with values given by name, compiled once."""

    def __init__(self, core: sa.Select[Any]) -> None:
        compiled = core.compile(dialect=PGDialect_psycopg())  # type: ignore[no-untyped-call]  # it carries no types
        self.sql = str(compiled)
        self.constants = {name: value for name, value in compiled.params.items() if value is not None}
        self.prepared = Prepared(core)

    def within(self, session: Session, values: Values) -> Any:
        """Its one row, or None; run in the transaction of a session."""
        return session.connection().exec_driver_sql(self.sql, {**self.constants, **values}).one_or_none()


class Connections:
    """The hop's own connections to Postgres, at most `most`; each statement commits by itself.

    A connection is made when none is free, so that a Postgres that is down is noticed at once.
    """

    def __init__(self, libpq: str, most: int) -> None:
        self._libpq = libpq
        self._free: list[Connection] = []
        self._turns = asyncio.Semaphore(most)
        self._running: set[asyncio.Task[Any]] = set()

    async def run(self, statement: Statement, values: Values) -> Any:
        """The statement's one row, or None, once it is committed. Raises `psycopg.Error`.

        Who stops waiting does not stop the statement: it is done whole, and a repeat of the hop finds it done.
        """
        if self._turns.locked() or not self._free or not self._free[-1].knows(statement.prepared):
            return await self._in_a_task(statement, values)
        # The plain way. A task of its own would cost as much as the statement; who stops waiting leaves it to one.
        await self._turns.acquire()
        connection = self._free.pop()
        try:
            row = await connection.run(statement.prepared, values)
        except asyncio.CancelledError:
            task = asyncio.get_running_loop().create_task(self._see_it_done(connection))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
            raise
        except BaseException as error:
            self._turns.release()
            await self._after_failure(connection)
            if isinstance(error, LOST) and connection.closed:
                return await self._in_a_task(statement, values)
            raise
        self._free.append(connection)
        self._turns.release()
        return row

    async def _see_it_done(self, connection: Connection) -> None:
        """Take a connection back once the statement is done that nobody waits for any more."""
        try:
            await connection.settled()
        except LOST:
            pass  # nobody waits
        finally:
            self._turns.release()
            await self._after_failure(connection)

    async def _in_a_task(self, statement: Statement, values: Values) -> Any:
        loop = asyncio.get_running_loop()
        told: asyncio.Future[Any] = loop.create_future()
        task = loop.create_task(self._run(statement, values))
        self._running.add(task)
        task.add_done_callback(partial(self._ended, told))
        return await told

    def _ended(self, told: asyncio.Future[Any], task: asyncio.Task[Any]) -> None:
        """Tell who still waits; for who does not, it is no news."""
        self._running.discard(task)
        error = None if task.cancelled() else task.exception()
        if told.done():
            return
        if task.cancelled():
            told.cancel()
        elif error is not None:
            told.set_exception(error)
        else:
            told.set_result(task.result())

    async def _run(self, statement: Statement, values: Values) -> Any:
        await self._turns.acquire()
        try:
            while self._free:
                connection = self._free.pop()
                try:
                    return await self._on(connection, statement, values)
                except LOST:
                    if not connection.closed:
                        raise
            return await self._on(await self._connect(), statement, values)
        finally:
            self._turns.release()

    async def _on(self, connection: Connection, statement: Statement, values: Values) -> Any:
        try:
            row = await connection.run(statement.prepared, values)
        except BaseException:
            await self._after_failure(connection)
            raise
        self._free.append(connection)
        return row

    async def _connect(self) -> Connection:
        return Connection(
            await psycopg.AsyncConnection.connect(
                self._libpq,
                autocommit=True,
                connect_timeout=2,
                application_name="baraza-hop",
                options=f"-c statement_timeout={STATEMENT_SECONDS}s -c timezone=UTC",
            )
        )

    async def _after_failure(self, connection: Connection) -> None:
        """Keep a connection that was only told no; when one was lost, the others are not to be trusted either."""
        if connection.closed:
            connection.leave()
            lost, self._free = self._free, []
            for other in lost:
                await other.close()
        elif connection.idle:
            self._free.append(connection)
        else:
            await connection.close()

    async def close(self) -> None:
        """Let what runs end, as long as Postgres itself lets it run; then close all."""
        if self._running:
            await asyncio.wait(self._running, timeout=STATEMENT_SECONDS)
        for connection in self._free:
            await connection.close()
