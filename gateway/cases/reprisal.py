"""'They punish me for complaining': from that moment only the supervisor sees the case, and it goes on to the CAJ."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from gateway.cases import duties, merging
from gateway.cases.models import Case


def raise_alarm(session: Session, case: Case, now: datetime, *, staff: UUID | None = None) -> bool:
    """Hide the case from everybody but the supervisor, urgently; False when it was so before. Nobody is texted.

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
    return True


def end_alarm(session: Session, case: Case, now: datetime) -> bool:
    """The case is seen as any other again; False when it was."""
    if case.reprisal_at is None:
        return False
    case.reprisal_at = None
    duties.settle(session, case.id, [duties.Kind.REPRISAL], now)
    return True
