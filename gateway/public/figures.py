"""`/statistics`: the published figures drawn on the server, with a table under each chart."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import exc

from gateway.context import Context
from gateway.public import charts
from gateway.public.caching import Kept
from gateway.public.pages import Lang, away, page, words_for
from gateway.public.telling import Telling
from gateway.statistics import published
from gateway.statistics.published import Figures

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_KEPT: Kept[Figures] = Kept()


def figures_of(context: Context) -> Figures | None:
    """The published figures, read again only when there are new ones; None before the first."""
    with context.work() as session:
        digest = published.digest_of(session)
        if digest is None:
            return None
        return _KEPT.get(digest, lambda: published.read(session))


@router.get("/statistics")
def statistics(request: Request, lang: Lang = None) -> HTMLResponse:
    """Cases by month, place, subject, outcome and time to answer."""
    context: Context = request.app.state.context
    try:
        figures = figures_of(context)
    except (exc.OperationalError, exc.TimeoutError):
        return away(request, lang)
    if figures is None:
        return page(request, "statistics.html", lang, telling=None)
    telling = Telling(context.pack, words_for(request, lang), figures)
    outlines = context.pack.boundaries
    wards = {
        code: telling.bar(telling.place(f"ward:{code}"), telling.table("places").at(f"ward:{code}"))
        for code in outlines
    }
    return page(
        request,
        "statistics.html",
        lang,
        telling=telling,
        charts=charts,
        outlines=outlines,
        wards=wards,
        people=context.pack.people,
    )
