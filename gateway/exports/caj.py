"""The quarterly return to the Commission on Administrative Justice: complaints received and action taken, by its terms.

The Commission's own template for the year was not found; these columns are the project's and every copy says so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway import paper
from gateway.cases.models import Case, CaseEvent
from gateway.cases.visibility import visible_to
from gateway.errors import Invalid
from gateway.pack import Pack
from gateway.staff.models import Staff
from gateway.words import ENGLISH, Words

UNCONFIRMED = "Columns are provisional: the Commission's template for the year was not available. Check before sending."

HEAD = (
    "category",
    "CAJ terms",
    "brought forward",
    "received",
    "resolved, confirmed by resident",
    "resolved, not confirmed",
    "referred",
    "not taken up",
    "withdrawn",
    "pending at end",
)

_CLOSED = ("confirmed", "closed_unconfirmed", "rejected", "withdrawn")
_COLUMN = {
    "confirmed": "resolved, confirmed by resident",
    "resolved": "resolved, not confirmed",
    "closed_unconfirmed": "resolved, not confirmed",
    "referred": "referred",
    "rejected": "not taken up",
    "withdrawn": "withdrawn",
}


@dataclass(frozen=True, slots=True)
class Quarter:
    """Three months in the county's time."""

    name: str
    starts: datetime
    ends: datetime


def quarter(pack: Pack, name: str) -> Quarter:
    """`2026-Q3`: a quarter of the calendar year. Raises `Invalid`."""
    found = re.fullmatch(r"(20\d\d)-Q([1-4])", name)
    if found is None:
        raise Invalid("a quarter is written 2026-Q3", field="quarter")
    year, number = int(found[1]), int(found[2])
    zone = pack.about.zone
    after = datetime(year + number // 4, number % 4 * 3 + 1, 1, tzinfo=zone)
    return Quarter(name, datetime(year, number * 3 - 2, 1, tzinfo=zone).astimezone(UTC), after.astimezone(UTC))


def counted(session: Session, pack: Pack, staff: Staff, over: Quarter) -> list[list[object]]:
    """A line for each category of complaint that `staff` sees cases of, and a line of totals."""
    tallies: dict[str, Counter[str]] = {}
    for category, before, after, received in _lives(session, staff, over):
        if before in _CLOSED and after in _CLOSED and before == after:
            continue  # over before the quarter
        tally = tallies.setdefault(category, Counter())
        tally["received" if received else "brought forward"] += 1
        if after in _COLUMN:
            tally[_COLUMN[after]] += 1
        if after not in _CLOSED:
            tally["pending at end"] += 1
    terms = {known.code: ", ".join(known.caj) for known in pack.categories}
    lines: list[list[object]] = [
        [category, terms.get(category, ""), *(tally[name] for name in HEAD[2:])]
        for category, tally in sorted(tallies.items())
    ]
    total = sum(tallies.values(), Counter[str]())
    return [*lines, ["Total", "", *(total[name] for name in HEAD[2:])]]


def _lives(session: Session, staff: Staff, over: Quarter) -> Iterator[tuple[str, str, str, bool]]:
    """Of each complaint filed before the quarter's end: category, status at its start and at its end, whether new."""
    before, after = _last_status(over.starts), _last_status(over.ends)
    statement = (
        visible_to(staff)
        .with_only_columns(
            Case.category, sa.func.coalesce(before, "received"), sa.func.coalesce(after, "received"), Case.filed_at
        )
        .where(Case.kind == "complaint", Case.filed_at < over.ends)
        .execution_options(yield_per=2000)
    )
    for category, first, last, filed_at in session.execute(statement):
        yield category, first, last, filed_at >= over.starts


def _last_status(moment: datetime) -> Any:
    """The status of a case at a moment, from its last event that led to one."""
    to = CaseEvent.data["to"].astext
    return (
        sa.select(to)
        .where(CaseEvent.case_id == Case.id, CaseEvent.at < moment, to.is_not(None))
        .order_by(CaseEvent.id.desc())
        .limit(1)
        .correlate(Case)
        .scalar_subquery()
    )


def _named(pack: Pack, code: object) -> object:
    """What a category is called in English; the code of one that the pack no longer knows; the line of totals."""
    known = pack.guide.category(str(code))
    return known.labels.get(ENGLISH, code) if known else code


def as_pdf(pack: Pack, over: Quarter, lines: list[list[object]], *, made: datetime, training: bool = False) -> bytes:
    """The return, to print; in English, which its reader writes."""
    place = pack.about.place.get("en") or next(iter(pack.about.place.values()))
    stamp = f"{made.astimezone(pack.about.zone):%d %B %Y, %H:%M}"
    story = [
        paper.words(f"Quarterly return of complaints, {over.name}", paper.TITLE),
        paper.words(
            f"{place}: complaints received and action taken, for the Commission on Administrative Justice, "
            f"counted on {stamp}."
        ),
        paper.words(UNCONFIRMED, paper.SMALL),
        paper.gap(),
        paper.table(HEAD, [[_named(pack, line[0]), *line[1:]] for line in lines], (30, 57, *([21.2] * 8))),
        paper.gap(),
        paper.words(
            '"Resolved, not confirmed": the office says it is done, and the resident has not said so. Such a case '
            "counts as pending too until silence or the resident closes it; so does a referred one, still followed.",
            paper.SMALL,
        ),
    ]
    foot = f"CAJ return {over.name}. Provisional columns."
    sheet = replace(Words(pack, ENGLISH).sheet(pack.letters.head, foot, training=training), wide=True)
    return paper.pdf(sheet, f"CAJ return {over.name}", story)
