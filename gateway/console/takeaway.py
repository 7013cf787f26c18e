"""Files to take away: the return to the CAJ, and lists. Each asks for six digits of late and leaves an audit row."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import HTMLResponse

from gateway.console import told
from gateway.console.case import Exporter
from gateway.console.web import ROOT, Page, Visit, visit
from gateway.exports import api
from gateway.staff.roles import Permission

router = APIRouter(prefix=f"{ROOT}/take-away", include_in_schema=False, route_class=Page)

QUARTERS = 6


@router.get("")
def choose(visit: Annotated[Visit, Depends(visit(Permission.EXPORT))]) -> HTMLResponse:
    """What there is to take away."""
    today = visit.context.clock.now().astimezone(visit.context.pack.about.zone).date()
    return visit.page("take_away.html", told=told, pack=visit.context.pack, quarters=quarters(today))


def quarters(today: date) -> list[str]:
    """The last quarters, the present one first: `2026-Q3`."""
    at = today.year * 4 + (today.month - 1) // 3
    return [f"{number // 4}-Q{number % 4 + 1}" for number in range(at, at - QUARTERS, -1)]


@router.get("/cases")
def cases(visit: Exporter, asked: Annotated[api.ListAsked, Query()]) -> Response:
    """A list of cases as CSV or a spreadsheet."""
    return api.export_cases(visit.caller, asked)


@router.get("/caj")
def caj(visit: Exporter, asked: Annotated[api.ReturnAsked, Query()]) -> Response:
    """The quarterly return."""
    return api.export_return(visit.caller, asked)
