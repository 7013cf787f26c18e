"""The steps of a request for information that the law counts: day zero, one extension, a transfer, a deemed refusal.

Source: Access to Information Act 2016 (Kenya), sections 8 to 10 and 14. Which limits a county has is in its pack.
"""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.cases import deadlines
from gateway.cases.deadlines import Running
from gateway.cases.models import HAS_EFFECT, Case, CaseEvent
from gateway.cases.projection import OVER
from gateway.cases.service import Desk, happened, text_place
from gateway.cases.states import MOVES, Status
from gateway.errors import Invalid, TransitionNotAllowed, no_way
from gateway.ids import new_id
from gateway.messaging import service as messaging
from gateway.messaging import templates
from gateway.messaging.templates import short_date
from gateway.pack import Pack
from gateway.residents.models import Resident
from gateway.residents.sealing import Vault

BATCH = 200
"""Requests looked at in one unit of work of the clock process."""


def reached_officer(desk: Desk, case: Case, *, officer: str, on: datetime) -> CaseEvent:
    """Record when the information access officer received the request: day zero. `officer` is sealed.

    A second record can only name an earlier moment; of several the first counts. Raises `Invalid` for a case that is no
    request, and for a moment before it was filed or in the future.
    """
    clock = _decision(desk, case)
    if on > desk.now or on < case.filed_at:
        raise Invalid("the officer has it between its filing and now", field="on")
    if clock.starts_at is not None and on >= clock.starts_at:
        raise Invalid("an earlier day is recorded already; of several, the first counts", field="on")
    return happened(desk, case, "reached_officer", audience="internal", text=officer, data={"on": on.isoformat()})


def extend(desk: Desk, case: Case, reason: str) -> CaseEvent:
    """Extend the time for a decision, once and with a reason, and tell the resident until when.

    Raises `TransitionNotAllowed` when it was extended before, is not running, or is over; where life or liberty is at
    stake there is none.
    """
    clock = _decision(desk, case)
    rule = deadlines.extension_rule(desk.pack, clock.rule.code.partition(".")[0])
    if rule is None or case.urgent:
        raise TransitionNotAllowed("this clock cannot be extended")
    if clock.extended_by:
        raise TransitionNotAllowed("it was extended once already")
    if not clock.is_duty or desk.now > clock.due_at:
        raise TransitionNotAllowed("the time is not running: an extension is asked for before it ends")
    longer = deadlines.extended(desk.pack, clock, rule, desk.now)
    until = longer.astimezone(desk.pack.about.zone).date()
    resident = _texted(desk.session, case)
    event = happened(
        desk,
        case,
        "extended",
        audience="resident",
        text=reason,
        data={"days": rule.limit, "until": str(until)},
        language=_language(desk.session, case),
    )
    _tell(desk.session, desk.vault, case, resident, "later", until, desk.now)
    return event


def transfer(desk: Desk, case: Case, *, body: str, reason: str) -> CaseEvent:
    """Hand the request to the body that has the information, and tell the resident.

    The decision's clock goes on from the first receipt: of the two readings of section 10 the stricter. Raises
    `TransitionNotAllowed` from a status that leads to no referral.
    """
    _decision(desk, case)
    before = Status(case.status)
    if Status.REFERRED not in MOVES[before]:
        raise TransitionNotAllowed(no_way(before, Status.REFERRED), **{"from": before, "to": Status.REFERRED})
    case.status = Status.REFERRED
    resident = _texted(desk.session, case)
    event = happened(
        desk,
        case,
        "transferred",
        audience="resident",
        text=f"{body}: {reason}",
        data={"from": before, "to": Status.REFERRED},
        language=_language(desk.session, case),
    )
    _tell(desk.session, desk.vault, case, resident, "moved", None, desk.now)
    return event


def _decision(desk: Desk, case: Case) -> Running:
    """The clock of the decision. Raises `Invalid` for a case that has none."""
    marks = deadlines.marks_of(desk.session, [(case.id, case.filed_at)])[case.id]
    clocks = deadlines.running(desk.pack, case, marks, desk.now)
    found = next((clock for clock in clocks if clock.rule.code.endswith(".decision") and clock.rule.law), None)
    if found is None:
        raise Invalid("no law counts days for a decision on this case", field="serial")
    return found


def refuse_lapsed(session: Session, vault: Vault, pack: Pack, now: datetime) -> int:
    """Deem refused what got no decision within the time of the law, and tell each resident the remedy; how many.

    Each request once: a later answer does not undo it, and it does not end the duty to answer.
    """
    profiles = {rule.code.partition(".")[0] for rule in pack.clocks if rule.lapse == "refusal"}
    if not profiles:
        return 0
    told = sa.exists().where(CaseEvent.case_id == Case.id, CaseEvent.kind == "deemed_refused")
    overdue = (
        sa.select(Case)
        .where(Case.kind.in_(profiles), Case.due_at < now, Case.status.not_in([str(one) for one in OVER]), ~told)
        .order_by(Case.due_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    cases = session.scalars(overdue).all()
    marks = deadlines.marks_of(session, [(case.id, case.filed_at) for case in cases])
    lapsed = [case for case in cases if _has_lapsed(deadlines.running(pack, case, marks[case.id], now), now)]
    for case in lapsed:
        _refuse(session, vault, pack, case, now)
    return len(lapsed)


def _has_lapsed(clocks: list[Running], now: datetime) -> bool:
    return any(clock.rule.lapse == "refusal" and clock.is_duty and now > clock.due_at for clock in clocks)


def _refuse(session: Session, vault: Vault, pack: Pack, case: Case, now: datetime) -> None:
    """The event with the remedy as words of ours, and the message owed."""
    resident = session.get(Resident, case.resident_id) if case.resident_id else None
    language = resident.language if resident else case.language
    until = deadlines.review_by(pack, case, now)
    event = new_id()
    office, number = _reviewer(pack, language)
    day = short_date(until, language) if until else ""
    words = templates.remedy(pack.guide, language, date=day, office=office, number=number)
    row = insert(CaseEvent).values(
        id=event,
        case_id=case.id,
        at=now,
        kind="deemed_refused",
        actor="system",
        audience="resident",
        language=language,
        text_sealed=vault.sealer.seal(words, text_place(event)),
        effect_key=vault.lookup.digest("effect", f"deemed:{case.id}"),
    )
    session.execute(row.on_conflict_do_nothing(index_elements=["effect_key"], index_where=HAS_EFFECT))
    _tell(session, vault, case, _texted(session, case), "deemed", until, now)


def _reviewer(pack: Pack, language: str) -> tuple[str, str]:
    """Who reviews a refusal, by name and number; empty while the number is not verified."""
    codes = {rule.remedy for rule in pack.clocks if rule.lapse == "refusal"}
    verified = [line for line in pack.referrals.referrals if line.code in codes and line.verified]
    return (verified[0].name.get(language) or verified[0].name["en"], verified[0].number) if verified else ("", "")


def _texted(session: Session, case: Case) -> Resident | None:
    """The resident, if they want SMS about this case."""
    return session.get(Resident, case.resident_id) if case.resident_id and case.privacy == "sms" else None


def _language(session: Session, case: Case) -> str:
    resident = session.get(Resident, case.resident_id) if case.resident_id else None
    return str(resident.language if resident else case.language)


def _tell(
    session: Session,
    vault: Vault,
    case: Case,
    resident: Resident | None,
    template: str,
    until: date | None,
    now: datetime,
) -> None:
    if resident is None:
        return
    values = {"ref": case.reference}
    if template == "moved":
        values["status"] = case.status
    elif until is not None:
        values["date"] = short_date(until, resident.language)
    messaging.owe(
        session,
        vault,
        resident_id=resident.id,
        template=template,
        values=values,
        language=resident.language,
        now=now,
        case_id=case.id,
        urgent=case.urgent,
        effect_key=vault.lookup.digest("effect", f"{template}:{case.id}") if template == "deemed" else None,
    )
