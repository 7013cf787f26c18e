"""The hop's own connections to Postgres: never more than agreed, quick to notice an outage, and back when it is."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from gateway import connections as module
from gateway.connections import LOST, TOGETHER, Connections
from gateway.context import Context
from gateway.ids import new_id
from gateway.residents.models import Resident
from gateway.statements import Statement, constant, given, number_list
from operations.embedded import RunningPostgres, start_postgres
from tests.conftest import Stores
from tests.loops import play_out

Story = Callable[[Connections], Coroutine[Any, Any, None]]


def _naps() -> Statement:
    """Sleeps; its row says in which connection and transaction."""
    rows = given({"ms": sa.Integer()})
    asleep = sa.func.pg_sleep(rows.c.ms * sa.literal_column("0.001"))
    told = (sa.func.pg_backend_pid().label("backend"), sa.func.txid_current().label("work"))
    return Statement(rows, sa.select(asleep, *told).select_from(rows))


def _divided(*, apart: str = "") -> Statement:
    """A hundred by each; the row is missing for those below zero, and by zero it is refused."""
    rows = given({"by": sa.Integer(), "whose": sa.LargeBinary()})
    told = (
        sa.literal_column("100", sa.Integer()).op("/")(rows.c.by).label("result"),
        sa.func.txid_current().label("work"),
    )
    return Statement(rows, sa.select(*told).select_from(rows).where(rows.c.by >= sa.literal_column("0")), apart=apart)


NAPS, OTHER_NAPS = _naps(), _naps()
WIDE_AWAKE = {"ms": 0}
DIVIDED, DIVIDED_APART = _divided(), _divided(apart="whose")


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
    asked = {"by": 7, "whose": b"a"}
    with context.work() as session:
        assert DIVIDED.within(session, asked).result == 14
        assert DIVIDED.within(session, asked | {"by": -1}) is None

    async def story(connections: Connections) -> None:
        assert (await connections.run(DIVIDED, asked)).result == 14
        assert await connections.run(DIVIDED, asked | {"by": -1}) is None

    play(context.settings.database_url, story)


def test_values_of_every_kind_arrive_as_they_are(stores: Stores) -> None:
    values: dict[str, Any] = {
        "bytes": os.urandom(3_000_000),  # more than a socket takes at once
        "text": '\'ng\u2019ombe\\ %s $1 {a,"b"}',
        "empty": "",
        "id": new_id(),
        "moment": datetime(2026, 11, 22, 1, 2, 3, 456789, tzinfo=UTC),
        "before": datetime(1963, 12, 12, tzinfo=UTC),
        "yes": True,
        "no": False,
        "number": -7,
        "numbers": number_list([-7, 2**62]),
        "nothing": None,
    }
    types: list[Any] = [sa.LargeBinary(), sa.String(9), sa.String(), sa.Uuid(), sa.DateTime(timezone=True)]
    types += [sa.DateTime(timezone=True), sa.Boolean(), sa.Boolean(), sa.Integer(), sa.Text(), sa.Uuid()]
    rows = given(dict(zip(values, types, strict=True)))
    same = Statement(rows, sa.select(*(rows.c[name] for name in values)))

    async def story(connections: Connections) -> None:
        told = await asyncio.gather(*(connections.run(same, values | {"number": n}) for n in range(3)))
        assert [row._asdict() for row in told] == [values | {"number": n, "place": n + 1} for n in range(3)]

    play(stores.postgres.url, story)


def test_what_the_hop_has_not_needed_yet_is_not_given() -> None:
    with pytest.raises(TypeError, match="plain values"):
        Statement(given({"share": sa.Float()}), sa.select())


@pytest.mark.parametrize("module", ["gateway.cases.filing", "gateway.intake.statements"])
def test_statements_are_made_whatever_was_imported_before(module: str) -> None:
    """A column that refers to another table has no type until that table is known."""
    imported = subprocess.run([sys.executable, "-c", f"import {module}"], capture_output=True, text=True, check=False)
    assert imported.returncode == 0, imported.stderr


def test_there_are_never_more_connections_than_agreed(stores: Stores) -> None:
    async def story(connections: Connections) -> None:
        rows = await asyncio.gather(*(connections.run(_naps(), {"ms": 20}) for _ in range(12)))
        assert len({row.backend for row in rows}) == 2

    play(stores.postgres.url, story)


def test_what_comes_while_a_statement_runs_goes_together_next(stores: Stores) -> None:
    async def story(connections: Connections) -> None:
        first = asyncio.create_task(connections.run(NAPS, {"ms": 100}))
        await asyncio.sleep(0.05)
        later = [asyncio.create_task(connections.run(NAPS, WIDE_AWAKE)) for _ in range(TOGETHER + 3)]
        works = [row.work for row in await asyncio.gather(first, *later)]
        assert works == [works[0]] + [works[1]] * TOGETHER + [works[-1]] * 3
        assert len(set(works)) == 3

    play(stores.postgres.url, story)


@pytest.mark.parametrize("statement", [DIVIDED, DIVIDED_APART], ids=["in the order they came", "in order of `apart`"])
def test_everybody_gets_their_own_row(stores: Stores, statement: Statement) -> None:
    by = [7, -1, 100, 3, -2, 50]

    async def story(connections: Connections) -> None:
        asked = (connections.run(statement, {"by": one, "whose": os.urandom(4)}) for one in by)
        rows = await asyncio.gather(*asked)
        assert [row and row.result for row in rows] == [14, None, 1, 33, None, 2]
        assert len({row.work for row in rows if row}) == 1

    play(stores.postgres.url, story)


def test_two_of_one_resident_never_go_together(stores: Stores) -> None:
    async def story(connections: Connections) -> None:
        whose = [b"a", b"b", b"a", b"c", b"a"]
        rows = await asyncio.gather(*(connections.run(DIVIDED_APART, {"by": 1, "whose": one}) for one in whose))
        works = [row.work for row in rows]
        assert works[0] == works[1] == works[3]
        assert len(set(works)) == 3
        assert works[0] < works[2] < works[4]

    play(stores.postgres.url, story)


def test_those_of_different_residents_go_in_one_order_everywhere(stores: Stores) -> None:
    """Two processes that change the same rows in different orders would wait for each other."""

    async def story(connections: Connections) -> None:
        asked = (connections.run(DIVIDED_APART, {"by": 1, "whose": whose}) for whose in (b"b", b"c", b"a"))
        assert [row.place for row in await asyncio.gather(*asked)] == [2, 3, 1]

    play(stores.postgres.url, story)


def test_a_refusal_is_told_to_whom_it_concerns(stores: Stores) -> None:
    async def story(connections: Connections) -> None:
        asked = (connections.run(DIVIDED, {"by": by, "whose": b""}) for by in (1, 2, 0, 4))
        told = await asyncio.gather(*asked, return_exceptions=True)
        assert [row.result for row in told if not isinstance(row, BaseException)] == [100, 50, 25]
        assert isinstance(told[2], psycopg.errors.DivisionByZero)
        assert (await connections.run(DIVIDED, {"by": 5, "whose": b""})).result == 20

    play(stores.postgres.url, story)


def test_a_value_that_cannot_be_sent_is_told_to_whom_it_concerns(stores: Stores) -> None:
    async def story(connections: Connections) -> None:
        asked = (connections.run(DIVIDED, {"by": by, "whose": b""}) for by in (1, 2**31, 4))
        told = await asyncio.gather(*asked, return_exceptions=True)
        assert [row.result for row in told if not isinstance(row, BaseException)] == [100, 25]
        assert isinstance(told[1], OverflowError)

    play(stores.postgres.url, story)


def test_rows_that_somebody_holds_keep_only_their_own_waiting(context: Context) -> None:
    """Residents are filed together; two of them are just being changed by somebody who takes long."""
    names = [bytes([which]) * 8 for which in range(6)]
    rows = given({"number_lookup": Resident.number_lookup, "language": Resident.language})
    spoken = sa.update(Resident).where(Resident.number_lookup == rows.c.number_lookup)
    changed = spoken.values(language=rows.c.language).returning(Resident.number_lookup).cte("changed")
    found = rows.join(changed, changed.c.number_lookup == rows.c.number_lookup)
    statement = Statement(rows, sa.select(rows.c.language).select_from(found), apart="number_lookup")
    with context.work() as session:
        for name in names:
            session.add(Resident(number_lookup=name, number_sealed=b"", language="en"))
    told: list[tuple[bytes, str]] = []

    async def story(connections: Connections) -> None:
        async def one(name: bytes) -> None:
            try:
                row = await connections.run(statement, {"number_lookup": name, "language": "sw"})
                told.append((name, row.language))
            except psycopg.errors.LockNotAvailable:
                told.append((name, "held"))

        await asyncio.gather(*map(one, names))

    held = names[:2]
    with context.work() as session:
        session.execute(sa.select(Resident).where(Resident.number_lookup.in_(held)).with_for_update())
        play(context.settings.database_url, story, most=3)
    assert dict(told) == {name: "held" if name in held else "sw" for name in names}
    assert {name for name, _ in told[-2:]} == set(held), "who was free waited for who was not"


def test_a_statement_that_fails_leaves_its_connection_to_the_next(stores: Stores) -> None:
    async def story(connections: Connections) -> None:
        before = await connections.run(NAPS, WIDE_AWAKE)
        for _ in range(3):
            with pytest.raises(psycopg.errors.DivisionByZero):
                await connections.run(DIVIDED, {"by": 0, "whose": b""})
        assert (await connections.run(NAPS, WIDE_AWAKE)).backend == before.backend

    play(stores.postgres.url, story, most=1)


def test_who_stops_waiting_does_not_stop_the_statement(stores: Stores) -> None:
    async def story(connections: Connections) -> None:
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await connections.run(NAPS, {"ms": 400})
        assert time.monotonic() - began < 0.3
        await connections.run(OTHER_NAPS, WIDE_AWAKE)
        assert time.monotonic() - began >= 0.4, "the connection was taken away from the statement"

    play(stores.postgres.url, story, most=1)


@contextmanager
def hanging(backend: int) -> Iterator[None]:
    """One process of Postgres does nothing, and says nothing."""
    os.kill(backend, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(backend, signal.SIGCONT)


def test_a_backend_that_hangs_holds_nobody_but_those_it_runs_for(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LATE_SECONDS", 0.2)

    async def story(connections: Connections) -> None:
        backend = (await connections.run(NAPS, WIDE_AWAKE)).backend
        with hanging(backend):
            held = asyncio.create_task(connections.run(NAPS, WIDE_AWAKE))
            await asyncio.sleep(0)
            for _ in range(3):
                row = await asyncio.wait_for(connections.run(NAPS, WIDE_AWAKE), 10)
                assert row.backend != backend
            assert not held.done()
        assert (await asyncio.wait_for(held, 10)).backend == backend
        assert (await asyncio.wait_for(connections.run(NAPS, WIDE_AWAKE), 10)).backend > 0

    play(stores.postgres.url, story)


def test_a_backend_that_never_answers_is_given_up(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when its machine is gone: nobody says that the connection is lost."""
    monkeypatch.setattr(module, "ANSWER_SECONDS", 0.3)

    async def story(connections: Connections) -> None:
        backend = (await connections.run(NAPS, WIDE_AWAKE)).backend
        with hanging(backend):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(10):
                    await connections.run(NAPS, WIDE_AWAKE)
            assert len(connections._free) == 0
            assert (await asyncio.wait_for(connections.run(NAPS, WIDE_AWAKE), 10)).backend != backend

    play(stores.postgres.url, story, most=1)


def test_after_a_restart_nobody_notices(own: RunningPostgres) -> None:
    def naps(connections: Connections) -> asyncio.Future[list[Any]]:
        return asyncio.gather(*(connections.run(one, {"ms": 50}) for one in (NAPS, OTHER_NAPS)))

    async def story(connections: Connections) -> None:
        await naps(connections)
        own.stop()
        began = time.monotonic()
        for _ in range(3):
            told = await asyncio.gather(*(connections.run(NAPS, WIDE_AWAKE) for _ in range(20)), return_exceptions=True)
            assert all(isinstance(error, LOST) for error in told)
        assert time.monotonic() - began < 1
        again = start_postgres(own.program.folder.parent if own.program.folder else Path())
        for _ in range(3):
            assert (await connections.run(NAPS, WIDE_AWAKE)).backend > 0
        again.stop()
        again = start_postgres(own.program.folder.parent if own.program.folder else Path())
        assert all(await naps(connections)), "a connection that died unseen was not replaced"
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
            await connections.run(NAPS, WIDE_AWAKE)
            connections._free[0]._wire.finish()
            assert (await asyncio.wait_for(connections.run(NAPS, WIDE_AWAKE), 10)).backend > 0
        (left,) = connections._free
        left.leave()
        left._wire.finish()  # lost, and known to be
        asleep = asyncio.create_task(connections.run(NAPS, {"ms": 500}))
        await asyncio.sleep(0.2)
        await left.close()  # while another has its number
        await asyncio.wait_for(asleep, 10)

    play(context.settings.database_url, story)
