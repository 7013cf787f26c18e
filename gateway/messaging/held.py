"""Messages that wait for a decision of staff: sent again, or given up. A message about a case is its readers' alone."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.errors import NotFound, TransitionNotAllowed
from gateway.messaging import listing
from gateway.messaging.models import Message
from gateway.messaging.states import State
from gateway.staff import audit
from gateway.staff.models import Staff

RELEASED, GIVEN_UP = "released", "given_up"


def waits(message: Message) -> bool:
    """Whether a decision on it is due."""
    return message.state == State.HELD and message.reason in listing.FOR_STAFF


def release(session: Session, staff: Staff, message: UUID, *, why: str, now: datetime) -> Message:
    """Send it again. Marked as a possible repeat where the aggregator had taken it: it may let it go by itself.

    Opt-out, quiet hours and the state of its broadcast hold as for any other. Raises `NotFound` for one that is not
    theirs to see, `TransitionNotAllowed` for one that waits for no decision.
    """
    row = _waiting(session, staff, message)
    data = {"reason": row.reason, "why": why}
    row.possible_repeat = row.possible_repeat or row.reason == "risk_hold"
    row.provider_message_id = None  # what is told of the first one is no word on the second
    row.state, row.reason, row.not_before = State.OWED, RELEASED, now
    audit.record(session, staff_id=staff.id, action="message.released", subject=str(row.id), data=data)
    session.flush()
    return row


def give_up(session: Session, staff: Staff, message: UUID, *, why: str, now: datetime) -> Message:
    """Send it no more, ever. Raises as `release`."""
    row = _waiting(session, staff, message)
    data = {"reason": row.reason, "why": why}
    row.state, row.reason, row.final_at = State.SUPPRESSED, GIVEN_UP, now
    audit.record(session, staff_id=staff.id, action="message.given_up", subject=str(row.id), data=data)
    session.flush()
    return row


def _waiting(session: Session, staff: Staff, message: UUID) -> Message:
    """The message, locked: a report that comes this moment waits, or is waited for."""
    seen = sa.select(Message).where(Message.id == message, listing.seen_by(staff))
    row = session.scalar(seen.with_for_update(key_share=True).execution_options(populate_existing=True))
    if row is None:
        raise NotFound
    if not waits(row):
        raise TransitionNotAllowed("this message waits for no decision", **{"from": row.state, "reason": row.reason})
    return row
