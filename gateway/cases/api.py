"""The staff API on cases. Each route names the permission it needs; what is not visible is 404."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Response
from sqlalchemy.orm import Session

from gateway import paging, problems
from gateway.cases import deadlines, queries, service
from gateway.cases.models import Case, CaseEvent
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
)
from gateway.cases.service import Desk
from gateway.errors import Invalid
from gateway.idempotency import Answer, Write, writing
from gateway.messaging.wake import wake
from gateway.staff.auth import Caller, require
from gateway.staff.roles import Permission

router = APIRouter(
    prefix="/cases",
    tags=["cases"],
    dependencies=[Depends(problems.said_once)],
    responses=problems.declared(*problems.READING),
)

Serial = Annotated[str, Path(max_length=24, pattern=r"^[^\x00]*$", examples=["KAK-2026-000001"])]
Reader = Annotated[Caller, Depends(require(Permission.READ_CASES))]
IfMatch = Annotated[
    str | None,
    Header(pattern=r'^(\*|"[1-9][0-9]{0,8}")$', description="The `ETag` you saw; 409 when the case has moved on since"),
]
_ETAG = {"headers": {"ETag": {"description": "The case's version", "schema": {"type": "string"}}}}
_CHANGED: dict[int | str, dict[str, Any]] = {200: _ETAG, **problems.declared(409)}
_ADDED: dict[int | str, dict[str, Any]] = {201: _ETAG, **problems.declared(409)}


@router.get("")
def list_cases(caller: Reader, asked: Annotated[CaseFilter, Query()]) -> CasePage:
    """Cases, newest first. Stories are not in lists."""
    with caller.work() as session:
        found = queries.list_cases(
            session, caller.context.vault, caller.staff, asked, after=asked.after, limit=asked.limit + 1
        )
    rows, more = paging.cut(found, asked.limit)
    return CasePage(
        items=[queries.line(caller.context.pack, row) for row in rows],
        next_cursor=paging.encode(rows[-1][0].id) if more else None,
    )


@router.get("/{serial}", responses={200: _ETAG})
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
        found = queries.timeline(session, case, after=page.after, limit=page.limit + 1)
        events, more = paging.cut(found, page.limit)
        items = queries.told(session, context.vault, context.pack, caller.staff, case, events)
    return EventPage(items=items, next_cursor=paging.encode(events[-1].id) if more else None)


@router.get("/{serial}/clock")
def clock(serial: Serial, caller: Reader) -> ClocksOut:
    """Each deadline of the case with the days that were counted."""
    with caller.work() as session:
        case: Case = queries.read_case(session, caller.staff, serial)[0]
        return deadlines.clocks_of(session, caller.context.pack, case, caller.now())


@router.post("/{serial}/assign", responses=_CHANGED)
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
        desk = _desk(write, session)
        case = service.open_case(desk, serial, versions=_versions(body.version, if_match))
        service.assign(desk, case, assignee=body.assignee, department=body.department)
        return _case(desk, serial)

    return write.once(do)  # type: ignore[return-value]  # a finished Response; the annotation documents its body


@router.post("/{serial}/notes", status_code=201, responses=_ADDED)
def add_note(
    serial: Serial,
    body: NoteIn,
    write: Annotated[Write, Depends(writing(Permission.WRITE_NOTES))],
    if_match: IfMatch = None,
) -> EventDone:
    """Write something down for colleagues; the resident never sees it."""

    def do(session: Session) -> Answer:
        desk = _desk(write, session)
        case = service.open_case(desk, serial, versions=_versions(body.version, if_match))
        return _event(desk, case, service.note(desk, case, body.text))

    return write.once(do)  # type: ignore[return-value]


@router.post("/{serial}/replies", status_code=201, responses=_ADDED)
def reply(
    serial: Serial,
    body: ReplyIn,
    write: Annotated[Write, Depends(writing(Permission.REPLY))],
    if_match: IfMatch = None,
) -> EventDone:
    """Answer the resident, in the language the resident reads. A text tells them to dial and read it."""

    def do(session: Session) -> Answer:
        desk = _desk(write, session)
        case = service.open_case(desk, serial, versions=_versions(body.version, if_match))
        return _event(desk, case, service.reply(desk, case, body.text))

    answer = write.once(do)
    wake(write.caller.context.valkey, "replies")
    return answer  # type: ignore[return-value]


@router.post("/{serial}/transitions", responses=_CHANGED)
def move(
    serial: Serial,
    body: MoveIn,
    write: Annotated[Write, Depends(writing(Permission.MOVE))],
    if_match: IfMatch = None,
) -> CaseOut:
    """Move the case on, along the table of moves; 409 `transition_not_allowed` names those that are open."""

    def do(session: Session) -> Answer:
        desk = _desk(write, session)
        case = service.open_case(desk, serial, versions=_versions(body.version, if_match))
        service.move(desk, case, body.to, body.reason)
        return _case(desk, serial)

    answer = write.once(do)
    wake(write.caller.context.valkey, "replies")
    return answer  # type: ignore[return-value]


def _desk(write: Write, session: Session) -> Desk:
    context, caller = write.caller.context, write.caller
    return Desk(session, context.vault, context.pack, caller.staff, caller.now())


def _versions(body: int | None, if_match: str | None) -> tuple[int, ...]:
    """The versions the caller says the case is at."""
    named = re.search(r"\d+", if_match or "")
    return tuple(version for version in (body, int(named[0]) if named else None) if version is not None)


def _case(desk: Desk, serial: str) -> Answer:
    opened = queries.opened(desk.pack, desk.vault, desk.staff, queries.read_case(desk.session, desk.staff, serial))
    return Answer(opened, headers={"ETag": f'"{opened.version}"'})


def _event(desk: Desk, case: Case, event: CaseEvent) -> Answer:
    (told,) = queries.told(desk.session, desk.vault, desk.pack, desk.staff, case, [event])
    return Answer(
        EventDone(**told.model_dump(), version=case.version), status=201, headers={"ETag": f'"{case.version}"'}
    )
