"""What comes in through people: cases typed in for residents, and the calls that residents asked for."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import HTMLResponse

from gateway.console import told
from gateway.console.forms import Action, Said, Values, act
from gateway.console.trouble import NONE, Trouble, attempt, kept_form, take
from gateway.console.web import OURS, ROOT, Page, Visit, once, visit
from gateway.errors import BarazaError
from gateway.intake import desk_api
from gateway.intake.desk_schemas import CallbackFilter, CallReasonIn, FiledOut, OutcomeIn, TypedInCase
from gateway.staff.roles import Permission
from gateway.words import Words, mark

router = APIRouter(prefix=ROOT, include_in_schema=False, route_class=Page)

Taking = Annotated[Visit, Depends(visit(Permission.TAKE_IN))]
SeesNumber = Annotated[Visit, Depends(visit(Permission.SEE_IDENTITY, fresh=True))]

CALLS = 50

READ_ALOUD = mark(
    "I read back what I have written. May the Ombudsman's office keep it, and your number to reach you? "
    "Nobody outside the office is told who you are unless you say so."
)
"""What is read to the person, in their language; staff may change it to what they said."""


def _typed(_: Visit, said: Values) -> dict[str, Any]:
    """The form's boxes as the API's parts: consent with its wording, SMS as it was answered."""
    body: dict[str, Any] = dict(said)
    if said.get("agreed"):
        body["consent"] = {"wording": said.get("wording", ""), "accepted": "true"}
    return body


ACTIONS = {
    "take-in": Action(Permission.TAKE_IN, desk_api.take_in, TypedInCase, ready=_typed),
    "outcome": Action(Permission.TAKE_IN, desk_api.record_outcome, OutcomeIn),
}


@router.get("/take-in")
def ask_case(visit: Taking, kept: str = "") -> HTMLResponse:
    """A form for what somebody says at the office, by phone, in a letter, at a baraza."""
    return _form(visit, kept_form(visit, kept))


def _form(visit: Visit, trouble: Trouble) -> HTMLResponse:
    pack = visit.context.pack
    wordings = {one.code: Words(pack, one.code).say(READ_ALOUD) for one in pack.about.languages if one.offered}
    chosen = trouble.said.get("language", visit.words.language)
    return visit.page(
        "take_in.html",
        wordings=wordings,
        language_read=chosen if chosen in wordings else next(iter(wordings)),
        status=trouble.status,
        pack=pack,
        told=told,
        once=once(),
        problem=trouble.problem,
        action="take-in",
        said=trouble.said,
    )


@router.post("/take-in", dependencies=[OURS])
def take_in(visit: Taking, said: Said) -> Response:
    """File it: the receipt, this once, to read out or to print."""

    def do() -> Response:
        filed = FiledOut.model_validate_json(act(visit, ACTIONS, "take-in", {}, said).body)
        return visit.page("slip.html", filed=filed, told=told)

    return attempt(do, "take-in", said, partial(_form, visit))


@router.get("/calls")
def list_calls(visit: Taking, asked: Annotated[CallbackFilter, Query()]) -> HTMLResponse:
    """Calls that residents asked for, the longest waiting first."""
    return _calls(visit, asked)


def _calls(visit: Visit, asked: CallbackFilter, trouble: Trouble = NONE, **values: object) -> HTMLResponse:
    page = desk_api.list_callbacks(visit.caller, asked.model_copy(update={"limit": CALLS}))
    told_of = {"page": page, "asked": asked, "told": told, "once": once(), "problem": trouble.problem}
    return visit.page("calls.html", status=trouble.status, said=trouble.said, **(told_of | values))


@router.post("/calls/{callback}/outcome", dependencies=[OURS])
def outcome(visit: Taking, callback: UUID, said: Said) -> Response:
    """How a call went."""
    again = partial(_calls, visit, CallbackFilter())
    return take(visit, ACTIONS, "outcome", {"callback": callback}, said, again=again, then=f"{ROOT}/calls")


@router.get("/calls/{callback}/number")
def ask_reason(visit: SeesNumber, callback: UUID) -> HTMLResponse:
    """Why the number is needed: the list again, with that question at its call."""
    return _calls(visit, CallbackFilter(), asking=callback)


@router.post("/calls/{callback}/number", dependencies=[OURS])
def show_number(visit: SeesNumber, callback: UUID, said: Said) -> HTMLResponse:
    """The number to call, this once; the look is in the audit trail, with its reason."""
    try:
        body = CallReasonIn.model_validate({"reason": said.get("reason", "")})
    except ValueError:
        return _calls(visit, CallbackFilter(), Trouble(NoReason(), "number", said), asking=callback)
    shown = desk_api.see_number(callback, body, Response(), visit.caller)
    return _calls(visit, CallbackFilter(), number=shown.number, shown=callback)


class NoReason(BarazaError):
    code, status, title = "no_reason", 422, "The reason must have 5 to 200 characters, and no numbers"
