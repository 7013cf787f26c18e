"""The list of cases: narrowed as the API narrows it, saved lists, several assigned at once."""

from __future__ import annotations

import zlib
from typing import Annotated, Any
from urllib.parse import urlencode

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.cases import api
from gateway.cases.schemas import CaseFilter, CasePage
from gateway.cases.states import Status
from gateway.cases.waiting import Waiting
from gateway.console import told
from gateway.console.forms import Said, act
from gateway.console.web import OURS, ROOT, Page, Visit, once, redirect, visit, watching
from gateway.errors import BarazaError, Invalid
from gateway.staff import service
from gateway.staff.models import SavedFilter
from gateway.staff.roles import PERMISSIONS, Permission, Role

router = APIRouter(prefix=f"{ROOT}/cases", include_in_schema=False, route_class=Page)

Reader = Annotated[Visit, Depends(visit(Permission.READ_CASES))]

LIST = 25
"""Cases on a page."""


@router.get("")
def list_cases(request: Request, visit: Reader, asked: Annotated[CaseFilter, Query()]) -> HTMLResponse:
    """Cases, narrowed by what the address says."""
    page = _found(visit, asked)
    narrowed = {name: value for name, value in request.query_params.items() if value and name != "cursor"}
    with visit.context.work() as session:
        saved = saved_lists(session, visit)
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
        saved=saved,
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
            act(visit, "assign", serial, said)
        except BarazaError as error:
            failed.append((serial, error))
    if failed or not ticked:
        return visit.page("several.html", status=409, done=len(ticked) - len(failed), failed=failed)
    return redirect(f"{ROOT}/cases?{said.get('back', '')[:500]}")


@router.post("/lists", dependencies=[OURS])
def save_list(visit: Reader, said: Said) -> Response:
    """Keep a list under a name; the same name again replaces it."""
    name = said.get("name", "").strip()[:60]
    wanted = {field: said[field] for field in CaseFilter.model_fields if field in said and field != "cursor"}
    if not name:
        raise Invalid("a list needs a name", field="name")
    CaseFilter.model_validate(wanted)
    values: dict[str, Any] = {"staff_id": visit.signed_in.staff.id, "name": name, "wanted": wanted}
    kept = insert(SavedFilter).values(values)
    with visit.context.work() as session:
        session.execute(kept.on_conflict_do_update(index_elements=["staff_id", "name"], set_={"wanted": wanted}))
    return redirect(f"{ROOT}/cases?{urlencode(wanted)}")


@router.post("/lists/forget", dependencies=[OURS])
def forget_list(visit: Reader, said: Said) -> Response:
    """Keep a list no longer."""
    mine = (SavedFilter.staff_id == visit.signed_in.staff.id, SavedFilter.name == said.get("name", ""))
    with visit.context.work() as session:
        session.execute(sa.delete(SavedFilter).where(*mine))
    return redirect(f"{ROOT}/cases")


def saved_lists(session: Session, visit: Visit) -> list[tuple[str, str]]:
    """One's own lists: name, and what the address says."""
    mine = sa.select(SavedFilter).where(SavedFilter.staff_id == visit.signed_in.staff.id).order_by(SavedFilter.name)
    return [(row.name, urlencode(row.wanted)) for row in session.scalars(mine)]
