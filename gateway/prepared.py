"""A connection to Postgres that runs prepared statements with libpq's own calls, one at a time.

For what runs at every hop: a cursor of psycopg that waits for its answer costs some 0.1 ms of CPU, which is three times
what this does. Connecting, errors and the reading of values are psycopg's.
"""

from __future__ import annotations

import asyncio
from collections import namedtuple
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any

import psycopg
import psycopg.abc
import sqlalchemy as sa
from psycopg.adapt import Transformer
from psycopg.pq import ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGresult
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg


class Prepared:
    """A statement as libpq wants it: its values by number, in binary where that is less work than to spell them."""

    def __init__(self, core: sa.Select[Any]) -> None:
        compiled = core.compile(dialect=PGDialect_psycopg(paramstyle="numeric_dollar"))  # type: ignore[no-untyped-call]
        self.sql = str(compiled).encode()
        names: list[str] = list(compiled.positiontup or ())
        kinds = {name: compiled.binds[name].type for name in names}
        binary = {name: _binary(kind) for name, kind in kinds.items()}
        self._spelling = [(name, binary[name] or _spelling(kinds[name])) for name in names]
        self._constants = {name: value for name, value in compiled.params.items() if value is not None}
        self.formats = [Format.BINARY if binary[name] else Format.TEXT for name in names]
        self._row: Any = None

    def spelled(self, values: Mapping[str, Any]) -> list[bytes | None]:
        """The values in their order. Raises KeyError for one that is missing."""
        given = {**self._constants, **values} if self._constants else values
        return [None if (value := given[name]) is None else spell(value) for name, spell in self._spelling]

    def read(self, result: PGresult, transformer: psycopg.abc.Transformer) -> Any:
        """The one row of a result, or None."""
        if not result.ntuples:
            return None
        if self._row is None:
            names = [(result.fname(column) or b"").decode() for column in range(result.nfields)]
            self._row = namedtuple("Row", names, rename=True)  # type: ignore[misc]  # its columns are the statement's
        transformer.set_pgresult(result)
        return transformer.load_row(0, self._row._make)


Spell = Callable[[Any], bytes]

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def _binary(kind: sa.types.TypeEngine[Any]) -> Spell | None:
    """How a value of this type is sent in binary; None for those that are spelled out."""
    if isinstance(kind, sa.LargeBinary):
        return bytes
    if isinstance(kind, sa.Uuid):
        return attrgetter("bytes")
    return _moment if isinstance(kind, sa.DateTime) and kind.timezone else None


@lru_cache(maxsize=64)
def _moment(value: datetime) -> bytes:
    """A `timestamptz`: microseconds since the year 2000 (PostgreSQL's `src/backend/utils/adt/timestamp.c`).

    A statement says the present several times.
    """
    since = value - _EPOCH
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds).to_bytes(8, "big", signed=True)


def _spelling(kind: sa.types.TypeEngine[Any]) -> Spell:
    """How a value of this type is spelled out."""
    return str.encode if isinstance(kind, sa.String) else _spelled


def _spelled(value: Any) -> bytes:
    if isinstance(value, list):  # of numbers: an array as Postgres writes one
        return b"{%s}" % ",".join(map(str, value)).encode()
    return str(value).encode()


class Connection:
    """One connection that commits each statement by itself, and its statements prepared on it."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self._connection = connection
        self._wire = connection.pgconn
        self._transformer: psycopg.abc.Transformer = Transformer(connection)
        self._names: dict[Prepared, bytes] = {}
        self._results: list[PGresult] = []
        self._answer: asyncio.Future[list[PGresult]] | None = None
        self._loop = asyncio.get_running_loop()
        self._socket = self._wire.socket
        self._loop.add_reader(self._socket, self._readable)
        self._watching = True

    @property
    def closed(self) -> bool:
        return self._connection.closed

    @property
    def idle(self) -> bool:
        """Whether a next statement can be run."""
        return not self.closed and self._wire.transaction_status == TransactionStatus.IDLE

    def knows(self, statement: Prepared) -> bool:
        """Whether it is prepared here."""
        return statement in self._names

    async def settled(self) -> None:
        """Wait until what was sent is done, where whoever sent it has stopped waiting. Raises as `run` does."""
        if self._answer is not None:
            self._answer = self._loop.create_future()
            await self._answer

    async def run(self, statement: Prepared, values: Mapping[str, Any]) -> Any:
        """The statement's one row, or None, once it is committed. Raises `psycopg.Error`."""
        name = self._names.get(statement)
        if name is None:
            name = b"hop%d" % len(self._names)
            self._wire.send_prepare(name, statement.sql)
            await self._answered()
            self._names[statement] = name
        self._wire.send_query_prepared(name, statement.spelled(values), statement.formats)
        return statement.read(await self._answered(), self._transformer)

    async def _answered(self) -> PGresult:
        """The result of what was sent last."""
        self._answer = self._loop.create_future()
        self._flush()
        result = (await self._answer)[-1]
        if result.status not in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
            raise psycopg.errors.error_from_result(result)
        return result

    def _flush(self) -> None:
        """Send what libpq holds; a statement larger than the socket takes at once goes on when it takes more."""
        if self._wire.flush():
            self._loop.add_writer(self._socket, self._writable)

    def _writable(self) -> None:
        self._loop.remove_writer(self._socket)
        try:
            self._flush()
        except psycopg.OperationalError as error:
            self._lost(error)

    def _readable(self) -> None:
        try:
            self._wire.consume_input()
            while not self._wire.is_busy():
                result = self._wire.get_result()
                if result is None:
                    return self._over()
                self._results.append(result)
        except psycopg.OperationalError as error:
            self._lost(error)

    def _over(self) -> None:
        """All results of a statement are there; without one it was only a notice."""
        answer, self._answer = self._answer, None
        results, self._results = self._results, []
        if answer is not None and not answer.done():
            answer.set_result(results)

    def _lost(self, error: psycopg.OperationalError) -> None:
        self.leave()
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_exception(error)

    def leave(self) -> None:
        """Watch the socket no more, once: libpq closes it when it is lost, and the next connection gets its number.

        That one would never hear its answers if the number were still watched for us, or if we left it a second time.
        """
        if self._watching:
            self._watching = False
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)

    async def close(self) -> None:
        self.leave()
        await self._connection.close()
