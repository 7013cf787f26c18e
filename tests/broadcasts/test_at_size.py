"""Tending a broadcast costs what it moves, not what there is of it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import sqlalchemy as sa

from gateway.broadcasts import service
from gateway.messaging.models import Message
from tests.broadcasts.conftest import Desk

MANY = 20_000

# As a broadcast of many looks while it waits for the morning: one row copied, for one resident each.
_RESIDENTS = sa.text("""
    INSERT INTO residents (id, number_lookup, number_sealed, language, created_at)
    SELECT gen_random_uuid(), sha256(n::text::bytea), '', 'sw', now() FROM generate_series(1, :many) AS n
""")
_MESSAGES = sa.text("""
    INSERT INTO messages (id, lane, template, language, resident_id, broadcast_id, state, reason, not_before, channel,
                          owed_at)
    SELECT gen_random_uuid(), 'broadcasts', 'update', 'sw', residents.id, :broadcast, 'held', 'quiet_hours', now(),
           'africastalking', now()
    FROM residents WHERE number_sealed = ''
""")


def test_a_running_broadcast_that_waits_for_the_morning_is_not_read_again_and_again(
    desk: Desk, following: Callable[..., UUID], owner: sa.Engine
) -> None:
    following()
    broadcast = desk.draft()
    desk.approve(broadcast)
    # An old connection knows by heart how to look for a resident among few: it would read all of them for each message.
    desk.context.engine.dispose()
    with desk.context.work() as session:
        session.execute(_RESIDENTS, {"many": MANY})
        session.execute(_MESSAGES, {"many": MANY, "broadcast": broadcast})
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE messages"))
    paused = sa.select(Message.id).where(
        Message.broadcast_id == broadcast, Message.state == "held", Message.reason == service.PAUSED
    )
    plan = sa.text("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + str(_literal(paused.limit(service.AT_ONCE))))
    with desk.context.work() as session:
        (told,) = session.execute(plan).scalars().one()
    assert told["Plan"]["Shared Hit Blocks"] + told["Plan"]["Shared Read Blocks"] < 20
    assert desk.tend(broadcast) is False
    assert desk.read(broadcast).status == "running"


def _literal(statement: sa.Select[UUID]) -> sa.Compiled:
    return statement.compile(dialect=sa.dialects.postgresql.dialect(), compile_kwargs={"literal_binds": True})  # type: ignore[no-untyped-call]  # SQLAlchemy's own
