"""`/statistics`: the published figures drawn on the server, with a table under each chart."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import exc

from gateway.context import Context
from gateway.public import charts
from gateway.public.caching import Kept
from gateway.public.pages import Lang, as_page, away, page, words_for
from gateway.public.telling import Telling
from gateway.statistics import published
from gateway.statistics.published import Figures

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_KEPT: Kept[Figures | None] = Kept()
_DRAWN: Kept[bytes] = Kept()


def figures_of(context: Context) -> Figures | None:
    """The published figures, read again only when there are new ones; None before the first."""
    with context.work() as session:
        mark = published.mark_of(session)
        if mark is None:
            return None
        return _KEPT.get(context.settings.database_url, mark, lambda: published.read(session))


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
    words = words_for(request, lang)
    mark = f"{figures.digest} {figures.made_at} {context.pack.version}"
    body = _DRAWN.get(words.language, mark, lambda: bytes(_draw(request, lang, figures).body))
    return as_page(HTMLResponse(body), words.language)


def _draw(request: Request, lang: str | None, figures: Figures) -> HTMLResponse:
    context: Context = request.app.state.context
    telling = Telling(context.pack, words_for(request, lang), figures)
    outlines = context.pack.boundaries
    places = telling.table("places")
    wards = {code: telling.bar(telling.place(f"ward:{code}"), places.at(f"ward:{code}")) for code in outlines}
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
