"""The staff API on cases. Each route names the permission it needs; what is not visible is 404."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy.orm import Session

from gateway import paging, problems
from gateway.cases import deadlines, queries, service, waiting
from gateway.cases.answering import (
    ADDED,
    CHANGED,
    ETAG,
    IfMatch,
    Reader,
    Serial,
    case_answer,
    desk_of,
    event_answer,
    versions_of,
)
from gateway.cases.models import Case
from gateway.cases.schemas import (
    AssignIn,
    CaseFilter,
    CaseOut,
    CasePage,
    ClocksOut,
    EventDone,
    EventPage,
    MoveIn,
    NoteIn,
    ReplyIn,
    TodoLine,
    TodoOut,
)
from gateway.errors import Invalid
from gateway.idempotency import Answer, Write, writing
from gateway.messaging.wake import wake
from gateway.staff.roles import Permission

router = APIRouter(
    prefix="/cases",
    tags=["cases"],
    dependencies=[Depends(problems.said_once)],
    responses=problems.declared(*problems.READING),
)

todo_router = APIRouter(
    tags=["cases"], dependencies=[Depends(problems.said_once)], responses=problems.declared(*problems.READING)
)


@router.get("")
def list_cases(caller: Reader, asked: Annotated[CaseFilter, Query()]) -> CasePage:
    """Cases, newest first unless asked otherwise. Stories are not in lists."""
    zone = caller.context.pack.about.zone
    with caller.work() as session:
        found = queries.list_cases(
            session,
            caller.context.vault,
            caller.staff,
            asked,
            after=asked.after,
            limit=asked.limit + 1,
            also=[waiting.condition(asked.waiting, caller.now(), zone)] if asked.waiting else [],
        )
    rows, more = paging.cut(found, asked.limit)
    return CasePage(
        items=[queries.line(caller.context.pack, caller.context.vault, caller.staff, row) for row in rows],
        next_cursor=paging.encode(rows[-1][0].id) if more else None,
    )


@todo_router.get("/todo")
def todo(caller: Reader) -> TodoOut:
    """What waits for somebody: how many cases for each reason, without those that nothing waits for."""
    with caller.work() as session:
        found = waiting.counts(session, caller.staff, caller.now(), caller.context.pack.about.zone)
    return TodoOut(items=[TodoLine(waiting=line.reason, count=line.count, more=line.more) for line in found])


@router.get("/{serial}", responses={200: ETAG})
def read_case(serial: Serial, caller: Reader, response: Response) -> CaseOut:
    """One case, with the story for who may read it."""
    with caller.work() as session:
        row = queries.read_case(session, caller.staff, serial)
    opened = queries.opened(caller.context.pack, caller.context.vault, caller.staff, row)
    response.headers["ETag"] = f'"{opened.version}"'
    return opened


@router.get("/{serial}/timeline")
def timeline(serial: Serial, caller: Reader, page: Annotated[paging.Page, Query()]) -> EventPage:
    """What happened, oldest first, a sentence each; the words only for who may read them."""
    context = caller.context
    with caller.work() as session:
        case: Case = queries.read_case(session, caller.staff, serial)[0]
        found = queries.timeline(session, caller.staff, case, after=page.after, limit=page.limit + 1)
        events, more = paging.cut(found, page.limit)
        items = queries.told(session, context.vault, caller.words, caller.staff, case, events)
    return EventPage(items=items, next_cursor=paging.encode(events[-1].id) if more else None)


@router.get("/{serial}/clock")
def clock(serial: Serial, caller: Reader) -> ClocksOut:
    """Each deadline of the case with the days that were counted."""
    with caller.work() as session:
        case: Case = queries.read_case(session, caller.staff, serial)[0]
        return deadlines.clocks_of(session, caller.words, case, caller.now())


@router.post("/{serial}/assign", responses=CHANGED)
def assign(
    serial: Serial,
    body: AssignIn,
    write: Annotated[Write, Depends(writing(Permission.ASSIGN))],
    if_match: IfMatch = None,
) -> CaseOut:
    """Give the case to a person or to a department; one that was received or in triage is assigned by it."""
    if (body.assignee is None) == (body.department is None):
        raise Invalid("give either an assignee or a department")

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        case = service.open_case(desk, serial, versions=versions_of(body.version, if_match))
        service.assign(desk, case, assignee=body.assignee, department=body.department)
        return case_answer(desk, serial)

    return write.once(do)  # type: ignore[return-value]  # a finished Response; the annotation documents its body


@router.post("/{serial}/notes", status_code=201, responses=ADDED)
def add_note(
    serial: Serial,
    body: NoteIn,
    write: Annotated[Write, Depends(writing(Permission.WRITE_NOTES))],
    if_match: IfMatch = None,
) -> EventDone:
    """Write something down for colleagues; the resident never sees it."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        case = service.open_case(desk, serial, versions=versions_of(body.version, if_match))
        return event_answer(desk, case, service.note(desk, case, body.text, body.audience))

    return write.once(do)  # type: ignore[return-value]


@router.post("/{serial}/replies", status_code=201, responses=ADDED)
def reply(
    serial: Serial,
    body: ReplyIn,
    write: Annotated[Write, Depends(writing(Permission.REPLY))],
    if_match: IfMatch = None,
) -> EventDone:
    """Answer the resident, in the language the resident reads. A text tells them to dial and read it."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        case = service.open_case(desk, serial, versions=versions_of(body.version, if_match))
        return event_answer(desk, case, service.reply(desk, case, body.text, everybody=body.everybody))

    answer = write.once(do)
    wake(write.caller.context.valkey, "replies")
    return answer  # type: ignore[return-value]


@router.post("/{serial}/transitions", responses=CHANGED)
def move(
    serial: Serial,
    body: MoveIn,
    write: Annotated[Write, Depends(writing(Permission.MOVE))],
    if_match: IfMatch = None,
) -> CaseOut:
    """Move the case on, along the table of moves; 409 `transition_not_allowed` names those that are open."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        case = service.open_case(desk, serial, versions=versions_of(body.version, if_match))
        details = service.Details(body.evidence, body.office, body.reference)
        service.move(desk, case, body.to, body.reason, details)
        return case_answer(desk, serial)

    answer = write.once(do)
    wake(write.caller.context.valkey, "replies")
    return answer  # type: ignore[return-value]
