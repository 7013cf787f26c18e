"""How many complaints received concern a promise, by place, and never so that a small group can be told.

They are received, not found true. Offices are never named here, persons neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.cases.models import Case
from gateway.commitments.watch_models import CommitmentLink


@dataclass(frozen=True, slots=True)
class Received:
    """Complaints until the end of the last month. A place that is left out had none, or too few to be shown."""

    total: int | None
    """None where it is under the floor, or would tell what a hidden place had."""
    areas: Mapping[str, int]
    """By area code (sub-county)."""


def received(session: Session, ogp_id: str, *, floor: int, now: datetime, zone: tzinfo) -> Received:
    """The complaints linked to a promise: by the desk, by their category, or because they began there.

    Whole months only, so that two looks a day apart do not show one complaint more. Withdrawn ones do not count.
    """
    month = now.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    link = sa.select(CommitmentLink.case_id, CommitmentLink.category)
    link = link.where(CommitmentLink.ogp_id == ogp_id, CommitmentLink.ended_at.is_(None))
    linked = link.subquery()
    statement = (
        sa.select(Case.area_code, sa.func.count())
        .where(
            Case.kind == "complaint",
            Case.status != "withdrawn",
            Case.filed_at < month,
            sa.or_(
                Case.commitment_id == ogp_id,
                Case.id.in_(sa.select(linked.c.case_id).where(linked.c.case_id.is_not(None))),
                Case.category.in_(sa.select(linked.c.category).where(linked.c.category.is_not(None))),
            ),
        )
        .group_by(Case.area_code)
    )
    return hide({row[0]: row[1] for row in session.execute(statement)}, floor)


def hide(counts: Mapping[str, int], floor: int) -> Received:
    """Leave out cells under the floor; the total too when it would give away what they hold.

    What is hidden together must be at least `floor` and lie in two places or more, else subtracting the shown places
    from the total would tell. Cases without a place are a cell like any other, but are never shown as one.
    """
    shown = {area: count for area, count in counts.items() if area and count >= floor}
    hidden = [count for area, count in counts.items() if area not in shown]
    total = sum(counts.values())
    tells = bool(hidden) and (len(hidden) < 2 or sum(hidden) < floor)  # one hidden cell is the difference
    return Received(None if tells or total < floor else total, shown)
