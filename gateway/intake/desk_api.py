"""The staff API on what comes in through people: cases typed in, and calls to make."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy.orm import Session

from gateway import paging, problems
from gateway.cases.answering import desk_of
from gateway.cases.records import Callback
from gateway.cases.service import Desk
from gateway.idempotency import Answer, Write, writing
from gateway.intake import calling, walk_in
from gateway.intake.desk_schemas import (
    CallbackFilter,
    CallbackNumber,
    CallbackOut,
    CallbackPage,
    CallReasonIn,
    FiledOut,
    OutcomeIn,
    TypedInCase,
)
from gateway.messaging.wake import wake
from gateway.staff.auth import Caller, require
from gateway.staff.roles import Permission
from menus import receipt as receipts

router = APIRouter(
    tags=["intake"], dependencies=[Depends(problems.said_once)], responses=problems.declared(*problems.READING)
)

Taking = Annotated[Write, Depends(writing(Permission.TAKE_IN))]
_WRITING: dict[int | str, dict[str, Any]] = problems.declared(409)


@router.post("/cases", status_code=201, responses=_WRITING)
def take_in(body: TypedInCase, write: Taking) -> FiledOut:
    """File what somebody said or wrote, as if they had dialled. The receipt is in this answer alone."""

    def do(session: Session) -> Answer:
        taken = walk_in.take_in(desk_of(write, session), _typed(body))
        done = FiledOut(
            serial=taken.filed.serial,
            receipt=receipts.pretty(taken.filed.receipt),
            slip=taken.slip,
            privacy=taken.privacy,
        )
        return Answer(done, status=201, headers={"Cache-Control": "no-store"})

    answer = write.once(do)
    wake(write.caller.context.valkey, "replies")
    return answer  # type: ignore[return-value]  # a finished Response; the annotation documents its body


def _typed(body: TypedInCase) -> walk_in.TypedIn:
    given = body.model_dump(exclude={"consent", "number"})
    return walk_in.TypedIn(**given, number=body.number or "", consent=body.consent.wording if body.consent else "")


@router.get("/callbacks")
def list_callbacks(
    caller: Annotated[Caller, Depends(require(Permission.TAKE_IN))], asked: Annotated[CallbackFilter, Query()]
) -> CallbackPage:
    """Calls that residents asked for, the longest waiting first. No numbers: see `…/number`."""
    with caller.work() as session:
        found = calling.list_callbacks(session, closed=asked.closed, after=asked.after, limit=asked.limit + 1)
        rows, more = paging.cut(found, asked.limit)
    return CallbackPage(
        items=[_callback(caller, row) for row in rows],
        next_cursor=paging.encode(rows[-1].id) if more else None,
    )


def _callback(caller: Caller, row: Callback) -> CallbackOut:
    hour = caller.now().astimezone(caller.context.pack.about.zone).hour
    return CallbackOut(
        id=row.id,
        language=row.language,
        hours=row.hours,
        safe_now=calling.is_safe(hour, row.hours),
        asked_at=row.asked_at,
        channel=row.channel,
        tries=row.tries,
        outcome=row.outcome,
        tried_at=row.tried_at,
        closed_at=row.closed_at,
    )


@router.post("/callbacks/{callback}/number", responses=_WRITING)
def see_number(
    callback: UUID,
    body: CallReasonIn,
    response: Response,
    caller: Annotated[Caller, Depends(require(Permission.SEE_IDENTITY, fresh=True))],
) -> CallbackNumber:
    """The number to call, this once; each look is in the audit trail. Takes no `Idempotency-Key`."""
    response.headers["Cache-Control"] = "no-store"
    context = caller.context
    with caller.work() as session:
        desk = Desk(session, context.vault, context.pack, caller.staff, caller.now())
        return CallbackNumber(number=calling.see_number(desk, callback, body.reason))


@router.post("/callbacks/{callback}/outcome", responses=_WRITING)
def record_outcome(callback: UUID, body: OutcomeIn, write: Taking) -> CallbackOut:
    """How a call went."""

    def do(session: Session) -> Answer:
        row = calling.record(desk_of(write, session), callback, body.outcome)
        return Answer(_callback(write.caller, row))

    return write.once(do)  # type: ignore[return-value]
