"""The staff API on lists of cases that somebody looks at often: filters kept under a name of their own."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway import problems
from gateway.cases.answering import Reader
from gateway.cases.schemas import CaseFilter
from gateway.errors import Invalid, NotFound, filled
from gateway.idempotency import Answer, Write, writing
from gateway.ids import new_id
from gateway.staff.models import SavedFilter
from gateway.staff.roles import Permission

router = APIRouter(
    prefix="/lists",
    tags=["cases"],
    dependencies=[Depends(problems.said_once)],
    responses=problems.declared(*problems.READING),
)
Keeping = Annotated[Write, Depends(writing(Permission.READ_CASES))]

MOST = 50
"""Lists of one person."""

_Text = Annotated[str, StringConstraints(max_length=64, pattern=r"^[^\x00]*$")]


class ListIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^\x00]*$")]
    wanted: dict[_Text, _Text] = Field(description="The query of `GET /cases`, without `cursor`")


class ListOut(BaseModel):
    """A list of one's own."""

    id: UUID
    name: str
    wanted: dict[str, str]


class Lists(BaseModel):
    items: list[ListOut]


class Forgotten(BaseModel):
    forgotten: UUID


@router.get("")
def read_lists(caller: Reader) -> Lists:
    """One's own lists, by name."""
    mine = sa.select(SavedFilter).where(SavedFilter.staff_id == caller.staff.id).order_by(SavedFilter.name)
    with caller.work() as session:
        return Lists(items=[_out(row) for row in session.scalars(mine)])


@router.post("", status_code=201, responses=problems.declared(409))
def keep_list(body: ListIn, write: Keeping) -> ListOut:
    """Keep a list under a name; the same name again replaces it."""
    wanted = _checked(body.wanted)

    def do(session: Session) -> Answer:
        return Answer(_out(_kept(session, write.caller.staff.id, body.name, wanted)), status=201)

    return write.once(do)  # type: ignore[return-value]  # a finished Response; the annotation documents its body


def _checked(wanted: dict[str, str]) -> dict[str, str]:
    """What a list is narrowed to, if the list of cases takes it. Raises `Invalid`."""
    said = {name: value for name, value in wanted.items() if value and name != "cursor"}
    try:
        CaseFilter.model_validate(said)
    except ValidationError as error:
        where = error.errors()[0]["loc"]
        raise Invalid("the list of cases does not take this", field=str(where[0]) if where else "wanted") from None
    return said


def _kept(session: Session, staff: UUID, name: str, wanted: dict[str, str]) -> SavedFilter:
    count = sa.select(sa.func.count()).where(SavedFilter.staff_id == staff, SavedFilter.name != name)
    if (session.scalar(count) or 0) >= MOST:
        raise Invalid(filled("{most} lists are kept at most; forget one", most=MOST), field="name")
    values: dict[str, Any] = {"id": new_id(), "staff_id": staff, "name": name, "wanted": wanted}
    statement = insert(SavedFilter).values(values)
    kept = statement.on_conflict_do_update(index_elements=["staff_id", "name"], set_={"wanted": wanted})
    return session.scalars(kept.returning(SavedFilter), execution_options={"populate_existing": True}).one()


@router.post("/{kept}/forget", responses=problems.declared(409))
def forget_list(kept: UUID, write: Keeping) -> Forgotten:
    """Keep a list no longer. 404 for one that is not one's own."""

    def do(session: Session) -> Answer:
        mine = (SavedFilter.id == kept, SavedFilter.staff_id == write.caller.staff.id)
        if session.scalar(sa.delete(SavedFilter).where(*mine).returning(SavedFilter.id)) is None:
            raise NotFound
        return Answer(Forgotten(forgotten=kept))

    return write.once(do)  # type: ignore[return-value]


def _out(row: SavedFilter) -> ListOut:
    return ListOut(id=row.id, name=row.name, wanted=row.wanted)
