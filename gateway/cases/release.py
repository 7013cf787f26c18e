"""What a department reads: the case officer's summary, and the resident's own words once they are released."""

from __future__ import annotations

from gateway.cases.models import Case, CaseEvent
from gateway.cases.queries import summary_place
from gateway.cases.service import Desk, happened
from gateway.errors import Forbidden, Invalid
from gateway.staff.roles import Role


def summarise(desk: Desk, case: Case, text: str) -> CaseEvent:
    """Tell the department what the case is about, in the officer's words; the text before stays in the timeline."""
    _own(desk, case)
    case.summary_sealed = desk.vault.sealer.seal(text, summary_place(case.id))
    return happened(desk, case, "summarised", audience="department", text=text)


def release(desk: Desk, case: Case, reason: str) -> CaseEvent:
    """Let the case's department read what the resident wrote until now.

    Raises `Forbidden` for who is not the case's officer, `Invalid` when it is with no department.
    """
    _own(desk, case)
    if case.department_code is None:
        raise Invalid("the case is with no department", field="department")
    case.released_to, case.released_at = case.department_code, desk.now
    data = {"department": case.department_code}
    return happened(desk, case, "words_released", audience="internal", text=reason, data=data)


def withhold(desk: Desk, case: Case, reason: str) -> CaseEvent:
    """Take a release back: from now on nobody of the department reads the words. Raises `Invalid` without a release."""
    _own(desk, case)
    if case.released_to is None:
        raise Invalid("the words are not released")
    data = {"department": case.released_to}
    case.released_to = case.released_at = None
    return happened(desk, case, "words_withheld", audience="internal", text=reason, data=data)


def _own(desk: Desk, case: Case) -> None:
    """Only the officer who has the case, or a supervisor."""
    if desk.staff.role != Role.SUPERVISOR and case.assignee_id != desk.staff.id:
        raise Forbidden("only the officer who has the case, or a supervisor")
