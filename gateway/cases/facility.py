"""Which place of service a case is about: said by a person who has read the case, and taken back. None commits."""

from __future__ import annotations

from sqlalchemy.orm import Session

from gateway.cases.models import Case, CaseEvent
from gateway.cases.service import Desk, happened
from gateway.commitments import facilities
from gateway.commitments.facilities import Place
from gateway.errors import Invalid
from gateway.pack import Pack


def choices(session: Session, pack: Pack, ward: str) -> list[Place]:
    """The places of a ward that a case can be about."""
    return [place for place in facilities.current(session, pack).values() if place.ward == ward]


def mark(desk: Desk, case: Case, code: str | None) -> CaseEvent:
    """Say which place of its ward the case is about; None for no one place.

    Raises `Invalid` for one of another ward, one that is retired or none, and where it is so already.
    """
    if code == case.facility_code:
        raise Invalid("it is so already", field="facility")
    place = next((place for place in choices(desk.session, desk.pack, case.ward_code) if place.code == code), None)
    if code is not None and place is None:
        raise Invalid("the ward of this case has no such place", field="facility")
    # As it is called now: the timeline tells it by this name, also when that is corrected later.
    data = {"facility": code, "name": dict(place.name) if place else None}
    with desk.session.no_autoflush:  # the case is written once: one change, one version
        case.facility_code = code
        return happened(desk, case, "facility", audience="internal", data=data)
