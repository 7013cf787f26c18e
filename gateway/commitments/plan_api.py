"""The staff API on the plan as tables: promises, milestones, indicators and readings as CSV, out and in."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy.orm import Session

from gateway import problems
from gateway.commitments import tables
from gateway.commitments.plan import Hand
from gateway.idempotency import Answer, Write, writing
from gateway.staff.auth import Caller, require
from gateway.staff.roles import Permission

router = APIRouter(
    prefix="/plan",
    tags=["plan"],
    dependencies=[Depends(problems.said_once)],
    responses=problems.declared(*problems.READING),
)

Table = Literal["commitments", "milestones", "indicators", "readings"]
_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}, "description": "The table"}}


class TableIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    csv: Annotated[str, StringConstraints(min_length=1, max_length=400_000, pattern=r"^[^\x00]*$")] = Field(
        description="With a first line of names as the export has them; a column left out stays, an empty cell empties"
    )
    dry_run: bool = Field(True, description="Say what would change, and change nothing")


class ChangedOut(BaseModel):
    line: int
    ogp_id: str
    code: str | None
    new: bool
    fields: dict[str, Any] = Field(description="Each with `before` and `after`")


class Taken(BaseModel):
    dry_run: bool
    changes: list[ChangedOut]


@router.get("/{table}", response_class=Response, responses=_CSV)
def export(table: Table, caller: Annotated[Caller, Depends(require(Permission.READ_COMMITMENTS))]) -> Response:
    """A table of the plan as CSV, keyed by OGP id."""
    with caller.work() as session:
        body = tables.export(session, caller.context.pack, table)
    return Response(body, media_type="text/csv; charset=utf-8")


@router.post("/{table}", responses=problems.declared(409))
def take(table: Table, body: TableIn, write: Annotated[Write, Depends(writing(Permission.PUBLISH_PROGRESS))]) -> Taken:
    """Take a table in, all of it or nothing. 422 names line and column of everything that is wrong."""

    def do(session: Session) -> Answer:
        caller = write.caller
        hand = Hand(session, caller.now(), caller.staff.id)
        found = tables.take(hand, caller.context.pack, table, body.csv, dry_run=body.dry_run)
        changes = [ChangedOut.model_validate(one, from_attributes=True) for one in found]
        return Answer(Taken(dry_run=body.dry_run, changes=changes))

    return write.once(do)  # type: ignore[return-value]  # a finished Response; the annotation documents its body
