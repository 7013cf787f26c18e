"""A form that was not taken is shown again with what was written in it, on whichever page it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import Response
from fastapi.responses import HTMLResponse

from gateway.console import kept
from gateway.console.forms import Action, Values, act
from gateway.console.web import Visit, once, redirect
from gateway.errors import BarazaError, ProofNeeded, Unauthorized, Unavailable


@dataclass(frozen=True, slots=True)
class Trouble:
    """A form that was not taken, or was kept while its session ended: its words are drawn into it again."""

    problem: BarazaError | None = None
    action: str = ""
    said: Values = field(default_factory=dict)

    @property
    def status(self) -> int:
        return self.problem.status if self.problem else 200

    def page(self, visit: Visit, template: str, **values: object) -> HTMLResponse:
        """A page with forms: each counts once, and the one that was not taken stands there as it was written."""
        drawn = {"once": once(), "problem": self.problem, "action": self.action, "said": self.said}
        return visit.page(template, status=self.status, **(drawn | values))


NONE = Trouble()
Again = Callable[[Trouble], Response]

ELSEWHERE = (Unauthorized, ProofNeeded, Unavailable)
"""What no form can mend: it has pages of its own."""


def kept_form(visit: Visit, kept_id: str) -> Trouble:
    """What was written before the session ended, to be drawn into its form again."""
    if not kept_id:
        return NONE
    found = kept.read(visit, kept_id)
    return Trouble(kept.Restored(), found.path.rpartition("/")[2], found.said) if found else NONE


def attempt(do: Callable[[], Response], action: str, said: Values, again: Again) -> Response:
    """Do it; when that cannot be as the form says, its page again. Raises what is `ELSEWHERE`."""
    try:
        return do()
    except ELSEWHERE:
        raise
    except BarazaError as problem:
        return again(Trouble(problem, action, said))


def take(
    visit: Visit,
    actions: Mapping[str, Action],
    action: str,
    subject: Mapping[str, Any],
    said: Values,
    *,
    again: Again,
    then: str,
) -> Response:
    """Do what a form says and go on to the page `then`; as `attempt`."""

    def do() -> Response:
        act(visit, actions, action, subject, said)
        return redirect(then)

    return attempt(do, action, said, again)
