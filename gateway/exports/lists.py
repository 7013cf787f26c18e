"""Lists of cases as CSV or a spreadsheet: only the columns named here, never a story, a number or a receipt."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

import xlsxwriter
from sqlalchemy.orm import Session

from gateway.cases import queries
from gateway.cases.models import Case
from gateway.cases.schemas import CaseFilter
from gateway.database import Class
from gateway.pack import Pack
from gateway.residents.sealing import Vault
from gateway.staff.models import Staff

BATCH = 500

Value = Callable[[Pack, Any], object]


def _when(moment: datetime | None, pack: Pack) -> str:
    return f"{moment.astimezone(pack.about.zone):%Y-%m-%d %H:%M}" if moment else ""


def _place(pack: Pack, row: Any, which: int) -> str:
    found = queries.places(pack, row[0])[which]
    return found.name if found else ""


COLUMNS: dict[str, Value] = {
    "serial": lambda pack, row: row[0].serial,
    "kind": lambda pack, row: row[0].kind,
    "category": lambda pack, row: row[0].category,
    "status": lambda pack, row: row[0].status,
    "urgent": lambda pack, row: "yes" if row[0].urgent else "",
    "area_code": lambda pack, row: _place(pack, row, 0),
    "ward_code": lambda pack, row: _place(pack, row, 1),
    "department_code": lambda pack, row: row[0].department_code or "",
    "commitment_id": lambda pack, row: row[0].commitment_id or "",
    "channel": lambda pack, row: row[0].channel,
    "filed_at": lambda pack, row: _when(row[0].filed_at, pack),
    "due_at": lambda pack, row: _when(row[0].due_at, pack),
}
"""What a list shows, by the column of `cases` it comes from. One that is not named here is in no file."""

HEADS = {"area_code": "sub_county", "ward_code": "ward", "department_code": "department", "commitment_id": "commitment"}

ALLOWED = frozenset({Class.PUBLIC, Class.INTERNAL})


def heads() -> list[str]:
    """The first line of a list. Raises RuntimeError for a column whose class must not leave."""
    columns = Case.__table__.columns
    wrong = [name for name in COLUMNS if columns[name].info["class"] not in ALLOWED]
    if wrong:
        raise RuntimeError(f"columns that must not be exported: {', '.join(wrong)}")
    return [HEADS.get(name, name) for name in COLUMNS]


def rows(session: Session, vault: Vault, pack: Pack, staff: Staff, wanted: CaseFilter) -> Iterator[list[object]]:
    """Every case that `staff` sees and `wanted` asks for, newest first, a batch at a time."""
    after = None
    while batch := queries.list_cases(session, vault, staff, wanted, after=after, limit=BATCH):
        yield from ([value(pack, row) for value in COLUMNS.values()] for row in batch)
        after = batch[-1][0].id
        session.expunge_all()


def harmless(value: object) -> object:
    """A text that a spreadsheet would run as a formula, made a text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def as_csv(lines: Iterator[Sequence[object]], head: Sequence[str]) -> Iterator[str]:
    """CSV with a byte order mark, so that spreadsheets read it as UTF-8; a line at a time."""
    yield "\ufeff" + _line(head)
    for line in lines:
        yield _line([harmless(value) for value in line])


def _line(values: Sequence[object]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(values)
    return out.getvalue()


def as_xlsx(lines: Iterator[Sequence[object]], head: Sequence[str], title: str) -> bytes:
    """A spreadsheet. Rows go to a temporary file as they come; only the packed result is held in memory."""
    out = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        bold = book.add_format({"bold": True, "bg_color": "#0f5c4d", "font_color": "white"})
        sheet = book.add_worksheet(title[:31])
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(head) - 1, 18)
        sheet.write_row(0, 0, head, bold)
        for number, line in enumerate(lines, 1):
            sheet.write_row(number, 0, line)
    return out.getvalue()
