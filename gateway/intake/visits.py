"""A visit to Postgres that is one statement: what most hops need, if they need any."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from gateway.cases.filing import new_receipt
from gateway.intake import statements
from gateway.intake.caller import Who
from gateway.statements import Statement, Values
from menus import effects as asked
from menus import receipt as receipts
from menus.engine import ASIDE
from menus.fold import Due, Landing

Gained = Mapping[str, Any]


class Visit(NamedTuple):
    """All that a landing asks of Postgres, as one statement; others who ask the same may go with it."""

    statement: Statement
    values: Values
    read: Callable[[Any], Gained | None]
    """The facts that its row tells; None when the statement was not enough, and the verbs must look closer."""
    owes: bool = False
    """A message is owed by it."""


def visit(who: Who, landing: Landing, due: bool) -> Visit | None:
    """The one statement that does all a landing asks for; None when it takes more."""
    if not due:
        return _profile(who) if landing.wants == ("profile",) else None
    if len(landing.due) > 1:
        return None
    effect = landing.due[0].effect
    if isinstance(effect, asked.SaveDraft) and not landing.wants:
        return _draft(who, effect)
    if isinstance(effect, asked.FileCase) and landing.wants in ((), ("filed",)):
        return _case(who, landing.due[0], effect)
    return None


def _profile(who: Who) -> Visit:
    def read(row: Any) -> Gained:
        return {"profile": statements.profile_of(who, row)}

    return Visit(statements.PROFILE, statements.profile_values(who), read)


def _draft(who: Who, effect: asked.SaveDraft) -> Visit | None:
    answers = who.state.answers
    if not effect.resident_known or answers.get("draft") or ASIDE in answers:
        return None  # an older draft or an older tie to the number has to go, or other words have to stay
    return Visit(statements.SAVE_WITH_NUMBER, statements.saving_values(who, effect), lambda row: {})


def _case(who: Who, due: Due, effect: asked.FileCase) -> Visit | None:
    if effect.draft:
        return None  # another session may have filed it
    receipt = new_receipt()
    values = statements.case_values(who, effect, receipt, who.effect_key("file", due.began))
    return Visit(statements.FILE[effect.privacy], values, partial(_filed, receipt), owes=effect.privacy == "sms")


def _filed(receipt: str, row: Any) -> Gained | None:
    return {"filed": {"receipt": receipts.pretty(receipt), "serial": row.serial}} if row else None
