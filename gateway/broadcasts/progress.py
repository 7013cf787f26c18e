"""How far a broadcast is, and how it ended: counted from its messages, so that it is never another truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.messaging import hands
from gateway.messaging.models import Message
from gateway.messaging.states import State

REASONED = frozenset({State.HELD, State.FAILED, State.EXPIRED, State.SUPPRESSED, State.UNKNOWN})
"""States that staff want to know the reason of."""


@dataclass(slots=True)
class Progress:
    states: Counter[str] = field(default_factory=Counter)
    """Messages by state."""
    reasons: dict[str, Counter[str]] = field(default_factory=dict)
    """By state and reason, of those that did not go as they should."""
    segments: int = 0
    costs: dict[str, Decimal] = field(default_factory=dict)
    """What the provider said it charged, by currency."""


def progress(session: Session, broadcast: UUID) -> Progress:
    """Count the messages of a broadcast."""
    return progress_of(session, [broadcast])[broadcast]


def progress_of(session: Session, broadcasts: Collection[UUID]) -> dict[UUID, Progress]:
    """Count the messages of each of these broadcasts, by one query."""
    found = {broadcast: Progress() for broadcast in broadcasts}
    if not found:
        return found
    rows = session.execute(
        sa.select(
            Message.broadcast_id,
            hands.SHOWN.label("shown"),
            Message.reason,
            Message.currency,
            sa.func.count().label("messages"),
            sa.func.coalesce(sa.func.sum(Message.segments), 0).label("segments"),
            sa.func.sum(Message.cost).label("cost"),
        )
        .where(Message.broadcast_id.in_(found))
        .group_by(Message.broadcast_id, sa.text("shown"), Message.reason, Message.currency)
    )
    for row in rows:
        one = found[row.broadcast_id]
        one.states[row.shown] += row.messages
        one.segments += row.segments
        if row.shown in REASONED:
            one.reasons.setdefault(row.shown, Counter())[row.reason] += row.messages
        if row.cost is not None and row.currency:
            one.costs[row.currency] = one.costs.get(row.currency, Decimal()) + row.cost
    return found
