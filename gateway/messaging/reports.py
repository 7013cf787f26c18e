"""What delivery reports do to messages. They come twice, late, out of order, or before the send call returned."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.channels import sends
from gateway.channels.base import Fate, Report
from gateway.intake.models import DeliveryReport
from gateway.messaging.models import Message, among
from gateway.messaging.states import State, sources
from gateway.residents.models import Resident

STATES = {
    Fate.ON_THE_WAY: State.ACCEPTED,
    Fate.DELIVERED: State.DELIVERED,
    Fate.FAILED: State.FAILED,
    Fate.EXPIRED: State.EXPIRED,
}
"""Where a report moves a message, if the table of moves allows it; a word nobody knows moves nothing."""

BLOCKED = {"user_in_black_list", "user_in_blacklist"}
"""Reasons that mean: this number takes no SMS from us."""

PATIENCE = timedelta(seconds=30)
"""How long a report waits for its message's id before its number is asked: by then every living call has settled."""

MEMORY = timedelta(days=1)
"""How long an unmatched report is looked at again."""


def apply_report(
    session: Session, report: Report, *, channel: str, now: datetime, resident_id: UUID | None = None
) -> bool:
    """Keep a report, once by (channel, id, status), and move its message along. Whether it was new.

    `resident_id` is whose number it was about, when that is known.
    """
    kept = session.execute(
        insert(DeliveryReport)
        .values(
            channel=channel,
            provider_message_id=report.provider_id,
            status=report.status,
            fate=report.fate,
            reason=report.reason,
            network=report.network,
            received_at=now,
            resident_id=resident_id,
        )
        .on_conflict_do_nothing(index_elements=["channel", "provider_message_id", "status"])
        .returning(DeliveryReport.id)
    ).scalar()
    if kept is not None and report.provider_id:
        match_by_id(session, [report.provider_id], now, channel=channel)
    return kept is not None


def match_by_id(session: Session, ids: Sequence[str], now: datetime, *, channel: str | None = None) -> int:
    """Join unmatched reports to the messages with these provider ids, in the order they came; how many."""
    if not ids:
        return 0
    return _join(
        session,
        now,
        DeliveryReport.channel == (channel or sends(session)),
        among(DeliveryReport.provider_message_id, ids),
    )


def match_late(session: Session, now: datetime, patience: timedelta = PATIENCE) -> int:
    """Join what is still unmatched: by id where the two crossed, else by number; how many.

    A call that broke after it left brought no id. Its report names a number: it belongs to the oldest message of
    unknown fate to that number, sent before the report came.
    """
    recent = DeliveryReport.received_at > now - MEMORY
    return _join(session, now, recent) + _match_by_number(session, now, patience)


def _join(session: Session, now: datetime, *which: sa.ColumnElement[bool]) -> int:
    pairs = session.execute(
        sa.select(DeliveryReport.id, DeliveryReport.fate, DeliveryReport.status, DeliveryReport.reason, Message.id)
        .join(
            Message,
            sa.and_(
                Message.channel == DeliveryReport.channel,
                Message.provider_message_id == DeliveryReport.provider_message_id,
            ),
        )
        .where(DeliveryReport.message_id.is_(None), *which)
        .order_by(DeliveryReport.id)
    ).all()
    for kept, fate, status, reason, message in pairs:
        _link(session, kept, message)
        _move(session, message, Fate(fate), reason or status, now)
    return len(pairs)


def _match_by_number(session: Session, now: datetime, patience: timedelta) -> int:
    waiting = session.execute(
        sa.select(DeliveryReport)
        .where(
            DeliveryReport.message_id.is_(None),
            DeliveryReport.resident_id.is_not(None),
            DeliveryReport.provider_message_id != "",
            DeliveryReport.received_at > now - MEMORY,
            DeliveryReport.received_at < now - patience,
        )
        .order_by(DeliveryReport.id)
        .with_for_update(skip_locked=True)
    ).scalars()
    matched = 0
    for kept in waiting.all():
        oldest = (
            sa.select(Message.id)
            .where(
                Message.resident_id == kept.resident_id,
                Message.channel == kept.channel,
                Message.state == State.UNKNOWN,
                Message.provider_message_id.is_(None),
                Message.sent_at <= kept.received_at,
            )
            .order_by(Message.sent_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        message = session.execute(oldest).scalar()
        if message is None:
            continue
        session.execute(
            sa.update(Message).where(Message.id == message).values(provider_message_id=kept.provider_message_id)
        )
        matched += _join(session, now, DeliveryReport.provider_message_id == kept.provider_message_id)
    return matched


def _link(session: Session, kept: int, message: UUID) -> None:
    session.execute(
        sa.update(DeliveryReport)
        .where(DeliveryReport.id == kept)
        .values(message_id=message)
        .execution_options(synchronize_session=False)
    )


def _move(session: Session, message: UUID, fate: Fate, word: str, now: datetime) -> None:
    """Move the message if the table allows it. One that is owed again stays owed: the report is of an earlier send."""
    to = STATES.get(fate)
    if to is None:
        return
    reason = "" if to in (State.DELIVERED, State.ACCEPTED) else snake(word)
    allowed = {state for state in sources(to) if state is not State.OWED}
    if to is State.ACCEPTED:
        allowed.discard(State.LEASED)  # that is for the answer of the call itself
    moved = session.execute(
        sa.update(Message)
        .where(Message.id == message, Message.state.in_(allowed))
        .values(state=to, reason=reason, final_at=None if to is State.ACCEPTED else now, lease=None, leased_until=None)
        .returning(Message.resident_id)
        .execution_options(synchronize_session=False)
    ).scalar()
    if moved is None:
        return
    if to is State.DELIVERED:
        _reachable(session, moved, Resident.unreachable_since.is_not(None), None)
    elif reason in BLOCKED:
        _reachable(session, moved, Resident.unreachable_since.is_(None), now)


def _reachable(
    session: Session, resident: UUID, where: sa.ColumnElement[bool], unreachable_since: datetime | None
) -> None:
    session.execute(
        sa.update(Resident)
        .where(Resident.id == resident, where)
        .values(unreachable_since=unreachable_since)
        .execution_options(synchronize_session=False)
    )


def snake(word: str) -> str:
    """`UserInBlackList` as `user_in_black_list`, as reasons are spelled."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", word).lower()
