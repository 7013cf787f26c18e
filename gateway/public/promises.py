"""`/commitments`: each promise with its voices side by side, never mixed, and the steps it was promised in."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup
from sqlalchemy import exc

from gateway.commitments import checks, periods, scorecards
from gateway.commitments.voices import voices_of
from gateway.context import Context
from gateway.errors import NotFound
from gateway.public import charts
from gateway.public.figures import figures_of
from gateway.public.heard import draw
from gateway.public.pages import Lang, away, page, promises_of, words_for
from gateway.public.shown import Line, said, shown, steps
from gateway.public.telling import Telling
from gateway.public.words import Words

router = APIRouter(prefix="/commitments", include_in_schema=False, default_response_class=HTMLResponse)

ROUNDS = 3
"""Rounds of a scorecard on the page of the promise that their plan became part of; all are under `/scorecards`."""


@router.get("")
def commitments(request: Request, lang: Lang = None) -> HTMLResponse:
    """Every promise with both voices."""
    promises = promises_of(request)
    if promises is None:
        return away(request, lang)
    return page(request, "commitments.html", lang, promises=promises)


@router.get("/{ogp_id}")
def commitment(request: Request, ogp_id: str, lang: Lang = None) -> HTMLResponse:
    """One promise: county, monitor and residents side by side, its steps, and what was published of it."""
    context: Context = request.app.state.context
    now = context.clock.now()
    words = words_for(request, lang)
    try:
        figures = figures_of(context)
        with context.work() as session:
            voices = voices_of(session, context.pack, ogp_id, now)
            asked = checks.counted(session, context.pack, now, ogp_id=ogp_id, limit=checks.LOOKED_AT)
            cards = scorecards.cards(session, context.pack, now, ogp_id=ogp_id, over=True, limit=ROUNDS)
            scored = draw(session, context.pack, words, cards)
    except NotFound:
        return page(request, "missing.html", lang, status=404)
    except (exc.OperationalError, exc.TimeoutError):
        return away(request, lang)
    today = now.astimezone(context.pack.about.zone).date()
    news = voices.news
    line = steps(voices, words, today)
    telling = Telling(context.pack, words, figures) if figures else None
    return page(
        request,
        "commitment.html",
        lang,
        promise=shown(context.pack, voices.commitment, news[0] if news else None, voices.marks),
        voices=voices,
        news=news,
        reports=[one for one in voices.reports if not one.replaced][:3],
        outputs={step.id: step.output for step in voices.milestones},
        timeline=_timeline(words, line) if line else None,
        said=said,
        offices={known.code: words.plain(known.name) for known in context.pack.departments},
        concerning=telling.concerning(ogp_id) if telling else (None, {}),
        checks=[(one, _ward(context, one.check.ward_code)) for one in asked if one.answered is not None],
        scored=scored,
        floor=context.pack.about.limits.smallest_cell,
        election=periods.election_period(context.pack, today),
    )


def _timeline(words: Words, line: Line) -> Markup:
    return charts.timeline(words.say("Steps"), line.steps, line.today, ends=line.ends, now=words.say("Today"))


def _ward(context: Context, code: str) -> str:
    found = context.pack.guide.ward(code)
    return found[1].name if found else code
