"""The floor under the sending: what a dead worker, a lost wake-up or a lost report left behind is set right here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.messaging import hands, reports, sending
from gateway.messaging.models import Message
from gateway.messaging.outcomes import UNKNOWN_LIMIT
from gateway.messaging.quiet import Quiet
from gateway.messaging.states import State
from gateway.messaging.templates import BROADCASTS, REPLIES

LANES = (REPLIES, BROADCASTS)

AT_ONCE = 5_000
"""Rows one statement of the sweep moves; the next sweep is two seconds away."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep moved, for the log."""

    unknown: int = 0
    owed_again: int = 0
    sent_again: int = 0
    opened: int = 0
    held: int = 0
    matched: int = 0

    def __bool__(self) -> bool:
        return any((self.unknown, self.owed_again, self.sent_again, self.opened, self.held, self.matched))


def sweep(
    session: Session,
    now: datetime,
    quiet: Quiet | None,
    *,
    unknown_limit: timedelta = UNKNOWN_LIMIT,
    patience: timedelta = reports.PATIENCE,
) -> Swept:
    """Leases that ran out, unknowns past their limit, held ones whose hour has come, reports that found no message."""
    silent = quiet is not None and quiet.holds(now)
    return Swept(
        unknown=_end_departed(session, now),
        owed_again=_end_idle(session, now),
        matched=reports.match_late(session, now, patience),  # before anything of unknown fate is sent again
        sent_again=_send_again(session, now, unknown_limit),
        opened=0 if silent else _open(session, now, ended=quiet is None),
        held=sending.hold_quiet(session, quiet, now, limit=AT_ONCE) if quiet is not None and silent else 0,
    )


_LOST = sa.text("""
    WITH lost AS (
        DELETE FROM provider_calls WHERE leased_until <= :now AND left_at IS NOT NULL RETURNING message_ids, left_at)
    UPDATE messages AS m
    SET state = 'unknown', reason = 'worker_lost', sent_at = listed.left_at, attempts = m.attempts + 1
    FROM (SELECT unnest(message_ids) AS id, left_at FROM lost) AS listed
    WHERE m.id = listed.id AND m.state = 'owed'
""")
_IDLE = sa.text("""
    WITH idle AS (DELETE FROM provider_calls WHERE leased_until <= :now AND left_at IS NULL RETURNING message_ids)
    SELECT coalesce(sum(cardinality(message_ids)), 0) FROM idle
""")


def _end_departed(session: Session, now: datetime) -> int:
    """Leases that ran out when their call may have left: nobody knows."""
    return cast("sa.CursorResult[Any]", session.execute(_LOST, {"now": now})).rowcount


def _end_idle(session: Session, now: datetime) -> int:
    """Leases that ran out before anything left: their messages are owed as before."""
    return int(session.execute(_IDLE, {"now": now}).scalar_one())


def _send_again(session: Session, now: datetime, limit: timedelta) -> int:
    """A reply of unknown fate without a report: owed once more, marked. A broadcast is not: it stays listed."""
    return _count(
        session,
        sa.update(Message)
        .where(
            Message.state == State.UNKNOWN,
            Message.lane == REPLIES,
            Message.possible_repeat.is_(False),
            Message.sent_at <= now - limit,
        )
        .values(state=State.OWED, reason="possible_repeat", possible_repeat=True, not_before=now),
    )


def _open(session: Session, now: datetime, *, ended: bool) -> int:
    """Owe what the quiet hours held; all of it when they were switched off."""
    due = sa.select(Message.id).where(Message.state == State.HELD, Message.reason == "quiet_hours")
    if not ended:
        due = due.where(Message.not_before <= now)
    picked = due.order_by(Message.not_before).limit(AT_ONCE).with_for_update(skip_locked=True).cte("picked")
    return _count(
        session,
        sa.update(Message)
        .where(Message.id == picked.c.id)
        .values(state=State.OWED, reason="", not_before=sa.func.least(Message.not_before, now)),
    )


def due_lanes(session: Session, now: datetime, *, election: bool = False) -> list[str]:
    """The lanes that have something to send now; none while the channel is blocked, no claims in an election period."""
    if sending.blocked(session, now):
        return []
    due = sa.select(Message.id).where(hands.FREE, Message.not_before <= now)
    going = {REPLIES: due, BROADCASTS: due}
    if still := sending.halted(session, election=election):
        going[BROADCASTS] = due.where(sending.of_none(still))
    return [lane for lane in LANES if session.scalar(sa.select(going[lane].where(Message.lane == lane).exists()))]


def _count(session: Session, statement: sa.Update) -> int:
    result = session.execute(statement.execution_options(synchronize_session=False))
    return cast("sa.CursorResult[Any]", result).rowcount
