"""The figures anyone may read: a few tables made from the rollups, small cells hidden, kept as one row.

Which tables there are is a matter of privacy. Two tables that share rows or columns tell more together than either
alone, so they share nothing but numbers that are always shown:

- the total, in all of them;
- the total of each kind: `places` by kind, `categories` under kinds. Kinds too few for the floor are put together;
- complaints by sub-county, in `places` and in the table of each promise: where `places` hides one, the promise's table
  puts it into "elsewhere". Each promise has a table of its own, since a complaint may concern two of them.

For any other table that fits what one of them shows, the rest can stay as they are: attacking all is attacking each.
`speed` and `offices` count the same cases by different things; that an unanswered case is open is known to everybody.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.cases.models import Case
from gateway.commitments.models import Commitment
from gateway.commitments.watch_models import CommitmentLink
from gateway.pack import Pack
from gateway.statistics.models import Publication
from gateway.statistics.rollups import OUTCOMES, SPEEDS, Counts, counts
from gateway.statistics.suppression import TOTAL, Key, Row, Table, protect

MONTHS = 24
"""Months that have a column of their own; what is older is one column, `earlier`."""

EARLIER = "earlier"
ELSEWHERE = "elsewhere"
NONE = "none"
"""The row of cases without a place or a department."""

CONCERNS, OTHERS = "concerns", "others"
"""The rows of a promise's table."""

KINDS = ("complaint", "information", "feedback")


Concerning = Mapping[str, Mapping[str, int]]
"""Complaints by promise, then by `area/ward`."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One table as the public sees it."""

    rows: Sequence[Row]
    columns: Sequence[str]
    numbers: Mapping[Key, int | None]
    """With sums; None is hidden."""

    def at(self, row: str, column: str = TOTAL) -> int | None:
        """A number; None where it is hidden or there is none."""
        return self.numbers.get((row, column))

    def under(self, parent: str = TOTAL) -> list[str]:
        """The rows that a row sums up."""
        return [row.key for row in self.rows if row.under == parent]


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that is published of cases."""

    made_at: datetime
    digest: str
    floor: int
    tables: Mapping[str, Shown]
    kinds: Mapping[str, Sequence[str]]
    """The kinds that stand in one column, by its key."""

    @property
    def total(self) -> int | None:
        return self.tables["speed"].at(TOTAL)


def publish(session: Session, pack: Pack, now: datetime, *, every: timedelta) -> bool:
    """Publish what was counted, when it is new and the last figures are older than `every`; whether it was done.

    Figures that came out at every change would tell each case by comparing two of them.
    """
    last = session.execute(sa.select(Publication.made_at, Publication.digest)).one_or_none()
    if last is not None and now - last.made_at < every:
        return False
    promises = session.scalars(sa.select(Commitment.ogp_id).order_by(Commitment.position, Commitment.ogp_id)).all()
    today = now.astimezone(pack.about.zone).date()
    content = made(pack, counts(session), concern(session), today, promises)
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
    if last is not None and last.digest == digest:
        session.execute(sa.update(Publication).values(made_at=now))  # counted again, and the same
        return False
    values = {"made_at": now, "digest": digest, "content": content}
    row = insert(Publication).values(id=1, **values)
    session.execute(row.on_conflict_do_update(index_elements=["id"], set_=values))
    return True


def mark_of(session: Session) -> str | None:
    """Which figures are published, and as of when; None while there are none."""
    row = session.execute(sa.select(Publication.digest, Publication.made_at)).one_or_none()
    return f"{row.digest} {row.made_at.isoformat()}" if row else None


def read(session: Session) -> Figures | None:
    """The published figures."""
    row = session.scalar(sa.select(Publication))
    if row is None:
        return None
    tables = {name: _shown(table) for name, table in row.content["tables"].items()}
    return Figures(row.made_at, row.digest, row.content["floor"], tables, dict(row.content["kinds"]))


def of_promise(session: Session, ogp_id: str) -> tuple[datetime | None, Shown | None]:
    """When the figures were published, and the table of complaints that concern one promise, without all the others."""
    table = Publication.content["tables"][f"promise:{ogp_id}"]
    row = session.execute(sa.select(Publication.made_at, table)).one_or_none()
    return (row[0], _shown(row[1]) if row[1] is not None else None) if row else (None, None)


def _shown(table: Mapping[str, Any]) -> Shown:
    rows = [Row(key, under) for key, under in table["rows"]]
    columns = table["columns"]
    numbers = {
        (key, column): number
        for key, line in zip([*(row.key for row in rows), TOTAL], table["numbers"], strict=True)
        for column, number in zip([*columns, TOTAL], line, strict=True)
    }
    return Shown(rows, columns, numbers)


def made(
    pack: Pack, counted: Counts, concerning: Concerning, today: date, promises: Sequence[str] = ()
) -> dict[str, Any]:
    """The published figures as they are kept: every table with `None` for what is hidden, one of each of `promises`."""
    floor = pack.about.limits.smallest_cell
    by_kind = _by_kind(counted)
    kinds = _together(by_kind, floor)
    tables = {
        "places": _places(pack, counted, kinds),
        "categories": _categories(pack, counted, kinds, today),
        "offices": _offices(pack, counted),
        "speed": Table(
            [Row(speed) for speed in SPEEDS], (), {(row, TOTAL): n for (row, _), n in counted_in(counted, "speed")}
        ),
    }
    shown = {name: protect(table, floor) for name, table in tables.items()}
    for ogp_id in promises:
        table = _promise(pack, concerning.get(ogp_id, {}), counted, kinds, shown["places"])
        if table is not None:
            name = f"promise:{ogp_id}"
            tables[name], shown[name] = table, protect(table, floor)
    return {
        "floor": floor,
        "kinds": [[key, list(members)] for key, members in kinds.items()],  # a JSON object has no order
        "tables": {name: _kept(table, shown[name]) for name, table in tables.items()},
    }


def counted_in(counted: Counts, name: str) -> Sequence[tuple[Key, int]]:
    return sorted(counted.get(name, {}).items())


def _kept(table: Table, shown: Mapping[Key, int | None]) -> dict[str, Any]:
    columns = [*table.columns, TOTAL]
    return {
        "rows": [[row.key, row.under] for row in table.rows],
        "columns": list(table.columns),
        "numbers": [[shown[key, column] for column in columns] for key in [*(row.key for row in table.rows), TOTAL]],
    }


def _by_kind(counted: Counts) -> dict[str, int]:
    by_kind = dict.fromkeys(KINDS, 0)
    for (_, kind), number in counted_in(counted, "places"):
        by_kind[kind] = by_kind.get(kind, 0) + number
    return by_kind


def _together(by_kind: Mapping[str, int], floor: int) -> dict[str, tuple[str, ...]]:
    """Kinds, with those too few put together until each column has none or at least `floor` cases."""
    groups = [([kind], number) for kind, number in by_kind.items()]
    while len(groups) > 1 and any(0 < number < floor for _, number in groups):
        groups.sort(key=lambda group: group[1])
        (first, one), (second, two), *rest = groups
        groups = [([*first, *second], one + two), *rest]
    ordered = [tuple(sorted(members, key=list(by_kind).index)) for members, _ in groups]
    ordered.sort(key=lambda members: list(by_kind).index(members[0]))
    return {"+".join(members): members for members in ordered}


def _places(pack: Pack, counted: Counts, kinds: Mapping[str, Sequence[str]]) -> Table:
    """Wards under sub-counties, by kind. A sub-county without a ward, and no place at all, are rows of their own."""
    group = {kind: key for key, members in kinds.items() for kind in members}
    area_of = {place.ward_code: place.area_code for place in pack.places}
    rows = [Row(f"area:{area}") for area in dict.fromkeys(area_of.values())]
    rows += [Row(f"ward:{ward}", f"area:{area}") for ward, area in area_of.items()]
    rows += [Row(f"unsaid:{area}", f"area:{area}") for area in dict.fromkeys(area_of.values())]
    rows.append(Row(NONE))
    found: dict[Key, int] = defaultdict(int)
    for (place, kind), number in counted_in(counted, "places"):
        row, _ = _place(area_of, place)
        found[row, group.get(kind, next(iter(kinds)))] += number
    return Table(rows, list(kinds), found, _pinned(kinds))


def _place(area_of: Mapping[str, str], place: str) -> tuple[str, str]:
    """The row of `area/ward` in `places` and the sub-county it is under, which the pack knows better than the case."""
    area, _, ward = place.partition("/")
    if ward in area_of:
        return f"ward:{ward}", area_of[ward]
    return (f"unsaid:{area}", area) if not ward and area in area_of.values() else (NONE, "")


def _categories(pack: Pack, counted: Counts, kinds: Mapping[str, Sequence[str]], today: date) -> Table:
    """Categories under kinds, by month of filing."""
    group = {kind: key for key, members in kinds.items() for kind in members}
    months = _months(counted, today)
    rows = [Row(f"kind:{key}") for key in kinds]
    rows += [Row(f"{known.kind}/{known.code}", f"kind:{group[known.kind]}") for known in pack.categories]
    there = {row.key for row in rows}
    found: dict[Key, int] = defaultdict(int)
    for (category, month), number in counted_in(counted, "categories"):
        kind = category.partition("/")[0]
        if category not in there:
            category = f"{kind}/{NONE}"
        if category not in there:
            there.add(category)
            rows.append(Row(category, f"kind:{group.get(kind, next(iter(kinds)))}"))
        found[category, month if month in months else EARLIER if month < months[-1] else months[-1]] += number
    pinned = frozenset((f"kind:{key}", TOTAL) for key in kinds)
    return Table(rows, months, found, pinned)


def _months(counted: Counts, today: date) -> list[str]:
    """From the first month there is, at most `MONTHS`, to this one; before them `earlier` where there is more."""
    first = min((month for (_, month), _ in counted_in(counted, "categories")), default=f"{today:%Y-%m}")
    months: list[str] = []
    year, month = today.year, today.month
    while len(months) < MONTHS and (f"{year:04}-{month:02}" >= first or not months):
        months.append(f"{year:04}-{month:02}")
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    months.reverse()
    return [EARLIER, *months] if first < months[0] else months


def _offices(pack: Pack, counted: Counts) -> Table:
    """Departments by what became of their cases."""
    rows = [Row(known.code) for known in pack.departments] + [Row(NONE)]
    there = {row.key for row in rows}
    found: dict[Key, int] = defaultdict(int)
    for (office, outcome), number in counted_in(counted, "offices"):
        found[office if office in there else NONE, outcome] += number
    return Table(rows, OUTCOMES, found)


def _promise(
    pack: Pack,
    concerning: Mapping[str, int],
    counted: Counts,
    kinds: Mapping[str, Sequence[str]],
    places: Mapping[Key, int | None],
) -> Table | None:
    """Complaints that concern a promise, and the others, by sub-county; None where complaints cannot stand alone."""
    if "complaint" not in kinds or places[TOTAL, TOTAL] is None:
        return None
    area_of = {place.ward_code: place.area_code for place in pack.places}
    apart = [area for area in dict.fromkeys(area_of.values()) if places[f"area:{area}", "complaint"] is not None]
    found: dict[Key, int] = defaultdict(int)
    for (place, kind), number in counted_in(counted, "places"):
        if kind == "complaint":
            _, area = _place(area_of, place)
            column, here = area if area in apart else ELSEWHERE, min(number, concerning.get(place, 0))
            found[CONCERNS, column] += here
            found[OTHERS, column] += number - here
    columns = [*apart, ELSEWHERE] if any(column == ELSEWHERE for _, column in found) else apart
    rows = [Row(CONCERNS), Row(OTHERS)]
    return Table(rows, columns, found, frozenset((TOTAL, column) for column in columns))


def concern(session: Session) -> Concerning:
    """Complaints by promise and `area/ward`: linked by the desk, by their category, or because they began there."""
    linked = sa.select(CommitmentLink.ogp_id, CommitmentLink.case_id, CommitmentLink.category).where(
        CommitmentLink.ended_at.is_(None)
    )
    link = linked.subquery()
    ways = sa.union(
        sa.select(Case.commitment_id.label("ogp_id"), Case.id).where(Case.commitment_id.is_not(None)),
        sa.select(link.c.ogp_id, link.c.case_id).where(link.c.case_id.is_not(None)),
        sa.select(link.c.ogp_id, Case.id).join(link, link.c.category == Case.category),
    ).subquery()
    place = sa.func.concat(Case.area_code, "/", Case.ward_code)
    statement = (
        sa.select(ways.c.ogp_id, place, sa.func.count())
        .join(Case, Case.id == ways.c.id)
        .where(Case.kind == "complaint", Case.status != "withdrawn")
        .group_by(ways.c.ogp_id, place)
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for ogp_id, where, number in session.execute(statement):
        found[ogp_id][where] = number
    return found


def _pinned(kinds: Mapping[str, Sequence[str]]) -> frozenset[Key]:
    return frozenset((TOTAL, key) for key in kinds)
