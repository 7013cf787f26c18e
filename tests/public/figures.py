"""Made counts, so that pages and files have something to show."""

from __future__ import annotations

import random
from datetime import timedelta

import sqlalchemy as sa

from gateway.context import Context
from gateway.statistics import published, rollups
from gateway.statistics.models import Rollup


def publish_made_figures(context: Context, cases: int = 2_500) -> None:
    """So many invented cases counted and published, always the same ones."""
    draw, found = random.Random(4), dict[tuple[str, str, str], int]()
    pack, now = context.pack, context.clock.now()
    months = [f"{now - timedelta(days=30 * back):%Y-%m}" for back in range(14)]
    categories = [f"{known.kind}/{known.code}" for known in pack.categories]
    wards = [f"{place.area_code}/{place.ward_code}" for place in pack.places]
    offices = ["", *(known.code for known in pack.departments)]
    for _ in range(cases):
        category = draw.choices(categories, range(len(categories), 0, -1))[0]
        for cell in (
            ("places", draw.choices(wards, range(1, len(wards) + 1))[0], category.partition("/")[0]),
            ("categories", category, draw.choices(months, range(len(months), 0, -1))[0]),
            ("offices", draw.choice(offices), draw.choice(rollups.OUTCOMES)),
            ("speed", draw.choice(rollups.SPEEDS), ""),
        ):
            found[cell] = found.get(cell, 0) + 1
    rows = [
        dict(zip(("name", "row_key", "column_key"), cell, strict=True), cases=count) for cell, count in found.items()
    ]
    with context.work() as session:
        session.execute(sa.delete(Rollup))
        session.execute(sa.insert(Rollup), rows)
        published.publish(session, pack, now, every=timedelta())
