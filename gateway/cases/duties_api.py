"""The staff API on what waits for a person."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from gateway import paging, problems
from gateway.cases import duties
from gateway.cases.answering import Reader
from gateway.cases.desk_models import Duty
from gateway.cases.duties import Kind
from gateway.idempotency import Answer, Write, writing
from gateway.staff.models import Staff
from gateway.staff.roles import Permission

router = APIRouter(
    prefix="/duties",
    tags=["duties"],
    dependencies=[Depends(problems.said_once)],
    responses=problems.declared(*problems.READING),
)


class DutyOut(BaseModel):
    """Something that waits for a person to see or do it."""

    id: UUID
    kind: Kind
    case: str | None = Field(description="Serial")
    about: str | None = Field(
        description="For a notice: `ward:1017`, `category:DELAY`, `department:environment`, `facility:1017-1`"
    )
    data: dict[str, Any]
    since: datetime
    done_at: datetime | None
    yours: bool = Field(description="Whether you may say that it is done; some wait for a supervisor")


class DutyPage(BaseModel):
    items: list[DutyOut]
    counts: dict[Kind, int] = Field(description="How many wait of each kind, over all pages")
    next_cursor: str | None


class DutyFilter(paging.Page):
    kind: Kind | None = Field(default=None)


@router.get("")
def list_duties(caller: Reader, asked: Annotated[DutyFilter, Query()]) -> DutyPage:
    """What waits, the oldest first. About cases that you see; nothing for a department or for oversight."""
    with caller.work() as session:
        found = duties.waiting(session, caller.staff, kind=asked.kind, after=asked.after, limit=asked.limit + 1)
        counted = duties.counts(session, caller.staff)
    rows, more = paging.cut(found, asked.limit)
    return DutyPage(
        items=[_out(caller.staff, *row) for row in rows],
        counts={Kind(kind): count for kind, count in counted.items()},
        next_cursor=paging.encode(rows[-1][0].id) if more else None,
    )


@router.post("/{duty}/done", responses=problems.declared(409))
def finish(duty: UUID, write: Annotated[Write, Depends(writing(Permission.MOVE))]) -> DutyOut:
    """It was seen or done. 404 when it does not wait, or waits for a supervisor and you are none."""

    def do(session: Session) -> Answer:
        staff = write.caller.staff
        return Answer(_out(staff, *duties.finish(session, staff, duty, write.caller.now())))

    return write.once(do)  # type: ignore[return-value]  # a finished Response; the annotation documents its body


def _out(staff: Staff, duty: Duty, serial: str | None) -> DutyOut:
    return DutyOut(
        id=duty.id,
        kind=Kind(duty.kind),
        case=serial,
        about=None if duty.case_id else duty.subject,
        data=duty.data,
        since=duty.since,
        done_at=duty.done_at,
        yours=duties.may_finish(staff, duty.kind),
    )
