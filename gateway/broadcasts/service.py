"""Verbs on broadcasts: write, approve, pause, resume, cancel. None commits; wake the lane after the commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.broadcasts.audiences import UPDATE, audience, people_of, unknown_places, wards_in
from gateway.broadcasts.states import CLAIMS, Status, check_move
from gateway.commitments.asking_models import Check
from gateway.commitments.history import Kind, note
from gateway.commitments.models import Commitment, CommitmentUpdate
from gateway.commitments.periods import is_election
from gateway.errors import Invalid, NotFound, SecondPersonNeeded, TransitionNotAllowed, filled
from gateway.ids import new_id
from gateway.messaging import hands
from gateway.messaging import service as messaging
from gateway.messaging.audience import exceeds, owe_all
from gateway.messaging.bodies import check_bodies
from gateway.messaging.models import Broadcast, Message, among
from gateway.messaging.states import State
from gateway.pack import Pack
from gateway.staff import audit
from gateway.staff.models import Staff

AT_ONCE = 20_000
"""Messages one statement holds, releases or suppresses: short enough that no worker waits for it."""

PAUSED = "broadcast_paused"
"""Why a message is held while its broadcast is paused."""


def draft(
    session: Session,
    pack: Pack,
    *,
    kind: str,
    text: Mapping[str, str],
    staff: Staff,
    now: datetime,
    topic: str = "",
    places: Sequence[str] = (),
    languages: Sequence[str] = (),
) -> Broadcast:
    """Write a text to the followers of a promise, or to who gets notices; it goes out when it is approved.

    Raises `Invalid` for a promise, place or language that is not there, or a text that cannot be sent.
    """
    faults = _faults(session, pack, kind, topic, places, languages)
    if faults:
        raise Invalid("there is nobody to send it to", errors=faults)
    if kind == UPDATE:
        row = write_update(session, pack, topic=topic, text=text, staff=staff, now=now, places=places)
    else:
        row = write(
            session,
            pack,
            kind=kind,
            topic=topic,
            text=text,
            staff=staff,
            now=now,
            places=sorted(set(places)),
            languages=sorted(set(languages)),
        )
    data = {"topic": topic, "places": row.places, "languages": row.languages}
    audit.record(session, staff_id=staff.id, action="broadcast.drafted", subject=str(row.id), data=data)
    return row


def _faults(
    session: Session, pack: Pack, kind: str, topic: str, places: Sequence[str], languages: Sequence[str]
) -> list[dict[str, str]]:
    faults = []
    if topic and session.get(Commitment, topic) is None:
        faults.append({"where": "body.topic", "message": "there is no promise with this id"})
    if kind == UPDATE and not topic:
        faults.append({"where": "body.topic", "message": "an update is news of a promise"})
    if kind == UPDATE and languages:
        faults.append({"where": "body.kind", "message": "an update is for everybody who follows the promise"})
    faults += unknown_places(pack, places)
    faults += [
        {"where": "body.languages", "message": filled("this pack has no language {code}", code=code)}
        for code in languages
        if not pack.guide.speaks(code)
    ]
    return faults


def write_update(
    session: Session,
    pack: Pack,
    *,
    topic: str,
    text: Mapping[str, str],
    staff: Staff,
    now: datetime,
    places: Sequence[str] = (),
) -> Broadcast:
    """The row of news of a promise, about wards alone: a sub-county is written as its wards. Raises `Invalid`."""
    faults = unknown_places(pack, places)
    if faults:
        raise Invalid("there is no such place", errors=faults)
    wards = sorted({ward for code in places for ward in wards_in(pack, code)})
    return write(session, pack, kind=UPDATE, topic=topic, text=text, staff=staff, now=now, places=wards)


def write(
    session: Session,
    pack: Pack,
    *,
    kind: str,
    topic: str,
    text: Mapping[str, str],
    staff: Staff,
    now: datetime,
    places: Sequence[str] = (),
    languages: Sequence[str] = (),
) -> Broadcast:
    """The row of a draft, for a caller that writes the audit entry. Raises `Invalid` for a text that cannot be sent."""
    row = Broadcast(
        id=new_id(),
        kind=kind,
        topic=topic,
        places=list(places),
        languages=list(languages),
        bodies=check_bodies(pack, text, languages),
        status=Status.DRAFT,
        created_by=staff.id,
        created_at=now,
        recipients=0,
    )
    session.add(row)
    session.flush()
    return row


def needs_second_person(pack: Pack, recipients: int) -> bool:
    """Whether a text to so many may not be approved by its author."""
    return recipients > pack.about.limits.approval_above


def approve(session: Session, pack: Pack, *, broadcast: UUID, staff: Staff, now: datetime) -> Broadcast:
    """Let it go to everyone it is for, and publish it if it is news of a promise.

    The recipients of a big one are added by the clock: see `add_recipients`. Raises `SecondPersonNeeded` for its author
    when it reaches more than the pack's number, `TransitionNotAllowed` when it is no draft, is a claim in an election
    period, or asks what is closed by now, `NotFound`.
    """
    row = _locked(session, broadcast)
    check_move(row.status, Status.ADDING)
    if _is_held_back(pack, row, now):
        raise TransitionNotAllowed("claims are not pushed in an election period")
    if session.scalar(sa.select(sa.exists().where(Check.broadcast_id == row.id, Check.closes_at <= now))):
        raise TransitionNotAllowed("nobody may answer this question any more: its days are over")
    limit = pack.about.limits.approval_above
    many = exceeds(session, audience(pack, row), limit)
    if staff.id == row.created_by and many:
        raise SecondPersonNeeded(filled("it goes to more than {limit} people", limit=limit), above=limit)
    row.approved_by, row.approved_at = staff.id, now
    data = {"author": row.created_by == staff.id}
    audit.record(session, staff_id=staff.id, action="broadcast.approved", subject=str(row.id), data=data)
    _start(session, pack, row, now, many=many)
    return row


def start_or_wait(session: Session, pack: Pack, row: Broadcast, *, now: datetime) -> None:
    """Owe a new text at once when it needs nobody's approval; else, and in an election period, it stays a draft."""
    if not _is_held_back(pack, row, now) and not exceeds(
        session, audience(pack, row), pack.about.limits.approval_above
    ):
        _start(session, pack, row, now, many=False)


def _is_held_back(pack: Pack, row: Broadcast, now: datetime) -> bool:
    """Whether it is a claim, and an election period: who looks it up finds it, and nobody is texted."""
    return row.kind in CLAIMS and is_election(pack, now)


def _start(session: Session, pack: Pack, row: Broadcast, now: datetime, *, many: bool) -> None:
    """Decided: news are published, and the recipients added, few of them at once."""
    row.status = Status.ADDING
    published = sa.select(sa.exists().where(CommitmentUpdate.broadcast_id == row.id))
    if row.kind == UPDATE and not session.scalar(published):
        session.add(
            CommitmentUpdate(
                id=new_id(),
                ogp_id=row.topic,
                text=row.bodies,
                places=row.places,
                published_by=row.created_by,
                published_at=now,
                broadcast_id=row.id,
            )
        )
        note(session, row.topic, Kind.NEWS, now, subject=row.id, staff=row.created_by)
    session.flush()
    if not many:
        add_recipients(session, pack, row.id, now)


def adding(session: Session) -> Sequence[UUID]:
    """Approved broadcasts whose recipients are not added yet, oldest first."""
    return session.scalars(
        sa.select(Broadcast.id).where(Broadcast.status == Status.ADDING).order_by(Broadcast.id)
    ).all()


def add_recipients(session: Session, pack: Pack, broadcast: UUID, now: datetime) -> bool:
    """Owe an approved broadcast to all it is for, by one statement in this transaction; whether it did.

    A kill leaves nothing behind, and it is done again from the start. False where another process is at it. Raises
    `TransitionNotAllowed` when it was cancelled meanwhile: roll back. A cancel need not wait for this to end.
    """
    if not session.scalar(_ONE_AT_A_TIME, {"broadcast": str(broadcast)}):
        return False
    row = session.get(Broadcast, broadcast, populate_existing=True)
    if row is None or row.status != Status.ADDING:
        return False
    added = owe_all(session, broadcast, audience(pack, row), now)
    added -= _withdraw_leavers(session, pack, row, now)
    started = (
        sa.update(Broadcast)
        .where(Broadcast.id == broadcast, Broadcast.status == Status.ADDING)
        .values(status=Status.RUNNING, started_at=now, recipients=added)
    )
    if cast("sa.CursorResult[Any]", session.execute(started)).rowcount != 1:
        raise TransitionNotAllowed("it was cancelled while its recipients were being added")
    session.refresh(row)
    audit.record(session, staff_id=None, action="broadcast.started", subject=str(broadcast), data={"recipients": added})
    return True


_ONE_AT_A_TIME = sa.text("SELECT pg_try_advisory_xact_lock(hashtextextended('broadcast:' || :broadcast, 0))")


def _withdraw_leavers(session: Session, pack: Pack, row: Broadcast, now: datetime) -> int:
    """Keep it from who left while they were being added; how many those are."""
    went = sa.union(*people_of(pack, row, now))
    leavers = session.scalars(went).all()
    if not leavers:
        return 0
    # Named one by one: of rows just written Postgres knows nothing, and would compare each with everybody.
    still = [
        people.where(Message.resident_id == people.selected_columns[0]).exists() for people in people_of(pack, row)
    ]
    left = session.execute(
        sa.update(Message)
        .where(
            Message.broadcast_id == row.id,
            among(Message.resident_id, leavers),
            Message.state == State.OWED,
            ~sa.and_(*still),
        )
        .values(state=State.SUPPRESSED, reason=messaging.WITHDRAWN, final_at=now)
        .execution_options(synchronize_session=False)
    )
    return cast("sa.CursorResult[Any]", left).rowcount


def pause(session: Session, *, broadcast: UUID, staff: UUID | None, now: datetime) -> Broadcast:
    """Let nothing more of it leave for now. Raises `TransitionNotAllowed`, `NotFound`."""
    row = _move(session, broadcast, Status.PAUSED, staff, "broadcast.paused")
    tend(session, row.id, now)
    return row


def resume(session: Session, pack: Pack, *, broadcast: UUID, staff: UUID | None, now: datetime) -> Broadcast:
    """Go on where it stopped.

    Raises `TransitionNotAllowed` when it is not paused, or is a claim in an election period, `NotFound`.
    """
    if _is_held_back(pack, _locked(session, broadcast), now):
        raise TransitionNotAllowed("claims are not pushed in an election period")
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
    row.status, row.paused_because = to, ""
    session.flush()
    audit.record(session, staff_id=staff, action=action, subject=str(row.id))
    return row


def _locked(session: Session, broadcast: UUID) -> Broadcast:
    row = session.get(Broadcast, broadcast, with_for_update={"key_share": True}, populate_existing=True)
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
    session: Session,
    *,
    status: str | None = None,
    unfinished: bool = False,
    after: UUID | None = None,
    limit: int = 50,
) -> Sequence[Broadcast]:
    """Up to `limit`, newest first, after the one with id `after`. `unfinished`: those that may still send."""
    statement = sa.select(Broadcast)
    if unfinished:
        over = Broadcast.status.in_([Status.CANCELLED, Status.DONE])
        statement = statement.where(~over, Broadcast.finished_at.is_(None))
    if status is not None:
        statement = statement.where(Broadcast.status == status)
    if after is not None:
        statement = statement.where(Broadcast.id < after)
    return session.scalars(statement.order_by(Broadcast.id.desc()).limit(limit)).all()


def unfinished(session: Session) -> Sequence[UUID]:
    """Started broadcasts that `tend` has something to do for."""
    return session.scalars(
        sa.select(Broadcast.id).where(
            Broadcast.finished_at.is_(None), Broadcast.status.not_in([Status.DRAFT, Status.ADDING])
        )
    ).all()


def tend(session: Session, broadcast: UUID, now: datetime) -> bool:
    """Bring messages in line with the status of their broadcast, so many at once; whether there may be more.

    What is paused is held, so that claims need not pass over it; what is resumed is owed; what is cancelled is
    suppressed. With nothing left to send it is finished. A worker heeds the status itself: this only tidies up.
    """
    row = _locked(session, broadcast)
    match row.status:
        case Status.PAUSED:
            moved = _change(session, row.id, hands.FREE, state=State.HELD, reason=PAUSED)
        case Status.RUNNING:
            held = sa.and_(Message.state == State.HELD, Message.reason == PAUSED)
            moved = _change(session, row.id, held, state=State.OWED, reason="")
        case Status.CANCELLED:
            waiting = sa.or_(hands.FREE, sa.and_(Message.state == State.HELD, _WILL_GO))
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
    """Change what is in nobody's hands, so many at once; how many."""
    picked = hands.lock_free(
        session, sa.select(Message.id).where(Message.broadcast_id == broadcast, which).limit(AT_ONCE)
    )
    if picked:
        session.execute(
            sa.update(Message)
            .where(among(Message.id, picked))
            .values(**values)
            .execution_options(synchronize_session=False)
        )
    return len(picked)


def _left(session: Session, broadcast: UUID) -> bool:
    """Whether anything of it may still be sent."""
    going = sa.or_(Message.state == State.OWED, sa.and_(Message.state == State.HELD, _WILL_GO))
    return bool(session.scalar(sa.select(sa.exists().where(Message.broadcast_id == broadcast, going))))
