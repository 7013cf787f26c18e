"""What was done and whether the trail of it is whole; and the settings in force."""

from __future__ import annotations

import json
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse

from gateway.console.web import ROOT, Page, Visit, visit
from gateway.staff import trail_api as api
from gateway.staff.roles import Permission
from gateway.staff.trail_api import ChainQuery, EntryFilter

router = APIRouter(prefix=ROOT, include_in_schema=False, route_class=Page)

Reader = Annotated[Visit, Depends(visit(Permission.READ_TRAIL))]


class Asked(EntryFilter):
    """A page of entries, and whether to recompute the chain before it is drawn."""

    recompute: bool = False


@router.get("/audit")
def show_trail(visit: Reader, asked: Annotated[Asked, Query()]) -> HTMLResponse:
    """Entries, newest first, with the head of the chain."""
    page = api.list_entries(visit.caller, asked)
    narrowed = asked.model_dump(include={"person", "action", "subject"}, exclude_defaults=True)
    next_page = urlencode(narrowed | {"cursor": page.next_cursor}) if page.next_cursor else ""
    return visit.page(
        "audit.html",
        entries=[(entry, json.dumps(entry.data, ensure_ascii=False) if entry.data else "") for entry in page.items],
        narrowed=narrowed,
        next_page=next_page,
        chain=api.read_chain(visit.caller, ChainQuery(recompute=asked.recompute)),
    )


@router.get("/settings")
def show_settings(visit: Reader) -> HTMLResponse:
    """Every setting of the process that draws the page; never a secret."""
    return visit.page("settings.html", settings=api.list_settings(visit.caller).items)
