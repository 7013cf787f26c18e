"""'They punish me for complaining': from that moment only the supervisor sees the case, and it goes on to the CAJ.

A file goes nowhere without its resident's consent: the question waits for them under My cases, and nobody is texted.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from gateway.cases import consent, duties, merging
from gateway.cases.models import Case
from gateway.cases.service import Desk
from gateway.pack import Pack
from gateway.staff import audit


def told_of(desk: Desk, case: Case) -> None:
    """Staff were told that the resident is punished for complaining: only the supervisor sees the case from now on."""
    if raise_alarm(desk.session, desk.pack, case, desk.now, staff=desk.staff.id):
        audit.record(desk.session, staff_id=desk.staff.id, action="case.reprisal", subject=case.serial)
        desk.session.flush()


def raise_alarm(session: Session, pack: Pack, case: Case, now: datetime, *, staff: UUID | None = None) -> bool:
    """Hide the case from everybody but the supervisor, urgently; False when it was so before. Nobody is texted.

    The resident is asked whether the file may go to the pack's remedy, the Commission on Administrative Justice.

    Victimising a complainant is an offence (Commission on Administrative Justice Act; the CAJ's own FAQs).
    """
    if case.reprisal_at is not None:
        return False
    merging.separate(session, case, now)
    case.reprisal_at, case.urgent = now, True
    case.assignee_id = case.inquiry_id = None
    session.flush()
    actor = "staff" if staff else "resident"
    merging.record(session, [case.id], "reprisal", now, actor=actor, staff=staff)
    duties.add(session, case, duties.Kind.REPRISAL, now)
    office = pack.referrals.remedy
    if office and not consent.agreed(case, office):
        case.refer_to, case.consent = office, "asked"
        session.flush()
        merging.record(session, [case.id], "consent_asked", now, actor="system", data={"office": office})
    return True


def end_alarm(session: Session, case: Case, now: datetime) -> bool:
    """The case is seen as any other again; False when it was."""
    if case.reprisal_at is None:
        return False
    case.reprisal_at = None
    duties.settle(session, case.id, [duties.Kind.REPRISAL], now)
    return True
