"""Owing messages: a row first, in the transaction of the change that owes it. Call `wake.wake` after the commit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.channels import SENDS
from gateway.ids import new_id
from gateway.messaging import templates
from gateway.messaging.models import Broadcast, ChannelState, Message
from gateway.messaging.states import State
from gateway.residents.models import Resident
from gateway.residents.sealing import Vault

STORM, STORM_WINDOW = 20, timedelta(hours=1)
"""The most automatic answers to one number in so long: two machines must not talk to each other for ever."""

AUTOMATIC = [name for name, known in templates.TEMPLATES.items() if known.urgent and name != "receipt"]


def params_place(message: UUID) -> str:
    """The place that a message's values are sealed for."""
    return f"messages.params:{message}"


def owe(
    session: Session,
    vault: Vault,
    *,
    resident_id: UUID,
    template: str,
    values: Mapping[str, str],
    language: str,
    now: datetime,
    case_id: UUID | None = None,
    audience: str = "resident",
    urgent: bool = False,
    effect_key: bytes | None = None,
) -> UUID | None:
    """Owe one message. None when the same effect owed it before. Raises ValueError for values not of the template.

    A resident who stopped all SMS is owed it as `suppressed`, so that staff see why nothing came; only what confirms a
    command just sent goes out. `urgent` adds matters of life and liberty to what ignores quiet hours.
    """
    known = templates.check(template, values)
    reason = _unwanted(session, resident_id, template, now)
    message = new_id()
    row = {
        "id": message,
        "lane": known.lane,
        "template": template,
        "params_sealed": seal_params(vault, message, values),
        "language": language,
        "audience": audience,
        "resident_id": resident_id,
        "case_id": case_id,
        "urgent": urgent or known.urgent,
        "effect_key": effect_key,
    }
    return _add(session, row, reason, now)


def _add(session: Session, row: dict[str, Any], reason: str, now: datetime) -> UUID | None:
    """Insert a message once by its effect: owed, or suppressed with a reason."""
    statement = (
        insert(Message)
        .values(
            **row,
            state=State.SUPPRESSED if reason else State.OWED,
            reason=reason,
            not_before=now,
            channel=SENDS,
            owed_at=now,
            final_at=now if reason else None,
        )
        .on_conflict_do_nothing(index_elements=["effect_key"])
        .returning(Message.id)
    )
    return session.execute(statement).scalar()


def _unwanted(session: Session, resident_id: UUID, template: str, now: datetime) -> str:
    """Why a message must not go out; empty when it may."""
    known = templates.TEMPLATES[template]
    if not known.command and session.scalar(sa.select(Resident.stopped_all_at).where(Resident.id == resident_id)):
        return "stopped_all"
    if template in AUTOMATIC:
        lately = sa.select(sa.func.count()).where(
            Message.resident_id == resident_id,
            Message.template.in_(AUTOMATIC),
            Message.owed_at > now - STORM_WINDOW,
        )
        if session.execute(lately).scalar_one() >= STORM:
            return "storm"
    return ""


def seal_params(vault: Vault, message: UUID, values: Mapping[str, str]) -> bytes | None:
    """The values of a message, sealed to its row; none when it takes none."""
    return vault.sealer.seal(json.dumps(dict(values), ensure_ascii=False), _place(message)) if values else None


def open_params(vault: Vault, message: UUID, sealed: bytes | None) -> dict[str, str]:
    """What `seal_params` sealed."""
    values: dict[str, str] = json.loads(vault.sealer.open(sealed, _place(message))) if sealed else {}
    return values


def _place(message: UUID) -> str:
    return f"messages.params:{message}"


def owe_broadcast(
    session: Session,
    *,
    kind: str,
    topic: str,
    bodies: Mapping[str, str],
    audience: sa.Select[tuple[UUID]],
    created_by: UUID | None,
    now: datetime,
    monthly_cap: int | None = None,
) -> UUID:
    """Owe one text to every resident that `audience` selects, in one statement however many they are.

    Each gets it in their own language, else in the first of `bodies`. Who opted out is left out; who had `monthly_cap`
    texts on this topic within 30 days is owed it as `suppressed`.
    """
    broadcast = new_id()
    row = Broadcast(
        id=broadcast,
        kind=kind,
        topic=topic,
        bodies=dict(bodies),
        status="running",
        created_by=created_by,
        created_at=now,
    )
    session.add(row)
    session.flush()
    capped = sa.literal(False) if monthly_cap is None else _had(topic, now) >= monthly_cap
    columns = _broadcast_columns(broadcast, list(bodies), capped, now)
    people = sa.select(*columns.values()).where(
        Resident.id.in_(audience), Resident.stopped_broadcasts_at.is_(None), Resident.stopped_all_at.is_(None)
    )
    row.recipients = _add_many(session, insert(Message).from_select(list(columns), people, include_defaults=False))
    session.flush()
    return broadcast


def _add_many(session: Session, statement: sa.Insert) -> int:
    """Run one long insert; how many rows. The usual time limit is for hops, and a million rows take longer."""
    session.execute(sa.text("SET LOCAL statement_timeout = '10min'"))
    result = session.execute(statement, execution_options={"preserve_rowcount": True})
    session.execute(sa.text("SET LOCAL statement_timeout TO DEFAULT"))
    return cast("sa.CursorResult[Any]", result).rowcount


def _had(topic: str, now: datetime) -> sa.ScalarSelect[int]:
    """How many texts on a topic each resident was owed within 30 days."""
    return (
        sa.select(sa.func.count())
        .select_from(Message)
        .join(Broadcast, Broadcast.id == Message.broadcast_id)
        .where(
            Message.resident_id == Resident.id,
            Message.owed_at > now - timedelta(days=30),
            Message.state != State.SUPPRESSED,
            Broadcast.topic == topic,
        )
        .correlate(Resident)
        .scalar_subquery()
    )


def _broadcast_columns(
    broadcast: UUID, languages: Sequence[str], capped: sa.ColumnElement[bool], now: datetime
) -> dict[str, sa.ColumnElement[Any]]:
    """The columns of one message row a resident, as SQL over `residents`."""
    moment = sa.literal(now, sa.DateTime(timezone=True))
    return {
        "id": _sortable_id(),
        "lane": sa.literal(templates.BROADCASTS),
        "template": sa.literal("update"),
        "language": sa.case((Resident.language.in_(languages), Resident.language), else_=languages[0]),
        "resident_id": sa.cast(Resident.id, sa.Uuid()),
        "broadcast_id": sa.literal(broadcast, sa.Uuid()),
        "state": sa.case((capped, State.SUPPRESSED.value), else_=State.OWED.value),
        "reason": sa.case((capped, "monthly_cap"), else_=""),
        "not_before": moment,
        "channel": sa.literal(SENDS),
        "owed_at": moment,
        "final_at": sa.case((capped, moment), else_=sa.null()),
    }


def _sortable_id() -> sa.ColumnElement[UUID]:
    """A UUID of version 7 made by Postgres itself: the time of `gateway.ids.new_id`, the rest by chance."""
    time = new_id().hex[:12]
    chance = sa.func.replace(sa.cast(sa.func.gen_random_uuid(), sa.Text), "-", "")
    return sa.cast(sa.literal(f"{time}7") + sa.func.substr(chance, 14), sa.Uuid())


@dataclass(frozen=True, slots=True)
class QueueRow:
    lane: str
    state: str
    count: int
    oldest: datetime | None
    """When the oldest of them was owed."""


def queue_summary(session: Session) -> list[QueueRow]:
    """Messages by lane and state, and since when the oldest waits."""
    rows = session.execute(
        sa.select(Message.lane, Message.state, sa.func.count(), sa.func.min(Message.owed_at))
        .group_by(Message.lane, Message.state)
        .order_by(Message.lane, Message.state)
    )
    return [QueueRow(*row) for row in rows]


def resume_channel(session: Session, channel: str, now: datetime) -> None:
    """Let a stopped or paused channel send again, once staff have mended what stopped it."""
    session.execute(
        sa.update(ChannelState)
        .where(ChannelState.channel == channel)
        .values(stopped_reason=None, paused_until=None, changed_at=now)
    )
