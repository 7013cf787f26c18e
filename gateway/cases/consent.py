"""Whose file may go where: a resident's consent is for one office, and counts for no other."""

from __future__ import annotations

from gateway.cases.models import Case
from gateway.errors import ConsentNeeded


def send_to(case: Case, office: str | None) -> None:
    """The office outside that the resident is sent to; what they said of another does not count for it."""
    if case.refer_to != office:
        case.refer_to, case.consent = office, None


def agreed(case: Case, office: str) -> bool:
    """Whether the resident agreed that the file goes to this office."""
    return bool(case.consent == "given" and case.refer_to == office)


def demand(case: Case, office: str) -> None:
    """Raises `ConsentNeeded` where the resident has not agreed that the file goes to this office."""
    if not agreed(case, office):
        raise ConsentNeeded("the resident has not agreed that the file goes to this office")
