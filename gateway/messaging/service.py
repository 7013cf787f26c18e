"""Owing messages: a row first, in the transaction of the change that owes it. Call `wake.wake` after the commit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic_core import to_json
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.broadcasts.states import Status
from gateway.channels import sends
from gateway.ids import new_id
from gateway.messaging import hands, templates
from gateway.messaging.audience import Audience, owe_all
from gateway.messaging.models import HAS_EFFECT, Broadcast, ChannelState, Message, among
from gateway.messaging.states import State
from gateway.residents.models import Resident
from gateway.residents.sealing import Vault

STORM, STORM_WINDOW = 20, timedelta(hours=1)
"""The most automatic answers to one number in so long: two machines must not talk to each other for ever."""

SCREENS = 60
"""The most screens of the menus to one number in that time: three complaints, with room for mistakes."""

AUTOMATIC = [name for name, known in templates.TEMPLATES.items() if known.urgent and name not in ("receipt", "screen")]


def params_place(message: UUID | str) -> str:
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
            channel=sends(session),
            owed_at=now,
            final_at=now if reason else None,
        )
        .on_conflict_do_nothing(index_elements=["effect_key"], index_where=HAS_EFFECT)
        .returning(Message.id)
    )
    return session.execute(statement).scalar()


def _unwanted(session: Session, resident_id: UUID, template: str, now: datetime) -> str:
    """Why a message must not go out; empty when it may."""
    known = templates.TEMPLATES[template]
    if not known.command and session.scalar(sa.select(Resident.stopped_all_at).where(Resident.id == resident_id)):
        return "stopped_all"
    kin, most = (["screen"], SCREENS) if template == "screen" else (AUTOMATIC, STORM)
    if template in kin:
        lately = sa.select(sa.func.count()).where(
            Message.resident_id == resident_id,
            Message.template.in_(kin),
            Message.owed_at > now - STORM_WINDOW,
        )
        if session.execute(lately).scalar_one() >= most:
            return "storm"
    return ""


def seal_params(vault: Vault, message: UUID, values: Mapping[str, str]) -> bytes | None:
    """The values of a message, sealed to its row; none when it takes none."""
    return vault.sealer.seal_bytes(to_json(dict(values)), params_place(message)) if values else None


def open_params(vault: Vault, message: UUID | str, sealed: bytes | None) -> dict[str, str]:
    """What `seal_params` sealed."""
    values: dict[str, str] = json.loads(vault.sealer.open(sealed, params_place(message))) if sealed else {}
    return values


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
        status=Status.RUNNING,
        created_by=created_by,
        created_at=now,
        started_at=now,
    )
    session.add(row)
    session.flush()
    row.recipients = owe_all(session, broadcast, Audience(audience, topic, list(bodies), monthly_cap), now)
    session.flush()
    return broadcast


def resume_channel(session: Session, channel: str, now: datetime) -> None:
    """Let a stopped or paused channel send again, once staff have mended what stopped it."""
    session.execute(
        sa.update(ChannelState)
        .where(ChannelState.channel == channel)
        .values(stopped_reason=None, paused_until=None, changed_at=now)
    )


WITHDRAWN = "withdrawn"
"""Why a message is not sent: its resident left the broadcasts it is of, by menu or word."""


def withdraw(session: Session, resident: UUID, which: sa.ColumnElement[bool], *, now: datetime) -> None:
    """Keep what is under way of these broadcasts from a resident who left them.

    What a worker holds is marked, and suppressed by the last look before its call leaves.
    """
    under_way = sa.select(Broadcast.id).where(which, Broadcast.finished_at.is_(None))
    theirs = sa.and_(Message.resident_id == resident, Message.broadcast_id.in_(under_way))
    waiting = sa.select(Message.id).where(theirs, sa.or_(hands.FREE, Message.state == State.HELD))
    quietly = {"synchronize_session": False}
    session.execute(
        sa.update(Message)
        .where(among(Message.id, hands.lock_free(session, waiting)))
        .values(state=State.SUPPRESSED, reason=WITHDRAWN, final_at=now)
        .execution_options(**quietly)
    )
    # What is left is in a worker's hands, or was just being taken: then this waits for it.
    in_hand = sa.update(Message).where(theirs, Message.state == State.OWED)
    session.execute(in_hand.values(withdrawn=True).execution_options(**quietly))
