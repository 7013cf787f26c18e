"""One case in three parts: story and facts, what happened, conversation and what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, TypeVar
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request, Response, UploadFile
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from gateway.cases import api, conversation_api, facility, merging_api, sharing_api
from gateway.cases.categories import choices
from gateway.cases.conversation_api import DraftIn
from gateway.cases.files import MOST
from gateway.cases.schemas import CaseOut, ClockOut, ClocksOut, EventOut
from gateway.cases.sharing_schemas import ReasonIn
from gateway.commitments import facilities
from gateway.console import drawing, told
from gateway.console.actions import ACTIONS
from gateway.console.cases import Reader, takers
from gateway.console.forms import Said, Values, act, body_of
from gateway.console.trouble import NONE, Trouble, attempt, kept_form
from gateway.console.web import LARGEST_FILE, OURS, ROOT, Page, Visit, redirect, visit, watching
from gateway.errors import Invalid, NotFound, Unavailable
from gateway.idempotency import Write
from gateway.messaging import api as messages
from gateway.messaging.schemas import MessageFilter, MessageOut
from gateway.paging import Page as Cut
from gateway.staff.roles import Permission

router = APIRouter(prefix=f"{ROOT}/cases/{{serial}}", include_in_schema=False, route_class=Page)

EVENTS = 200
"""Events on the page; a case with more is read on by the API's timeline."""

WHOLE = Cut(limit=200)
"""Letters, findings, files and merged cases on a page; of more the API has the rest."""

SaysNumber = Annotated[Visit, Depends(visit(Permission.SEE_IDENTITY, fresh=True))]
Replier = Annotated[Visit, Depends(visit(Permission.REPLY))]
Exporter = Annotated[Visit, Depends(visit(Permission.EXPORT, fresh=True))]


Draw = Callable[[Visit, str, Trouble], HTMLResponse]
D = TypeVar("D", bound=Draw)
PAGES: dict[str, Draw] = {}
"""What draws each page of a case, by the name that `Action.page` has for it."""


def page_of_case(name: str) -> Callable[[D], D]:
    """Put a page into the table."""

    def put(draw: D) -> D:
        PAGES[name] = draw
        return draw

    return put


@router.get("")
def show(visit: Reader, serial: str, kept: str = "", begin: str = "") -> HTMLResponse:
    """The case; `begin` names one of the pack's replies, put into the answer to go on from."""
    return _page(visit, serial, NONE if begin else kept_form(visit, kept), begin)


def _begun(reply: Canned | None) -> Trouble:
    """One of the pack's replies as if it had been written into the form."""
    return Trouble(action="reply", said={"text": reply.text}) if reply else NONE


@router.get("/live")
def live(request: Request, serial: str) -> Response:
    """The case's version, for the page that shows it."""
    case = api.read_case(serial, watching(request, Permission.READ_CASES).caller, Response())
    return Response(str(case.version), headers={"Cache-Control": "no-store"})


@router.post("/do/{action}", dependencies=[OURS])
def do(visit: Reader, serial: str, action: str, said: Said) -> Response:
    """Do what a form says; when that cannot be, the page again with what was written in it."""
    if action not in ACTIONS:
        raise NotFound
    return attempt(
        lambda: _done(visit, serial, action, said),
        action,
        said,
        lambda trouble: PAGES[ACTIONS[action].page](visit, serial, trouble),
    )


def _done(visit: Visit, serial: str, action: str, said: Values) -> Response:
    act(visit, ACTIONS, action, {"serial": serial}, said)
    try:
        api.read_case(serial, visit.caller, Response())
    except NotFound:  # by what was just done it is hidden from whoever did it
        return visit.page("gone.html", serial=serial)
    page = ACTIONS[action].page
    end = f"#{'talk' if action == 'reply' else 'main'}" if page == "case" else f"/{page}"
    return redirect(f"{ROOT}/cases/{serial}{end}")


@router.post("/cost", dependencies=[OURS])
def cost(visit: Replier, serial: str, said: Said) -> Response:
    """What an answer would cost as an SMS, in words, for the page on which it is being written."""
    case = api.read_case(serial, visit.caller, Response())
    text = said.get("text", "")
    try:
        draft = conversation_api.cost(body_of(DraftIn, {"text": text, "language": case.language}), visit.caller)
    except Invalid:  # too long yet, or nothing
        return Response(media_type="text/plain")
    words = visit.words.say(told.COSTS, characters=len(text), parts=draft.segments)
    if draft.cut:
        words = f"{words} {visit.words.say(told.CUT)}"
    return Response(words, media_type="text/plain", headers={"Cache-Control": "no-store"})


@router.get("/identity")
def ask_reason(visit: SaysNumber, serial: str, kept: str = "") -> HTMLResponse:
    """Why the number is needed."""
    case = api.read_case(serial, visit.caller, Response())
    return visit.page("identity.html", case=case, number=None, reason=kept_form(visit, kept).said.get("reason"))


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


@router.post("/attach", dependencies=[OURS])
def put_file(visit: Reader, serial: str, file: UploadFile, audience: Annotated[str, Form()] = "internal") -> Response:
    """Put a file with the case."""
    content = file.file.read(LARGEST_FILE)
    digest = visit.context.vault.lookup.digest("request", f"attach\0{serial}\0{len(content)}")
    wanted = "department" if audience == "department" else "internal"
    try:
        visit.demand(Permission.WRITE_NOTES)
        name = quote(file.filename or "file")[:300]
        conversation_api.attach(serial, content, Write(visit.caller, None, digest), name, wanted)  # type: ignore[arg-type]
    except (Invalid, Unavailable) as problem:
        return _page(visit, serial, Trouble(problem, "attach"))
    return redirect(f"{ROOT}/cases/{serial}#files")


@router.get("/attached/{attachment}")
def open_file(visit: Reader, serial: str, attachment: UUID) -> Response:
    """A file, to be saved."""
    return conversation_api.open_attachment(serial, attachment, visit.caller)


@page_of_case("case")
def _page(visit: Visit, serial: str, trouble: Trouble = NONE, begin: str = "") -> HTMLResponse:
    caller = visit.caller
    case: CaseOut = api.read_case(serial, caller, Response())
    events: list[EventOut] = api.timeline(serial, caller, Cut(limit=EVENTS)).items
    with visit.context.work() as session:
        people = takers(session) if visit.may(Permission.ASSIGN) else []
        place, places = _places(session, visit, case)
    canned = _canned(visit, case.language)
    return draw_page(
        visit,
        "case.html",
        case,
        _begun(canned.get(begin)) if begin else trouble,
        events=events,
        talk=[event for event in events if event.text and event.audience == "resident"],
        clocks=_clocks(visit, api.clock(serial, caller)),
        texts=_texts(visit, serial),
        files=conversation_api.list_attachments(serial, caller, WHOLE).items,
        merged=merging_api.merged(serial, caller, WHOLE),
        canned=canned,
        most=MOST,
        people=people,
        categories=choices(visit.context.pack, case.kind),
        place=place,
        places=places,
    )


def _places(session: Session, visit: Visit, case: CaseOut) -> tuple[facilities.Place | None, list[facilities.Place]]:
    """The place that the case is about, and those of its ward that it could be about."""
    code, pack = case.facility, visit.context.pack
    places = facility.choices(session, pack, case.ward.code) if case.ward and visit.may(Permission.MOVE) else []
    place = next((one for one in places if one.code == code), None)
    if code and place is None:  # retired, or this reader is offered none
        place = facilities.find(session, pack, code)
    return place, places


def draw_page(visit: Visit, template: str, case: CaseOut, trouble: Trouble, **values: object) -> HTMLResponse:
    """A page about a case, with what all of them need."""
    common: dict[str, object] = {
        "case": case,
        "pack": visit.context.pack,
        "told": told,
    }
    return trouble.page(visit, template, **(common | values))


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


@dataclass(frozen=True, slots=True)
class Canned:
    """One of the pack's replies in the resident's language, and how many SMS it costs."""

    text: str
    parts: int


def _canned(visit: Visit, language: str) -> dict[str, Canned]:
    """The pack's replies to begin from, by code, in the language that the resident reads."""
    if not visit.may(Permission.REPLY):
        return {}
    return {
        reply.code: Canned(reply.texts[language], reply.segments[language])
        for reply in conversation_api.canned_replies(visit.caller).items
        if language in reply.texts
    }
