"""`/share`: a notice of a promise or of a quarter, as poster, hand-out, radio script and short text, by one click."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy import exc

from gateway.commitments import periods
from gateway.context import Context
from gateway.errors import Invalid, NotFound
from gateway.public import posters
from gateway.public.figures import figures_of
from gateway.public.notices import Notice, Telltale, notice, radio, short_text
from gateway.public.pages import HEADERS, Lang, away, page, promises_of, words_for
from gateway.public.words import Words

router = APIRouter(prefix="/share", include_in_schema=False)

Maker = Callable[[Notice, Words], bytes]
FORMS: dict[str, tuple[str, Maker]] = {
    "poster-a4.pdf": ("application/pdf", lambda made, _: posters.poster(made, "a4")),
    "poster-a3.pdf": ("application/pdf", lambda made, _: posters.poster(made, "a3")),
    "handout.pdf": ("application/pdf", posters.handout),
    "radio.txt": ("text/plain; charset=utf-8", lambda made, words: radio(made, words).encode()),
    "short.txt": ("text/plain; charset=utf-8", lambda made, _: (short_text(made) + "\n").encode()),
}
"""Files of a notice by name: content type, and how it is made."""


@router.get("", response_class=HTMLResponse)
def index(request: Request, lang: Lang = None) -> HTMLResponse:
    """Every notice there is."""
    context: Context = request.app.state.context
    today = context.clock.now().astimezone(context.pack.about.zone).date()
    quarter = periods.around(today, quarterly=True)
    before = periods.around(
        quarter.starts_on.replace(day=1) - (quarter.ends_on - quarter.starts_on) / 2, quarterly=True
    )
    codes = [quarter.code, before.code]
    promises = promises_of(request)
    if promises is None:
        return away(request, lang)
    return page(request, "share.html", lang, quarters=codes, promises=promises)


@router.get("/{what}/{form}")
def share(request: Request, what: str, form: str, lang: Lang = None) -> Response:
    """One file of one notice."""
    if form not in FORMS:
        return page(request, "missing.html", lang, status=404)
    context: Context = request.app.state.context
    words = words_for(request, lang)
    root = context.settings.web_url or str(request.base_url).rstrip("/")
    try:
        figures = figures_of(context)
        with context.work() as session:
            made = notice(
                Telltale(session, context.pack, words, figures, context.clock.now(), root, context.settings.training),
                what,
            )
    except (NotFound, Invalid):
        return page(request, "missing.html", lang, status=404)
    except (exc.OperationalError, exc.TimeoutError):
        return away(request, lang)
    kind, make = FORMS[form]
    headers = HEADERS | {
        "Cache-Control": "public, max-age=300",
        "Content-Disposition": f'inline; filename="{what}-{words.language}-{form}"',
    }
    return Response(make(made, words), media_type=kind, headers=headers)
