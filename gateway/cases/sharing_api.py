"""The staff API on who may know what of a case: conflicts of interest, the department's part, the number."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from sqlalchemy.orm import Session

from gateway import problems
from gateway.cases import conflicts, identity, queries, release, service
from gateway.cases.answering import (
    ADDED,
    CHANGED,
    IfMatch,
    Serial,
    case_answer,
    desk_of,
    event_answer,
    versions_of,
)
from gateway.cases.models import Case
from gateway.cases.records import CaseConflict
from gateway.cases.schemas import CaseOut, EventDone
from gateway.cases.service import Desk
from gateway.cases.sharing_schemas import (
    ConflictIn,
    ConflictList,
    ConflictOut,
    Lifted,
    NumberOut,
    ReasonIn,
    SummaryIn,
)
from gateway.errors import Invalid
from gateway.idempotency import Answer, Write, writing
from gateway.pack import Pack
from gateway.staff.auth import Caller, require
from gateway.staff.roles import Permission

router = APIRouter(
    prefix="/cases",
    tags=["cases"],
    dependencies=[Depends(problems.said_once)],
    responses=problems.declared(*problems.READING),
)

Releasing = Annotated[Write, Depends(writing(Permission.RELEASE_WORDS))]


@router.post("/{serial}/summary", status_code=201, responses=ADDED)
def summarise(serial: Serial, body: SummaryIn, write: Releasing, if_match: IfMatch = None) -> EventDone:
    """Tell the department what the case is about, in the officer's words. Replaces the summary before."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        case = service.open_case(desk, serial, versions=versions_of(body.version, if_match))
        return event_answer(desk, case, release.summarise(desk, case, body.text))

    return write.once(do)  # type: ignore[return-value]  # a finished Response; the annotation documents its body


@router.post("/{serial}/release", responses=CHANGED)
def release_words(serial: Serial, body: ReasonIn, write: Releasing, if_match: IfMatch = None) -> CaseOut:
    """Let the case's department read what the resident wrote until now. Only the case's officer or a supervisor."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        case = service.open_case(desk, serial, versions=versions_of(body.version, if_match))
        release.release(desk, case, body.reason)
        return case_answer(desk, serial)

    return write.once(do)  # type: ignore[return-value]


@router.post("/{serial}/withhold", responses=CHANGED)
def withhold_words(serial: Serial, body: ReasonIn, write: Releasing, if_match: IfMatch = None) -> CaseOut:
    """Take the release back: nobody of the department reads the words any more."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        case = service.open_case(desk, serial, versions=versions_of(body.version, if_match))
        release.withhold(desk, case, body.reason)
        return case_answer(desk, serial)

    return write.once(do)  # type: ignore[return-value]


@router.get("/{serial}/conflicts")
def list_conflicts(
    serial: Serial, caller: Annotated[Caller, Depends(require(Permission.MARK_CONFLICT))]
) -> ConflictList:
    """Whom of ours, and which office, the case names. Who is named sees neither this nor the case."""
    with caller.work() as session:
        case: Case = queries.read_case(session, caller.staff, serial)[0]
        found = conflicts.conflicts_of(session, case.id)
        return ConflictList(items=[_conflict(caller.context.pack, row, email) for row, email in found])


@router.post("/{serial}/conflicts", status_code=201, responses=ADDED)
def mark_conflict(
    serial: Serial,
    body: ConflictIn,
    write: Annotated[Write, Depends(writing(Permission.MARK_CONFLICT))],
    if_match: IfMatch = None,
) -> ConflictOut:
    """The case names a member of staff or a department: it is hidden from them and goes to a supervisor."""
    if (body.person is None) == (body.department is None):
        raise Invalid("give either a person or a department")

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        case = service.open_case(desk, serial, versions=versions_of(body.version, if_match))
        row = conflicts.mark(desk, case, body.reason, person=body.person, department=body.department)
        return Answer(_conflict(desk.pack, row, body.person), status=201, headers={"ETag": f'"{case.version}"'})

    return write.once(do)  # type: ignore[return-value]


@router.post("/{serial}/conflicts/{conflict}/lift", responses=CHANGED)
def lift_conflict(
    serial: Serial,
    conflict: UUID,
    body: ReasonIn,
    write: Annotated[Write, Depends(writing(Permission.LIFT_CONFLICT))],
    if_match: IfMatch = None,
) -> Lifted:
    """It was recorded wrongly: the case is seen again by those it was hidden from."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        case = service.open_case(desk, serial, versions=versions_of(body.version, if_match))
        conflicts.lift(desk, case, conflict, body.reason)
        return Answer(Lifted(lifted=conflict), headers={"ETag": f'"{case.version}"'})

    return write.once(do)  # type: ignore[return-value]


def _conflict(pack: Pack, row: CaseConflict, email: str | None) -> ConflictOut:
    own = pack.routing.own_office
    return ConflictOut(
        id=row.id,
        about=row.about,
        person=email.strip().lower() if email else None,
        department=row.unit,
        goes_to=own.goes_to if own and row.about == "office" else None,
        marked_at=row.marked_at,
    )


@router.post("/{serial}/identity", responses=problems.declared(409))
def see_identity(
    serial: Serial,
    body: ReasonIn,
    response: Response,
    caller: Annotated[Caller, Depends(require(Permission.SEE_IDENTITY, fresh=True))],
    if_match: IfMatch = None,
) -> NumberOut:
    """The resident's number, this once; each look is in the timeline and in the audit trail, with its reason.

    Takes no `Idempotency-Key`: a kept answer would keep the number.
    """
    response.headers["Cache-Control"] = "no-store"
    context = caller.context
    with caller.work() as session:
        desk = Desk(session, context.vault, context.pack, caller.staff, caller.now())
        case = service.open_case(desk, serial, versions=versions_of(body.version, if_match))
        number = identity.reveal(desk, case, body.reason)
        return NumberOut(number=number, resident=identity.resident_label(context.vault, case, inside=True))


@router.post("/{serial}/identity/ask", status_code=201, responses=ADDED)
def ask_identity(
    serial: Serial,
    body: ReasonIn,
    write: Annotated[Write, Depends(writing(Permission.WRITE_NOTES))],
    if_match: IfMatch = None,
) -> EventDone:
    """Ask for the number, or for a call to its owner: it waits for who may see numbers. 404 when none is kept."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        case = service.open_case(desk, serial, versions=versions_of(body.version, if_match))
        return event_answer(desk, case, identity.ask(desk, case, body.reason))

    return write.once(do)  # type: ignore[return-value]
