"""Home: what waits for somebody, oldest first."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from gateway.console.web import ROOT, Anybody, Page

router = APIRouter(prefix=ROOT, include_in_schema=False, route_class=Page)


@router.get("")
def home(visit: Anybody) -> HTMLResponse:
    """The to-do list."""
    return visit.page("home.html")
