"""Which facilities there are to score: those of the pack, and those that a supervisor named. None commits.

All who ask which there are ask here; a round keeps only the code, so what was retired can still be told by its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.commitments.scoring_models import Facility, ScoreRound
from gateway.errors import Invalid, NotFound, TransitionNotAllowed
from gateway.pack import Pack
from gateway.pack.checking import label_fault
from gateway.staff import audit
from gateway.staff.models import Staff
from menus import gsm7

MOST = 500
"""Facilities named by staff that can be scored at a time."""


@dataclass(frozen=True, slots=True)
class Place:
    """A facility, wherever it is known from."""

    code: str
    name: Mapping[str, str]
    kind: str
    ward: str
    named_at: datetime | None = None
    """None where the pack names it."""
    retired_at: datetime | None = None

    @property
    def of_pack(self) -> bool:
        """The pack names it: staff cannot retire it."""
        return self.named_at is None


def known(session: Session, pack: Pack) -> dict[str, Place]:
    """Every facility by its code, retired ones too: the pack's first, then in the order in which they were named."""
    rows = session.scalars(sa.select(Facility).order_by(Facility.named_at, Facility.code))
    named = {row.code: _place(row) for row in rows}
    ours = {one.code: Place(one.code, one.name, one.kind, one.ward) for one in pack.facilities}
    return ours | {code: place for code, place in named.items() if code not in ours}


def _place(row: Facility) -> Place:
    return Place(row.code, row.name, row.kind, row.ward_code, row.named_at, row.retired_at)


def current(session: Session, pack: Pack) -> dict[str, Place]:
    """The facilities that can be scored, by their codes."""
    if not pack.guide.score_items:
        return {}
    return {code: place for code, place in known(session, pack).items() if place.retired_at is None}


def name(
    session: Session, pack: Pack, *, called: Mapping[str, str], kind: str, ward: str, staff: Staff, now: datetime
) -> Place:
    """Name a facility of a ward that residents and its staff can score; its code is the ward's and a number.

    Raises `Invalid` for a name that small screens cannot show, is missing in a language or taken, a ward that is none,
    and a pack that says nothing to score.
    """
    if not pack.guide.score_items:
        raise Invalid("the county's file names nothing to score")
    if pack.guide.ward(ward) is None:
        raise Invalid("there is no such ward", field="ward")
    called = {code: gsm7.plain(text) for code, text in called.items()}
    faults = list(_faults(pack, called))
    if faults:
        raise Invalid("it does not fit small screens", errors=faults)
    session.execute(sa.text("SELECT pg_advisory_xact_lock(hashtextextended('facilities', 0))"))
    there = known(session, pack)
    of_ward = [place for place in there.values() if place.ward == ward and place.retired_at is None]
    if any(set(place.name.values()) & set(called.values()) for place in of_ward):
        raise Invalid("this ward has a place of that name", field="name")
    if sum(not place.of_pack and place.retired_at is None for place in there.values()) >= MOST:
        raise TransitionNotAllowed(f"{MOST} places are named: retire one first")
    number = next(number for number in range(1, len(there) + 2) if f"{ward}-{number}" not in there)
    row = Facility(
        code=f"{ward}-{number}",
        name=called,
        kind=kind,
        ward_code=ward,
        named_by=staff.id,
        named_at=now,
        retired_at=None,
    )
    session.add(row)
    session.flush()
    audit.record(session, staff_id=staff.id, action="facility.named", subject=row.code, data={"name": called})
    return _place(row)


def _faults(pack: Pack, called: Mapping[str, str]) -> Iterator[dict[str, str]]:
    languages = [language.code for language in pack.guide.languages]
    for code in called:
        if code not in languages:
            yield {"where": "body.name", "message": "this pack has no such language"}
    for code in languages:
        fault = label_fault(called.get(code, "")) if called.get(code) else "it is missing"
        if fault:
            yield {"where": f"body.name.{code}", "message": fault}


def retire(session: Session, pack: Pack, code: str, *, staff: Staff, now: datetime) -> Place:
    """No more rounds of it; what was scored stays, under its name.

    Raises `NotFound`, and `TransitionNotAllowed` for one of the pack, one retired before, or while a round is open.
    """
    if any(one.code == code for one in pack.facilities):
        raise TransitionNotAllowed("the county's file names this place")
    alone(session, code)
    row = session.get(Facility, code, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound
    if row.retired_at is not None:
        raise TransitionNotAllowed("it was retired")
    if session.scalar(sa.select(sa.exists().where(ScoreRound.facility_code == code, ScoreRound.closes_at > now))):
        raise TransitionNotAllowed("a round of this facility is open")
    row.retired_by, row.retired_at = staff.id, now
    session.flush()
    audit.record(session, staff_id=staff.id, action="facility.retired", subject=code)
    return _place(row)


def alone(session: Session, code: str) -> None:
    """Wait until nobody else opens a round of this facility or retires it, and hold that until the end."""
    session.execute(sa.text("SELECT pg_advisory_xact_lock(hashtextextended('score:' || :code, 0))"), {"code": code})
