"""The hop's own connections to Postgres: never more than agreed, quick to notice an outage, and back when it is."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from gateway.context import Context
from gateway.ids import new_id
from gateway.statements import LOST, Connections, Statement, constant
from operations.embedded import RunningPostgres, start_postgres
from tests.conftest import Stores
from tests.loops import play_out

Story = Callable[[Connections], Coroutine[Any, Any, None]]

NAPS = Statement(sa.select(sa.func.pg_sleep(sa.bindparam("seconds", type_=sa.Float())), sa.func.pg_backend_pid()))
BACKEND = Statement(sa.select(sa.func.pg_backend_pid()))
WRONG = Statement(sa.select(sa.literal_column("1") / sa.bindparam("by", type_=sa.Integer())))


def play(url: str, story: Story, most: int = 2) -> None:
    async def whole() -> None:
        connections = Connections(url, most)
        await story(connections)
        await connections.close()

    play_out(whole)


@pytest.fixture
def own() -> Iterator[RunningPostgres]:
    """A Postgres that this test may stop."""
    with tempfile.TemporaryDirectory(prefix="baraza-statements-") as folder:
        Path(folder).chmod(0o755)
        running = start_postgres(Path(folder))
        yield running
        running.stop()


def test_a_statement_is_the_same_in_a_session_and_by_itself(context: Context) -> None:
    with context.work() as session:
        assert BACKEND.within(session, {})[0] > 0

    async def story(connections: Connections) -> None:
        assert (await connections.run(BACKEND, {}))[0] > 0

    play(context.settings.database_url, story)


def test_values_of_every_kind_arrive_as_they_are(stores: Stores) -> None:
    values: dict[str, Any] = {
        "bytes": os.urandom(3_000_000),  # more than a socket takes at once
        "text": "'ng\u2019ombe\\ %s $1",
        "id": new_id(),
        "moment": datetime(2026, 11, 22, 1, 2, 3, 456789, tzinfo=UTC),
        "yes": True,
        "number": -7,
        "numbers": [-7, 2**62],
        "nothing": None,
    }
    types: list[Any] = [sa.LargeBinary(), sa.String(), sa.Uuid(), sa.DateTime(timezone=True)]
    types += [sa.Boolean(), sa.Integer(), ARRAY(sa.BigInteger()), sa.Text()]
    columns = [sa.cast(sa.bindparam(name, type_=of), of).label(name) for name, of in zip(values, types, strict=True)]
    same = Statement(sa.select(*columns))

    async def story(connections: Connections) -> None:
        row = await connections.run(same, values)
        assert row._asdict() == values

    play(stores.postgres.url, story)


def test_there_are_never_more_connections_than_agreed(stores: Stores) -> None:
    async def story(connections: Connections) -> None:
        rows = await asyncio.gather(*(connections.run(NAPS, {"seconds": 0.02}) for _ in range(12)))
        assert len({row[1] for row in rows}) == 2

    play(stores.postgres.url, story)


def test_a_statement_that_fails_leaves_its_connection_to_the_next(stores: Stores) -> None:
    async def story(connections: Connections) -> None:
        (before,) = await connections.run(BACKEND, {})
        for _ in range(3):
            with pytest.raises(psycopg.errors.DivisionByZero):
                await connections.run(WRONG, {"by": 0})
        assert (await connections.run(BACKEND, {}))[0] == before

    play(stores.postgres.url, story, most=1)


@pytest.mark.parametrize("before", [(BACKEND, {}), (NAPS, {"seconds": 0})], ids=["new to it", "prepared before"])
def test_who_stops_waiting_does_not_stop_the_statement(stores: Stores, before: tuple[Statement, Any]) -> None:
    async def story(connections: Connections) -> None:
        await connections.run(*before)
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await connections.run(NAPS, {"seconds": 0.4})
        assert time.monotonic() - began < 0.3
        await connections.run(BACKEND, {})
        assert time.monotonic() - began >= 0.4, "the connection was taken away from the statement"

    play(stores.postgres.url, story, most=1)


def test_after_a_restart_nobody_notices(own: RunningPostgres) -> None:
    async def story(connections: Connections) -> None:
        await asyncio.gather(*(connections.run(NAPS, {"seconds": 0.05}) for _ in range(2)))
        own.stop()
        began = time.monotonic()
        for _ in range(3):
            with pytest.raises(LOST):
                await connections.run(BACKEND, {})
        assert time.monotonic() - began < 1
        again = start_postgres(own.program.folder.parent if own.program.folder else Path())
        for _ in range(3):
            assert (await connections.run(BACKEND, {}))[0] > 0
        again.stop()
        again = start_postgres(own.program.folder.parent if own.program.folder else Path())
        rows = await asyncio.gather(*(connections.run(NAPS, {"seconds": 0.05}) for _ in range(4)))
        assert all(rows), "a connection that died unseen was not replaced"
        again.stop()

    play(own.url, story)


def test_only_a_plain_word_is_written_into_a_statement() -> None:
    assert str(constant("open")) == "'open'"
    with pytest.raises(ValueError, match="plain word"):
        constant("it's")


def test_a_connection_that_takes_a_lost_ones_number_is_heard(context: Context) -> None:
    """libpq may close the socket of a lost connection by itself, and the system gives its number to the next."""

    async def story(connections: Connections) -> None:
        for _ in range(2):  # lost while nobody looked
            await connections.run(BACKEND, {})
            connections._free[0]._wire.finish()
            assert (await asyncio.wait_for(connections.run(BACKEND, {}), 10))[0] > 0
        (left,) = connections._free
        left.leave()
        left._wire.finish()  # lost, and known to be
        asleep = asyncio.create_task(connections.run(NAPS, {"seconds": 0.5}))
        await asyncio.sleep(0.2)
        await left.close()  # while another has its number
        await asyncio.wait_for(asleep, 10)

    play(context.settings.database_url, story)
