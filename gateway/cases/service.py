"""What the desk does to a case. Each verb writes the change, an event, an audit entry and the message owed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from gateway.cases import projection
from gateway.cases.deadlines import confirm_by
from gateway.cases.models import Case, CaseEvent
from gateway.cases.states import NEED_REASON, RESIDENTS_OWN, TOLD, Status, allowed
from gateway.cases.visibility import in_conflict, names_unit, visible_to
from gateway.errors import Invalid, NotFound, TransitionNotAllowed, VersionConflict
from gateway.ids import new_id
from gateway.messaging import service as messaging
from gateway.messaging.templates import short_date
from gateway.pack import Pack
from gateway.residents.models import Resident
from gateway.residents.sealing import Vault
from gateway.staff import audit
from gateway.staff.models import Staff
from gateway.staff.roles import PERMISSIONS, Permission, Role
from gateway.staff.service import tidy_email


@dataclass(frozen=True, slots=True)
class Desk:
    """What every verb works with: the transaction, the keys, the pack, who acts and when."""

    session: Session
    vault: Vault
    pack: Pack
    staff: Staff
    now: datetime


def open_case(desk: Desk, serial: str, *, versions: tuple[int, ...] = ()) -> Case:
    """The case, locked until the transaction ends, so that two people at once follow each other.

    Raises `NotFound` when there is none or it is not theirs to see, `VersionConflict` when it is at none of `versions`.
    """
    case = desk.session.scalar(visible_to(desk.staff).where(Case.serial == serial).with_for_update())
    if case is None:
        raise NotFound
    if any(version != case.version for version in versions):
        raise VersionConflict(version=case.version)
    return case


def moves_of_staff(status: Status) -> list[Status]:
    """Where staff may move a case from here, in the order of the table's words."""
    return [to for to in Status if allowed(status, to) and to not in RESIDENTS_OWN]


def note(desk: Desk, case: Case, text: str, audience: str = "internal") -> CaseEvent:
    """Write down something for colleagues: `internal`, or for the `department` too, as a focal person's always is."""
    if desk.staff.role == Role.FOCAL:
        audience = "department"
    return happened(desk, case, "noted", audience=audience, text=text)


def reply(desk: Desk, case: Case, text: str) -> CaseEvent:
    """Answer the resident. The status stays; a message is owed when the resident wanted SMS."""
    event = happened(desk, case, "replied", audience="resident", text=text, language=_language(desk, case))
    resident = _texted(desk, case)
    if resident is not None and resident.full_answers:
        _owe(desk, case, resident, "reply_full", {"ref": case.reference, "text": text})
    elif resident is not None:
        _owe(desk, case, resident, "reply", {"ref": case.reference})
    return event


def assign(desk: Desk, case: Case, *, assignee: str | None = None, department: str | None = None) -> CaseEvent:
    """Give the case to a person (by e-mail) or to a department; one that waited for triage is assigned by it.

    A focal person's case is their department's. Raises `Invalid` for one who takes no cases or an unknown department.
    """
    data: dict[str, Any] = {"from": case.status}
    if assignee is not None:
        person = _assignable(desk, case, assignee)
        case.assignee_id, data["assignee"] = person.id, str(person.id)
        department = person.department_code
    if department is not None:
        if department not in {known.code for known in desk.pack.departments}:
            raise Invalid("the pack has no department with this code", field="department")
        if names_unit(desk.session, case.id, department):
            raise Invalid("the case names this department", field="department")
        case.department_code = data["department"] = department
        if case.released_to != department:
            case.released_to = case.released_at = None  # what one department may read, the next may not
    if case.status in (Status.RECEIVED, Status.TRIAGE):
        case.status = Status.ASSIGNED
    data["to"] = case.status
    return happened(desk, case, "assigned", audience="internal", data=data)


def _assignable(desk: Desk, case: Case, email: str) -> Staff:
    person = desk.session.scalar(sa.select(Staff).where(Staff.email == tidy_email(email), Staff.active))
    if person is None or Permission.WRITE_NOTES not in PERMISSIONS[Role(person.role)]:
        raise Invalid("no active account with this e-mail takes cases", field="assignee")
    if in_conflict(desk.session, case.id, person):
        raise Invalid("the case names this person, whom they answer to, or their office", field="assignee")
    return person


def move(desk: Desk, case: Case, to: Status, reason: str = "") -> CaseEvent:
    """Move the case on. A reason of a move that residents hear of is read by the resident, another stays inside.

    Raises `TransitionNotAllowed` for a move that is not in the table or is the resident's own, `Invalid` without a
    reason where one is due (Fair Administrative Action Act 2015, section 4: reasons for adverse action).
    """
    before = Status(case.status)
    if to not in moves_of_staff(before):
        why = "only the resident decides this" if allowed(before, to) else f"{before} does not lead to {to}"
        raise TransitionNotAllowed(why, **{"from": before, "to": to, "allowed": moves_of_staff(before)})
    if to in NEED_REASON and not reason:
        raise Invalid(f"a move to {to} needs a reason", field="reason")
    audience = "resident" if to in TOLD else "internal"
    language = _language(desk, case) if to in TOLD else None
    case.status = to
    data = {"from": before, "to": to}
    event = happened(desk, case, "moved", audience=audience, text=reason, data=data, language=language)
    resident = _texted(desk, case) if to in TOLD else None
    if resident is not None:
        _owe_move(desk, case, resident, to)
    return event


def _owe_move(desk: Desk, case: Case, resident: Resident, to: Status) -> None:
    if to is not Status.RESOLVED:
        _owe(desk, case, resident, "moved", {"ref": case.reference, "status": to})
        return
    values, answer_by = {"ref": case.reference}, confirm_by(desk.pack, case, desk.now)
    if answer_by is not None:
        values["date"] = short_date(answer_by, resident.language)
    _owe(desk, case, resident, "solved", values)


def happened(
    desk: Desk,
    case: Case,
    kind: str,
    *,
    audience: str,
    text: str = "",
    data: dict[str, Any] | None = None,
    language: str | None = None,
) -> CaseEvent:
    """Write the event, the audit entry and the case's next version. `text` is sealed; `data` holds ids and codes."""
    event = new_id()
    row = CaseEvent(
        id=event,
        case_id=case.id,
        at=desk.now,
        kind=kind,
        actor="staff",
        staff_id=desk.staff.id,
        audience=audience,
        language=language,
        text_sealed=desk.vault.sealer.seal(text, text_place(event)) if text else None,
        data=data or {},
    )
    projection.project(desk.session, desk.pack, case, row)
    desk.session.add(row)
    flag_modified(case, "status")  # so that the version moves on even when no column of the case does
    audit.record(
        desk.session,
        staff_id=desk.staff.id,
        action=f"case.{kind}",
        subject=case.serial,
        data={"event": str(event), **(data or {})},
    )
    desk.session.flush()
    return row


def text_place(event: object) -> str:
    """The place an event's words are sealed to."""
    return f"case_events.text:{event}"


def _language(desk: Desk, case: Case) -> str:
    resident = _resident(desk, case)
    return str(resident.language if resident else case.language)


def _resident(desk: Desk, case: Case) -> Resident | None:
    return desk.session.get(Resident, case.resident_id) if case.resident_id else None


def _texted(desk: Desk, case: Case) -> Resident | None:
    """The resident, if they want SMS about this case."""
    return _resident(desk, case) if case.privacy == "sms" else None


def _owe(desk: Desk, case: Case, resident: Resident, template: str, values: dict[str, str]) -> None:
    messaging.owe(
        desk.session,
        desk.vault,
        resident_id=resident.id,
        template=template,
        values=values,
        language=resident.language,
        now=desk.now,
        case_id=case.id,
        urgent=case.urgent,
    )
