"""The category of a case put right by the desk: chosen in haste, or nobody can make out what is meant. None commits."""

from __future__ import annotations

from gateway.cases import routing
from gateway.cases.models import Case, CaseEvent
from gateway.cases.service import Desk, happened, language_of, tell
from gateway.cases.states import CLOSED, Status
from gateway.errors import Invalid
from gateway.messaging import remedies
from gateway.pack import Pack
from gateway.pack.models import Category


def choices(pack: Pack, kind: str) -> list[Category]:
    """The categories that a case of this kind can be put in, those only staff use and the unclear one among them."""
    return [known for known in pack.categories if known.kind == kind or known.unclear]


def recategorise(desk: Desk, case: Case, category: str, reason: str) -> CaseEvent:
    """Put the case into another category of its kind, or into the unclear one; it can be put back the same way.

    The status stays; clocks, figures and what the pack's rules suggest follow. One that becomes a matter of danger is
    urgent from now on, and none stops being urgent by this. The resident of an open case is told, with the reason, when
    it becomes unclear or clear again; of any other correction the reason stays inside.

    Raises `Invalid` for a category that is not there, is of another kind, or is the one it has.
    """
    known = {entry.code: entry for entry in choices(desk.pack, case.kind)}
    if category not in known:
        raise Invalid("the pack has no such category for this kind of case", field="category")
    if category == case.category:
        raise Invalid("it is in this category already", field="category")
    with desk.session.no_autoflush:  # the case is written once: one correction, one version
        return _put(desk, case, known[category], reason)


def _put(desk: Desk, case: Case, category: Category, reason: str) -> CaseEvent:
    was_unclear = any(entry.unclear for entry in desk.pack.categories if entry.code == case.category)
    tells = category.unclear != was_unclear and Status(case.status) not in CLOSED
    data = {"was": case.category, "category": category.code}
    case.category = category.code
    case.urgent = case.urgent or category.danger
    rule = routing.suggest(desk, case).rule
    if rule is not None and rule.department != case.department_code:
        data["suggested"] = rule.department
    if not tells:
        return happened(desk, case, "recategorised", audience="internal", text=reason, data=data)
    language = language_of(desk, case)
    said = remedies.not_understood if category.unclear else remedies.understood
    text = said(desk.pack.guide, language, reason)
    event = happened(desk, case, "recategorised", audience="resident", text=text, data=data, language=language)
    tell(desk, case, "reply")
    return event
