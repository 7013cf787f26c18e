"""Life or liberty is at stake: a person marks it who has read the case, and may take it back."""

from __future__ import annotations

from gateway.cases.models import Case, CaseEvent
from gateway.cases.service import Desk, happened
from gateway.errors import Invalid


def mark(desk: Desk, case: Case, reason: str, *, urgent: bool) -> CaseEvent:
    """Mark the case as urgent, or no longer so; `reason` is read inside the office.

    The clocks follow: of a request for information the law's 48 hours (Access to Information Act 2016, section 9) count
    beside its 21 days. Raises `Invalid` where it is so already.
    """
    if case.urgent == urgent:
        raise Invalid("it is so already", field="urgent")
    with desk.session.no_autoflush:  # the case is written once: one change, one version
        case.urgent = urgent
        return happened(desk, case, "urgency", audience="internal", text=reason, data={"urgent": urgent})
