"""Verbs on broadcasts: write, approve, pause, resume, cancel. None commits; wake the lane after the commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.broadcasts.states import Status, check_move
from gateway.commitments.models import Commitment, CommitmentUpdate, Follow
from gateway.errors import Invalid, NotFound, SecondPersonNeeded
from gateway.ids import new_id
from gateway.messaging.audience import Audience, owe_all, reach
from gateway.messaging.bodies import check_bodies
from gateway.messaging.models import Broadcast, Message
from gateway.messaging.states import State
from gateway.pack import Pack
from gateway.staff import audit
from gateway.staff.models import Staff

UPDATE, NOTICE = "update", "notice"
"""News of a promise, published with it; a word of the desk to its followers, by SMS alone."""

AT_ONCE = 20_000
"""Messages one statement holds, releases or suppresses: short enough that no worker waits for it."""

PAUSED = "broadcast_paused"
"""Why a message is held while its broadcast is paused."""


def draft(
    session: Session, pack: Pack, *, kind: str, topic: str, text: Mapping[str, str], staff: Staff, now: datetime
) -> Broadcast:
    """Write a text to the followers of a promise; it goes out when it is approved.

    Raises `Invalid` for a promise that is not there, or a text that cannot be sent.
    """
    if session.get(Commitment, topic) is None:
        raise Invalid("there is no promise with this id", field="topic")
    row = write(session, pack, kind=kind, topic=topic, text=text, staff=staff, now=now)
    audit.record(session, staff_id=staff.id, action="broadcast.drafted", subject=str(row.id), data={"topic": topic})
    return row


def write(
    session: Session, pack: Pack, *, kind: str, topic: str, text: Mapping[str, str], staff: Staff, now: datetime
) -> Broadcast:
    """The row of a draft, for a caller that writes the audit entry. Raises `Invalid` for a text that cannot be sent."""
    row = Broadcast(
        id=new_id(),
        kind=kind,
        topic=topic,
        bodies=check_bodies(pack, text),
        status=Status.DRAFT,
        created_by=staff.id,
        created_at=now,
        recipients=0,
    )
    session.add(row)
    session.flush()
    return row


def audience(pack: Pack, row: Broadcast) -> Audience:
    """Whom it reaches: who follows the promise. Nobody is texted who did not ask for it."""
    followers = sa.select(Follow.resident_id).where(Follow.ogp_id == row.topic, Follow.until.is_(None))
    return Audience(followers, row.topic, list(row.bodies), pack.about.limits.follow_sms_a_month)


def needs_second_person(pack: Pack, recipients: int) -> bool:
    """Whether a text to so many may not be approved by its author."""
    return recipients > pack.about.limits.approval_above


def approve(session: Session, pack: Pack, *, broadcast: UUID, staff: Staff, now: datetime) -> Broadcast:
    """Owe it to everyone it is for, and publish it if it is news of a promise.

    Raises `SecondPersonNeeded` for its author when it reaches more than the pack's number, `TransitionNotAllowed` when
    it is no draft, `NotFound`.
    """
    row = _locked(session, broadcast)
    check_move(row.status, Status.RUNNING, only_from=Status.DRAFT)
    whom = audience(pack, row)
    expected = reach(session, whom, now).recipients
    if staff.id == row.created_by and needs_second_person(pack, expected):
        raise SecondPersonNeeded(f"it goes to {expected} people", recipients=expected)
    row.approved_by, row.approved_at = staff.id, now
    _start(session, row, whom, now)
    data = {"recipients": row.recipients, "author": row.created_by == staff.id}
    audit.record(session, staff_id=staff.id, action="broadcast.approved", subject=str(row.id), data=data)
    return row


def start_or_wait(session: Session, pack: Pack, row: Broadcast, *, now: datetime) -> None:
    """Owe a new text at once when it needs nobody's approval; else it stays a draft."""
    whom = audience(pack, row)
    if not needs_second_person(pack, reach(session, whom, now).recipients):
        _start(session, row, whom, now)


def _start(session: Session, row: Broadcast, whom: Audience, now: datetime) -> None:
    row.status, row.started_at = Status.RUNNING, now
    published = sa.select(sa.exists().where(CommitmentUpdate.broadcast_id == row.id))
    if row.kind == UPDATE and not session.scalar(published):
        session.add(
            CommitmentUpdate(
                id=new_id(),
                ogp_id=row.topic,
                text=row.bodies,
                published_by=row.created_by,
                published_at=now,
                broadcast_id=row.id,
            )
        )
    session.flush()
    row.recipients = owe_all(session, row.id, whom, now)
    session.flush()


def pause(session: Session, *, broadcast: UUID, staff: UUID | None, now: datetime) -> Broadcast:
    """Let nothing more of it leave for now. Raises `TransitionNotAllowed`, `NotFound`."""
    row = _move(session, broadcast, Status.PAUSED, staff, "broadcast.paused")
    tend(session, row.id, now)
    return row


def resume(session: Session, *, broadcast: UUID, staff: UUID | None, now: datetime) -> Broadcast:
    """Go on where it stopped. Raises `TransitionNotAllowed` when it is not paused, `NotFound`."""
    row = _move(session, broadcast, Status.RUNNING, staff, "broadcast.resumed", only_from=Status.PAUSED)
    tend(session, row.id, now)
    return row


def cancel(session: Session, *, broadcast: UUID, staff: UUID | None, now: datetime) -> Broadcast:
    """Send no more of it, ever: what has not left is suppressed. Raises `TransitionNotAllowed`, `NotFound`."""
    row = _move(session, broadcast, Status.CANCELLED, staff, "broadcast.cancelled")
    tend(session, row.id, now)
    return row


def _move(
    session: Session, broadcast: UUID, to: Status, staff: UUID | None, action: str, *, only_from: Status | None = None
) -> Broadcast:
    row = _locked(session, broadcast)
    check_move(row.status, to, only_from=only_from)
    row.status = to
    session.flush()
    audit.record(session, staff_id=staff, action=action, subject=str(row.id))
    return row


def _locked(session: Session, broadcast: UUID) -> Broadcast:
    row = session.get(Broadcast, broadcast, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound
    return row


def read(session: Session, broadcast: UUID) -> Broadcast:
    """One broadcast. Raises `NotFound`."""
    row = session.get(Broadcast, broadcast)
    if row is None:
        raise NotFound
    return row


def list_broadcasts(
    session: Session, *, status: str | None = None, after: UUID | None = None, limit: int = 50
) -> Sequence[Broadcast]:
    """Up to `limit`, newest first, after the one with id `after`."""
    statement = sa.select(Broadcast)
    if status is not None:
        statement = statement.where(Broadcast.status == status)
    if after is not None:
        statement = statement.where(Broadcast.id < after)
    return session.scalars(statement.order_by(Broadcast.id.desc()).limit(limit)).all()


def unfinished(session: Session) -> Sequence[UUID]:
    """Started broadcasts that `tend` has something to do for."""
    return session.scalars(
        sa.select(Broadcast.id).where(Broadcast.finished_at.is_(None), Broadcast.status != Status.DRAFT)
    ).all()


def tend(session: Session, broadcast: UUID, now: datetime) -> bool:
    """Bring messages in line with the status of their broadcast, so many at once; whether there may be more.

    What is paused is held, so that claims need not pass over it; what is resumed is owed; what is cancelled is
    suppressed. With nothing left to send it is finished. A worker heeds the status itself: this only tidies up.
    """
    row = _locked(session, broadcast)
    match row.status:
        case Status.PAUSED:
            moved = _change(session, row.id, Message.state == State.OWED, state=State.HELD, reason=PAUSED)
        case Status.RUNNING:
            held = sa.and_(Message.state == State.HELD, Message.reason == PAUSED)
            moved = _change(session, row.id, held, state=State.OWED, reason="")
        case Status.CANCELLED:
            waiting = sa.or_(Message.state == State.OWED, sa.and_(Message.state == State.HELD, _WILL_GO))
            moved = _change(session, row.id, waiting, state=State.SUPPRESSED, reason="cancelled", final_at=now)
        case _:
            return False
    if moved < AT_ONCE and row.status != Status.PAUSED and not _left(session, row.id):
        row.status = Status.DONE if row.status == Status.RUNNING else row.status
        row.finished_at = now
        session.flush()
    return moved == AT_ONCE


_WILL_GO = Message.reason.in_([PAUSED, "quiet_hours"])
"""Held for a while. What the provider holds, or nobody can read, is for staff."""


def _change(session: Session, broadcast: UUID, which: sa.ColumnElement[bool], **values: Any) -> int:
    picked = sa.select(Message.id).where(Message.broadcast_id == broadcast, which)
    picked_now = picked.limit(AT_ONCE).with_for_update(skip_locked=True).cte("picked")
    result = session.execute(
        sa.update(Message)
        .where(Message.id == picked_now.c.id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return cast("sa.CursorResult[Any]", result).rowcount


def _left(session: Session, broadcast: UUID) -> bool:
    """Whether anything of it may still be sent."""
    going = sa.or_(Message.state.in_([State.OWED, State.LEASED]), sa.and_(Message.state == State.HELD, _WILL_GO))
    return bool(session.scalar(sa.select(sa.exists().where(Message.broadcast_id == broadcast, going))))
