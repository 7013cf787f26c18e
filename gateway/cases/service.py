"""What the desk does to a case. Each verb writes the change, an event, an audit entry and the message owed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from gateway.cases import consent, duties, merging, projection, resolution
from gateway.cases.deadlines import confirm_by
from gateway.cases.desk_models import Resolution
from gateway.cases.models import Case, CaseEvent
from gateway.cases.states import NEED_REASON, RESIDENTS_OWN, SAID_DONE, TOLD, Status, allowed
from gateway.cases.visibility import in_conflict, names_unit, visible_to
from gateway.errors import Invalid, NotFound, TransitionNotAllowed, VersionConflict, filled, no_way
from gateway.ids import new_id
from gateway.messaging import many, remedies
from gateway.messaging import service as messaging
from gateway.messaging.templates import short_date
from gateway.pack import Pack
from gateway.residents.models import Resident
from gateway.residents.sealing import Vault
from gateway.staff import audit
from gateway.staff.models import Staff
from gateway.staff.roles import PERMISSIONS, Permission, Role
from gateway.staff.service import tidy_email
from gateway.words import ENGLISH, Words


@dataclass(frozen=True, slots=True)
class Desk:
    """What every verb works with: the transaction, the keys, the pack, who acts and when."""

    session: Session
    vault: Vault
    pack: Pack
    staff: Staff
    now: datetime
    language: str = ENGLISH

    @property
    def words(self) -> Words:
        return Words(self.pack, self.language)


def open_case(desk: Desk, serial: str, *, versions: tuple[int, ...] = ()) -> Case:
    """The case, locked until the transaction ends, so that two people at once follow each other.

    Raises `NotFound` when there is none or it is not theirs to see, `VersionConflict` when it is at none of `versions`.
    """
    case = desk.session.scalar(visible_to(desk.staff).where(Case.serial == serial).with_for_update(key_share=True))
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


def reply(desk: Desk, case: Case, text: str, *, everybody: bool = False) -> CaseEvent:
    """Answer the resident; `everybody` answers those of merged cases too. The status stays; SMS are owed as wanted."""
    language = language_of(desk, case)
    event = happened(desk, case, "replied", audience="resident", text=text, language=language)
    resident = _texted(desk, case)
    if resident is not None and resident.full_answers:
        _owe(desk, case, resident, "reply_full", {"ref": case.reference, "text": text})
    elif resident is not None:
        _owe(desk, case, resident, "reply", {"ref": case.reference})
    if everybody:
        followed = merging.follow(desk.session, case, Status(case.status), desk.now)
        record(desk, followed, "replied", {}, audience="resident", text=text, language=language)
        news = [
            many.News(one.id, one.resident_id, one.language, {"ref": one.reference}, one.urgent)
            for one in followed
            if one.privacy == "sms" and one.resident_id is not None
        ]
        many.owe_each(desk.session, desk.vault, "reply", news, desk.now)
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
    _not_merged(case)
    if case.status in (Status.RECEIVED, Status.TRIAGE):
        case.status = Status.ASSIGNED
    data["to"] = case.status
    event = happened(desk, case, "assigned", audience="internal", data=data)
    followed = merging.follow(desk.session, case, Status(case.status), desk.now)
    record(desk, followed, "assigned", data)
    return event


def _assignable(desk: Desk, case: Case, email: str) -> Staff:
    person = desk.session.scalar(sa.select(Staff).where(Staff.email == tidy_email(email), Staff.active))
    if person is None or Permission.WRITE_NOTES not in PERMISSIONS[Role(person.role)]:
        raise Invalid("no active account with this e-mail takes cases", field="assignee")
    if in_conflict(desk.session, case.id, person):
        raise Invalid("the case names this person, whom they answer to, or their office", field="assignee")
    return person


@dataclass(frozen=True, slots=True)
class Details:
    """What some moves take beside their reason."""

    evidence: str = ""
    """What shows that it is done; read inside the office."""
    office: str | None = None
    """Where the resident is sent: a code of the pack's referrals."""
    reference: str = ""
    """Under which number another body has it."""


def move(desk: Desk, case: Case, to: Status, reason: str = "", details: Details = Details()) -> CaseEvent:  # frozen
    """Move the case on, and every case merged with it. The resident reads the reason of a move they are told of.

    Raises `TransitionNotAllowed` for a move that is not in the table, is the resident's own, or is of a merged case,
    `Invalid` without a reason where one is due (Fair Administrative Action Act 2015, section 4: reasons for adverse
    action), or without evidence where the pack demands it, `ConsentNeeded` for a file that its resident keeps here.
    """
    _check_move(case, to, reason)
    with desk.session.no_autoflush:  # the case is written once: one move, one version
        return _moved(desk, case, to, reason, details)


def _moved(desk: Desk, case: Case, to: Status, reason: str, details: Details) -> CaseEvent:
    before = Status(case.status)
    data = {"from": before, "to": to, **_details(desk, case, to, details)}
    audience, language = ("resident", language_of(desk, case)) if to in TOLD else ("internal", None)
    text = _rejection(desk, case, reason, details, language) if to is Status.REJECTED and language else reason
    shown = to is Status.RESOLVED and _evidence(desk, case, details)
    resolution.arrive(case, to, desk.now)
    event = happened(desk, case, "moved", audience=audience, text=text, data=data, language=language)
    followed = merging.follow(desk.session, case, to, desk.now)
    record(desk, followed, "moved", data, audience=audience, text=text, language=language)
    _asked_or_not(desk, case, [case.id, *(member.id for member in followed)], before, to, shown=shown)
    if to in TOLD:
        _tell_move(desk, case, followed, to)
    return event


def _check_move(case: Case, to: Status, reason: str) -> None:
    before = Status(case.status)
    _not_merged(case)
    if to not in moves_of_staff(before):
        told = {"from": before, "to": to, "allowed": moves_of_staff(before)}
        if allowed(before, to):
            raise TransitionNotAllowed("only the resident decides this", **told)
        raise TransitionNotAllowed(no_way(before, to), **told)
    if to in NEED_REASON and not reason:
        raise Invalid(filled("a move to “{to}” needs a reason", to=to), field="reason")


def _not_merged(case: Case) -> None:
    if case.lead_id is not None:
        raise TransitionNotAllowed("it is worked on with the case it is merged with; move that one, or part them")


def _details(desk: Desk, case: Case, to: Status, details: Details) -> dict[str, Any]:
    """What the event keeps beside the statuses; where the resident is sent is kept on the case too."""
    if details.office is not None and desk.pack.referrals.office(details.office) is None:
        raise Invalid("the pack has no such office to refer to", field="office")
    if to is Status.REFERRED:
        office = details.office or case.refer_to
        if office is not None:
            consent.demand(case, office)
            merging.part_from_file(desk.session, case, desk.now)
        return {"office": office, "reference": details.reference, "file": office is not None}
    if to is Status.REOPENED and case.status in SAID_DONE:
        return {"rung": resolution.climb(desk.pack, case).code}
    return {}


def _rejection(desk: Desk, case: Case, reason: str, details: Details, language: str) -> str:
    """Reasons and where to go next: whoever is turned away is told both (the same Act, sections 4 and 6)."""
    remedy = desk.pack.referrals.remedy_for(details.office)
    consent.send_to(case, details.office or (remedy.code if remedy else None))
    guide = desk.pack.guide
    name, number = (guide.label(remedy.name, language), remedy.number) if remedy else ("", "")
    return remedies.not_taken_up(guide, language, reason, office=name, number=number)


def _evidence(desk: Desk, case: Case, details: Details) -> bool:
    """Keep what shows that it is done; whether there is anything. Raises `Invalid` where the pack demands it."""
    if details.evidence:
        happened(desk, case, "evidence", audience="internal", text=details.evidence)
        return True
    since = sa.select(sa.func.max(Resolution.at)).where(Resolution.case_id == case.id).scalar_subquery()
    kept = sa.select(CaseEvent.id).where(
        CaseEvent.case_id == case.id,
        CaseEvent.kind == "evidence",
        CaseEvent.at > sa.func.coalesce(since, case.filed_at - _A_MOMENT),
    )
    there = desk.session.scalar(sa.select(kept.exists())) or False
    if not there and desk.pack.desk.evidence.required:
        raise Invalid("a case is resolved with something that shows it", field="evidence")
    return there


_A_MOMENT = timedelta(microseconds=1)


def add_evidence(desk: Desk, case: Case, text: str) -> CaseEvent:
    """Write down what shows that it is done: a document seen, a visit, a call to the resident."""
    return happened(desk, case, "evidence", audience="internal", text=text)


def _asked_or_not(desk: Desk, case: Case, cases: list[UUID], before: Status, to: Status, *, shown: bool) -> None:
    """The question to the residents begins with "resolved", and ends where staff open the case again."""
    if to is Status.RESOLVED:
        resolution.begin(desk.session, cases, desk.now, staff=desk.staff.id, evidence=shown)
        if not shown:
            duties.add(desk.session, case, duties.Kind.NO_EVIDENCE, desk.now)
    elif before is Status.RESOLVED:
        resolution.take_back(desk.session, cases, desk.now)


def _tell_move(desk: Desk, case: Case, followed: list[merging.Member], to: Status) -> None:
    """A text to the resident, and to those of merged cases, each under their own four digits."""
    answer_by = confirm_by(desk.pack, case, desk.now) if to is Status.RESOLVED else None
    template = "solved" if to is Status.RESOLVED else "moved"

    def values(reference: str, language: str) -> dict[str, str]:
        if to is not Status.RESOLVED:
            return {"ref": reference, "status": to}
        return {"ref": reference, **({"date": short_date(answer_by, language)} if answer_by else {})}

    resident = _texted(desk, case)
    if resident is not None:
        _owe(desk, case, resident, template, values(case.reference, resident.language))
    news = [
        many.News(one.id, one.resident_id, one.language, values(one.reference, one.language), one.urgent)
        for one in followed
        if one.privacy == "sms" and one.resident_id is not None
    ]
    many.owe_each(desk.session, desk.vault, template, news, desk.now)


def merge(desk: Desk, case: Case, lead: Case) -> CaseEvent:
    """Work on `case` with `lead` from now on: both are about the same thing. The resident hears of it.

    Raises `Invalid` where they cannot be worked on as one.
    """
    merging.check(case, lead)
    before = case.status
    merging.join(desk.session, case, lead, desk.now)
    data = {"from": before, "to": lead.status, "with": lead.serial}
    event = happened(desk, case, "merged", audience="internal", data=data)
    happened(
        desk, lead, "merged", audience="internal", data={"from": lead.status, "to": lead.status, "with": case.serial}
    )
    tell(desk, case, "merged")
    return event


def unmerge(desk: Desk, case: Case) -> CaseEvent:
    """The case is its own again, with the status it now has. Raises `Invalid` when it is merged with none."""
    if case.lead_id is None:
        raise Invalid("it is merged with no other case")
    case.lead_id = None
    return happened(desk, case, "unmerged", audience="internal")


def record(
    desk: Desk,
    followed: list[merging.Member],
    kind: str,
    data: dict[str, Any],
    *,
    audience: str = "internal",
    text: str = "",
    language: str | None = None,
) -> None:
    """What happened to a lead case, on those that followed it."""
    merging.record(
        desk.session,
        [member.id for member in followed],
        kind,
        desk.now,
        actor="staff",
        staff=desk.staff.id,
        audience=audience,
        data=data,
        words=(desk.vault, text, language),
    )


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
    case.wrote_at = None  # whatever the resident wrote, somebody has dealt with the case since
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


def language_of(desk: Desk, case: Case) -> str:
    """The language that the resident reads."""
    resident = _resident(desk, case)
    return str(resident.language if resident else case.language)


def _resident(desk: Desk, case: Case) -> Resident | None:
    return desk.session.get(Resident, case.resident_id) if case.resident_id else None


def tell(desk: Desk, case: Case, template: str) -> None:
    """Owe a neutral text that shows four digits alone, if the resident wants SMS about this case."""
    resident = _texted(desk, case)
    if resident is not None:
        _owe(desk, case, resident, template, {"ref": case.reference})


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
        # One who is punished for complaining is not woken by a text about it.
        urgent=case.urgent and case.reprisal_at is None,
    )
