"""What was published or changed of the promises, as Atom (RFC 4287) and as JSON Feed 1.1."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID
from xml.etree import ElementTree as Xml

import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from sqlalchemy import exc
from sqlalchemy.orm import Session

from gateway.commitments import history, service
from gateway.commitments.models import Commitment, CommitmentUpdate
from gateway.commitments.watch_models import CommitmentChange
from gateway.context import Context
from gateway.errors import NotFound
from gateway.public.pages import HEADERS, Lang, away, page, words_for
from gateway.public.shown import CHANGES
from gateway.public.words import Words

router = APIRouter(prefix="/commitments", include_in_schema=False)

Form = Literal["atom", "json"]
TYPES = {"atom": "application/atom+xml; charset=utf-8", "json": "application/feed+json; charset=utf-8"}

NEWEST = 50
"""Entries of a feed."""


@dataclass(frozen=True, slots=True)
class Entry:
    id: UUID
    ogp_id: str
    at: datetime
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Feed:
    title: str
    language: str
    home: str
    """Address of the page it tells of."""
    address: str
    root: str
    entries: Sequence[Entry]


@router.get("/feed.{form}")
def feed(request: Request, form: Form, lang: Lang = None) -> Response:
    """Changes of every promise, newest first."""
    return _feed(request, form, lang, None)


@router.get("/{ogp_id}/feed.{form}")
def feed_of_one(request: Request, ogp_id: str, form: Form, lang: Lang = None) -> Response:
    """Changes of one promise."""
    return _feed(request, form, lang, ogp_id)


def _feed(request: Request, form: Form, lang: str | None, ogp_id: str | None) -> Response:
    context: Context = request.app.state.context
    words = words_for(request, lang)
    try:
        with context.work() as session:
            if ogp_id is not None:
                service.read_commitment(session, ogp_id)
            entries = _entries(session, context, words, ogp_id)
    except NotFound:
        return page(request, "missing.html", lang, status=404)
    except (exc.OperationalError, exc.TimeoutError):
        return away(request, lang)
    root = context.settings.web_url or str(request.base_url).rstrip("/")
    home = f"{root}/commitments" + (f"/{ogp_id}" if ogp_id else "")
    name = words.plain(context.pack.about.place)
    title = f"{name}: " + words.say("What the county promised, {years}", years=context.pack.guide.plan_years)
    asked = f"?lang={words.language}"
    if context.settings.training:
        title = f"{words.say('Training: invented cases')}. {title}"
    made = Feed(title, words.language, home + asked, f"{home}/feed.{form}{asked}", root, entries)
    body = as_atom(made) if form == "atom" else as_json(made)
    tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    headers = HEADERS | {"ETag": tag, "Cache-Control": "public, max-age=300"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=TYPES[form], headers=headers)


def _entries(session: Session, context: Context, words: Words, ogp_id: str | None) -> list[Entry]:
    changes = history.changes(session, ogp_id, limit=NEWEST)
    told = [UUID(change.subject) for change in changes if change.kind == history.Kind.NEWS]
    news = {
        str(update.id): words.plain(update.text)
        for update in session.scalars(sa.select(CommitmentUpdate).where(CommitmentUpdate.id.in_(told)))
    }
    titles = {row.ogp_id: row.short or row.title for row in session.scalars(sa.select(Commitment))}
    found = []
    for change in changes:
        name = words.plain(titles[change.ogp_id])
        what = words.say(CHANGES.get(change.kind, CHANGES["changed"]))
        text = news.get(change.subject) or _text(change, what)
        found.append(Entry(change.id, change.ogp_id, change.at, f"{name}: {what}", text))
    return found


def _text(change: CommitmentChange, what: str) -> str:
    """What changed, by its code where it has a short one."""
    return f"{what} ({change.subject})" if 0 < len(change.subject) <= 16 else what


def as_atom(feed: Feed) -> bytes:
    """RFC 4287."""
    space = "http://www.w3.org/2005/Atom"
    Xml.register_namespace("", space)
    top = Xml.Element(f"{{{space}}}feed", {"xml:lang": feed.language})

    def add(parent: Xml.Element, name: str, text: str = "", **attributes: str) -> Xml.Element:
        element = Xml.SubElement(parent, f"{{{space}}}{name}", attributes)
        element.text = text or None
        return element

    add(top, "id", feed.home)
    add(top, "title", feed.title)
    newest = feed.entries[0].at.isoformat() if feed.entries else "1970-01-01T00:00:00Z"
    add(top, "updated", newest)
    add(top, "link", rel="self", href=feed.address, type="application/atom+xml")
    add(top, "link", rel="alternate", href=feed.home, type="text/html")
    add(add(top, "author"), "name", "Baraza")
    for one in feed.entries:
        entry = add(top, "entry")
        add(entry, "id", f"urn:uuid:{one.id}")
        add(entry, "title", one.title)
        add(entry, "updated", one.at.isoformat())
        add(entry, "link", rel="alternate", href=_page_of(feed, one), type="text/html")
        add(entry, "content", one.text, type="text")
    return Xml.tostring(top, encoding="utf-8", xml_declaration=True)


def as_json(feed: Feed) -> bytes:
    """JSON Feed 1.1 (jsonfeed.org)."""
    made = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.address,
        "language": feed.language,
        "authors": [{"name": "Baraza"}],
        "items": [
            {
                "id": f"urn:uuid:{one.id}",
                "url": _page_of(feed, one),
                "title": one.title,
                "content_text": one.text,
                "date_published": one.at.isoformat(),
            }
            for one in feed.entries
        ],
    }
    return json.dumps(made, ensure_ascii=False, indent=1).encode()


def _page_of(feed: Feed, entry: Entry) -> str:
    return f"{feed.root}/commitments/{entry.ogp_id}?lang={feed.language}"
