"""When many cases are from one ward, of one category, on one department or place: a notice, by the pack's rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.cases import duties
from gateway.cases.desk_models import Duty
from gateway.cases.models import Case
from gateway.commitments import facilities
from gateway.pack import Pack

SCOPES = {
    "ward": Case.ward_code,
    "category": Case.category,
    "department": Case.department_code,
    "facility": Case.facility_code,
}


@dataclass(frozen=True, slots=True)
class Spike:
    subject: str
    """`ward:1017`, `category:DELAY`, `department:environment` or `facility:1017-1`."""
    count: int
    usual: float
    """The mean of as many days, over the weeks before."""


def find(session: Session, pack: Pack, now: datetime) -> list[Spike]:
    """What spikes now, counted in one query by Postgres, however many cases there are."""
    rule = pack.desk.spike
    recent = now - timedelta(days=rule.days)
    before = recent - timedelta(weeks=rule.weeks)
    lately = sa.func.count().filter(Case.filed_at >= recent)
    earlier = sa.func.count().filter(Case.filed_at < recent)
    columns = list(SCOPES.values())
    usual = earlier * rule.days / (rule.weeks * 7.0)
    rows = session.execute(
        sa.select(*columns, lately.label("count"), usual.label("usual"))
        .where(Case.filed_at >= before, Case.filed_at <= now)
        .group_by(sa.func.grouping_sets(*(sa.tuple_(column) for column in columns)))
        .having(lately >= rule.at_least, lately >= usual * rule.times)
    ).all()
    return list(_spikes(rows))


def _spikes(rows: object) -> Iterator[Spike]:
    for *codes, count, usual in rows:  # type: ignore[attr-defined]  # rows of four codes and two figures
        for scope, code in zip(SCOPES, codes, strict=True):
            if code:
                yield Spike(f"{scope}:{code}", count, round(float(usual), 1))


def notice(session: Session, pack: Pack, now: datetime) -> int:
    """Tell staff of each spike, once in the rule's number of days; how many are told of now."""
    found = find(session, pack, now)
    since = now - timedelta(days=pack.desk.spike.days)
    told = set(session.scalars(sa.select(Duty.subject).where(Duty.kind == duties.Kind.SPIKE, Duty.since > since)))
    new = [spike for spike in found if spike.subject not in told]
    for spike in new:
        data = {"count": spike.count, "usual": spike.usual, "days": pack.desk.spike.days}
        duties.notice(session, duties.Kind.SPIKE, spike.subject, now, data | _named(session, pack, spike.subject))
    return len(new)


def _named(session: Session, pack: Pack, subject: str) -> dict[str, dict[str, str]]:
    """What a facility is called, told with the notice: it may be known from no pack."""
    scope, _, code = subject.partition(":")
    place = facilities.find(session, pack, code) if scope == "facility" else None
    return {"name": dict(place.name)} if place else {}
