"""The staff API on duplicates, evidence, and residents who are punished for complaining."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field, StringConstraints
from sqlalchemy.orm import Session

from gateway import paging, problems
from gateway.cases import merging, queries, reprisal, service
from gateway.cases.answering import (
    ADDED,
    CHANGED,
    IfMatch,
    Reader,
    Serial,
    case_answer,
    desk_of,
    event_answer,
    versions_of,
)
from gateway.cases.models import Case
from gateway.cases.schemas import CaseOut, EventDone, NoteIn, VersionIn
from gateway.errors import NotFound
from gateway.idempotency import Answer, Write, writing
from gateway.messaging.wake import wake
from gateway.staff.roles import Permission

router = APIRouter(
    prefix="/cases",
    tags=["cases"],
    dependencies=[Depends(problems.said_once)],
    responses=problems.declared(*problems.READING),
)


class MergeIn(VersionIn):
    lead: Annotated[str, StringConstraints(min_length=1, max_length=24, pattern=r"^[^\x00]*$")] = Field(
        description="Serial of the case to work on both with"
    )


class MergedOut(BaseModel):
    """As far as the caller sees those cases."""

    lead: str | None = Field(description="The case that this one is worked on with")
    members: list[str] = Field(description="The cases that are worked on with this one")
    next_cursor: str | None


class ReprisalGone(BaseModel):
    """The case is no longer the caller's to see."""

    hidden: bool


@router.get("/{serial}/merged")
def merged(serial: Serial, caller: Reader, asked: Annotated[paging.Page, Query()]) -> MergedOut:
    """With which cases this one is worked on."""
    with caller.work() as session:
        case: Case = queries.read_case(session, caller.staff, serial)[0]
        found = merging.members_of(session, caller.staff, case, after=asked.after, limit=asked.limit + 1)
        rows, more = paging.cut(found, asked.limit)
        return MergedOut(
            lead=merging.lead_of(session, caller.staff, case),
            members=[row.serial for row in rows],
            next_cursor=paging.encode(rows[-1].id) if more else None,
        )


@router.post("/{serial}/merge", responses=CHANGED)
def merge(
    serial: Serial, body: MergeIn, write: Annotated[Write, Depends(writing(Permission.MOVE))], if_match: IfMatch = None
) -> CaseOut:
    """Work on a duplicate with another. Its receipt stays good; its resident is told and sees the other's status."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        # Always in one order, so that two merges at once do not wait for each other.
        found = {name: service.open_case(desk, name) for name in sorted({serial, body.lead})}
        case = service.open_case(desk, serial, versions=versions_of(body.version, if_match))
        service.merge(desk, case, found[body.lead])
        return case_answer(desk, serial)

    answer = write.once(do)
    wake(write.caller.context.valkey, "replies")
    return answer  # type: ignore[return-value]  # a finished Response; the annotation documents its body


@router.post("/{serial}/unmerge", responses=CHANGED)
def unmerge(
    serial: Serial,
    body: VersionIn,
    write: Annotated[Write, Depends(writing(Permission.MOVE))],
    if_match: IfMatch = None,
) -> CaseOut:
    """Part a case from the one it was merged with; it keeps the status it has."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        service.unmerge(desk, service.open_case(desk, serial, versions=versions_of(body.version, if_match)))
        return case_answer(desk, serial)

    return write.once(do)  # type: ignore[return-value]


@router.post("/{serial}/evidence", status_code=201, responses=ADDED)
def add_evidence(
    serial: Serial,
    body: NoteIn,
    write: Annotated[Write, Depends(writing(Permission.WRITE_NOTES))],
    if_match: IfMatch = None,
) -> EventDone:
    """Write down what shows that it is done. A case resolved after it has evidence."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        case = service.open_case(desk, serial, versions=versions_of(body.version, if_match))
        return event_answer(desk, case, service.add_evidence(desk, case, body.text))

    return write.once(do)  # type: ignore[return-value]


@router.post("/{serial}/reprisal", responses=problems.declared(409))
def punished(
    serial: Serial,
    body: VersionIn,
    write: Annotated[Write, Depends(writing(Permission.ASSIGN))],
    if_match: IfMatch = None,
) -> ReprisalGone:
    """The resident says that they are punished for complaining: from now on only a supervisor sees the case."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        case = service.open_case(desk, serial, versions=versions_of(body.version, if_match))
        reprisal.told_of(desk, case)
        return Answer(ReprisalGone(hidden=True))

    return write.once(do)  # type: ignore[return-value]


@router.post("/{serial}/reprisal/end", responses=CHANGED)
def no_longer_punished(
    serial: Serial,
    body: NoteIn,
    write: Annotated[Write, Depends(writing(Permission.SUPERVISE))],
    if_match: IfMatch = None,
) -> CaseOut:
    """Show the case to the office and the department again, with a note why. 404 where it is not hidden."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        case = service.open_case(desk, serial, versions=versions_of(body.version, if_match))
        if not reprisal.end_alarm(session, case, desk.now):
            raise NotFound
        service.happened(desk, case, "reprisal_ended", audience="internal", text=body.text)
        return case_answer(desk, serial)

    return write.once(do)  # type: ignore[return-value]
