"""Reading messages: what was sent, when it arrived or why not. A message about a case is seen by who sees the case."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.cases.models import Case
from gateway.cases.queries import read_case
from gateway.cases.visibility import visible_to
from gateway.messaging import hands
from gateway.messaging.models import Message
from gateway.messaging.schemas import MessageFilter
from gateway.messaging.states import State
from gateway.staff.models import Staff

FOR_STAFF = ("risk_hold", "bad_text", "unreadable")
"""Reasons of held messages that nothing but a decision moves on; a late report may still end the first."""

Line = sa.Row[Message, str | None, str]
"""A message, the serial of its case, and its state as it is shown."""


def list_messages(
    session: Session, staff: Staff, asked: MessageFilter, *, after: UUID | None, limit: int
) -> Sequence[Line]:
    """Up to `limit`, newest first, after the one with id `after`. Raises `NotFound` for a case not theirs to see."""
    statement = (
        sa.select(Message, Case.serial, hands.SHOWN)
        .outerjoin(Case, Case.id == Message.case_id)
        .where(*_narrowed(session, staff, asked))
        .order_by(Message.id.desc())
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(Message.id < after)
    return session.execute(statement).all()


def totals(session: Session, staff: Staff, asked: MessageFilter) -> dict[str, int]:
    """How many there are in each state, over all pages."""
    rows = session.execute(
        sa.select(hands.SHOWN.label("shown"), sa.func.count())
        .where(*_narrowed(session, staff, asked))
        .group_by(sa.text("shown"))
    )
    return {row[0]: row[1] for row in rows}


def _narrowed(session: Session, staff: Staff, asked: MessageFilter) -> list[sa.ColumnElement[bool]]:
    equal = {
        Message.lane: asked.lane,
        Message.template: asked.template,
        Message.broadcast_id: asked.broadcast,
        Message.reason: asked.reason,
    }
    narrowed = [column == value for column, value in equal.items() if value is not None]
    if asked.waits:
        narrowed += [Message.state == State.HELD, Message.reason.in_(FOR_STAFF)]
    if asked.state is not None:
        narrowed.append(hands.shown_as(asked.state))
    if asked.case is not None:
        return [*narrowed, Message.case_id == read_case(session, staff, asked.case)[0].id]
    return [*narrowed, seen_by(staff)]


def seen_by(staff: Staff) -> sa.ColumnElement[bool]:
    """Messages about no case, or about one that `staff` sees."""
    seen = visible_to(staff).where(Case.id == Message.case_id).correlate(Message)
    return sa.or_(Message.case_id.is_(None), seen.exists())
