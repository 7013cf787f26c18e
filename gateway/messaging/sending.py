"""From owed to handed over, so that a worker killed at any line loses nothing and doubles nothing.

Three commits for each provider call: `claim` takes rows under a lease; `depart` writes down the call that is about to
leave; `settle` writes what came of it and deletes the call. A lease that ran out without a departed call goes back to
owed; with one, nobody knows, and the message is `unknown` until its report (see `sweeping`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import sqlalchemy as sa
import structlog
from cryptography.exceptions import InvalidTag
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from gateway.broadcasts.states import Status
from gateway.channels import sends
from gateway.messaging import templates
from gateway.messaging.models import Broadcast, ChannelState, Message, ProviderCall, among
from gateway.messaging.quiet import SPREAD, Quiet
from gateway.messaging.segments import segments
from gateway.messaging.service import WITHDRAWN, open_params
from gateway.messaging.states import State
from gateway.residents import service as residents
from gateway.residents.models import Resident
from gateway.residents.sealing import Vault
from menus.guide import Guide

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
"""A job works 20 s and may then wait 12 s for its last call."""

MARGIN = timedelta(seconds=20)
"""No call leaves when less than this is left of its lease: the sweep must not touch a message on its way."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message in this worker's hands."""

    id: UUID
    template: str
    params_sealed: bytes | None
    language: str
    resident_id: UUID
    broadcast_id: UUID | None
    attempts: int


@dataclass(frozen=True, slots=True)
class Call:
    """One text for at most a batch of residents, each once."""

    text: str
    segments: int
    messages: tuple[Claimed, ...]


def blocked(session: Session, now: datetime) -> bool:
    """Whether the channel is stopped, or rests."""
    state = session.execute(_CHANNEL, {"name": sends(session)}).one_or_none()
    return state is not None and bool(state.stopped_reason or (state.paused_until and state.paused_until > now))


_CHANNEL = sa.select(ChannelState.stopped_reason, ChannelState.paused_until).where(
    ChannelState.channel == sa.bindparam("name")
)


def halted(session: Session) -> list[UUID]:
    """Broadcasts of which nothing more may leave, while they still have messages owed or held."""
    stopped = Broadcast.status.in_([Status.PAUSED, Status.CANCELLED])
    return list(session.scalars(sa.select(Broadcast.id).where(Broadcast.finished_at.is_(None), stopped)))


def of_none(broadcasts: Sequence[UUID]) -> sa.ColumnElement[bool]:
    """Messages that belong to none of these broadcasts."""
    return sa.or_(Message.broadcast_id.is_(None), ~among(Message.broadcast_id, broadcasts))


def hold_quiet(session: Session, quiet: Quiet, now: datetime, *, limit: int = 20_000) -> int:
    """Move what is due and not urgent to held, until the quiet ends and a little longer, each by chance; how many."""
    due = (
        sa.select(Message.id)
        .where(Message.state == State.OWED, Message.not_before <= now, Message.urgent.is_(False))
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    spread = sa.case(*((Message.lane == lane, sa.literal(length)) for lane, length in SPREAD.items()))
    opening = sa.literal(quiet.opening(now), sa.DateTime(timezone=True)) + sa.func.random() * spread
    held = session.execute(
        sa.update(Message)
        .where(Message.id == due.c.id)
        .values(state=State.HELD, reason="quiet_hours", not_before=opening)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    return len(held.all())


# Right after a broadcast of a million was owed, Postgres has not counted it yet, expects a handful of rows, and would
# fetch and sort all of them for every claim. The index holds them in order.
_IN_ORDER = sa.text("SELECT set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true)")


def claim(
    session: Session, lane: str, *, limit: int, now: datetime, lease: UUID, quiet: Quiet | None = None
) -> list[Claimed]:
    """Lease what is due in a lane, oldest first; nothing while the channel is blocked. Two workers never get the same.

    In quiet hours the rest is held and only what is urgent is taken. Broadcasts that are paused or cancelled are passed
    over.
    """
    if blocked(session, now):
        return []
    session.execute(_IN_ORDER)
    silent = quiet is not None and quiet.holds(now)
    if quiet is not None and silent:
        hold_quiet(session, quiet, now)
    due = sa.select(Message.id).where(Message.lane == lane, Message.state == State.OWED, Message.not_before <= now)
    if silent:
        due = due.where(Message.urgent)
    if lane == templates.BROADCASTS and (still := halted(session)):
        due = due.where(of_none(still))
    due = due.order_by(Message.not_before, Message.id).limit(limit).with_for_update(skip_locked=True)
    picked = due.cte("picked")
    rows = session.execute(
        sa.update(Message)
        .where(Message.id == picked.c.id)
        .values(state=State.LEASED, lease=lease, leased_until=now + LEASE)
        .returning(
            Message.id,
            Message.template,
            Message.params_sealed,
            Message.language,
            Message.resident_id,
            Message.broadcast_id,
            Message.attempts,
        )
        .execution_options(synchronize_session=False)
    )
    return sorted((Claimed(*row) for row in rows), key=lambda claimed: claimed.id)


def prepare(session: Session, vault: Vault, guide: Guide, claimed: Sequence[Claimed], batch: int) -> list[Call]:
    """Render the claimed and group equal texts into calls. What cannot be rendered is held for staff."""
    bodies = _bodies(session, {one.broadcast_id for one in claimed if one.broadcast_id})
    texts: dict[tuple[UUID, str], str] = {}
    groups: dict[str, list[Claimed]] = defaultdict(list)
    unreadable = []
    for one in claimed:
        try:
            if one.broadcast_id:
                key = (one.broadcast_id, one.language)
                if key not in texts:
                    body = bodies[one.broadcast_id][one.language]
                    texts[key] = templates.render(guide, one.template, one.language, {"body": body})
                groups[texts[key]].append(one)
            else:
                values = open_params(vault, one.id, one.params_sealed)
                groups[templates.render(guide, one.template, one.language, values)].append(one)
        except (InvalidTag, LookupError, ValueError) as error:
            log.error("message_unreadable", message=str(one.id), template=one.template, error=type(error).__name__)
            unreadable.append(one.id)
    _hold(session, unreadable, "unreadable")
    return [Call(text, segments(text), tuple(part)) for text, group in groups.items() for part in _parts(group, batch)]


def _bodies(session: Session, broadcasts: Iterable[UUID]) -> dict[UUID, dict[str, str]]:
    wanted = list(broadcasts)
    if not wanted:
        return {}
    rows = session.execute(sa.select(Broadcast.id, Broadcast.bodies).where(Broadcast.id.in_(wanted)))
    return {row.id: row.bodies for row in rows}


def _parts(group: Sequence[Claimed], batch: int) -> list[list[Claimed]]:
    """Parts of at most a batch, no resident twice in one: outcomes are told apart by number."""
    times: Counter[UUID] = Counter()
    rounds: dict[int, list[Claimed]] = defaultdict(list)
    for one in group:
        rounds[times[one.resident_id]].append(one)
        times[one.resident_id] += 1
    return [round_[start : start + batch] for round_ in rounds.values() for start in range(0, len(round_), batch)]


@dataclass(frozen=True, slots=True)
class Departed:
    """A call written down as leaving: its number of the day, and whom it goes to."""

    id: UUID
    call: Call
    numbers: dict[UUID, str]
    """Numbers (E.164) by message."""
    left_at: datetime


def depart(session: Session, vault: Vault, call: Call, *, lease: UUID, now: datetime) -> Departed | None:
    """Write down that the call leaves, after a last look at who still wants it. None when nobody is left.

    Commit before sending. The numbers are unsealed here and live no longer than the call.
    """
    ours = [one.id for one in call.messages]
    rows = session.execute(_LAST_LOOK, {"ours": ours, "held_by": lease, "at_least": now + MARGIN}).all()
    stopped = {row.id for row in rows if _stopped(row)}
    withdrawn = {row.id for row in rows if row.withdrawn} - stopped
    cancelled = {row.id for row in rows if row.status == Status.CANCELLED} - stopped - withdrawn
    paused = {row.id for row in rows if row.status == Status.PAUSED} - stopped - withdrawn
    _suppress(session, stopped, "stopped", now)
    _suppress(session, withdrawn, WITHDRAWN, now)
    _suppress(session, cancelled, "cancelled", now)
    release(session, list(paused), lease)
    staying = stopped | withdrawn | cancelled | paused
    going = [row for row in rows if row.id not in staying]
    numbers = _numbers(vault, going)
    _hold(session, [row.id for row in going if row.id not in numbers], "unreadable")
    if not numbers:
        return None
    departed = Departed(uuid4(), call, numbers, now)
    session.execute(_LISTED, {"id": departed.id, "message_ids": list(numbers), "left_at": now})
    return departed


# Built once: a broadcast runs these for every hundred recipients.
_LAST_LOOK = (
    sa.select(
        Message.id,
        Message.resident_id,
        Message.template,
        Message.lane,
        Message.withdrawn,
        Broadcast.status,
        Resident.number_sealed,
        Resident.stopped_all_at,
        Resident.stopped_broadcasts_at,
    )
    .join(Resident, Resident.id == Message.resident_id)
    .outerjoin(Broadcast, Broadcast.id == Message.broadcast_id)
    .where(
        Message.id == sa.any_(sa.bindparam("ours", type_=ARRAY(Message.id.type))),
        Message.state == State.LEASED,
        Message.lease == sa.bindparam("held_by"),
        Message.leased_until > sa.bindparam("at_least"),
    )
)
_LISTED = sa.insert(cast("sa.Table", ProviderCall.__table__))


def _suppress(session: Session, messages: Set[UUID], reason: str, now: datetime) -> None:
    if messages:
        session.execute(
            sa.update(Message)
            .where(among(Message.id, messages))
            .values(state=State.SUPPRESSED, reason=reason, final_at=now, lease=None, leased_until=None)
            .execution_options(synchronize_session=False)
        )


def _stopped(row: Any) -> bool:
    if templates.TEMPLATES[row.template].command:
        return False
    return bool(row.stopped_all_at or (row.lane == templates.BROADCASTS and row.stopped_broadcasts_at))


def _numbers(vault: Vault, going: Iterable[Any]) -> dict[UUID, str]:
    """Numbers by message; one that no key opens keeps nobody else from theirs."""
    numbers: dict[UUID, str] = {}
    for row in going:
        try:
            numbers[row.id] = residents.open_number(vault, row.resident_id, row.number_sealed)
        except (InvalidTag, KeyError):
            log.error("number_unreadable", resident=str(row.resident_id))
    return numbers


def _hold(session: Session, messages: Sequence[UUID], reason: str) -> None:
    if messages:
        session.execute(
            sa.update(Message)
            .where(among(Message.id, messages), Message.state == State.LEASED)
            .values(state=State.HELD, reason=reason, lease=None, leased_until=None)
            .execution_options(synchronize_session=False)
        )


def release(session: Session, messages: Sequence[UUID], lease: UUID) -> None:
    """Owe again what was claimed and did not leave."""
    if messages:
        session.execute(
            sa.update(Message)
            .where(among(Message.id, messages), Message.lease == lease, Message.state == State.LEASED)
            .values(state=State.OWED, lease=None, leased_until=None)
            .execution_options(synchronize_session=False)
        )
