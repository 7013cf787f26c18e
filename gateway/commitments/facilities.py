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
from gateway.errors import Invalid, NotFound, TransitionNotAllowed, filled
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
    return _together(session, pack, sa.select(Facility))


def _together(session: Session, pack: Pack, named: sa.Select[Facility]) -> dict[str, Place]:
    ours = _of_pack(pack)
    rows = session.scalars(named.order_by(Facility.named_at, Facility.code))
    return ours | {row.code: _place(row) for row in rows if row.code not in ours}


def _of_pack(pack: Pack) -> dict[str, Place]:
    return {one.code: Place(one.code, one.name, one.kind, one.ward) for one in pack.facilities}


def _place(row: Facility) -> Place:
    return Place(row.code, row.name, row.kind, row.ward_code, row.named_at, row.retired_at)


def current(session: Session, pack: Pack) -> dict[str, Place]:
    """The facilities that can be scored, by their codes."""
    if not pack.guide.score_items:
        return {}
    return _together(session, pack, sa.select(Facility).where(Facility.retired_at.is_(None)))


def find(session: Session, pack: Pack, code: str) -> Place | None:
    """The facility with this code, a retired one too; None for a code of none."""
    ours = _of_pack(pack).get(code)
    row = None if ours else session.get(Facility, code)
    return _place(row) if row else ours


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
    called = _plain(called)
    there = _free(session, pack, called, ward)
    if sum(not place.of_pack and place.retired_at is None for place in there.values()) >= MOST:
        raise TransitionNotAllowed(filled("{most} places are named: retire one first", most=MOST))
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


def rename(session: Session, pack: Pack, code: str, *, called: Mapping[str, str], staff: Staff) -> Place:
    """Put the name of a facility right, in every language; its code, its rounds and the cases about it stay.

    One that is retired too: what was scored is told under its name. Raises `NotFound`, `TransitionNotAllowed` for one
    of the pack, and `Invalid` for a name as in `name` or one that it has already.
    """
    row = _named(session, pack, code)
    called, before = _plain(called), dict(row.name)
    if called == before:
        raise Invalid("it is so already", field="name")
    _free(session, pack, called, row.ward_code, but=code)
    row.name = called
    session.flush()
    data = {"before": before, "name": called}
    audit.record(session, staff_id=staff.id, action="facility.renamed", subject=code, data=data)
    return _place(row)


def _plain(called: Mapping[str, str]) -> dict[str, str]:
    return {code: gsm7.plain(text) for code, text in called.items()}


def _free(
    session: Session, pack: Pack, called: Mapping[str, str], ward: str, *, but: str | None = None
) -> dict[str, Place]:
    """Every facility, if no other of the ward has this name; nobody else names one until the end. Raises `Invalid`."""
    faults = list(_faults(pack, called))
    if faults:
        raise Invalid("it does not fit small screens", errors=faults)
    session.execute(sa.text("SELECT pg_advisory_xact_lock(hashtextextended('facilities', 0))"))
    there = known(session, pack)
    others = [one for one in there.values() if one.ward == ward and one.retired_at is None and one.code != but]
    if any(set(one.name.values()) & set(called.values()) for one in others):
        raise Invalid("this ward has a place of that name", field="name")
    return there


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
    alone(session, code)
    row = _named(session, pack, code)
    if row.retired_at is not None:
        raise TransitionNotAllowed("it was retired")
    if session.scalar(sa.select(sa.exists().where(ScoreRound.facility_code == code, ScoreRound.closes_at > now))):
        raise TransitionNotAllowed("a round of this facility is open")
    row.retired_by, row.retired_at = staff.id, now
    session.flush()
    audit.record(session, staff_id=staff.id, action="facility.retired", subject=code)
    return _place(row)


def _named(session: Session, pack: Pack, code: str) -> Facility:
    """The row of one that staff named, locked. Raises `NotFound`, `TransitionNotAllowed` for one of the pack."""
    if code in _of_pack(pack):
        raise TransitionNotAllowed("the county's file names this place")
    row = session.get(Facility, code, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound
    return row


def alone(session: Session, code: str) -> None:
    """Wait until nobody else opens a round of this facility or retires it, and hold that until the end."""
    session.execute(sa.text("SELECT pg_advisory_xact_lock(hashtextextended('score:' || :code, 0))"), {"code": code})
