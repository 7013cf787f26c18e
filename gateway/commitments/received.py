"""How many complaints received concern a promise, by place, as they are published: what is hidden there is hidden here.

They are received, not found true. Offices are never named here, persons neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from gateway.statistics import published
from gateway.statistics.published import CONCERNS, ELSEWHERE, Shown


@dataclass(frozen=True, slots=True)
class Received:
    """A place that is left out had none, or too few to be shown, or would tell what another one had."""

    total: int | None = None
    """None where it is hidden, or nothing is published yet."""
    areas: Mapping[str, int] = field(default_factory=dict)
    """By area code (sub-county)."""
    as_of: datetime | None = None
    """When the figures were published."""


def received(session: Session, ogp_id: str) -> Received:
    """The complaints that concern a promise: linked by the desk, by their category, or because they began there."""
    made_at, table = published.of_promise(session, ogp_id)
    return Received(*shown_of(table), as_of=made_at)


def shown_of(table: Shown | None) -> tuple[int | None, Mapping[str, int]]:
    """What the published table of a promise says: the total, and by area code where it can be told."""
    if table is None:
        return None, {}
    by_area = {area: table.at(CONCERNS, area) for area in table.columns if area != ELSEWHERE}
    return table.at(CONCERNS), {area: number for area, number in by_area.items() if number}
