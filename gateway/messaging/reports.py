"""What delivery reports do to messages. They come twice, late, out of order, or before the send call returned."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from gateway.channels import sends
from gateway.channels.base import Fate, Report
from gateway.intake.models import DeliveryReport
from gateway.messaging import hands
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


def apply_reports(session: Session, told: Sequence[tuple[Report, UUID | None]], *, channel: str, now: datetime) -> int:
    """Keep reports, each once by (channel, id, status), and move their messages along. How many were new.

    Beside each stands whose number it was about, where that is known.
    """
    rows = [
        {
            "place": place,
            "provider_id": report.provider_id,
            "status": report.status,
            "fate": report.fate,
            "reason": report.reason,
            "network": report.network,
            "resident_id": str(resident) if resident else None,
        }
        for place, (report, resident) in enumerate(told)
    ]
    new = session.execute(_KEEP, {"rows": json.dumps(rows), "channel": channel, "now": now}).all()
    match_by_id(session, sorted({row.provider_message_id for row in new} - {""}), now, channel=channel)
    return len(new)


_KEEP = sa.text("""
    INSERT INTO delivery_reports (channel, provider_message_id, status, fate, reason, network, received_at, resident_id)
    SELECT :channel, provider_id, status, fate, reason, network, :now, resident_id
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS told(
        place int, provider_id text, status text, fate text, reason text, network text, resident_id uuid)
    ORDER BY provider_id, place  -- every process takes keys in the same order; of one message, as they came
    ON CONFLICT (channel, provider_message_id, status) DO NOTHING
    RETURNING provider_message_id
""")


def match_by_id(session: Session, ids: Sequence[str], now: datetime, *, channel: str | None = None) -> int:
    """Join unmatched reports to the messages with these provider ids, in the order they came; how many."""
    of = {"channel": channel or sends(session), "ids": json.dumps(list(ids))}
    if not ids or session.execute(_UNMATCHED, of).scalar() is None:
        return 0
    return _join(
        session,
        now,
        DeliveryReport.channel == of["channel"],
        among(DeliveryReport.provider_message_id, ids),
    )


# Asked for every call, and hardly ever any: a report overtakes the answer to its call.
_UNMATCHED = sa.text("""
    SELECT 1 FROM delivery_reports
    WHERE channel = :channel AND message_id IS NULL
        AND provider_message_id = ANY(ARRAY(SELECT jsonb_array_elements_text(CAST(:ids AS jsonb)))) LIMIT 1
""")


def match_late(session: Session, now: datetime, patience: timedelta = PATIENCE) -> int:
    """Join what is still unmatched: by id where the two crossed, else by number; how many.

    A call that broke after it left brought no id. Its report names a number: it belongs to the oldest message of
    unknown fate to that number, sent before the report came.
    """
    recent = DeliveryReport.received_at > now - MEMORY
    return _join(session, now, recent) + _match_by_number(session, now, patience)


def _join(session: Session, now: datetime, *which: sa.ColumnElement[bool]) -> int:
    pairs = session.execute(
        sa.select(
            DeliveryReport.id,
            DeliveryReport.fate,
            DeliveryReport.status,
            DeliveryReport.reason,
            Message.id.label("message"),
        )
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
    if not pairs:
        return 0
    turns: Counter[UUID] = Counter()
    moves: dict[tuple[int, State, str], list[UUID]] = defaultdict(list)
    for row in pairs:
        turns[row.message] += 1
        if to := STATES.get(Fate(row.fate)):
            reason = "" if to in (State.DELIVERED, State.ACCEPTED) else snake(row.reason or row.status)
            moves[turns[row.message], to, reason].append(row.message)
    _lock(session, turns)
    for (_, to, reason), messages in sorted(moves.items(), key=lambda move: move[0][0]):
        _move(session, messages, to, reason, now)
    session.execute(_LINK, {"kept": [row.id for row in pairs], "messages": [row.message for row in pairs]})
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


def _lock(session: Session, messages: Iterable[UUID]) -> None:
    """Take the messages in one order: two that bring reports on the same ones wait, and never for each other."""
    session.execute(
        sa.select(Message.id).where(among(Message.id, messages)).order_by(Message.id).with_for_update(key_share=True)
    )


_LINK = sa.text("""
    UPDATE delivery_reports SET message_id = found.message
    FROM unnest(:kept, :messages) AS found(kept, message) WHERE id = found.kept
""").bindparams(
    sa.bindparam("kept", type_=ARRAY(sa.BigInteger)),
    sa.bindparam("messages", type_=ARRAY(sa.Uuid)),
)


def _move(session: Session, messages: Sequence[UUID], to: State, reason: str, now: datetime) -> None:
    """Move those that the table allows.

    One that is owed again stays owed: the report is of an earlier send. In a worker's hands it moves, and is not sent
    again if its call has not left; only that it was accepted is for the answer of that call.
    """
    settled = [state for state in sources(to) if state not in (State.OWED, State.LEASED)]
    may: sa.ColumnElement[bool] = Message.state.in_(settled)
    if to is not State.ACCEPTED:
        may = sa.or_(may, hands.IN_HAND)
    moved = session.scalars(
        sa.update(Message)
        .where(among(Message.id, messages), may)
        .values(state=to, reason=reason, final_at=None if to is State.ACCEPTED else now)
        .returning(Message.resident_id)
        .execution_options(synchronize_session=False)
    ).all()
    if to is State.DELIVERED:
        _reachable(session, moved, Resident.unreachable_since.is_not(None), None)
    elif reason in BLOCKED:
        _reachable(session, moved, Resident.unreachable_since.is_(None), now)


def _reachable(
    session: Session, residents: Sequence[UUID], where: sa.ColumnElement[bool], unreachable_since: datetime | None
) -> None:
    if residents:
        session.execute(
            sa.update(Resident)
            .where(among(Resident.id, residents), where)
            .values(unreachable_since=unreachable_since)
            .execution_options(synchronize_session=False)
        )


def snake(word: str) -> str:
    """`UserInBlackList` as `user_in_black_list`, as reasons are spelled."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", word).lower()
