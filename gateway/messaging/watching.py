"""The queue as an operator watches it: what waits, how fast it goes, what goes wrong. Costs little at any size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.channels import sends
from gateway.messaging import hands
from gateway.messaging.models import ChannelState, Message
from gateway.messaging.states import State

RATE_WINDOW = timedelta(seconds=30)
"""Over how long the rate is measured."""

LATELY = timedelta(hours=1)
"""Since when errors are counted."""

WAITING = (State.OWED, State.HELD, State.LEASED, State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Waiting:
    lane: str
    state: str
    count: int
    oldest: datetime
    """When the oldest of them was owed."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Messages that did not go as they should, lately."""

    state: str
    reason: str
    count: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Rate:
    lane: str
    segments_per_second: float


@dataclass(frozen=True, slots=True)
class ChannelNow:
    channel: str
    stopped: str
    """Why it sends nothing until staff resume it; empty when it is not stopped."""
    paused_until: datetime | None
    paused: str
    """Why it rests until then; empty when it does not."""
    balance: Decimal | None
    currency: str | None
    balance_at: datetime | None
    unreported: int


def waiting(session: Session) -> list[Waiting]:
    """What is not settled, by lane and state."""
    parts = [
        sa.select(
            Message.lane,
            sa.literal(state.value).label("state"),
            sa.func.count().label("messages"),
            sa.func.min(Message.owed_at).label("oldest"),
        )
        .where(hands.shown_as(state))
        .group_by(Message.lane)
        for state in WAITING
    ]
    rows = session.execute(sa.union_all(*parts))
    return sorted((Waiting(*row) for row in rows), key=lambda row: (row.lane, row.state))


def rates(session: Session, now: datetime) -> list[Rate]:
    """Segments handed to the provider a second, by lane, just now."""
    rows = session.execute(
        sa.select(Message.lane, sa.func.coalesce(sa.func.sum(Message.segments), 0))
        .where(Message.sent_at > now - RATE_WINDOW)
        .group_by(Message.lane)
        .order_by(Message.lane)
    )
    return [Rate(row[0], row[1] / RATE_WINDOW.total_seconds()) for row in rows]


def troubles(session: Session, now: datetime) -> list[Trouble]:
    """Of what was sent lately: failed, unknown, held by the provider or owed again; the most frequent first."""
    rows = session.execute(
        sa.select(Message.state, Message.reason, sa.func.count(), sa.func.max(Message.sent_at))
        .where(
            Message.sent_at > now - LATELY,
            Message.state.in_([State.FAILED, State.EXPIRED, State.UNKNOWN, State.HELD, State.OWED]),
            Message.reason != "",
        )
        .group_by(Message.state, Message.reason)
        .order_by(sa.func.count().desc(), Message.reason)
        .limit(10)
    )
    return [Trouble(*row) for row in rows]


def channel_now(session: Session, now: datetime) -> ChannelNow:
    """The channel that sends: whether it may, and what is left to pay with."""
    name = sends(session)
    row = session.get(ChannelState, name, populate_existing=True)
    if row is None:
        return ChannelNow(name, "", None, "", None, None, None, 0)
    paused = row.paused_until if row.paused_until and row.paused_until > now else None
    return ChannelNow(
        row.channel,
        row.stopped_reason or "",
        paused,
        (row.paused_reason or "") if paused else "",
        row.balance,
        row.currency,
        row.balance_at,
        row.unreported,
    )


@dataclass(frozen=True, slots=True)
class Glance:
    """All of it at one moment."""

    waiting: Sequence[Waiting]
    rates: Sequence[Rate]
    troubles: Sequence[Trouble]
    channel: ChannelNow


def glance(session: Session, now: datetime) -> Glance:
    """What `baraza message queue` shows. `now` as the processes that send have it."""
    return Glance(waiting(session), rates(session, now), troubles(session, now), channel_now(session, now))
