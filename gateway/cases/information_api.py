"""The staff API on what the law counts: life or liberty; of a request for information day zero, extension, transfer."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session

from gateway import problems
from gateway.cases import information, service, urgency
from gateway.cases.answering import ADDED, CHANGED, IfMatch, Serial, case_answer, desk_of, event_answer, versions_of
from gateway.cases.information_schemas import DayZeroIn, ExtensionIn, TransferIn, UrgencyIn
from gateway.cases.schemas import CaseOut, EventDone
from gateway.idempotency import Answer, Write, writing
from gateway.messaging.wake import wake
from gateway.staff.roles import Permission

router = APIRouter(
    prefix="/cases",
    tags=["cases"],
    dependencies=[Depends(problems.said_once)],
    responses=problems.declared(*problems.READING),
)

Mover = Annotated[Write, Depends(writing(Permission.MOVE))]


@router.post("/{serial}/urgency", responses=CHANGED)
def mark_urgent(
    serial: Serial,
    body: UrgencyIn,
    write: Annotated[Write, Depends(writing(Permission.ASSIGN))],
    if_match: IfMatch = None,
) -> CaseOut:
    """Mark that life or liberty is at stake, or that it is not after all; the clocks follow."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        case = service.open_case(desk, serial, versions=versions_of(body.version, if_match))
        urgency.mark(desk, case, body.reason, urgent=body.urgent)
        return case_answer(desk, serial)

    return write.once(do)  # type: ignore[return-value]


@router.post("/{serial}/day-zero", status_code=201, responses=ADDED)
def day_zero(serial: Serial, body: DayZeroIn, write: Mover, if_match: IfMatch = None) -> EventDone:
    """Record when the information access officer received the request; the days of the law count from there."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        case = service.open_case(desk, serial, versions=versions_of(body.version, if_match))
        return event_answer(desk, case, information.reached_officer(desk, case, officer=body.officer, on=body.on))

    return write.once(do)  # type: ignore[return-value]  # a finished Response; the annotation documents its body


@router.post("/{serial}/extension", status_code=201, responses=ADDED)
def extend(serial: Serial, body: ExtensionIn, write: Mover, if_match: IfMatch = None) -> EventDone:
    """Extend the time for the decision, once, and tell the resident until when."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        case = service.open_case(desk, serial, versions=versions_of(body.version, if_match))
        return event_answer(desk, case, information.extend(desk, case, body.reason))

    answer = write.once(do)
    wake(write.caller.context.valkey, "replies")
    return answer  # type: ignore[return-value]


@router.post("/{serial}/transfer", status_code=201, responses=ADDED)
def transfer(serial: Serial, body: TransferIn, write: Mover, if_match: IfMatch = None) -> EventDone:
    """Hand the request to the body that has the information; the clock of the decision goes on."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        case = service.open_case(desk, serial, versions=versions_of(body.version, if_match))
        return event_answer(desk, case, information.transfer(desk, case, body=body.body, reason=body.reason))

    answer = write.once(do)
    wake(write.caller.context.valkey, "replies")
    return answer  # type: ignore[return-value]
