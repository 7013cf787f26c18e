"""One case in three parts: story and facts, what happened, conversation and what to do."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from gateway.cases import api, sharing_api
from gateway.cases.schemas import CaseOut, ClockOut, ClocksOut, EventOut
from gateway.cases.sharing_schemas import ReasonIn
from gateway.console import drawing, told
from gateway.console.cases import Reader, takers
from gateway.console.forms import Said, Values, act
from gateway.console.web import OURS, ROOT, Page, Visit, once, redirect, visit, watching
from gateway.errors import BarazaError, Forbidden, Invalid, TransitionNotAllowed, VersionConflict
from gateway.messaging import api as messages
from gateway.messaging.schemas import MessageFilter, MessageOut
from gateway.messaging.segments import PART, PART_WIDE, SINGLE, SINGLE_WIDE
from gateway.paging import Page as Cut
from gateway.staff.roles import Permission
from menus import gsm7

router = APIRouter(prefix=f"{ROOT}/cases/{{serial}}", include_in_schema=False, route_class=Page)

EVENTS = 200
"""Events on the page; a case with more is read on by the API's timeline."""

ALPHABET = {
    "basic": "".join(sorted(gsm7.BASIC - {"\n", "\r"})),
    "extension": "".join(sorted(gsm7.EXTENSION - {"\f"})),
    "limits": f"{SINGLE} {PART} {SINGLE_WIDE} {PART_WIDE}",
}
"""What the page's script needs to count the parts of an SMS as `gateway.messaging.segments` does."""

SaysNumber = Annotated[Visit, Depends(visit(Permission.SEE_IDENTITY, fresh=True))]


@router.get("")
def show(visit: Reader, serial: str) -> HTMLResponse:
    """The case."""
    return _page(visit, serial)


@router.get("/live")
def live(request: Request, serial: str) -> Response:
    """The case's version, for the page that shows it."""
    case = api.read_case(serial, watching(request, Permission.READ_CASES).caller, Response())
    return Response(str(case.version), headers={"Cache-Control": "no-store"})


@router.post("/do/{action}", dependencies=[OURS])
def do(visit: Reader, serial: str, action: str, said: Said) -> Response:
    """Do what a form says; when that cannot be, the page again with what was written in it."""
    try:
        act(visit, action, serial, said)
    except (Invalid, Forbidden, TransitionNotAllowed, VersionConflict) as problem:
        return _page(visit, serial, problem=problem, action=action, said=said)
    return redirect(f"{ROOT}/cases/{serial}#{'talk' if action == 'reply' else 'main'}")


@router.get("/identity")
def ask_reason(visit: SaysNumber, serial: str) -> HTMLResponse:
    """Why the number is needed."""
    case = api.read_case(serial, visit.caller, Response())
    return visit.page("identity.html", case=case, number=None)


@router.post("/identity", dependencies=[OURS])
def show_number(visit: SaysNumber, serial: str, said: Said) -> HTMLResponse:
    """The number, this once; the look is in the timeline and in the audit trail, with its reason."""
    case = api.read_case(serial, visit.caller, Response())
    reason = said.get("reason", "").strip()
    if not 5 <= len(reason) <= 500:
        problem = Invalid("the reason must have 5 to 500 characters", field="reason")
        return visit.page("identity.html", status=422, case=case, number=None, problem=problem, reason=reason)
    shown = sharing_api.see_identity(serial, ReasonIn(reason=reason, version=None), Response(), visit.caller)
    return visit.page("identity.html", case=case, number=shown.number)


def _page(
    visit: Visit, serial: str, *, problem: BarazaError | None = None, action: str = "", said: Values | None = None
) -> HTMLResponse:
    caller = visit.caller
    case: CaseOut = api.read_case(serial, caller, Response())
    events: list[EventOut] = api.timeline(serial, caller, Cut(limit=EVENTS)).items
    with visit.context.work() as session:
        people = takers(session) if visit.may(Permission.ASSIGN) else []
    return visit.page(
        "case.html",
        status=problem.status if problem else 200,
        case=case,
        events=events,
        talk=[event for event in events if event.text and event.audience == "resident"],
        clocks=_clocks(visit, api.clock(serial, caller)),
        texts=_texts(visit, serial),
        people=people,
        pack=visit.context.pack,
        told=told,
        once=once(),
        alphabet=ALPHABET,
        problem=problem,
        action=action,
        said=said or {},
    )


def _clocks(visit: Visit, clocks: ClocksOut) -> list[tuple[ClockOut, drawing.Line | None]]:
    """Each clock with its line; what runs and is nearest comes first."""
    now, zone = visit.context.clock.now(), visit.context.pack.about.zone
    far = datetime.max.replace(tzinfo=UTC)
    nearest = sorted(clocks.clocks, key=lambda clock: (clock.met_at is not None, clock.due_at or far))
    return [(clock, drawing.line(clock, now, zone)) for clock in nearest]


def _texts(visit: Visit, serial: str) -> list[MessageOut]:
    if not visit.may(Permission.READ_MESSAGES):
        return []
    return messages.list_messages(visit.caller, MessageFilter.model_validate({"case": serial, "limit": 20})).items
