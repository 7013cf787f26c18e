"""Verbs on promises: publish news, and what is said of one. None commits. See `follows` for who hears of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from gateway.broadcasts import service as broadcasts
from gateway.commitments import follows
from gateway.commitments.history import Kind, note
from gateway.commitments.models import Commitment, CommitmentUpdate
from gateway.errors import NotFound
from gateway.ids import new_id
from gateway.pack import Pack
from gateway.staff import audit
from gateway.staff.models import Staff
from menus import gsm7
from menus.guide import Guide, Promise


def facts(session: Session, ogp_id: str, resident_id: UUID | None, language: str, zone: tzinfo = UTC) -> dict[str, Any]:
    """What a small screen shows of a promise: {claim, judged, followed, latest: {date, text} or None}.

    Empty when there is no such promise. `date` is a day of `zone`, `2026-11-12`.
    """
    promise = session.get(Commitment, ogp_id)
    if promise is None:
        return {}
    news = latest(session, [ogp_id]).get(ogp_id)
    return {
        "claim": promise.claim,
        "judged": promise.judged,
        "followed": resident_id is not None and follows.is_followed(session, resident_id, ogp_id),
        "latest": news
        and {
            "date": news.published_at.astimezone(zone).date().isoformat(),
            "text": news.text.get(language) or next(iter(news.text.values())),
        },
    }


def latest(session: Session, ogp_ids: Sequence[str]) -> dict[str, CommitmentUpdate]:
    """The newest update of each of these promises that has one."""
    statement = (
        sa.select(CommitmentUpdate)
        .ext(distinct_on(CommitmentUpdate.ogp_id))
        .where(CommitmentUpdate.ogp_id.in_(ogp_ids))
        .order_by(CommitmentUpdate.ogp_id, CommitmentUpdate.id.desc())
    )
    return {update.ogp_id: update for update in session.scalars(statement)}


def list_commitments(session: Session) -> Sequence[Commitment]:
    """All promises in the plan's order."""
    return session.scalars(sa.select(Commitment).order_by(Commitment.position)).all()


def imported(session: Session, guide: Guide) -> list[Promise]:
    """The promises that the pack does not know, as phones show them, in the plan's order."""
    known = [promise.ogp_id for promise in guide.promises]
    rows = session.scalars(
        sa.select(Commitment).where(Commitment.ogp_id.not_in(known)).order_by(Commitment.position, Commitment.ogp_id)
    )
    return [
        Promise(
            row.ogp_id,
            row.area,
            {language.code: _on_phones(row, language.code) for language in guide.languages},
            f"{row.ends_on:%Y-%m}" if row.ends_on else "",
        )
        for row in rows
    ]


def _on_phones(row: Commitment, language: str) -> str:
    """What phones call it: the short title, else the whole, else that of another language."""
    titles = (row.short.get(language), row.title.get(language), *row.title.values(), row.ogp_id)
    return gsm7.plain(next(filter(None, titles)))


def read_commitment(session: Session, ogp_id: str) -> Commitment:
    """One promise. Raises `NotFound`."""
    promise = session.get(Commitment, ogp_id)
    if promise is None:
        raise NotFound
    return promise


def updates_of(session: Session, ogp_id: str, *, limit: int = 50) -> Sequence[CommitmentUpdate]:
    """News of one promise, newest first."""
    statement = sa.select(CommitmentUpdate).where(CommitmentUpdate.ogp_id == ogp_id)
    return session.scalars(statement.order_by(CommitmentUpdate.id.desc()).limit(limit)).all()


def publish(
    session: Session,
    pack: Pack,
    *,
    ogp_id: str,
    text: Mapping[str, str],
    staff: Staff,
    now: datetime,
    places: Sequence[str] = (),
) -> CommitmentUpdate:
    """Publish news of a promise and owe it to every follower, each in their own language.

    `places` are the wards and sub-counties it is about; none: the whole county. Where more follow than the pack lets
    one person text, the news are published and the SMS wait for an approval.

    Raises `NotFound`, or `Invalid` when a language is missing, its text does not fit an SMS, or a place is not known.
    """
    promise = read_commitment(session, ogp_id)
    broadcast = broadcasts.write_update(
        session, pack, topic=promise.ogp_id, text=text, staff=staff, now=now, places=places
    )
    update = CommitmentUpdate(
        id=new_id(),
        ogp_id=promise.ogp_id,
        text=broadcast.bodies,
        places=broadcast.places,
        published_by=staff.id,
        published_at=now,
        broadcast_id=broadcast.id,
    )
    session.add(update)
    session.flush()
    note(session, promise.ogp_id, Kind.NEWS, now, subject=update.id, staff=staff.id)
    broadcasts.start_or_wait(session, pack, broadcast, now=now)
    audit.record(
        session,
        staff_id=staff.id,
        action="commitment.update_published",
        subject=promise.ogp_id,
        data={"update": str(update.id), "broadcast": str(broadcast.id)},
    )
    return update
