"""The plan itself: promises, milestones, indicators and proposals, put down by the pack or an import.

Every change of a line leaves a row of history with what was there before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.commitments.history import Kind, differences, line, note
from gateway.commitments.models import Commitment
from gateway.commitments.progress_models import Indicator, Milestone
from gateway.commitments.watch_models import CommitmentChange, Proposal
from gateway.ids import new_id
from gateway.pack import Pack
from gateway.pack import promises as packed

Line = type[Commitment] | type[Milestone] | type[Indicator]
UNTOLD = frozenset({"position"})
"""Changes of order are not worth a line of history."""


@dataclass(frozen=True, slots=True)
class Hand:
    """Who writes, and when."""

    session: Session
    now: datetime
    staff: UUID | None = None


def put(
    hand: Hand, model: Line, ogp_id: str, code: str | None, values: Mapping[str, Any], **unseen: Any
) -> dict[str, Any]:
    """Insert or change one line of the plan; what is other than before, as `history.differences`.

    `unseen` is set beside it and is no change that anybody is told of.
    """
    session = hand.session
    key = {"ogp_id": ogp_id} | ({} if code is None else {"code": code})
    row = session.scalars(sa.select(model).filter_by(**key)).one_or_none()
    before = {} if row is None else {name: plain(getattr(row, name)) for name in values}
    changed = differences(before, {name: plain(value) for name, value in values.items()})
    if row is None:
        session.add(model(**key, **values, **unseen))
    else:
        for name, value in ({name: values[name] for name in changed} | unseen).items():
            setattr(row, name, value)
    session.flush()
    told = {name: change for name, change in changed.items() if name not in UNTOLD}
    if told:
        kind = Kind.LISTED if row is None and code is None else _KINDS[model]
        fields = {} if row is None else {"fields": told}
        note(session, ogp_id, kind, hand.now, subject=code or ogp_id, staff=hand.staff, **fields)
    return told


_KINDS: dict[Line, Kind] = {Commitment: Kind.CHANGED, Milestone: Kind.MILESTONE, Indicator: Kind.INDICATOR}


def plain(value: Any) -> Any:
    """A value as JSON can carry it; equal numbers look equal."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value


def put_pack(session: Session, pack: Pack, now: datetime) -> int:
    """Put down what the pack carries, and nothing else; how many promises there are.

    Where a line is there already, only what the pack says otherwise than the last time is taken over.
    """
    hand = Hand(session, now)
    promises = [(promise.ogp_id, None, _commitment(at, promise)) for at, promise in enumerate(pack.commitments)]
    _renew(hand, Commitment, promises)
    for model, lines, told in ((Milestone, "milestones", _milestone), (Indicator, "indicators", _indicator)):
        steps = [
            (promise.ogp_id, line.code, told(at, line))
            for promise in pack.commitments
            for at, line in enumerate(getattr(promise, lines))
        ]
        _renew(hand, model, steps)
    if pack.proposals:
        rows = [_proposal(idea, now) for idea in pack.proposals]
        statement = insert(Proposal).values(rows)
        given = {name: statement.excluded[name] for name in ("title", "text", "area", "ward_code", "said_by", "source")}
        session.execute(statement.on_conflict_do_update(index_elements=["code"], set_=given))
    return len(pack.commitments)


def _renew(hand: Hand, model: Line, lines: Sequence[tuple[str, str | None, dict[str, Any]]]) -> None:
    """Put down what is new of these lines; nothing is asked or written twice where nothing is."""
    if not lines:
        return
    code = sa.null() if model is Commitment else model.code  # type: ignore[union-attr]  # a step has a code
    said = {(row[0], row[1]): row[2] for row in hand.session.execute(sa.select(model.ogp_id, code, model.from_pack))}
    fresh = []
    for ogp_id, own, values in lines:
        says = {name: plain(value) for name, value in values.items()}
        if (ogp_id, own) not in said:
            key = {"ogp_id": ogp_id} | ({} if own is None else {"code": own})
            fresh.append(key | values | {"from_pack": says})
            continue
        before = said[ogp_id, own]
        news = {name: values[name] for name in says if name in before and before[name] != says[name]}
        unsaid = {name: values[name] for name in says if name not in before}  # a field that there was not then
        if news or unsaid:
            put(hand, model, ogp_id, own, news, from_pack=says, **unsaid)
    if fresh:
        hand.session.execute(sa.insert(model), fresh)
        told = [
            line(row["ogp_id"], _KINDS[model] if "code" in row else Kind.LISTED, hand.now, subject=_subject(row))
            for row in fresh
        ]
        hand.session.execute(sa.insert(CommitmentChange), told)


def _subject(row: Mapping[str, Any]) -> str:
    return str(row.get("code", row["ogp_id"]))


def _commitment(position: int, promise: packed.Commitment) -> dict[str, Any]:
    texts = ("title", "short", "problem", "status_quo", "action")
    as_it_is = ("area", "lead", "lead_department", "committee", "programme", "source", "starts_on", "ends_on")
    return {
        "position": position,
        "inferred": promise.inferred,
        "partners": list(promise.partners),
        "supporting": list(promise.supporting),
        **{name: dict(getattr(promise, name)) for name in texts},
        **{name: getattr(promise, name) for name in as_it_is},
    }


def _milestone(place: int, step: packed.Milestone) -> dict[str, Any]:
    return {
        "position": place,
        "output": dict(step.output),
        "starts_on": step.starts,
        "due_on": step.due,
        "source": step.source,
    }


def _indicator(place: int, measure: packed.Indicator) -> dict[str, Any]:
    as_it_is = ("unit", "baseline", "baseline_on", "target", "target_on", "source")
    return {"position": place, "name": dict(measure.name), **{name: getattr(measure, name) for name in as_it_is}}


def _proposal(idea: packed.Proposal, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "code": idea.code,
        "title": dict(idea.title),
        "text": dict(idea.text),
        "area": idea.area,
        "ward_code": idea.ward,
        "said_by": idea.said_by,
        "source": idea.source,
        "entered_at": now,
        "status": "published",
        "published_at": now,
    }
