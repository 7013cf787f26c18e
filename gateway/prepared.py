"""A connection to Postgres that runs prepared statements with libpq's own calls, one at a time.

For what runs at every hop: a cursor of psycopg that waits for its answer costs some 0.1 ms of CPU, which is three times
what this does. Connecting, errors and the reading of values are psycopg's.
"""

from __future__ import annotations

import asyncio
import struct
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
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
    """A statement as libpq wants it: each value an array of those of all rows it is run for, in binary."""

    def __init__(self, core: sa.Select[Any]) -> None:
        compiled = core.compile(dialect=PGDialect_psycopg(paramstyle="numeric_dollar"))  # type: ignore[no-untyped-call]
        self.sql = str(compiled).encode()
        self.names: list[str] = list(compiled.positiontup or ())
        self._columns = [(name, *_kind(compiled.binds[name].type)) for name in self.names]
        self.formats = [Format.BINARY] * len(self.names)
        self._row: Any = None

    def spelled(self, rows: Sequence[Mapping[str, Any]]) -> list[bytes]:
        """The values in their order. Raises KeyError for one that is missing."""
        return [_array(oid, spell, [row[name] for row in rows]) for name, oid, spell in self._columns]

    def read(self, result: PGresult, transformer: psycopg.abc.Transformer) -> list[Any]:
        """The rows of a result."""
        if not result.ntuples:
            return []
        if self._row is None:
            names = [(result.fname(column) or b"").decode() for column in range(result.nfields)]
            self._row = namedtuple("Row", names, rename=True)  # type: ignore[misc]  # its columns are the statement's
        transformer.set_pgresult(result)
        return transformer.load_rows(0, result.ntuples, self._row._make)


Spell = Callable[[Any], bytes]

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_NULL = b"\xff\xff\xff\xff"


def _array(oid: int, spell: Spell, values: Sequence[Any]) -> bytes:
    """An array of one dimension in binary (PostgreSQL's `array_recv`, `src/backend/utils/adt/arrayfuncs.c`)."""
    parts = [_head(oid, len(values))]
    for value in values:
        if value is None:
            parts.append(_NULL)
        else:
            spelled = spell(value)
            parts += (len(spelled).to_bytes(4, "big"), spelled)
    return b"".join(parts)


@lru_cache(maxsize=1024)
def _head(oid: int, length: int) -> bytes:
    """One dimension, nulls allowed, the elements' type, so many elements, the first being number one."""
    return struct.pack(">5i", 1, 1, oid, length, 1)


def _kind(kind: sa.types.TypeEngine[Any]) -> tuple[int, Spell]:
    """The oid of an array's elements, and how one is sent. Raises TypeError for what the hop has not needed yet."""
    if isinstance(kind, sa.ARRAY):
        for known, name, spell in _KINDS:
            if isinstance(kind.item_type, known):
                return psycopg.adapters.types[name].oid, spell
    raise TypeError(f"a statement is given arrays of plain values, not {kind!r}")


@lru_cache(maxsize=64)
def _moment(value: datetime) -> bytes:
    """A `timestamptz`: microseconds since the year 2000 (PostgreSQL's `src/backend/utils/adt/timestamp.c`).

    A statement says the present several times.
    """
    since = value - _EPOCH
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds).to_bytes(8, "big", signed=True)


def _number(value: int) -> bytes:
    return value.to_bytes(4, "big", signed=True)


_KINDS: Sequence[tuple[type[sa.types.TypeEngine[Any]], str, Spell]] = (
    (sa.String, "text", str.encode),
    (sa.LargeBinary, "bytea", bytes),
    (sa.Uuid, "uuid", attrgetter("bytes")),
    (sa.DateTime, "timestamptz", _moment),
    (sa.Boolean, "bool", (b"\0", b"\1").__getitem__),
    (sa.Integer, "int4", _number),
)


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

    async def run(self, statement: Prepared, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """The statement's rows once it is committed. Raises `psycopg.Error`."""
        name = self._names.get(statement)
        if name is None:
            name = b"hop%d" % len(self._names)
            self._wire.send_prepare(name, statement.sql)
            await self._answered()
            self._names[statement] = name
        self._wire.send_query_prepared(name, statement.spelled(rows), statement.formats)
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
