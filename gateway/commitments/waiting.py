"""What waits for a person about promises, counted from dates and rows: nothing is sent, it is read at the desk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.broadcasts.audiences import UPDATE
from gateway.broadcasts.elections import stopped_by_election
from gateway.broadcasts.states import Status
from gateway.commitments import periods, proposals, reports
from gateway.commitments.asking_models import Check
from gateway.commitments.monitoring import last_judged, unaudited
from gateway.commitments.service import list_commitments
from gateway.commitments.voices import handed_in, institutions, owed, queries
from gateway.commitments.watch_models import CommitmentQuery
from gateway.messaging.models import Broadcast
from gateway.pack import Pack
from gateway.staff.models import Staff
from gateway.staff.roles import PERMISSIONS, Permission, Role

MOST = 100
"""Of what may be more, so many are counted; one more says that there are more."""


class What(StrEnum):
    REPORT = "report"
    """The institution's report on a period that is over; `about` is the period."""
    ANSWER = "answer"
    """A query to the institution; `about` is its id."""
    PUBLISH = "publish"
    """A report to publish or send back; `about` is its id."""
    AUDIT = "audit"
    """A published claim of much that nobody has looked at; `about` is its id."""
    OVERDUE = "overdue"
    """A query whose day passed without an answer; `about` is its id."""
    RESTING = "resting"
    """News on their way that an election period stopped: to resume after it, or to cancel; `about` is the broadcast."""
    STALE = "stale"
    """The monitor has not judged a promise for more than `periods.STALE_DAYS` days; `about` is the day of the last
    time, or empty."""
    APPROVE = "approve"
    """A question to residents, or what came of one, that somebody else wrote and that waits for a second person;
    `about` is the id of the question."""
    NEWS = "news"
    """News to followers that somebody else wrote and that wait for a second person; `about` is the broadcast."""
    IDEA = "idea"
    """An idea for a next plan that nobody has decided on; `about` is its id."""


@dataclass(frozen=True, slots=True)
class Waiting:
    what: What
    ogp_id: str
    """Empty for what is about no promise."""
    about: str
    department: str
    due_on: date | None
    late: bool
    milestone: UUID | None = None
    title: Mapping[str, str] = field(default_factory=dict)
    """What an idea is called, by language; empty for all else."""


def waiting(session: Session, pack: Pack, staff: Staff, now: datetime) -> list[Waiting]:
    """What waits for `staff`: what has a day first, the nearest day first."""
    today = now.astimezone(pack.about.zone).date()
    may = PERMISSIONS[Role(staff.role)]
    found: list[Waiting] = []
    if Permission.REPORT_PROGRESS in may and staff.department_code:
        found += _of_institution(session, pack, staff.department_code, today)
    if Permission.PUBLISH_PROGRESS in may:
        found += [
            Waiting(What.PUBLISH, row.ogp_id, str(row.id), row.department_code, None, False)
            for row, *_ in reports.visible(session, staff, pending=True, limit=MOST + 1)
        ]
    if Permission.PUBLISH_UPDATES in may:
        found += [
            Waiting(What.RESTING, row.topic if row.kind == UPDATE else "", str(row.id), "", None, False)
            for row in stopped_by_election(session)
        ]
        found += _to_approve(session, staff, now)
        if not periods.is_election(pack, now):  # until it is over nobody may
            found += _news(session, staff)
    if Permission.MONITOR in may:
        found += _of_monitor(session, pack, now)
    if Permission.PUBLISH_PROGRESS in may:
        found += [
            Waiting(What.IDEA, "", str(one.id), "", None, False, title=one.title)
            for one in proposals.undecided(session, limit=MOST + 1)
        ]
    return sorted(found, key=lambda one: (one.due_on is None, one.due_on or today, one.ogp_id))


def _of_institution(session: Session, pack: Pack, department: str, today: date) -> Iterator[Waiting]:
    theirs = [promise for promise in list_commitments(session) if department in institutions(promise)]
    there = handed_in(session, [promise.ogp_id for promise in theirs])
    for promise in theirs:
        for one in owed(pack.reporting, promise, there, today):
            if one.department == department:
                late = one.due_on < today
                yield Waiting(What.REPORT, promise.ogp_id, one.period, department, one.due_on, late)
    for asked in queries(session, today, CommitmentQuery.department_code == department):
        if asked.answer is None:
            query = asked.query
            yield Waiting(What.ANSWER, query.ogp_id, str(query.id), department, query.due_on, asked.late)


def _of_monitor(session: Session, pack: Pack, now: datetime) -> Iterator[Waiting]:
    today = now.astimezone(pack.about.zone).date()
    for asked in queries(session, today, CommitmentQuery.due_on < today):
        if asked.answer is None:
            query = asked.query
            yield Waiting(What.OVERDUE, query.ogp_id, str(query.id), query.department_code, query.due_on, True)
    for claim, promise in unaudited(session):
        lead = promise.lead_department or ""
        yield Waiting(What.AUDIT, claim.ogp_id, str(claim.id), lead, None, False, claim.milestone_id)
    judged = last_judged(session)
    for row in list_commitments(session):
        at = judged.get(row.ogp_id)
        last = at.astimezone(pack.about.zone).date() if at else row.starts_on
        if last is not None and periods.is_stale(last, today) and not (row.ends_on and row.ends_on < today):
            due = last + timedelta(days=periods.STALE_DAYS)
            lead = row.lead_department or ""
            yield Waiting(What.STALE, row.ogp_id, last.isoformat() if at else "", lead, due, True)


def _to_approve(session: Session, staff: Staff, now: datetime) -> Iterator[Waiting]:
    """Drafts of others: its author may not approve what goes to many."""
    carries = sa.or_(
        sa.and_(Check.broadcast_id == Broadcast.id, Check.closes_at > now), Check.outcome_broadcast_id == Broadcast.id
    )
    rows = session.execute(
        sa.select(Check.id, Check.ogp_id)
        .join(Broadcast, carries)
        .where(Broadcast.status == Status.DRAFT, Broadcast.created_by.is_distinct_from(staff.id))
        .order_by(Check.id)
        .limit(MOST + 1)
    )
    for check, ogp_id in rows:
        yield Waiting(What.APPROVE, ogp_id, str(check), "", None, False)


def _news(session: Session, staff: Staff) -> Iterator[Waiting]:
    drafts = sa.select(Broadcast.id, Broadcast.topic).where(
        Broadcast.kind == UPDATE, Broadcast.status == Status.DRAFT, Broadcast.created_by.is_distinct_from(staff.id)
    )
    for broadcast, ogp_id in session.execute(drafts.order_by(Broadcast.id).limit(MOST + 1)):
        yield Waiting(What.NEWS, ogp_id, str(broadcast), "", None, False)


class Kinded(Protocol):
    @property
    def what(self) -> What: ...


def counts(found: Sequence[Kinded]) -> dict[What, int]:
    """How many wait of each kind, in the order of `What`; kinds of which none waits are left out."""
    of = Counter(one.what for one in found)
    return {what: of[what] for what in What if of[what]}
