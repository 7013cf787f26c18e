"""The morning's digest: what is due, overdue or waits for a signature, for each person who works on cases or promises.

There is no mail transport. A digest is a row, made once a day by the clock process and read over the API.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.cases.models import Case
from gateway.cases.projection import OVER
from gateway.cases.visibility import in_office, visible_to
from gateway.commitments.waiting import waiting
from gateway.letters.models import Digest, Letter, Recommendation
from gateway.pack import Pack
from gateway.staff.models import Staff
from gateway.staff.roles import PERMISSIONS, Permission, Role

MOST = 100
"""Serials in one list; who has more due has the list of overdue cases."""

PROMISE = "promise_"
"""How the names of lists about promises begin."""

HOUR = 6
"""The digest of a day is made from this hour on, local time."""


def make_all(session: Session, pack: Pack, now: datetime) -> int:
    """Make today's digests of who has none yet; how many."""
    local = now.astimezone(pack.about.zone)
    if local.hour < HOUR:
        return 0
    working = [role for role in Role if {Permission.WRITE_NOTES, Permission.MONITOR} & PERMISSIONS[role]]
    have = sa.exists().where(Digest.staff_id == Staff.id, Digest.day == local.date())
    people = session.scalars(sa.select(Staff).where(Staff.active, Staff.role.in_(working), ~have)).all()
    for person in people:
        make(session, pack, person, now)
    return len(people)


def make(session: Session, pack: Pack, person: Staff, now: datetime) -> Digest:
    """Today's digest of one person, or the one that is there."""
    today = now.astimezone(pack.about.zone).date()
    row = insert(Digest).values(
        staff_id=person.id, day=today, made_at=now, lists=_lists(session, pack, person, today, now)
    )
    session.execute(row.on_conflict_do_nothing(index_elements=["staff_id", "day"]))
    return session.get_one(Digest, (person.id, today))


def _lists(session: Session, pack: Pack, person: Staff, today: date, now: datetime) -> dict[str, list[str]]:
    tomorrow = datetime.combine(today + timedelta(days=1), time(), pack.about.zone)
    mine = visible_to(person).where(Case.status.not_in([str(status) for status in OVER]))
    if in_office(person) and person.role != Role.SUPERVISOR:
        mine = mine.where(sa.or_(Case.assignee_id == person.id, Case.assignee_id.is_(None)))
    own = sa.true() if in_office(person) else Letter.department_code == person.department_code
    asked = sa.true() if in_office(person) else Recommendation.department_code == person.department_code
    lists = {
        "overdue": mine.where(Case.due_at < now).order_by(Case.due_at),
        "due_today": mine.where(Case.due_at >= now, Case.due_at < tomorrow).order_by(Case.due_at),
        "letters_not_answered": _about(mine, Letter, own, Letter.answered_at.is_(None), Letter.reply_by < today),
        "recommendations_late": _about(
            mine, Recommendation, asked, Recommendation.outcome.is_(None), Recommendation.due_on < today
        ),
    }
    if in_office(person):
        lists["letters_to_sign"] = _about(mine, Letter, Letter.signed_at.is_(None))
    found = {name: _serials(session, cases) for name, cases in lists.items()}
    return found | _promises(session, pack, person, now)


def _promises(session: Session, pack: Pack, person: Staff, now: datetime) -> dict[str, list[str]]:
    """OGP ids by what waits about them, one for each thing that does: `promise_report` and so on."""
    found: dict[str, list[str]] = {}
    for one in waiting(session, pack, person, now):
        of = found.setdefault(f"{PROMISE}{one.what}", [])
        if len(of) < MOST:
            of.append(one.ogp_id)
    return found


def _about(cases: sa.Select[Case], of: Any, *where: sa.ColumnElement[bool]) -> sa.Select[Case]:
    return cases.where(sa.exists().where(of.case_id == Case.id, *where)).order_by(Case.id)


def _serials(session: Session, cases: sa.Select[Case]) -> list[str]:
    return list(session.scalars(cases.with_only_columns(Case.serial).limit(MOST)))
