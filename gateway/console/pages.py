"""The desk's pages, put into the application."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI, Response
from starlette.staticfiles import StaticFiles

from gateway.console import (
    account,
    accounts,
    around,
    asking,
    case,
    cases,
    home,
    ideas,
    inquiries,
    leave,
    openid,
    promises,
    scoring,
    signing,
    takeaway,
    taking_in,
    texts,
    trail,
)
from gateway.console.web import ROOT, STATIC, Anybody, Page, redirect
from gateway.errors import NotFound

elsewhere = APIRouter(prefix=ROOT, include_in_schema=False, route_class=Page)


@elsewhere.get("/{path:path}")
def nothing_here(_: Anybody, path: str) -> Response:
    """An address that is no page: said on a page. A slash too many leads to the page without it."""
    if path.endswith("/") or not path:
        return redirect(f"{ROOT}/{path}".rstrip("/"))
    raise NotFound


def install(app: FastAPI) -> None:
    """Serve every page of the desk under /console."""
    for module in (
        home,
        signing,
        openid,
        account,
        accounts,
        trail,
        taking_in,
        takeaway,
        leave,
        inquiries,
        cases,
        case,
        around,
        promises,
        asking,
        scoring,
        ideas,
        texts,
    ):
        app.include_router(module.router)
    app.mount(f"{ROOT}/static", StaticFiles(directory=STATIC), name="console-static")
    app.include_router(elsewhere)
