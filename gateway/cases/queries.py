"""Reading cases: every read starts at `visible_to`, and a page costs the same number of queries however long it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.cases import terms
from gateway.cases.identity import resident_label
from gateway.cases.models import Case, CaseEvent
from gateway.cases.resolution import rung_of
from gateway.cases.schemas import CaseFilter, CaseLine, CaseOut, EventOut, Place
from gateway.cases.sentences import sentence
from gateway.cases.service import moves_of_staff, text_place
from gateway.cases.states import Status
from gateway.cases.visibility import hidden_kinds, in_office, reads_story, reads_summary, reads_words, visible_to
from gateway.errors import NotFound
from gateway.pack import Pack
from gateway.residents.models import Resident
from gateway.residents.sealing import Vault
from gateway.staff.models import Staff
from gateway.words import Words

_RECEIPT = re.compile(r"[0-9]{11}")
_SERIAL = re.compile(r"[A-Z]{2,5}-[0-9]{4}-[0-9]+")
_REFERENCE = re.compile(r"[0-9]{4}")


def _lines(cases: sa.Select[Case]) -> sa.Select[Case, str | None, str]:
    """Cases with what a line shows of other tables: who has it, and the language its resident reads."""
    return (
        cases.outerjoin(Staff, Staff.id == Case.assignee_id)
        .outerjoin(Resident, Resident.id == Case.resident_id)
        .add_columns(Staff.email, sa.func.coalesce(Resident.language, Case.language))
    )


def list_cases(
    session: Session,
    vault: Vault,
    staff: Staff,
    wanted: CaseFilter,
    *,
    after: UUID | None,
    limit: int,
    also: Sequence[sa.ColumnElement[bool]] = (),
) -> Sequence[sa.Row[Case, str | None, str]]:
    """Up to `limit` rows (case, assignee's e-mail, language), newest or oldest first, after the row with id `after`."""
    oldest = wanted.order == "oldest"
    order = Case.id if oldest else Case.id.desc()
    which = visible_to(staff).with_only_columns(Case.id).where(*_narrowed(vault, staff, wanted), *also)
    if after is not None:
        which = which.where(Case.id > after if oldest else Case.id < after)
    # First which ones, out of the indexes alone, then these few whole: what is looked at in vain is never read.
    page = which.order_by(order).limit(limit).subquery()
    return session.execute(_lines(sa.select(Case).join(page, page.c.id == Case.id)).order_by(order)).all()


def _narrowed(vault: Vault, staff: Staff, wanted: CaseFilter) -> Iterable[sa.ColumnElement[bool]]:
    equal = {
        Case.status: wanted.status,
        Case.kind: wanted.kind,
        Case.category: wanted.category,
        Case.ward_code: wanted.ward,
        Case.department_code: wanted.department,
        Case.inquiry_id: wanted.inquiry,
    }
    yield from (column == value for column, value in equal.items() if value is not None)
    if wanted.facility is not None:
        yield Case.facility_code == wanted.facility if in_office(staff) else sa.false()
    if wanted.assignee:
        who = sa.select(Staff.id).where(Staff.email == wanted.assignee.strip().lower())
        yield Case.assignee_id == who.scalar_subquery()
    if wanted.q:
        yield _found_by(vault, staff, wanted.q)


def _found_by(vault: Vault, staff: Staff, q: str) -> sa.ColumnElement[bool]:
    digits = re.sub(r"[\s-]", "", q)
    if _RECEIPT.fullmatch(digits):
        return Case.receipt_lookup == vault.lookup.digest("receipt", digits)
    if _REFERENCE.fullmatch(digits):
        return Case.reference == digits
    if _SERIAL.fullmatch(q.strip().upper()):
        return Case.serial == q.strip().upper()
    # Outside the office nobody tries words on a story they may not read.
    return terms.holds(vault, q) if in_office(staff) else sa.false()


def read_case(session: Session, staff: Staff, serial: str) -> sa.Row[Case, str | None, str]:
    """One row as `list_cases` gives it. Raises `NotFound` when there is none or it is not theirs to see."""
    row = session.execute(_lines(visible_to(staff)).where(Case.serial == serial)).one_or_none()
    if row is None:
        raise NotFound
    return row


def line(pack: Pack, vault: Vault, staff: Staff, row: sa.Row[Case, str | None, str]) -> CaseLine:
    """A row as a list shows it to `staff`."""
    return CaseLine.model_validate(_fields(pack, vault, staff, row))


def opened(pack: Pack, vault: Vault, staff: Staff, row: sa.Row[Case, str | None, str]) -> CaseOut:
    """A row as its own page shows it: the story is opened only for who may read it."""
    case: Case = row[0]
    story = vault.sealer.open(case.story_sealed, f"cases.story:{case.id}") if reads_story(staff, case) else None
    summary = None
    if case.summary_sealed is not None and reads_summary(staff):
        summary = vault.sealer.open(case.summary_sealed, summary_place(case.id))
    own = {
        "story": story,
        "summary": summary,
        # Finer than a ward: in a village it may be the identity.
        "facility": case.facility_code if in_office(staff) else None,
        "released_to": case.released_to,
        "released_at": case.released_at,
        "moves": [] if case.lead_id else moves_of_staff(Status(case.status)),
    }
    return CaseOut.model_validate(_fields(pack, vault, staff, row) | own)


def summary_place(case: UUID) -> str:
    """The place that the officer's summary is sealed for."""
    return f"cases.summary:{case}"


def _fields(pack: Pack, vault: Vault, staff: Staff, row: sa.Row[Case, str | None, str]) -> dict[str, Any]:
    case: Case = row[0]
    area, ward = places(pack, case)
    return {
        "serial": case.serial,
        # The four digits stand in the SMS on the resident's phone: outside they would say whose case it is.
        "reference": case.reference if in_office(staff) else None,
        "resident": resident_label(vault, case, inside=in_office(staff)),
        "kind": case.kind,
        "category": case.category,
        "status": case.status,
        "urgent": case.urgent,
        "area": area,
        "ward": ward,
        "department": case.department_code,
        "assignee": row[1],
        "commitment": case.commitment_id,
        "language": row[2],
        "privacy": case.privacy,
        "channel": case.channel,
        "filed_at": case.filed_at,
        "due_at": case.due_at,
        "closed_at": case.closed_at,
        "merged": case.lead_id is not None,
        "inquiry": str(case.inquiry_id) if case.inquiry_id else None,
        "rung": rung_of(pack, case).code,
        "reprisal": case.reprisal_at is not None,
        "refer_to": case.refer_to,
        "consent": case.consent,
        "version": case.version,
    }


def places(pack: Pack, case: Case) -> tuple[Place | None, Place | None]:
    """Sub-county and ward by name; a code the pack no longer knows stands for itself."""
    area, found = pack.guide.area(case.area_code), pack.guide.ward(case.ward_code)
    return (
        Place(code=case.area_code, name=area.name if area else case.area_code) if case.area_code else None,
        Place(code=case.ward_code, name=found[1].name if found else case.ward_code) if case.ward_code else None,
    )


def timeline(session: Session, staff: Staff, case: Case, *, after: UUID | None, limit: int) -> Sequence[CaseEvent]:
    """Up to `limit` events of the case that `staff` is told of, in the order they happened, after the id `after`."""
    hidden = hidden_kinds(staff)
    statement = sa.select(CaseEvent).where(CaseEvent.case_id == case.id)
    if hidden:
        statement = statement.where(CaseEvent.kind.not_in(hidden))
    if after is not None:
        statement = statement.where(CaseEvent.id > after)
    return session.scalars(statement.order_by(CaseEvent.id).limit(limit)).all()


def told(
    session: Session, vault: Vault, words: Words, staff: Staff, case: Case, events: Sequence[CaseEvent]
) -> list[EventOut]:
    """Events as `staff` may read them, a sentence each in the language of `words`; names are looked up in one query."""
    ids = {
        UUID(str(id_))
        for event in events
        for id_ in (event.staff_id, event.data.get("assignee"), event.data.get("person"))
        if id_
    }
    known = session.execute(sa.select(Staff.id, Staff.name).where(Staff.id.in_(ids)))
    names: dict[str, str] = {str(id_): name for id_, name in known}
    return [_told(vault, words, staff, case, event, names) for event in events]


def _told(vault: Vault, words: Words, staff: Staff, case: Case, event: CaseEvent, names: dict[str, str]) -> EventOut:
    text = None
    if event.text_sealed is not None and reads_words(staff, case, event):
        text = vault.sealer.open(event.text_sealed, text_place(event.id))
    by = names.get(str(event.staff_id))
    return EventOut(
        id=str(event.id),
        at=event.at,
        kind=event.kind,
        actor=event.actor,
        by=by,
        audience=event.audience,
        sentence=sentence(event, case, words, by=by, names=names),
        text=text,
        language=event.language,
        channel=event.channel,
        read_at=event.read_at,
    )
