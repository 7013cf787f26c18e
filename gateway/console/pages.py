"""The desk's pages, put into the application."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from gateway.console import (
    account,
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
)
from gateway.console.web import ROOT, STATIC


def install(app: FastAPI) -> None:
    """Serve every page of the desk under /console."""
    for module in (
        home,
        signing,
        openid,
        account,
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
