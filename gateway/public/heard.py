"""`/scorecards` and `/proposals`: how residents and staff score a place, and ideas for the next plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup
from sqlalchemy import exc
from sqlalchemy.orm import Session

from gateway.commitments import facilities, proposals, scorecards, service
from gateway.commitments.progress_models import Milestone
from gateway.commitments.scorecards import Card
from gateway.context import Context
from gateway.pack import Pack
from gateway.public.charts import Gap, gaps
from gateway.public.pages import Lang, away, page, words_for
from gateway.public.shown import said
from gateway.public.words import Words
from menus.guide import mark

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

ROUNDS = 20
"""Rounds on the page, the newest."""

IDEAS = 100

SAID_BY = {
    "residents": mark("from residents"),
    "civil_society": mark("from civil society"),
    "official": mark("from an official"),
}
"""From whom ideas come, as a group: who it was is never known here."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A round that is over, with the drawing and the table of what may be shown of it."""

    card: Card
    place: Markup
    ward: str
    chart: Markup | None
    """None where neither side may be shown."""
    rows: Sequence[Gap]
    plan: Sequence[Milestone]


@router.get("/scorecards")
def all_scorecards(request: Request, lang: Lang = None) -> HTMLResponse:
    """Rounds that are over, newest first."""
    context: Context = request.app.state.context
    words = words_for(request, lang)
    try:
        with context.work() as session:
            now = context.clock.now()
            cards = scorecards.cards(session, context.pack, now, over=True, limit=ROUNDS)
            asked = _asked(session, context.pack, words, now)
            scored = draw(session, context.pack, words, cards)
            titles = _titles(session)
    except (exc.OperationalError, exc.TimeoutError):
        return away(request, lang)
    floor = context.pack.about.limits.smallest_cell
    return page(request, "scorecards.html", lang, scored=scored, asked=asked, titles=titles, floor=floor, said=said)


@router.get("/proposals")
def all_proposals(request: Request, lang: Lang = None) -> HTMLResponse:
    """Ideas that were published, newest first. None is a promise."""
    context: Context = request.app.state.context
    try:
        with context.work() as session:
            ideas = proposals.published(session, limit=IDEAS)
            titles = _titles(session)
    except (exc.OperationalError, exc.TimeoutError):
        return away(request, lang)
    areas = {known.code: known.label for known in context.pack.promise_areas}
    places = {row.ward_code: row.ward for row in context.pack.places}
    return page(
        request, "proposals.html", lang, ideas=ideas, titles=titles, areas=areas, places=places, said_by=SAID_BY
    )


def _asked(session: Session, pack: Pack, words: Words, now: datetime) -> list[tuple[Markup, str, datetime]]:
    """Where scores are given now, with the ward and until when; how many came nobody is told."""
    named = facilities.known(session, pack)
    found = []
    for one in scorecards.open_now(session, now, limit=ROUNDS):
        place = named.get(one.facility_code)
        ward = pack.guide.ward(place.ward) if place else None
        name = words.label(place.name) if place else Markup.escape(one.facility_code)
        found.append((name, ward[1].name if ward else "", one.closes_at))
    return found


def _titles(session: Session) -> dict[str, object]:
    """What each promise is called in short, by OGP id."""
    return {row.ogp_id: row.short or row.title for row in service.list_commitments(session)}


def draw(session: Session, pack: Pack, words: Words, cards: Sequence[Card]) -> list[Scored]:
    """Rounds with their drawings, as the API shows them: a side under the floor is not there."""
    plans = scorecards.plans(session, [card.round for card in cards])
    places = facilities.known(session, pack)
    found = []
    for card in cards:
        place = places.get(card.round.facility_code)
        ward = pack.guide.ward(place.ward) if place else None
        rows = _rows(pack, words, card)
        shown = card.residents.means is not None or card.staff.means is not None
        ends = (words.say("Very bad"), words.say("Very good"))
        chart = gaps(words.say("What residents and staff say"), rows, ends=ends) if shown else None
        name = words.label(place.name) if place else Markup.escape(card.round.facility_code)
        plan = plans.get(card.round.id, [])
        found.append(Scored(card, name, ward[1].name if ward else "", chart, rows, plan))
    return found


def _rows(pack: Pack, words: Words, card: Card) -> list[Gap]:
    items = [words.plain(item) for item in pack.guide.score_items] or [str(number) for number in range(1, 6)]
    nothing: list[float | None] = [None] * len(items)
    residents, staff = card.residents.means or nothing, card.staff.means or nothing
    return [
        Gap(name, ours, theirs, words.decimal(ours), words.decimal(theirs))
        for name, ours, theirs in zip(items, residents, staff, strict=True)
    ]
