"""The list of cases: narrowed as the API narrows it, saved lists, several assigned at once."""

from __future__ import annotations

import zlib
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from gateway.cases import api, lists_api
from gateway.cases.schemas import CaseFilter, CasePage
from gateway.cases.states import Status
from gateway.cases.waiting import Waiting
from gateway.console import told
from gateway.console.actions import ACTIONS
from gateway.console.forms import Action, Said, Values, act
from gateway.console.web import OURS, ROOT, Page, Visit, once, redirect, visit, watching
from gateway.errors import BarazaError
from gateway.staff import service
from gateway.staff.roles import PERMISSIONS, Permission, Role

router = APIRouter(prefix=f"{ROOT}/cases", include_in_schema=False, route_class=Page)

Reader = Annotated[Visit, Depends(visit(Permission.READ_CASES))]

LIST = 25
"""Cases on a page."""


def _wanted(_: Visit, said: Values) -> dict[str, Any]:
    """A list as the API has it: the address as a query."""
    return {**said, "wanted": dict(parse_qsl(said.get("wanted", "")))}


LISTS = {
    "keep": Action(Permission.READ_CASES, lists_api.keep_list, lists_api.ListIn, ready=_wanted),
    "forget": Action(Permission.READ_CASES, lists_api.forget_list, part="kept"),
}


@router.get("")
def list_cases(request: Request, visit: Reader, asked: Annotated[CaseFilter, Query()]) -> HTMLResponse:
    """Cases, narrowed by what the address says."""
    page = _found(visit, asked)
    narrowed = {name: value for name, value in request.query_params.items() if value and name != "cursor"}
    with visit.context.work() as session:
        people = takers(session) if visit.may(Permission.ASSIGN) else []
    next_page = urlencode({**narrowed, "cursor": page.next_cursor}) if page.next_cursor else ""
    return visit.page(
        "cases.html",
        cases=page.items,
        next_page=next_page,
        narrowed=narrowed,
        query=urlencode(narrowed),
        live=urlencode(dict(request.query_params)),
        mark=_mark(page),
        saved=saved_lists(visit),
        people=people,
        once=once(),
        told=told,
        pack=visit.context.pack,
        statuses=list(Status),
        waitings=list(Waiting),
    )


@router.get("/live")
def live(request: Request, asked: Annotated[CaseFilter, Query()]) -> Response:
    """What the list says now, in short, for the page that shows it."""
    page = _found(watching(request, Permission.READ_CASES), asked)
    return Response(_mark(page), headers={"Cache-Control": "no-store"})


def _found(visit: Visit, asked: CaseFilter) -> CasePage:
    return api.list_cases(visit.caller, asked.model_copy(update={"limit": min(asked.limit, LIST)}))


def _mark(page: CasePage) -> str:
    """Another for every change of what is listed."""
    return f"{zlib.crc32(repr([(case.serial, case.version) for case in page.items]).encode()):08x}"


def takers(session: Session) -> list[service.Account]:
    """Who takes cases."""
    return [
        person
        for person in service.list_staff(session)
        if person.active and Permission.WRITE_NOTES in PERMISSIONS[Role(person.role)]
    ]


async def serials(request: Request) -> list[str]:
    """A dependency: the cases ticked in the list."""
    form = await request.form()
    return [value for name, value in form.multi_items() if name == "serial" and isinstance(value, str)][:200]


@router.post("/assign", dependencies=[OURS])
def assign_several(
    visit: Annotated[Visit, Depends(visit(Permission.ASSIGN))],
    said: Said,
    ticked: Annotated[list[str], Depends(serials)],
) -> Response:
    """Assign each ticked case; those that could not be are told by serial, and the others are done."""
    failed = []
    for serial in ticked:
        try:
            act(visit, ACTIONS, "assign", {"serial": serial}, said)
        except BarazaError as error:
            failed.append((serial, error))
    if failed or not ticked:
        return visit.page("several.html", status=409, done=len(ticked) - len(failed), failed=failed)
    return redirect(f"{ROOT}/cases?{said.get('back', '')[:500]}")


@router.post("/lists", dependencies=[OURS])
def save_list(visit: Reader, said: Said) -> Response:
    """Keep a list under a name; the same name again replaces it."""
    wanted = {field: said[field] for field in CaseFilter.model_fields if field in said and field != "cursor"}
    act(visit, LISTS, "keep", {}, {**said, "wanted": urlencode(wanted)})
    return redirect(f"{ROOT}/cases?{urlencode(wanted)}")


@router.post("/lists/forget", dependencies=[OURS])
def forget_list(visit: Reader, said: Said) -> Response:
    """Keep a list no longer."""
    act(visit, LISTS, "forget", {}, said)
    return redirect(f"{ROOT}/cases")


def saved_lists(visit: Visit) -> list[tuple[UUID, str, str]]:
    """One's own lists: id, name, and what the address says."""
    return [(one.id, one.name, urlencode(one.wanted)) for one in lists_api.read_lists(visit.caller).items]
