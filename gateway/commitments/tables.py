"""The plan to and from CSV, keyed by OGP id. A line that is not in a file stays; nothing is ever removed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.commitments import plan
from gateway.commitments.columns import Column, Wrong, fold, tables
from gateway.commitments.history import Kind, note
from gateway.commitments.models import Commitment
from gateway.commitments.plan import Hand, plain
from gateway.commitments.progress_models import Indicator, Milestone, Reading, ReportDecision
from gateway.errors import Invalid
from gateway.ids import new_id
from gateway.pack import Pack
from gateway.pack.checking import label_fault
from gateway.staff import audit
from menus import gsm7

MOST_LINES = 5000
MODELS: dict[str, plan.Line] = {"commitments": Commitment, "milestones": Milestone, "indicators": Indicator}
NAMES = (*MODELS, "readings")


@dataclass(frozen=True, slots=True)
class Changed:
    """What one line of a file changes: each field with `before` and `after`."""

    line: int
    ogp_id: str
    code: str | None
    new: bool
    fields: Mapping[str, Any]


def export(session: Session, pack: Pack, table: str) -> str:
    """A table of the plan as CSV, in the plan's order."""
    columns = tables(pack)[table]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    for row in _rows(session, table):
        writer.writerow([column.write(row[column.field]) for column in columns])
    return out.getvalue()


def _rows(session: Session, table: str) -> Iterator[dict[str, Any]]:
    order = sa.select(Commitment).order_by(Commitment.position, Commitment.ogp_id)
    if table == "commitments":
        for promise in session.scalars(order):
            yield dict(promise.__dict__)
    elif table == "readings":
        for reading, indicator in session.execute(_readings()):
            yield reading.__dict__ | {"ogp_id": indicator.ogp_id, "code": indicator.code}
    else:
        model = Milestone if table == "milestones" else Indicator
        of = sa.select(model).join(Commitment).order_by(Commitment.position, model.ogp_id, model.position, model.code)
        for step in session.scalars(of):
            yield dict(step.__dict__)


def _readings() -> sa.Select[Reading, Indicator]:
    """Public readings, oldest first."""
    told = sa.exists().where(ReportDecision.report_id == Reading.report_id, ReportDecision.decision == "published")
    statement = sa.select(Reading, Indicator).join(Indicator, Indicator.id == Reading.indicator_id)
    return statement.where(sa.or_(Reading.report_id.is_(None), told)).order_by(
        Indicator.ogp_id, Indicator.position, Reading.read_on, Reading.id
    )


def take(hand: Hand, pack: Pack, table: str, text: str, *, dry_run: bool) -> list[Changed]:
    """Take a CSV in, all of it or nothing; what it changed. With `dry_run` nothing stays: it says what would change.

    A column that is left out stays as it is, an empty cell empties. Raises `Invalid` with line and column of
    everything that is wrong.
    """
    columns = tables(pack)[table]
    lines = _read(columns, text)
    faults: list[dict[str, str]] = []
    changed = []
    with hand.session.begin_nested() as step:
        for number, cells in lines:
            try:
                change = _put(hand, pack, table, columns, cells)
            except Wrong as wrong:
                faults.append({"where": ", ".join([f"line {number}", *wrong.args[1:]]), "message": str(wrong.args[0])})
                continue
            if change:
                code = cells.get("code") or cells.get("indicator")
                changed.append(Changed(number, cells["ogp_id"], code, change.pop("new"), change))
        if faults or dry_run:
            step.rollback()
    if faults:
        raise Invalid("the table cannot be taken", errors=faults)
    if changed and not dry_run:
        data = {"table": table, "lines": len(changed)}
        audit.record(hand.session, staff_id=hand.staff, action="plan.imported", subject=table, data=data)
    return changed


def _read(columns: Sequence[Column], text: str) -> list[tuple[int, dict[str, Any]]]:
    """Each line with its number and its cells by column. Raises `Invalid`."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    known = {column.name: column for column in columns}
    found: list[tuple[int, dict[str, Any]]] = []
    faults: list[dict[str, str]] = []
    try:
        heads = [head.strip() for head in next(reader, [])]
        faults += _head_faults(columns, heads)
        if not faults:
            for row in reader:
                if any(cell.strip() for cell in row):
                    found.append((reader.line_num, _cells(known, heads, row, reader.line_num, faults)))
    except csv.Error as error:
        faults.append({"where": f"line {reader.line_num}", "message": str(error)})
    if len(found) > MOST_LINES:
        faults.append({"where": f"line {MOST_LINES + 2}", "message": f"more than {MOST_LINES} lines"})
    if faults:
        raise Invalid("the table cannot be taken", errors=faults[:100])
    return found


def _head_faults(columns: Sequence[Column], heads: Sequence[str]) -> Iterator[dict[str, str]]:
    names = [column.name for column in columns]
    for head in heads:
        if head not in names:
            # Named by its place: what a stranger's file calls it is not echoed.
            yield {"where": f"line 1, column {heads.index(head) + 1}", "message": "there is no such column"}
        elif heads.count(head) > 1:
            yield {"where": f"line 1, {head}", "message": "the column is there twice"}
    keys = [column.name for column in columns if column.required and column.field in {"ogp_id", "code"}]
    yield from ({"where": f"line 1, {name}", "message": "the column is missing"} for name in keys if name not in heads)


def _cells(
    known: Mapping[str, Column], heads: Sequence[str], row: Sequence[str], number: int, faults: list[dict[str, str]]
) -> dict[str, Any]:
    if len(row) != len(heads):
        faults.append(
            {"where": f"line {number}", "message": f"{len(row)} cells, where the first line has {len(heads)}"}
        )
        return {}
    cells = {}
    for head, cell in zip(heads, row, strict=True):
        try:
            cells[head] = known[head].read(cell)
        except Wrong as wrong:
            faults.append({"where": f"line {number}, {head}", "message": str(wrong)})
    return cells


def _put(hand: Hand, pack: Pack, table: str, columns: Sequence[Column], cells: Mapping[str, Any]) -> dict[str, Any]:
    """Put one line down; its differences and whether it is `new`, or {} where it says what is there already."""
    session, ogp_id = hand.session, cells["ogp_id"]
    if table == "readings":
        return _reading(hand, cells)
    model = MODELS[table]
    if model is not Commitment and session.get(Commitment, ogp_id) is None:
        raise Wrong("ogp_id: there is no such promise")
    key = {"ogp_id": ogp_id} | ({"code": cells["code"]} if "code" in cells else {})
    row = session.scalars(sa.select(model).filter_by(**key)).one_or_none()
    before = {} if row is None else {column.field: getattr(row, column.field) for column in columns}
    fields = {name: value for name, value in fold(columns, cells, before).items() if name not in key}
    for column in columns:
        if column.required and column.field not in key and not fields.get(column.field, before.get(column.field)):
            raise Wrong(f"{column.name}: it is empty")
    if model is Commitment:
        _on_phones(pack, ogp_id, fields, before)
    if row is None:
        fields["position"] = session.scalar(sa.select(sa.func.coalesce(sa.func.max(model.position) + 1, 0)))
    told = plan.put(hand, model, ogp_id, key.get("code"), fields)
    return told | {"new": row is None} if told else {}


def _on_phones(pack: Pack, ogp_id: str, fields: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """What phones call a promise fits them, in every language offered. Raises `Wrong` with the column."""
    title, short = ({**(before.get(name) or {}), **fields.get(name, {})} for name in ("title", "short"))
    if pack.guide.promise(ogp_id) is not None:
        if "short" in fields and fields["short"] != before.get("short"):
            raise Wrong("the pack says what phones call this promise", f"short_{pack.guide.languages[0].code}")
        return
    for language in pack.guide.languages:
        if not short.get(language.code):
            wrong = label_fault(gsm7.plain(title.get(language.code, "")))
            if wrong:
                raise Wrong(
                    f"phones show the title where there is none, and it is not fit: {wrong}", f"short_{language.code}"
                )


def _reading(hand: Hand, cells: Mapping[str, Any]) -> dict[str, Any]:
    """A value of an indicator; the same value of the same day is no other reading."""
    of = sa.select(Indicator.id).where(Indicator.ogp_id == cells["ogp_id"], Indicator.code == cells["indicator"])
    indicator = hand.session.scalar(of)
    if indicator is None:
        raise Wrong("indicator: there is no such indicator")
    if "on" not in cells or "value" not in cells:
        raise Wrong("on, value: a reading has both")
    there = _readings().where(Indicator.id == indicator, Reading.read_on == cells["on"])
    if any(reading.value == cells["value"] for reading, _ in hand.session.execute(there)):
        return {}
    values = {"read_on": cells["on"], "value": cells["value"], "source": cells.get("source", "")}
    hand.session.add(Reading(id=new_id(), indicator_id=indicator, recorded_at=hand.now, **values))
    hand.session.flush()
    facts = {"on": plain(cells["on"]), "value": plain(cells["value"])}
    note(hand.session, cells["ogp_id"], Kind.READING, hand.now, subject=cells["indicator"], staff=hand.staff, **facts)
    return {name: {"before": None, "after": value} for name, value in facts.items()} | {"new": True}
