"""Verbs on promises: follow, unfollow, publish news, and what is said of one. None commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Session

from gateway.broadcasts import service as broadcasts
from gateway.commitments.history import Kind, note
from gateway.commitments.models import Commitment, CommitmentUpdate, Follow
from gateway.errors import NotFound
from gateway.ids import new_id
from gateway.messaging import service as messaging
from gateway.messaging.models import Broadcast
from gateway.pack import Pack
from gateway.residents import service as residents
from gateway.residents.sealing import Vault
from gateway.staff import audit
from gateway.staff.models import Staff


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
    messaging.withdraw(session, resident_id, Broadcast.topic == ogp_id, now=now)


def unfollow_all(session: Session, *, resident_id: UUID, now: datetime) -> None:
    """End every follow of this resident, by a word sent as SMS."""
    _end(session, sa.true(), resident_id=resident_id, ended_by="word", now=now)
    residents.withdraw_consent(session, resident=resident_id, kind="follow", subject=None, now=now)
    messaging.withdraw(session, resident_id, Broadcast.topic != "", now=now)


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

    Where more follow than the pack lets one person text, the news are published and the SMS wait for an approval.

    Raises `NotFound`, or `Invalid` when a language is missing or its text does not fit an SMS.
    """
    promise = read_commitment(session, ogp_id)
    broadcast = broadcasts.write(
        session, pack, kind=broadcasts.UPDATE, topic=promise.ogp_id, text=text, staff=staff, now=now
    )
    update = CommitmentUpdate(
        id=new_id(),
        ogp_id=promise.ogp_id,
        text=broadcast.bodies,
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
