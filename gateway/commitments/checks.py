"""Residents check what is claimed: ask a ward, count the answers, tell what came of it. None commits.

Answers are shown when the asking is over, and only from the small-cell floor on: so nobody, the desk included, sees a
single answer come in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.broadcasts import service as broadcasts
from gateway.broadcasts.planning import DryRun, dry_run
from gateway.broadcasts.states import Status
from gateway.commitments.answerers import OUTCOME, QUESTION
from gateway.commitments.asking_models import Check, CheckAnswer
from gateway.commitments.progress_models import Milestone
from gateway.commitments.service import read_commitment
from gateway.errors import Invalid, NotFound, TransitionNotAllowed, filled
from gateway.ids import new_id
from gateway.messaging import templates
from gateway.messaging.bodies import check_bodies
from gateway.messaging.models import Broadcast, Message
from gateway.messaging.segments import segments
from gateway.messaging.states import State
from gateway.pack import Pack
from gateway.settings import Settings
from gateway.staff import audit
from gateway.staff.models import Staff
from menus import gsm7

ROOM = 100
"""The most septets of a question: it stands on one screen with its three answers."""

UNCLAIMED = ("no_report", "not_started")
"""States of a claim that leave nothing to check."""


LOOKED_AT = 20
"""How many questions about a promise the public pages look at for those whose answers may be shown."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A question with what may be shown of its answers."""

    check: Check
    milestone: str | None
    """Code; None where it is about the promise as a whole."""
    open: bool
    carried: str
    """Status of the broadcast that carries it: a `draft` waits for an approval."""
    asked: int | None
    """To how many it was owed. None, as the others, while it is open or where fewer than the floor answered."""
    answered: int | None
    yes: int | None
    no: int | None
    unsure: int | None
    sent_at: datetime | None = None
    """Since when it goes out; None while it waits, and for good where it was cancelled before."""
    outcome_carried: str | None = None
    """Status of the broadcast that tells what came of it."""


def ask(
    session: Session,
    pack: Pack,
    *,
    ogp_id: str,
    ward: str,
    text: Mapping[str, str],
    staff: Staff,
    now: datetime,
    milestone: str = "",
) -> Check:
    """Ask who agreed to be asked in a ward whether something claimed is so; answered 1 yes, 2 no, 3 do not know.

    To more than the pack lets one person text, it waits for an approval as any broadcast. Raises `NotFound`, or
    `Invalid` for a ward or milestone that is not there, a claim that is none yet, or words that do not fit.
    """
    step = _may_ask(session, pack, ogp_id, milestone, ward, text)
    carrier = broadcasts.write(
        session, pack, kind=QUESTION, topic=QUESTION, text=text, staff=staff, now=now, places=[ward]
    )
    check = Check(
        id=new_id(),
        ogp_id=ogp_id,
        milestone_id=step.id if step else None,
        ward_code=ward,
        question=carrier.bodies,
        asked_by=staff.id,
        asked_at=now,
        closes_at=now + timedelta(days=pack.about.limits.question_days),
        broadcast_id=carrier.id,
    )
    session.add(check)
    session.flush()
    broadcasts.start_or_wait(session, pack, carrier, now=now)
    _record(session, staff, "check.asked", check, ward=ward, broadcast=str(carrier.id))
    return check


def rehearse(
    session: Session,
    pack: Pack,
    settings: Settings,
    *,
    ogp_id: str,
    ward: str,
    text: Mapping[str, str],
    now: datetime,
    milestone: str = "",
) -> DryRun:
    """What asking this now would do; nothing is kept or sent. Raises as `ask`."""
    _may_ask(session, pack, ogp_id, milestone, ward, text)
    carrier = Broadcast(
        kind=QUESTION, topic=QUESTION, places=[ward], languages=[], bodies=check_bodies(pack, text), status=Status.DRAFT
    )
    return dry_run(session, pack, settings, carrier, now)


def _may_ask(
    session: Session, pack: Pack, ogp_id: str, milestone: str, ward: str, text: Mapping[str, str]
) -> Milestone | None:
    """The milestone it is about. Raises `Invalid` for what cannot be asked, `NotFound` for a promise."""
    promise = read_commitment(session, ogp_id)
    step = _milestone(session, ogp_id, milestone) if milestone else None
    faults = []
    if pack.guide.ward(ward) is None:
        faults.append({"where": "body.ward", "message": "there is no such ward"})
    if milestone and step is None:
        faults.append({"where": "body.milestone", "message": "the promise has no milestone with this code"})
    elif (step.claimed if step else promise.claim) in UNCLAIMED:
        faults.append({"where": "body.milestone", "message": "nothing is claimed of it that could be checked"})
    faults += _too_long(pack, text)
    if faults:
        raise Invalid("it cannot be asked like that", errors=faults)
    return step


def _milestone(session: Session, ogp_id: str, code: str) -> Milestone | None:
    return session.scalar(sa.select(Milestone).where(Milestone.ogp_id == ogp_id, Milestone.code == code))


def _too_long(pack: Pack, text: Mapping[str, str]) -> list[dict[str, str]]:
    """What is too long for one screen with its answers, or for two SMS."""
    faults = []
    for language, words in text.items():
        where = {"where": f"body.text.{language}"}
        if gsm7.length(gsm7.plain(words).strip()) > ROOM:
            why = filled("at most {most} characters: it stands on one screen with its answers", most=ROOM)
            faults.append(where | {"message": why})
        elif pack.guide.speaks(language):
            sent = templates.render(pack.guide, "check", language, {"body": gsm7.plain(words).strip()})
            if segments(sent) > 2:
                faults.append(where | {"message": "more than two SMS with the line that says how to answer"})
    return faults


def _record(session: Session, staff: Staff, action: str, check: Check, **data: Any) -> None:
    audit.record(session, staff_id=staff.id, action=action, subject=str(check.id), data=data)


def read(session: Session, check: UUID) -> Check:
    """One question. Raises `NotFound`."""
    found = session.get(Check, check)
    if found is None:
        raise NotFound
    return found


def close(session: Session, check: UUID, *, staff: Staff, now: datetime) -> Check:
    """End the asking early. Raises `TransitionNotAllowed` when it is over, `NotFound`."""
    found = _locked(session, check)
    if found.closes_at <= now:
        raise TransitionNotAllowed("the asking is over")
    found.closes_at = now
    session.flush()
    _record(session, staff, "check.closed", found)
    return found


def _locked(session: Session, check: UUID) -> Check:
    found = session.get(Check, check, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    return found


def tell_outcome(
    session: Session, pack: Pack, check: UUID, *, text: Mapping[str, str], staff: Staff, now: datetime
) -> Check:
    """Write what came of it, once; whoever answered and may still be asked hears it by SMS.

    Raises `TransitionNotAllowed` while the asking goes on or when it was told, `Invalid` for words that do not fit.
    """
    found = _locked(session, check)
    if found.closes_at > now:
        raise TransitionNotAllowed("the asking is not over")
    if found.outcome is not None:
        raise TransitionNotAllowed("what came of it was told")
    carrier = broadcasts.write(session, pack, kind=OUTCOME, topic=OUTCOME, text=text, staff=staff, now=now)
    found.outcome, found.outcome_by, found.outcome_at = carrier.bodies, staff.id, now
    found.outcome_broadcast_id = carrier.id
    session.flush()
    broadcasts.start_or_wait(session, pack, carrier, now=now)
    _record(session, staff, "check.outcome_told", found, broadcast=str(carrier.id))
    return found


def answer(session: Session, check: UUID, *, resident_id: UUID, given: int, now: datetime) -> None:
    """Note an answer (1 yes, 2 no, 3 do not know); another one replaces it while the asking goes on.

    Raises `NotFound` for who was not asked, `TransitionNotAllowed` once it is over.
    """
    found = open_for(session, resident_id, now, check)
    if found is None:
        if session.get(Check, check) is None:
            raise NotFound
        raise TransitionNotAllowed("the asking is over")
    row = insert(CheckAnswer).values(check_id=check, resident_id=resident_id, answer=given, answered_at=now)
    session.execute(
        row.on_conflict_do_update(
            index_elements=["check_id", "resident_id"], set_={"answer": given, "answered_at": now}
        )
    )


def open_for(session: Session, resident_id: UUID, now: datetime, check: UUID | None = None) -> Check | None:
    """The newest question that this resident was asked and that takes answers; or this one, if it does."""
    statement = (
        sa.select(Check)
        .join(Message, Message.broadcast_id == Check.broadcast_id)
        .where(Message.resident_id == resident_id, Message.state != State.SUPPRESSED, Check.closes_at > now)
        .order_by(Check.id.desc())
        .limit(1)
    )
    return session.scalar(statement if check is None else statement.where(Check.id == check))


def given_by(session: Session, check: UUID, resident_id: UUID) -> int | None:
    """What a resident answered."""
    mine = sa.select(CheckAnswer.answer)
    return session.scalar(mine.where(CheckAnswer.check_id == check, CheckAnswer.resident_id == resident_id))


def counted(
    session: Session,
    pack: Pack,
    now: datetime,
    *,
    ogp_id: str | None = None,
    after: UUID | None = None,
    limit: int = 50,
) -> Sequence[Counted]:
    """Questions about one promise or all, newest first, with what may be shown of each."""
    statement = sa.select(Check)
    if ogp_id is not None:
        statement = statement.where(Check.ogp_id == ogp_id)
    if after is not None:
        statement = statement.where(Check.id < after)
    return show(session, pack, now, session.scalars(statement.order_by(Check.id.desc()).limit(limit)).all())


def show(session: Session, pack: Pack, now: datetime, found: Sequence[Check]) -> list[Counted]:
    """These questions, with what may be shown of each."""
    given = _answers(session, [check.id for check in found])
    asked = _asked(session, [check.broadcast_id for check in found])
    ids = [id_ for one in found for id_ in (one.broadcast_id, one.outcome_broadcast_id) if id_]
    carriers = sa.select(Broadcast.id, Broadcast.status, Broadcast.started_at).where(Broadcast.id.in_(ids))
    carried = {row.id: row for row in session.execute(carriers)}
    steps = {check.milestone_id for check in found if check.milestone_id}
    rows = session.execute(sa.select(Milestone.id, Milestone.code).where(Milestone.id.in_(steps)))
    codes = {row.id: row.code for row in rows}
    floor = pack.about.limits.smallest_cell
    return [
        _counted(
            Counted(
                one,
                codes.get(one.milestone_id),
                one.closes_at > now,
                carried[one.broadcast_id].status,
                **dict.fromkeys(("asked", "answered", "yes", "no", "unsure")),
                sent_at=carried[one.broadcast_id].started_at,
                outcome_carried=carried[one.outcome_broadcast_id].status if one.outcome_broadcast_id else None,
            ),
            given.get(one.id, {}),
            asked,
            floor,
        )
        for one in found
    ]


def _counted(one: Counted, given: Mapping[int, int], asked: Mapping[UUID, int], floor: int) -> Counted:
    total = sum(given.values())
    if one.open or total < floor:
        return one
    number = max(asked.get(one.check.broadcast_id, 0), total)
    yes, no, unsure = (given.get(answer, 0) for answer in (1, 2, 3))
    return replace(one, asked=number, answered=total, yes=yes, no=no, unsure=unsure)


def _answers(session: Session, checks: Sequence[UUID]) -> dict[UUID, dict[int, int]]:
    found: dict[UUID, dict[int, int]] = {}
    rows = session.execute(
        sa.select(CheckAnswer.check_id, CheckAnswer.answer, sa.func.count())
        .where(CheckAnswer.check_id.in_(checks))
        .group_by(CheckAnswer.check_id, CheckAnswer.answer)
    )
    for check, given, count in rows:
        found.setdefault(check, {})[given] = count
    return found


def _asked(session: Session, carriers: Sequence[UUID]) -> dict[UUID, int]:
    rows = session.execute(
        sa.select(Message.broadcast_id, sa.func.count())
        .where(Message.broadcast_id.in_(carriers), Message.state != State.SUPPRESSED)
        .group_by(Message.broadcast_id)
    )
    return {row[0]: row[1] for row in rows}
