"""Pages anyone may read: what this is, and the county's promises. Server-drawn; no script, nothing from elsewhere."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from sqlalchemy import exc

from gateway.commitments import service, voices
from gateway.context import Context
from gateway.public.shown import Promise, shown
from gateway.public.words import Words, choose_language

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_TEMPLATES = Jinja2Templates(directory=Path(__file__).parent / "templates")
_TEMPLATES.env.trim_blocks = _TEMPLATES.env.lstrip_blocks = True

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Vary": "Accept-Language",
}

Lang = Annotated[str | None, Query(max_length=8)]


@router.get("/")
def home(request: Request, lang: Lang = None) -> HTMLResponse:
    """What this is, how to dial, what the county promised."""
    return page(request, "home.html", lang, promises=promises_of(request))


def promises_of(request: Request) -> list[Promise] | None:
    """The promises in the plan's order; None while the store is away."""
    context: Context = request.app.state.context
    try:
        with context.work() as session:
            found = service.list_commitments(session)
            news = service.latest(session, [promise.ogp_id for promise in found])
            marks = voices.marks(session, context.pack, found, context.clock.now())
    except (exc.OperationalError, exc.TimeoutError):
        return None
    return [shown(context.pack, one, news.get(one.ogp_id), marks.get(one.ogp_id)) for one in found]


def away(request: Request, lang: str | None) -> HTMLResponse:
    """The page while the store is away."""
    return page(request, "away.html", lang, status=503)


def words_for(request: Request, lang: str | None) -> Words:
    """The reader's language: the one asked for, else the one the browser prefers."""
    context: Context = request.app.state.context
    accepted = request.headers.get("accept-language", "")
    return Words(context.pack, choose_language(context.pack.guide, lang, accepted))


def page(request: Request, template: str, lang: str | None, *, status: int = 200, **values: object) -> HTMLResponse:
    """A page in the reader's language."""
    context: Context = request.app.state.context
    guide = context.pack.guide
    words = words_for(request, lang)
    language = words.language
    told: dict[str, object] = {
        "about": context.pack.about,
        "training": context.settings.training,
        "guide": guide,
        "language": language,
        "say": words.say,
        "label": words.label,
        "words": words,
        "path": request.url.path,
        "today": context.clock.now().astimezone(context.pack.about.zone).date(),
    }
    answer = _TEMPLATES.TemplateResponse(request, template, told | values, status_code=status)
    return as_page(answer, language)


def as_page(answer: HTMLResponse, language: str) -> HTMLResponse:
    """The headers that every page has."""
    answer.headers.update(HEADERS | {"Content-Language": language})
    answer.headers["Cache-Control"] = "public, max-age=60" if answer.status_code == 200 else "no-store"
    return answer


def elapsed(starts: date, ends: date, today: date) -> int:
    """How much of a time has passed, in percent."""
    return max(0, min(100, round(100 * (today - starts).days / max(1, (ends - starts).days))))


_TEMPLATES.env.globals["elapsed"] = elapsed
