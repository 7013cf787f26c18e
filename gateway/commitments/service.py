"""Verbs on promises: follow, unfollow, publish news, and what is said of one. None commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Session

from gateway.commitments.models import Commitment, CommitmentUpdate, Follow
from gateway.errors import Invalid, NotFound
from gateway.ids import new_id
from gateway.messaging import service as messaging
from gateway.messaging import templates
from gateway.messaging.segments import segments
from gateway.pack import Pack
from gateway.residents import service as residents
from gateway.residents.sealing import Vault
from gateway.staff import audit
from gateway.staff.models import Staff
from menus import gsm7

LONGEST = 2
"""The most SMS segments one update may cost each follower, with the line that says how to stop."""


def follow(
    session: Session,
    vault: Vault,
    *,
    resident_id: UUID,
    ogp_id: str,
    wording: str,
    language: str,
    channel: str,
    now: datetime,
    effect_key: bytes | None,
) -> None:
    """Follow a promise from now on, with the consent in the words shown. Following twice is following once."""
    row = insert(Follow).values(id=new_id(), resident_id=resident_id, ogp_id=ogp_id, since=now, channel=channel)
    session.execute(
        row.on_conflict_do_nothing(index_elements=["resident_id", "ogp_id"], index_where=sa.text("until IS NULL"))
    )
    residents.consent(
        session,
        resident=resident_id,
        kind="follow",
        subject=ogp_id,
        wording=wording,
        language=language,
        now=now,
        effect_key=effect_key,
    )


def unfollow(session: Session, *, resident_id: UUID, ogp_id: str, now: datetime) -> None:
    """End one follow by menu."""
    _end(session, Follow.ogp_id == ogp_id, resident_id=resident_id, ended_by="menu", now=now)
    residents.withdraw_consent(session, resident=resident_id, kind="follow", subject=ogp_id, now=now)


def unfollow_all(session: Session, *, resident_id: UUID, now: datetime) -> None:
    """End every follow of this resident, by a word sent as SMS."""
    _end(session, sa.true(), resident_id=resident_id, ended_by="word", now=now)
    residents.withdraw_consent(session, resident=resident_id, kind="follow", subject=None, now=now)


def _end(session: Session, which: sa.ColumnElement[bool], *, resident_id: UUID, ended_by: str, now: datetime) -> None:
    session.execute(
        sa.update(Follow)
        .where(Follow.resident_id == resident_id, Follow.until.is_(None), which)
        .values(until=now, ended_by=ended_by)
    )


def follows_of(session: Session, resident_id: UUID) -> list[str]:
    """OGP ids of the promises this resident follows, in the plan's order."""
    statement = (
        sa.select(Follow.ogp_id)
        .join(Commitment, Commitment.ogp_id == Follow.ogp_id)
        .where(Follow.resident_id == resident_id, Follow.until.is_(None))
        .order_by(Commitment.position)
    )
    return list(session.scalars(statement))


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
        "followed": resident_id is not None and ogp_id in follows_of(session, resident_id),
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
    session: Session, pack: Pack, *, ogp_id: str, text: Mapping[str, str], staff: Staff, now: datetime
) -> CommitmentUpdate:
    """Publish news of a promise and owe it to every follower, each in their own language.

    Raises `NotFound`, or `Invalid` when a language is missing or its text does not fit an SMS.
    """
    promise = read_commitment(session, ogp_id)
    bodies = check_news(pack, text)
    followers = sa.select(Follow.resident_id).where(Follow.ogp_id == ogp_id, Follow.until.is_(None))
    broadcast = messaging.owe_broadcast(
        session,
        kind="update",
        topic=promise.ogp_id,
        bodies=bodies,
        audience=followers,
        created_by=staff.id,
        now=now,
        monthly_cap=pack.about.limits.follow_sms_a_month,
    )
    update = CommitmentUpdate(
        id=new_id(),
        ogp_id=promise.ogp_id,
        text=bodies,
        published_by=staff.id,
        published_at=now,
        broadcast_id=broadcast,
    )
    session.add(update)
    session.flush()
    audit.record(
        session,
        staff_id=staff.id,
        action="commitment.update_published",
        subject=promise.ogp_id,
        data={"update": str(update.id), "broadcast": str(broadcast)},
    )
    return update


def check_news(pack: Pack, text: Mapping[str, str]) -> dict[str, str]:
    """The text in every language of the pack, typographic characters made plain.

    Raises `Invalid` that names each language and what is wrong with its text.
    """
    languages = [language.code for language in pack.guide.languages]
    faults = [
        {"where": f"body.text.{code}", "message": "this pack has no such language"}
        for code in text
        if code not in languages
    ]
    bodies = {}
    for code in languages:
        body = gsm7.plain(text.get(code, "")).strip()
        fault = _fault(pack, code, body)
        if fault:
            faults.append({"where": f"body.text.{code}", "message": fault})
        bodies[code] = body
    if faults:
        raise Invalid("the update cannot be sent as it is", errors=faults)
    return bodies


def _fault(pack: Pack, language: str, body: str) -> str:
    """What keeps a text from being sent, empty when nothing does."""
    if not body:
        return "the text is missing"
    foreign = gsm7.foreign(body)
    if foreign:
        return f"an SMS cannot carry {' '.join(foreign[:10])}"
    if gsm7.length(body) > templates.BODY:
        return f"{gsm7.length(body)} characters; at most {templates.BODY}"
    parts = segments(templates.render(pack.guide, "update", language, {"body": body}))
    return f"{parts} SMS with the line that says how to stop; at most {LONGEST}" if parts > LONGEST else ""
