"""Whom a broadcast reaches: counted beforehand and owed in one statement, by the same query."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.broadcasts.states import CLAIMS
from gateway.channels import sends
from gateway.database import table_of
from gateway.ids import new_id
from gateway.messaging.models import Broadcast, Message
from gateway.messaging.states import State
from gateway.messaging.templates import BROADCASTS
from gateway.residents.models import Resident

MONTH = timedelta(days=30)
"""Over how long texts on one topic count against the cap."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is asked for, and what keeps a text from them."""

    people: sa.Select[tuple[UUID]] | sa.CompoundSelect[tuple[UUID]]
    """Ids of the residents who agreed to be texted about this."""
    topic: str
    languages: Sequence[str]
    """The languages of the text; who reads none of them gets the first."""
    monthly_cap: int | None
    """The most texts on the topic in a month; none: no limit."""
    together: int | None = None
    """The most in a month of all topics of this kind together; none: no limit."""
    only: Sequence[str] = ()
    """Only who reads one of these languages; none: everybody."""
    template: str = "update"
    """The words around its body."""

    def asked(self) -> sa.ColumnElement[bool]:
        """All who agreed, whatever came since."""
        agreed = Resident.id.in_(self.people)
        return sa.and_(agreed, Resident.language.in_(self.only)) if self.only else agreed

    def willing(self) -> sa.ColumnElement[bool]:
        """Those who did not opt out since."""
        return sa.and_(self.asked(), Resident.stopped_broadcasts_at.is_(None), Resident.stopped_all_at.is_(None))

    def language(self) -> sa.ColumnElement[str]:
        return sa.case((Resident.language.in_(self.languages), Resident.language), else_=self.languages[0])

    def each(self, now: datetime) -> tuple[sa.FromClause, sa.ColumnElement[bool]]:
        """What to select the willing from, and whether one of them had as many texts on the topic as they may.

        One join for all of them: asked person by person, a million would be a million questions.
        """
        if self.monthly_cap is None:
            return table_of(Resident), sa.false()
        topical: sa.ColumnElement[bool] = Broadcast.topic == self.topic
        counted, many = topical, sa.func.count() >= self.monthly_cap
        if self.together is not None:
            claims = Broadcast.kind.in_(CLAIMS)
            counted = sa.or_(topical, claims)
            of_topic, of_all = (sa.func.count().filter(which) for which in (topical, claims))
            many = sa.or_(of_topic >= self.monthly_cap, of_all >= self.together)
        full = (
            sa.select(Message.resident_id)
            .join(Broadcast, Broadcast.id == Message.broadcast_id)
            .where(counted, Message.owed_at > now - MONTH, Message.state != State.SUPPRESSED)
            .group_by(Message.resident_id)
            .having(many)
            .subquery("full_month")
        )
        joined = sa.outerjoin(table_of(Resident), full, full.c.resident_id == Resident.id)
        return joined, full.c.resident_id.is_not(None)


@dataclass(frozen=True, slots=True)
class Reach:
    """How many an audience is at this moment."""

    asked: int
    """All who agreed, whether they opted out of SMS since or not."""
    capped: int
    by_language: dict[str, int]
    """Those who would get it now."""

    @property
    def recipients(self) -> int:
        return sum(self.by_language.values())


def reach(session: Session, audience: Audience, now: datetime) -> Reach:
    """Count an audience. Changes nothing."""
    with _patient(session):
        asked = session.scalar(sa.select(sa.func.count()).select_from(Resident).where(audience.asked())) or 0
        everyone, full = audience.each(now)
        language, capped = audience.language().label("language"), full.label("capped")
        people = sa.select(language, capped).select_from(everyone).where(audience.willing()).subquery()
        rows = session.execute(
            sa.select(people.c.language, people.c.capped, sa.func.count()).group_by(people.c.language, people.c.capped)
        ).all()
    getting = {row.language: row[2] for row in rows if not row.capped}
    return Reach(asked, sum(row[2] for row in rows if row.capped), dict(sorted(getting.items())))


def exceeds(session: Session, audience: Audience, limit: int) -> bool:
    """Whether more than `limit` are willing, the month's number aside: counts no further than that."""
    some = sa.select(Resident.id).where(audience.willing()).limit(limit + 1).subquery()
    return (session.scalar(sa.select(sa.func.count()).select_from(some)) or 0) > limit


def owe_all(session: Session, broadcast: UUID, audience: Audience, now: datetime) -> int:
    """Owe the broadcast to its audience in one statement; to how many. Who is over the cap is owed it as suppressed."""
    moment = sa.literal(now, sa.DateTime(timezone=True))
    everyone, capped = audience.each(now)
    columns: dict[str, sa.ColumnElement[Any]] = {
        "id": _sortable_id(),
        "lane": sa.literal(BROADCASTS),
        "template": sa.literal(audience.template),
        "language": audience.language(),
        "resident_id": sa.cast(Resident.id, sa.Uuid()),
        "broadcast_id": sa.literal(broadcast, sa.Uuid()),
        "state": sa.case((capped, State.SUPPRESSED.value), else_=State.OWED.value),
        "reason": sa.case((capped, "monthly_cap"), else_=""),
        "not_before": moment,
        "channel": sa.literal(sends(session)),
        "owed_at": moment,
        "final_at": sa.case((capped, moment), else_=sa.null()),
    }
    people = sa.select(*columns.values()).select_from(everyone).where(audience.willing())
    with _patient(session):
        rows = _add_many(session, insert(Message).from_select(list(columns), people, include_defaults=False))
        if audience.monthly_cap is None:
            return rows
        suppressed = sa.select(sa.func.count()).where(
            Message.broadcast_id == broadcast, Message.state == State.SUPPRESSED
        )
        return rows - (session.scalar(suppressed) or 0)


@contextmanager
def _patient(session: Session) -> Iterator[None]:
    """The usual time limit is for hops, and a million rows take longer."""
    session.execute(sa.text("SET LOCAL statement_timeout = '10min'"))
    yield
    session.execute(sa.text("SET LOCAL statement_timeout TO DEFAULT"))


def _add_many(session: Session, statement: sa.Insert) -> int:
    """Run one long insert; how many rows."""
    result = session.execute(statement, execution_options={"preserve_rowcount": True})
    return cast("sa.CursorResult[Any]", result).rowcount


def _sortable_id() -> sa.ColumnElement[UUID]:
    """A UUID of version 7 made by Postgres itself: the time of `gateway.ids.new_id`, the rest by chance."""
    time = new_id().hex[:12]
    chance = sa.func.replace(sa.cast(sa.func.gen_random_uuid(), sa.Text), "-", "")
    return sa.cast(sa.literal(f"{time}7") + sa.func.substr(chance, 14), sa.Uuid())
