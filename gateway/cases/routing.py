"""Where a case belongs: the pack's rules, who could take it, what is assigned by itself, and what lapses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from gateway.cases import projection
from gateway.cases.clocks import Calendar
from gateway.cases.deadlines import calendar_of
from gateway.cases.loads import Candidate, candidates, least_loaded
from gateway.cases.models import IS_OPEN, Case, CaseEvent
from gateway.cases.records import CaseConflict
from gateway.cases.service import Desk, assign
from gateway.cases.states import Status
from gateway.cases.visibility import names_unit, visible_to
from gateway.errors import Invalid
from gateway.ids import new_id
from gateway.letters.models import Letter
from gateway.pack import Pack
from gateway.pack.handling import RoutingRule
from gateway.staff import audit
from gateway.staff.models import Absence, Staff
from gateway.staff.roles import Role

AT_ONCE = 200
"""Cases that one run of a sweep, or one handing over, takes on."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the pack and the desk's loads say of a case."""

    rule: RoutingRule | None
    """None when no rule fits, or when the case names the department it would go to."""
    officers: list[Candidate]
    focals: list[Candidate]


def rule_for(pack: Pack, case: Case) -> RoutingRule | None:
    """The first rule of the pack that fits a case."""
    facts = {
        "kind": case.kind,
        "category": case.category,
        "commitment": case.commitment_id,
        "area": case.area_code,
        "ward": case.ward_code,
    }
    return next(
        (
            rule
            for rule in pack.routing.rules
            if all(getattr(rule, name) in (None, value) for name, value in facts.items())
        ),
        None,
    )


def suggest(desk: Desk, case: Case) -> Suggestion:
    """Where to send a case: the department of the pack's rule and, the least loaded first, who is there to take it."""
    rule = rule_for(desk.pack, case)
    if rule is not None and names_unit(desk.session, case.id, rule.department):
        rule = None
    officers = candidates(desk.session, desk.pack, case.id, [Role.OFFICER, Role.SUPERVISOR], desk.now)
    focals = []
    if rule is not None:
        focals = candidates(desk.session, desk.pack, case.id, [Role.FOCAL], desk.now, department=rule.department)
    return Suggestion(rule, officers, focals)


def route_new(session: Session, pack: Pack, now: datetime) -> int:
    """Assign what the pack routes by itself; how many. What is urgent, or names anybody of ours, a person sorts."""
    ways = [_fits(rule) for rule in pack.routing.rules if rule.automatic]
    if not ways:
        return 0
    named = sa.exists().where(CaseConflict.case_id == Case.id, CaseConflict.lifted_at.is_(None))
    waiting = (
        sa.select(Case)
        .where(
            Case.status == Status.RECEIVED,
            Case.department_code.is_(None),
            ~Case.urgent,
            Case.lead_id.is_(None),
            sa.or_(*ways),
            ~named,
        )
        .order_by(Case.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    routed = 0
    for case in session.scalars(waiting).all():
        rule = rule_for(pack, case)
        if rule is not None and rule.automatic:
            case.department_code = rule.department
            case.status = Status.ASSIGNED
            data = {"from": Status.RECEIVED, "to": Status.ASSIGNED, "department": rule.department}
            _happened(session, pack, case, "assigned", data, now)
            routed += 1
    return routed


def _fits(rule: RoutingRule) -> sa.ColumnElement[bool]:
    columns = {
        Case.kind: rule.kind,
        Case.category: rule.category,
        Case.commitment_id: rule.commitment,
        Case.area_code: rule.area,
        Case.ward_code: rule.ward,
    }
    return sa.and_(sa.true(), *(column == value for column, value in columns.items() if value is not None))


def lapse(session: Session, pack: Pack, now: datetime) -> int:
    """Take back assignments on which staff did nothing in the pack's time, for somebody to sort anew; how many.

    What the resident writes is no step of staff's; a case in progress does not lapse, its clocks run. Nor does one that
    waits for the answer to a signed letter: whom it was written to must find the case, and its own days are counted.
    """
    limit = before_working_days(calendar_of(pack), now, pack.routing.lapse.working_days)
    step = sa.exists().where(
        CaseEvent.case_id == Case.id,
        CaseEvent.at > limit,
        sa.or_(CaseEvent.actor == "staff", CaseEvent.kind == "assigned"),
    )
    asked = sa.exists().where(Letter.case_id == Case.id, Letter.reply_by.is_not(None), Letter.answered_at.is_(None))
    idle = (
        sa.select(Case)
        .where(Case.status == Status.ASSIGNED, Case.filed_at <= limit, Case.lead_id.is_(None), ~step, ~asked)
        .order_by(Case.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    cases = session.scalars(idle).all()
    for case in cases:
        data: dict[str, Any] = {"from": Status.ASSIGNED, "to": Status.TRIAGE, "lapsed": pack.routing.lapse.working_days}
        if case.assignee_id:
            data["assignee"] = str(case.assignee_id)
        if case.department_code:
            data["department"] = case.department_code
        case.status = Status.TRIAGE
        case.assignee_id = case.department_code = case.released_to = case.released_at = None
        _happened(session, pack, case, "moved", data, now)
    return len(cases)


def before_working_days(calendar: Calendar, now: datetime, days: int) -> datetime:
    """The instant so many working days before `now`: the last `days` working days, today among them, count whole."""
    day = now.astimezone(calendar.zone).date()
    while True:
        if not calendar.closed(day):
            days -= 1
            if days == 0:
                return datetime.combine(day, time(), calendar.zone)
        day -= timedelta(days=1)


def _happened(session: Session, pack: Pack, case: Case, kind: str, data: dict[str, Any], now: datetime) -> None:
    """An event of the clock process, its audit entry, and the case's next version."""
    event = new_id()
    row = CaseEvent(id=event, case_id=case.id, at=now, kind=kind, actor="system", audience="internal", data=data)
    projection.project(session, pack, case, row)
    session.add(row)
    flag_modified(case, "status")
    audit.record(session, staff_id=None, action=f"case.{kind}", subject=case.serial, data={"event": str(event), **data})
    session.flush()


def hand_over(desk: Desk, absence: Absence, to: str | None) -> list[tuple[str, str]]:
    """Give the open cases of who is away to one person (by e-mail), or each to the least loaded of the same role.

    At most `AT_ONCE`; the serials and the e-mails of who has them now. What nobody may take stays where it is.
    """
    away = desk.session.get_one(Staff, absence.staff_id)
    mine = (
        visible_to(desk.staff)
        .where(Case.assignee_id == away.id, IS_OPEN)
        .order_by(Case.id)
        .limit(AT_ONCE)
        .with_for_update(of=Case)
    )
    given = []
    for case in desk.session.scalars(mine).all():
        email = to or _stand_in(desk, case, away)
        if email is not None:
            assign(desk, case, assignee=email)
            given.append((case.serial, email))
    return given


def _stand_in(desk: Desk, case: Case, away: Staff) -> str | None:
    if away.role == Role.FOCAL:
        found = candidates(desk.session, desk.pack, case.id, [Role.FOCAL], desk.now, department=away.department_code)
        return next((person.email for person in found if person.id != away.id), None)
    id_ = least_loaded(desk.session, desk.pack, case.id, {Role(away.role), Role.OFFICER}, desk.now)
    person = desk.session.get(Staff, id_) if id_ and id_ != away.id else None
    return person.email if person else None


def plan_leave(desk: Desk, person: Staff, from_day: Any, until_day: Any) -> Absence:
    """Note the days on which somebody is away. Raises `Invalid` when they end before they begin."""
    if until_day < from_day:
        raise Invalid("the last day is before the first", field="until_day")
    absence = Absence(id=new_id(), staff_id=person.id, from_day=from_day, until_day=until_day, entered_at=desk.now)
    desk.session.add(absence)
    days = {"from": from_day.isoformat(), "until": until_day.isoformat(), "person": str(person.id)}
    audit.record(desk.session, staff_id=desk.staff.id, action="absence.entered", subject=str(absence.id), data=days)
    desk.session.flush()
    return absence
