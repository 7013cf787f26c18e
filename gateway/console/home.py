"""Home: what waits for somebody, oldest first."""

from __future__ import annotations

import zlib

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from gateway.cases import api
from gateway.cases.schemas import CaseFilter, CaseLine, TodoLine
from gateway.console import told
from gateway.console.web import ROOT, Anybody, Page, Visit, watching
from gateway.messaging import channels_api
from gateway.staff.roles import Permission

router = APIRouter(prefix=ROOT, include_in_schema=False, route_class=Page)

SHOWN = 5
"""Of each reason, the oldest."""


@router.get("")
def home(visit: Anybody) -> HTMLResponse:
    """The to-do list: one query for the counts, one for the oldest of each reason that has any."""
    todo = _todo(visit)
    channels = channels_api.list_channels(visit.caller).items if visit.may(Permission.READ_CHANNELS) else []
    oldest = [(line, _oldest(visit, line)) for line in todo]
    return visit.page("home.html", todo=oldest, told=told, channels=channels, mark=_mark(todo), pack=visit.context.pack)


@router.get("/live")
def live(request: Request) -> Response:
    """What the to-do list says now, in short, for the page that shows it."""
    return Response(_mark(_todo(watching(request, Permission.OWN_ACCOUNT))), headers={"Cache-Control": "no-store"})


def _todo(visit: Visit) -> list[TodoLine]:
    return api.todo(visit.caller).items if visit.may(Permission.READ_CASES) else []


def _oldest(visit: Visit, line: TodoLine) -> list[CaseLine]:
    wanted = {"waiting": line.waiting, "order": "oldest", "limit": SHOWN}
    return api.list_cases(visit.caller, CaseFilter.model_validate(wanted)).items


def _mark(todo: list[TodoLine]) -> str:
    return f"{zlib.crc32(repr([(line.waiting, line.count) for line in todo]).encode()):08x}"
