"""Who hears of promises by SMS: one promise, an area's or a ward's, each change or once a month. None commits.

To follow a ward is to hear what is published about that ward or about the whole county, of whichever promise; what is
about other wards alone is not for its followers. Each thing followed is one row; news reach a follower
once, see `followers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Session

from gateway.commitments.models import Commitment, Follow
from gateway.ids import new_id
from gateway.messaging import service as messaging
from gateway.messaging.models import Broadcast
from gateway.residents import service as residents


class Kind(StrEnum):
    PROMISE = "promise"
    AREA = "area"
    WARD = "ward"


_COLUMN = {Kind.PROMISE: Follow.ogp_id, Kind.AREA: Follow.area, Kind.WARD: Follow.ward_code}

CONSENT = {Kind.PROMISE: "follow", Kind.AREA: "follow_area", Kind.WARD: "follow_ward"}
"""The kinds of consent: the words agreed to are kept with the promise, area or ward as their subject."""

OPEN = Follow.until.is_(None)

DIGEST = "digest"
"""Kind and topic of the broadcast that carries a month's digest."""


@dataclass(frozen=True, slots=True)
class Followed:
    """One thing that a resident follows."""

    kind: Kind
    code: str
    """OGP id, code of an area, or code of a ward."""
    monthly: bool = False


def follow(
    session: Session,
    what: Followed,
    *,
    resident_id: UUID,
    wording: str,
    language: str,
    channel: str,
    now: datetime,
    effect_key: bytes | None,
) -> None:
    """Follow from now on, with the consent in the words shown. Following twice is following once, as last chosen.

    Another ward takes the place of the one followed before.
    """
    kind = Kind(what.kind)
    column = _COLUMN[kind]
    if kind is Kind.WARD:
        _end(session, sa.and_(column.is_not(None), column != what.code), resident_id, "ward", now)
        residents.withdraw_consent(session, resident=resident_id, kind=CONSENT[kind], subject=None, now=now)
    row = insert(Follow).values(
        id=new_id(),
        resident_id=resident_id,
        monthly=what.monthly,
        since=now,
        channel=channel,
        **{column.key: what.code},
    )
    open_one = sa.text("until IS NULL AND ward_code IS NOT NULL" if kind is Kind.WARD else "until IS NULL")
    session.execute(
        row.on_conflict_do_update(
            index_elements=["resident_id"] if kind is Kind.WARD else ["resident_id", column.key],
            index_where=open_one,
            set_={"monthly": row.excluded.monthly},
        )
    )
    residents.consent(
        session,
        resident=resident_id,
        kind=CONSENT[kind],
        subject=what.code,
        wording=wording,
        language=language,
        now=now,
        effect_key=effect_key,
    )


def unfollow(session: Session, what: Followed, *, resident_id: UUID, now: datetime, ended_by: str = "menu") -> None:
    """End one follow, by menu or word; what is under way of promises not followed any other way stays away too."""
    kind = Kind(what.kind)
    _end(session, _COLUMN[kind] == what.code, resident_id, ended_by, now)
    residents.withdraw_consent(session, resident=resident_id, kind=CONSENT[kind], subject=what.code, now=now)
    _leave_under_way(session, resident_id, now)


def unfollow_all(session: Session, *, resident_id: UUID, now: datetime, ended_by: str = "word") -> None:
    """End every follow of this resident."""
    _end(session, sa.true(), resident_id, ended_by, now)
    for kind in CONSENT.values():
        residents.withdraw_consent(session, resident=resident_id, kind=kind, subject=None, now=now)
    _leave_under_way(session, resident_id, now)


def _end(session: Session, which: sa.ColumnElement[bool], resident: UUID, ended_by: str, now: datetime) -> None:
    session.execute(
        sa.update(Follow)
        .where(Follow.resident_id == resident, OPEN, which)
        .values(until=now, ended_by=ended_by)
        .execution_options(synchronize_session=False)
    )


def _leave_under_way(session: Session, resident: UUID, now: datetime) -> None:
    """Keep from a resident what is being sent and is of nothing that they follow any more."""
    area = sa.select(Commitment.area).where(Commitment.ogp_id == Broadcast.topic).scalar_subquery()
    still = sa.exists().where(
        Follow.resident_id == resident,
        OPEN,
        sa.or_(
            sa.and_(Broadcast.kind == DIGEST, Follow.monthly),
            of_news(Broadcast.topic, area, Broadcast.places),
            sa.and_(Broadcast.kind == "notice", Follow.ward_code.is_not(None)),  # its places may be sub-counties
        ),
    )
    messaging.withdraw(
        session, resident, sa.and_(Broadcast.kind.in_(_FOLLOWED), Broadcast.topic != "", ~still), now=now
    )


_FOLLOWED = ("update", "notice", DIGEST)
"""Kinds of broadcasts that may rest on a follow."""


def of_news(ogp_id: Any, area: Any, places: Any) -> sa.ColumnElement[bool]:
    """Whether a follow is of news of this promise (of this area) about these wards (JSONB; none: the county)."""
    here = sa.or_(places == sa.text("'[]'::jsonb"), places.has_key(Follow.ward_code))
    return sa.or_(Follow.ogp_id == ogp_id, Follow.area == area, sa.and_(Follow.ward_code.is_not(None), here))


def followers(ogp_id: str, wards: Sequence[str], which: sa.ColumnElement[bool] = OPEN) -> sa.Select[tuple[UUID]]:
    """Who is texted news of a promise about these wards (none: the whole county), whichever way they follow it.

    A selection for `IN`: who follows in several ways is in it several times. Who hears once a month is not.
    """
    area = sa.select(Commitment.area).where(Commitment.ogp_id == ogp_id).scalar_subquery()
    here = Follow.ward_code.in_(sorted(wards)) if wards else Follow.ward_code.is_not(None)
    return sa.select(Follow.resident_id).where(
        which, Follow.monthly.is_(False), sa.or_(Follow.ogp_id == ogp_id, Follow.area == area, here)
    )


def followed_by(session: Session, resident_id: UUID) -> list[Followed]:
    """What this resident follows: promises in the plan's order, then areas, then the ward."""
    rows = session.execute(
        sa.select(Follow.ogp_id, Follow.area, Follow.ward_code, Follow.monthly)
        .outerjoin(Commitment, Commitment.ogp_id == Follow.ogp_id)
        .where(Follow.resident_id == resident_id, OPEN)
        .order_by(Commitment.position, Follow.area)
    )
    return [_followed(row) for row in rows]


def _followed(row: Any) -> Followed:
    if row.ogp_id is not None:
        return Followed(Kind.PROMISE, row.ogp_id, row.monthly)
    kind, code = (Kind.AREA, row.area) if row.area is not None else (Kind.WARD, row.ward_code)
    return Followed(kind, code, row.monthly)


def is_followed(session: Session, resident_id: UUID, ogp_id: str) -> bool:
    """Whether a resident follows this promise by itself."""
    one = sa.exists().where(Follow.resident_id == resident_id, Follow.ogp_id == ogp_id, OPEN)
    return bool(session.scalar(sa.select(one)))


def stop(session: Session, resident: UUID, now: datetime) -> None:
    """A STOP ends them all, so that nothing but a START or a new consent brings them back."""
    _end(session, sa.true(), resident, "stop", now)


def start(session: Session, resident: UUID) -> None:
    """Bring back what the last stop ended: of each thing its newest row, and only one ward."""
    thing = (Follow.ogp_id, Follow.area, Follow.ward_code.is_not(None))
    newest = (
        sa.select(Follow.id)
        .ext(distinct_on(*thing))
        .where(Follow.resident_id == resident)
        .order_by(*thing, Follow.until.desc(), Follow.id.desc())
    )
    session.execute(
        sa.update(Follow)
        .where(Follow.id.in_(newest), Follow.ended_by == "stop")
        .values(until=None, ended_by=None)
        .execution_options(synchronize_session=False)
    )
