"""What open data there is: each data set with its columns. A column that is not named here is in no file.

Columns that come from a table of ours must be of the public class, as the exporters' must not be personal: one that is
not stops the program where this module is read. Counts of cases come from the published figures alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import InstrumentedAttribute, Session

from gateway.database import Class
from gateway.pack import Pack
from gateway.statistics.models import AuditHead
from gateway.statistics.published import CONCERNS, ELSEWHERE, NONE, Figures
from gateway.statistics.suppression import TOTAL

Type = Literal["string", "integer", "number", "boolean", "date", "datetime", "object", "array"]
"""Types of the Frictionless table schema."""


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    type: Type
    about: str


@dataclass(frozen=True, slots=True)
class Source:
    """What rows are made of."""

    session: Session | None
    """Not needed for figures."""
    pack: Pack
    figures: Figures | None


@dataclass(frozen=True, slots=True)
class Dataset:
    name: str
    title: str
    about: str
    fields: Sequence[Field]
    rows: Callable[[Source], Iterator[Sequence[Any]]]
    key: Sequence[str] = ()


def _session(source: Source) -> Session:
    if source.session is None:
        raise ValueError("a table of ours is read in a session")
    return source.session


class NotPublicError(RuntimeError):
    """A column of open data is not of the public class."""


_TYPES: tuple[tuple[type, Type], ...] = (
    (sa.Boolean, "boolean"),
    (sa.Integer, "integer"),
    (sa.Numeric, "number"),
    (sa.DateTime, "datetime"),
    (sa.Date, "date"),
)
_LISTS = frozenset({"partners", "supporting", "evidence", "site_visits"})


def _field(column: InstrumentedAttribute[Any], about: str) -> Field:
    if column.info["class"] is not Class.PUBLIC:
        raise NotPublicError(f"{column.class_.__tablename__}.{column.key}")
    kind = column.type
    if isinstance(kind, JSONB):
        return Field(column.key, "array" if column.key in _LISTS else "object", about)
    return Field(column.key, next((name for known, name in _TYPES if isinstance(kind, known)), "string"), about)


def of_table(
    name: str, title: str, about: str, columns: dict[InstrumentedAttribute[Any], str], *where: Any, order: Any
) -> Dataset:
    """A data set that is a table of ours, by these columns. Raises `NotPublicError`."""
    fields = [_field(column, said) for column, said in columns.items()]

    def rows(source: Source) -> Iterator[Sequence[Any]]:
        statement = sa.select(*columns).where(*where).order_by(order).execution_options(yield_per=500)
        yield from (tuple(row) for row in _session(source).execute(statement))

    return Dataset(name, title, about, fields, rows, (fields[0].name,))


_CASES = Field("cases", "integer", "Number of cases; empty where it is hidden")
_HIDDEN = Field("hidden", "boolean", "The number is small, or would give away one that is")
_NAME = "In the pack's first language"


def _cell(number: int | None) -> tuple[int | None, bool]:
    return number, number is None


def _places(source: Source) -> Iterator[Sequence[Any]]:
    if source.figures is None:
        return
    table = source.figures.tables["places"]
    wards = {place.ward_code: place for place in source.pack.places}
    areas = {place.area_code: place.area for place in source.pack.places}
    for row in [*(row.key for row in table.rows), TOTAL]:
        level, _, code = row.partition(":")
        place = wards.get(code) if level == "ward" else None
        area = place.area_code if place else code if level in {"area", "unsaid"} else None
        level = {NONE: "not told", TOTAL: "all", "unsaid": "ward not told", "area": "sub-county"}.get(level, level)
        for column in [*table.columns, TOTAL]:
            kind = "all" if column == TOTAL else column
            named = (area, areas.get(area or ""), place.ward_code if place else None, place.ward if place else None)
            yield (level, *named, kind, *_cell(table.at(row, column)))


def _categories(source: Source) -> Iterator[Sequence[Any]]:
    if source.figures is None:
        return
    table = source.figures.tables["categories"]
    for row in [*(row.key for row in table.rows), TOTAL]:
        if row == TOTAL or row.startswith("kind:"):
            kind, category = row.removeprefix("kind:"), "all"
        else:
            kind, _, category = row.partition("/")
        for column in [*table.columns, TOTAL]:
            month = "all" if column == TOTAL else column
            yield ("all" if kind == TOTAL else kind, category, month, *_cell(table.at(row, column)))


def _offices(source: Source) -> Iterator[Sequence[Any]]:
    if source.figures is None:
        return
    table = source.figures.tables["offices"]
    for row in [*(row.key for row in table.rows), TOTAL]:
        for column in [*table.columns, TOTAL]:
            outcome = "all" if column == TOTAL else column
            yield ("all" if row == TOTAL else row, outcome, *_cell(table.at(row, column)))


def _speed(source: Source) -> Iterator[Sequence[Any]]:
    if source.figures is None:
        return
    table = source.figures.tables["speed"]
    for row in [*(row.key for row in table.rows), TOTAL]:
        yield ("all" if row == TOTAL else row, *_cell(table.at(row)))


def _concerning(source: Source) -> Iterator[Sequence[Any]]:
    if source.figures is None:
        return
    for name, table in source.figures.tables.items():
        if name.startswith("promise:"):
            for column in [*table.columns, TOTAL]:
                area = {TOTAL: "all", ELSEWHERE: "elsewhere"}.get(column, column)
                yield (name.removeprefix("promise:"), area, *_cell(table.at(CONCERNS, column)))


def _heads(source: Source) -> Iterator[Sequence[Any]]:
    for head in _session(source).scalars(sa.select(AuditHead).order_by(AuditHead.day)):
        yield (head.day, head.position, head.digest.hex(), head.published_at)


FIGURES = (
    Dataset(
        "cases-by-place",
        "Cases by place and kind",
        "Wards under sub-counties, with sums at every level. Columns of kinds that are too small stand together.",
        (
            Field("level", "string", "`ward`, `sub-county`, `ward not told`, `not told` (no place at all) or `all`"),
            Field("area_code", "string", "Code of the sub-county"),
            Field("area", "string", "Its name"),
            Field("ward_code", "string", "Code of the ward"),
            Field("ward", "string", "Its name"),
            Field("kind", "string", "`complaint`, `information`, `feedback`, several joined by `+`, or `all`"),
            _CASES,
            _HIDDEN,
        ),
        _places,
    ),
    Dataset(
        "cases-by-category-and-month",
        "Cases by category and month of filing",
        "Categories under kinds, with sums. `earlier` is all months before the two years that have a column each.",
        (
            Field("kind", "string", "`complaint`, `information`, `feedback`, several joined by `+`, or `all`"),
            Field("category", "string", "Code of the category, or `all`"),
            Field("month", "string", "Month of filing in the county's time (`2026-11`), `earlier` or `all`"),
            _CASES,
            _HIDDEN,
        ),
        _categories,
    ),
    Dataset(
        "cases-by-department-and-outcome",
        "Cases by department and what became of them",
        "According to staff: said_done, solved, partly, silent. According to residents: solved among solved, partly "
        "and unsolved.",
        (
            Field("department", "string", "Code of the department, `none` or `all`"),
            Field("outcome", "string", "See docs/open-data.md, or `all`"),
            _CASES,
            _HIDDEN,
        ),
        _offices,
    ),
    Dataset(
        "time-to-answer",
        "Time from filing to the first answer in substance",
        "Calendar days.",
        (
            Field("time", "string", "`days_3` (at most 3), `days_7`, `days_14`, `days_30`, `longer`, `none`, `all`"),
            _CASES,
            _HIDDEN,
        ),
        _speed,
    ),
    Dataset(
        "complaints-by-commitment",
        "Complaints received that concern a promise",
        "Received, not found true. A complaint may concern two promises.",
        (
            Field("ogp_id", "string", "The promise"),
            Field("area_code", "string", "Code of the sub-county, `elsewhere` or `all`"),
            _CASES,
            _HIDDEN,
        ),
        _concerning,
    ),
)

HEADS = Dataset(
    "audit-heads",
    "Heads of the audit chain",
    "One a day. Whoever keeps one can check later that no entry before it was changed: docs/open-data.md.",
    (
        Field("day", "date", "Day of the county"),
        Field("position", "integer", "Number of the newest link"),
        Field("digest", "string", "SHA-256 of that link, in hexadecimal"),
        Field("published_at", "datetime", "When it was kept"),
    ),
    _heads,
    ("day",),
)


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date | UUID):
        return str(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
