"""The tables of the plan as CSV: their columns, and how a cell is written and read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from gateway.commitments.plan import plain
from gateway.pack import Pack, checking
from menus import gsm7

FORMULA = ("=", "+", "-", "@", "\t")
"""What a spreadsheet takes for the beginning of a formula; such a text is written with an apostrophe before it."""

CODE = re.compile(r"[A-Za-z0-9_.-]{1,16}")
OGP_ID = re.compile(r"[A-Z]{5}[0-9]{4}")
LONGEST = 6000
"""Characters of a cell."""


class Wrong(ValueError):
    """A cell that cannot be read; the text says what is expected."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: which field it is, in which language where it is one of several, and how its cells are read."""

    name: str
    field: str
    read: Callable[[str], Any]
    language: str = ""
    required: bool = False
    """A new line must have it."""

    def write(self, value: Any) -> str:
        """The cell of a field's value."""
        if self.language:
            value = (value or {}).get(self.language, "")
        if value is None:
            return ""
        if isinstance(value, list):
            return _safe("; ".join(value))
        if isinstance(value, bool):
            return "yes" if value else "no"
        return _safe(value) if isinstance(value, str) else str(plain(value))


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def tables(pack: Pack) -> dict[str, Sequence[Column]]:
    """The columns of each table; the first ones are its key."""
    departments = {entry.code for entry in pack.departments}
    areas = {area.code for area in pack.promise_areas}
    languages = [language.code for language in pack.about.languages]
    key = Column("ogp_id", "ogp_id", _ogp_id, required=True)
    code = Column("code", "code", _code, required=True)
    source = Column("source", "source", _text)
    return {
        "commitments": [
            key,
            Column("area", "area", _among(areas, "an area of the pack"), required=True),
            *_texts("title", languages, required=True),
            *(Column(f"short_{code}", "short", _short, code) for code in languages),
            Column("lead", "lead", _needed, required=True),
            Column("lead_department", "lead_department", _perhaps(_among(departments, "a department of the pack"))),
            Column("supporting", "supporting", _each(_among(departments, "departments of the pack, by semicolon"))),
            Column("partners", "partners", _each(_text)),
            Column("committee", "committee", _text),
            Column("programme", "programme", _text),
            *_texts("problem", languages),
            *_texts("status_quo", languages),
            *_texts("action", languages),
            source,
            Column("starts_on", "starts_on", _perhaps(_day)),
            Column("ends_on", "ends_on", _perhaps(_day)),
            Column("inferred", "inferred", _yes),
        ],
        "milestones": [
            key,
            code,
            *_texts("output", languages, required=True),
            Column("starts_on", "starts_on", _perhaps(_day)),
            Column("due_on", "due_on", _perhaps(_day)),
            source,
        ],
        "indicators": [
            key,
            code,
            *_texts("name", languages, required=True),
            Column("unit", "unit", _unit, required=True),
            *(Column(name, name, _perhaps(_number)) for name in ("baseline", "target")),
            *(Column(name, name, _perhaps(_day)) for name in ("baseline_on", "target_on")),
            source,
        ],
        "readings": [
            key,
            Column("indicator", "code", _code, required=True),
            Column("on", "read_on", _day, required=True),
            Column("value", "value", _number, required=True),
            source,
        ],
    }


def _texts(field: str, languages: Sequence[str], *, required: bool = False) -> list[Column]:
    return [Column(f"{field}_{language}", field, _text, language, required) for language in languages]


def _text(cell: str) -> str:
    text = cell.strip()
    if text.startswith("'") and text[1:].startswith(FORMULA):
        text = text[1:]
    if "\0" in text:
        raise Wrong("it holds a character that cannot be kept")
    if len(text) > LONGEST:
        raise Wrong(f"it has more than {LONGEST} characters")
    return text


def _short(cell: str) -> str:
    """What a small screen calls it, under the rules of a pack's own labels."""
    text = gsm7.plain(_text(cell))
    if wrong := checking.label_fault(text):
        raise Wrong(wrong)
    return text


def _needed(cell: str) -> str:
    if not _text(cell):
        raise Wrong("it is empty")
    return _text(cell)


def _unit(cell: str) -> str:
    if not 1 <= len(_text(cell)) <= 40:
        raise Wrong("1 to 40 characters")
    return _text(cell)


def _day(cell: str) -> date:
    try:
        day = date.fromisoformat(cell.strip())
    except ValueError as error:
        raise Wrong("a day is written as 2026-06-30") from error
    if not 1990 <= day.year <= 2100:
        raise Wrong("a day between 1990 and 2100")
    return day


def _number(cell: str) -> Decimal:
    try:
        number = Decimal(cell.strip())
    except InvalidOperation as error:
        raise Wrong("a number is written as 1234.5") from error
    if not number.is_finite() or abs(number) > 10**15:
        raise Wrong("a number is written as 1234.5")
    return number


def _yes(cell: str) -> bool:
    if cell.strip() not in {"yes", "no", ""}:
        raise Wrong("yes or no")
    return cell.strip() == "yes"


def _code(cell: str) -> str:
    if not CODE.fullmatch(cell.strip()):
        raise Wrong("a code has 1 to 16 letters, digits, dots, hyphens or underscores")
    return cell.strip()


def _ogp_id(cell: str) -> str:
    if not OGP_ID.fullmatch(cell.strip()):
        raise Wrong("an OGP id is written as KEKAK0001")
    return cell.strip()


def _perhaps(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """An empty cell is no value."""
    return lambda cell: read(cell) if cell.strip() else None


def _each(read: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda cell: [read(part) for part in _text(cell).split(";") if part.strip()]


def _among(known: set[str], what: str) -> Callable[[str], str]:
    def read(cell: str) -> str:
        if cell.strip() not in known:
            raise Wrong(what)
        return cell.strip()

    return read


def fold(columns: Sequence[Column], cells: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that the cells of a line give; of a text by language only the languages that have a column."""
    fields: dict[str, Any] = {}
    for column in columns:
        if column.name not in cells:
            continue
        if column.language:
            texts = fields.setdefault(column.field, dict(before.get(column.field) or {}))
            texts.pop(column.language, None)
            if cells[column.name]:
                texts[column.language] = cells[column.name]
        else:
            fields[column.field] = cells[column.name]
    return fields
