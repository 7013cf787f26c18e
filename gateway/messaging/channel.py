"""The channel as staff keep it going: resume it, know its balance, know what it never reported on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.channels import sends
from gateway.channels.base import Money
from gateway.errors import NotFound
from gateway.messaging import service
from gateway.messaging.models import ChannelState, Message
from gateway.messaging.states import State
from gateway.staff import audit

log = structlog.get_logger(__name__)

SINCE = timedelta(days=30)
"""How far back messages without a report are looked for."""


TROUBLES = {
    "bad_key": "The aggregator refuses our API key. Set the right one, restart the workers, then resume.",
    "bad_sender": "The aggregator refuses our sender name or short code. Have it put right there, then resume.",
    "no_balance": "The account at the aggregator is empty. Top it up; it tries again by itself.",
    "too_fast": "The aggregator asked us to slow down. It tries again by itself.",
    "no_connection": "The aggregator cannot be reached. It tries again by itself.",
    "provider_error": "The aggregator has trouble of its own. It tries again by itself.",
    "certificate": "The aggregator's certificate cannot be trusted. Look at its address and at this machine's clock.",
    "bad_address": "What answers at the aggregator's address is not its API. Look at the setting of the address.",
    "forbidden": "The aggregator does not let this account send. Ask it why.",
}
"""Why a channel sends nothing, and what mends it, by the reasons of the outcome table."""


def trouble(reason: str) -> str:
    """In words for staff; a reason that has none is said as it is."""
    return TROUBLES.get(reason, f"The reason is {reason}." if reason else "")


def resume(session: Session, *, staff: UUID | None, now: datetime, why: str = "", named: str = "") -> bool:
    """Let a stopped or resting channel send again, once what stopped it is mended. Whether it had stopped or rested.

    `why` is kept in the audit trail. Raises `NotFound` when the channel that is `named` is not the one that sends.
    """
    channel = sends(session)
    if named not in ("", channel):
        raise NotFound
    row = session.get(ChannelState, channel, with_for_update=True, populate_existing=True)
    if row is None or not (row.stopped_reason or (row.paused_until and row.paused_until > now)):
        return False
    data = {"reason": row.stopped_reason or row.paused_reason or "paused"} | ({"why": why} if why else {})
    service.resume_channel(session, channel, now)
    audit.record(session, staff_id=staff, action="channel.resumed", subject=channel, data=data)
    return True


def note_balance(session: Session, left: Money, *, warning: Decimal, now: datetime) -> bool:
    """Write down what is left to pay with; whether it is low."""
    channel = sends(session)
    _note(session, channel, now, balance=left.amount, currency=left.currency, balance_at=now)
    low = left.amount < warning
    if low:
        log.warning("balance_low", channel=channel, currency=left.currency, left=str(left.amount))
    return low


@dataclass(frozen=True, slots=True)
class Unreported:
    """Messages of one day that were accepted, and of which no word came since."""

    day: datetime
    lane: str
    count: int


def unreported(session: Session, *, hours: float, now: datetime) -> Sequence[Unreported]:
    """Messages accepted more than so many hours ago without a final report, by day and lane. Nothing is sent again."""
    day = sa.func.date_trunc("day", Message.sent_at).label("day")
    rows = session.execute(
        sa.select(day, Message.lane, sa.func.count())
        .where(
            Message.sent_at > now - SINCE,
            Message.sent_at <= now - timedelta(hours=hours),
            Message.state == State.ACCEPTED,
        )
        .group_by(day, Message.lane)
        .order_by(day, Message.lane)
    )
    return [Unreported(*row) for row in rows]


def unreported_ids(session: Session, *, hours: float, now: datetime, limit: int) -> Sequence[Any]:
    """Up to `limit` of them, oldest first: (id, lane, template, provider's id, sent at)."""
    statement = (
        sa.select(Message.id, Message.lane, Message.template, Message.provider_message_id, Message.sent_at)
        .where(
            Message.sent_at > now - SINCE,
            Message.sent_at <= now - timedelta(hours=hours),
            Message.state == State.ACCEPTED,
        )
        .order_by(Message.sent_at, Message.id)
        .limit(limit)
    )
    return session.execute(statement).all()


def note_unreported(session: Session, *, hours: float, now: datetime) -> int:
    """Count them and write the count down; how many."""
    channel = sends(session)
    count = sum(row.count for row in unreported(session, hours=hours, now=now))
    _note(session, channel, now, unreported=count)
    if count:
        log.warning("messages_unreported", channel=channel, count=count, hours=hours)
    return count


def _note(session: Session, channel: str, now: datetime, **values: Any) -> None:
    statement = insert(ChannelState).values(channel=channel, changed_at=now, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["channel"], set_=values))
