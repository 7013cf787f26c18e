"""The staff API on where cases go: a suggestion for one case, and the days on which somebody is away."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query
from sqlalchemy.orm import Session

from gateway import paging, problems
from gateway.cases import categories, facility, queries, routing
from gateway.cases.answering import CHANGED, IfMatch, Serial, case_answer, desk_of, versions_of
from gateway.cases.loads import Candidate
from gateway.cases.models import IS_OPEN, Case
from gateway.cases.routing_schemas import (
    AboutIn,
    AbsenceIn,
    AbsenceOut,
    AbsencePage,
    Cancelled,
    CandidateOut,
    CategoryIn,
    HandedOver,
    HandedOverList,
    HandOverIn,
    SuggestionOut,
)
from gateway.cases.schemas import CaseOut
from gateway.cases.service import Desk, open_case
from gateway.errors import Forbidden, Invalid, NotFound
from gateway.idempotency import Answer, Write, writing
from gateway.messaging.wake import wake
from gateway.staff import audit
from gateway.staff.auth import Caller, require
from gateway.staff.models import Absence, Staff
from gateway.staff.roles import Permission, Role
from gateway.staff.service import tidy_email

router = APIRouter(
    tags=["routing"], dependencies=[Depends(problems.said_once)], responses=problems.declared(*problems.READING)
)

Planning = Annotated[Write, Depends(writing(Permission.PLAN_LEAVE))]
_WRITING: dict[int | str, dict[str, Any]] = problems.declared(409)


@router.get("/cases/{serial}/suggestion")
def suggestion(serial: Serial, caller: Annotated[Caller, Depends(require(Permission.ASSIGN))]) -> SuggestionOut:
    """Where the pack's rules would send the case, and who is there to take it."""
    context = caller.context
    with caller.work() as session:
        case: Case = queries.read_case(session, caller.staff, serial)[0]
        found = routing.suggest(Desk(session, context.vault, context.pack, caller.staff, caller.now()), case)
    rule = found.rule
    return SuggestionOut(
        department=rule.department if rule else None,
        automatic=bool(rule and rule.automatic),
        confirmed=bool(rule and rule.confirmed),
        confidence=rule.confidence if rule else None,
        source=rule.source if rule else None,
        officers=[_candidate(person) for person in found.officers],
        focals=[_candidate(person) for person in found.focals],
    )


@router.post("/cases/{serial}/category", responses=CHANGED)
def recategorise(
    serial: Serial,
    body: CategoryIn,
    write: Annotated[Write, Depends(writing(Permission.MOVE))],
    if_match: IfMatch = None,
) -> CaseOut:
    """Put the case into another category of its kind, or into the one for what nobody can make out, or back again.

    The status stays. `suggestion` answers by the new category, and the timeline says where the rules would send it.
    """

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        case = open_case(desk, serial, versions=versions_of(body.version, if_match))
        categories.recategorise(desk, case, body.category, body.reason)
        return case_answer(desk, serial)

    answer = write.once(do)
    wake(write.caller.context.valkey, "replies")
    return answer  # type: ignore[return-value]


@router.post("/cases/{serial}/facility", responses=CHANGED)
def mark_facility(
    serial: Serial,
    body: AboutIn,
    write: Annotated[Write, Depends(writing(Permission.MOVE))],
    if_match: IfMatch = None,
) -> CaseOut:
    """Say which place of service the case is about, one of its ward, or that it is about none.

    Counted for the notice that many come at once; never published, and not shown to a department.
    """

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        case = open_case(desk, serial, versions=versions_of(body.version, if_match))
        facility.mark(desk, case, body.facility)
        return case_answer(desk, serial)

    return write.once(do)  # type: ignore[return-value]


def _candidate(person: Candidate) -> CandidateOut:
    return CandidateOut(email=person.email, name=person.name, role=person.role, open_cases=person.open_cases)


@router.get("/absences")
def list_absences(
    caller: Annotated[Caller, Depends(require(Permission.PLAN_LEAVE))], page: Annotated[paging.Page, Query()]
) -> AbsencePage:
    """Days away that are not over, by when they were entered: everybody's for a supervisor, else one's own."""
    today = caller.now().astimezone(caller.context.pack.about.zone).date()
    statement = _absences().where(Absence.until_day >= today)
    if caller.staff.role != Role.SUPERVISOR:
        statement = statement.where(Absence.staff_id == caller.staff.id)
    if page.after is not None:
        statement = statement.where(Absence.id > page.after)
    with caller.work() as session:
        rows, more = paging.cut(session.execute(statement.limit(page.limit + 1)).all(), page.limit)
    return AbsencePage(
        items=[_absence(*row) for row in rows], next_cursor=paging.encode(rows[-1][0].id) if more else None
    )


def _absences() -> sa.Select[Any]:
    carried = sa.select(sa.func.count()).where(Case.assignee_id == Absence.staff_id, IS_OPEN)
    return (
        sa.select(Absence, Staff.email, carried.correlate(Absence).scalar_subquery())
        .join(Staff, Staff.id == Absence.staff_id)
        .where(Absence.cancelled_at.is_(None))
        .order_by(Absence.id)
    )


def _absence(row: Absence, email: str, carried: int) -> AbsenceOut:
    return AbsenceOut(id=row.id, person=email, from_day=row.from_day, until_day=row.until_day, open_cases=carried)


@router.post("/absences", status_code=201, responses=_WRITING)
def plan_leave(body: AbsenceIn, write: Planning) -> AbsenceOut:
    """Note days away: no case is suggested then. What one has stays, until it is handed over."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        absence = routing.plan_leave(desk, _person(desk, body.person), body.from_day, body.until_day)
        row = session.execute(_absences().where(Absence.id == absence.id)).one()
        return Answer(_absence(*row), status=201)

    return write.once(do)  # type: ignore[return-value]  # a finished Response; the annotation documents its body


def _person(desk: Desk, email: str | None) -> Staff:
    if email is None or tidy_email(email) == desk.staff.email:
        return desk.staff
    if desk.staff.role != Role.SUPERVISOR:
        raise Forbidden("only a supervisor plans the leave of others", permission=Permission.PLAN_LEAVE.value)
    person = desk.session.scalar(sa.select(Staff).where(Staff.email == tidy_email(email), Staff.active))
    if person is None:
        raise Invalid("there is no active account with this e-mail", field="person")
    return person


def _own(desk: Desk, absence: UUID) -> Absence:
    """The absence, if it is the caller's to change."""
    row = desk.session.get(Absence, absence)
    if (
        row is None
        or row.cancelled_at is not None
        or (desk.staff.role != Role.SUPERVISOR and row.staff_id != desk.staff.id)
    ):
        raise NotFound
    return row


@router.post("/absences/{absence}/cancel", responses=_WRITING)
def cancel_leave(absence: UUID, write: Planning) -> Cancelled:
    """They are not away after all."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        _own(desk, absence).cancelled_at = desk.now
        audit.record(session, staff_id=desk.staff.id, action="absence.cancelled", subject=str(absence))
        return Answer(Cancelled(cancelled=absence))

    return write.once(do)  # type: ignore[return-value]


@router.post("/absences/{absence}/hand-over", responses=_WRITING)
def hand_over(
    absence: UUID, body: HandOverIn, write: Annotated[Write, Depends(writing(Permission.ASSIGN))]
) -> HandedOverList:
    """Give the open cases of who is away to one person, or each to the least loaded; at most 200 a request."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        given = routing.hand_over(desk, _own(desk, absence), body.to)
        return Answer(HandedOverList(items=[HandedOver(serial=serial, assignee=email) for serial, email in given]))

    return write.once(do)  # type: ignore[return-value]
