"""The staff API on the facilities that can be scored."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from sqlalchemy.orm import Session

from gateway import problems
from gateway.commitments import facilities
from gateway.commitments.residents_schemas import FacilityIn, FacilityList, FacilityNameIn, FacilityOut
from gateway.idempotency import Answer, Write, writing
from gateway.staff.auth import Caller, require
from gateway.staff.roles import Permission

router = APIRouter(
    prefix="/facilities",
    tags=["commitments"],
    dependencies=[Depends(problems.said_once)],
    responses=problems.declared(*problems.READING),
)

Reader = Annotated[Caller, Depends(require(Permission.READ_COMMITMENTS))]
Naming = Annotated[Write, Depends(writing(Permission.PUBLISH_PROGRESS))]
Code = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9_.-]+$", examples=["1017-1"])]


@router.get("")
def list_facilities(caller: Reader) -> FacilityList:
    """Every place that can be scored or once could: the pack's first, then those that staff named."""
    with caller.work() as session:
        found = facilities.known(session, caller.context.pack)
    return FacilityList(items=[_out(place) for place in found.values()])


@router.post("", status_code=201, responses=problems.declared(409))
def name_facility(body: FacilityIn, write: Naming) -> FacilityOut:
    """Name a place of service of a ward, so that rounds of the scorecard can be opened for it."""

    def do(session: Session) -> Answer:
        caller = write.caller
        place = facilities.name(
            session,
            caller.context.pack,
            called=body.name,
            kind=body.kind,
            ward=body.ward,
            staff=caller.staff,
            now=caller.now(),
        )
        return Answer(_out(place), status=201)

    return write.once(do)  # type: ignore[return-value]  # a finished Response; the annotation documents its body


@router.post("/{facility}/name", responses=problems.declared(409))
def rename_facility(facility: Code, body: FacilityNameIn, write: Naming) -> FacilityOut:
    """Put the name right, in every language. Its code, its rounds and the cases about it stay."""

    def do(session: Session) -> Answer:
        caller = write.caller
        place = facilities.rename(session, caller.context.pack, facility, called=body.name, staff=caller.staff)
        return Answer(_out(place))

    return write.once(do)  # type: ignore[return-value]


@router.post("/{facility}/retire", responses=problems.declared(409))
def retire_facility(facility: Code, write: Naming) -> FacilityOut:
    """No more rounds of it. What was scored stays, under its name."""

    def do(session: Session) -> Answer:
        caller = write.caller
        place = facilities.retire(session, caller.context.pack, facility, staff=caller.staff, now=caller.now())
        return Answer(_out(place))

    return write.once(do)  # type: ignore[return-value]


_out = FacilityOut.model_validate
