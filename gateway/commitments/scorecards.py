"""The community scorecard: open a round, score, show the gap between the two sides, make milestones. None commits.

Scores are shown when the round is over, a side from the small-cell floor on: a small staff is not shown at all.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.commitments import facilities, plan
from gateway.commitments.progress_models import Milestone
from gateway.commitments.scoring_models import SIDES, Score, ScoreRound
from gateway.commitments.service import read_commitment
from gateway.errors import Invalid, NotFound, TransitionNotAllowed
from gateway.ids import new_id
from gateway.pack import Pack
from gateway.residents.sealing import Vault
from gateway.staff import audit
from gateway.staff.models import Staff


@dataclass(frozen=True, slots=True)
class Side:
    """How one side scored. None where it is under the floor."""

    people: int | None
    means: Sequence[float] | None
    """One an item, to one decimal."""


@dataclass(frozen=True, slots=True)
class Card:
    """A round with what may be shown of it."""

    round: ScoreRound
    open: bool
    residents: Side
    staff: Side
    gap: Sequence[float] | None
    """Staff less residents, an item each; None unless both sides are shown."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the action plan that residents and staff agreed on."""

    output: Mapping[str, str]
    due_on: date | None = None


HIDDEN = Side(None, None)


def open_round(
    session: Session, vault: Vault, pack: Pack, *, facility: str, days: int, staff: Staff, now: datetime
) -> tuple[ScoreRound, str]:
    """Begin a round of so many days; with it the six digits for the facility's staff, told this once.

    Raises `Invalid` for a facility that nobody named or that was retired, `TransitionNotAllowed` while a round is open.
    """
    facilities.alone(session, facility)
    if facility not in facilities.current(session, pack):
        raise Invalid("there is no such facility", field="facility")
    if open_of(session, facility, now) is not None:
        raise TransitionNotAllowed("a round of this facility is open")
    one, code = new_id(), f"{secrets.randbelow(1_000_000):06}"
    row = ScoreRound(
        id=one,
        facility_code=facility,
        opened_by=staff.id,
        opened_at=now,
        closes_at=now + timedelta(days=days),
        code_digest=_digest(vault, one, code),
    )
    session.add(row)
    session.flush()
    audit.record(session, staff_id=staff.id, action="scorecard.opened", subject=str(one), data={"facility": facility})
    return row, code


def _digest(vault: Vault, one: UUID, code: str) -> bytes:
    return vault.lookup.digest("score_code", f"{one}:{code}")


def open_of(session: Session, facility: str, now: datetime) -> ScoreRound | None:
    """The round of a facility that takes scores now."""
    statement = sa.select(ScoreRound).where(ScoreRound.facility_code == facility, ScoreRound.closes_at > now)
    return session.scalar(statement.order_by(ScoreRound.id.desc()).limit(1))


def open_now(session: Session, now: datetime, *, limit: int) -> Sequence[ScoreRound]:
    """The rounds that take scores now, the newest first."""
    statement = sa.select(ScoreRound).where(ScoreRound.closes_at > now)
    return session.scalars(statement.order_by(ScoreRound.id.desc()).limit(limit)).all()


def is_code(vault: Vault, one: ScoreRound, code: str) -> bool:
    """Whether these are the digits of the round. Count the try first: see `residents.count_guess`."""
    return secrets.compare_digest(bytes(one.code_digest), _digest(vault, one.id, code))


def score(
    session: Session, vault: Vault, *, facility: str, number: str, marks: Sequence[int], code: str, now: datetime
) -> None:
    """Note what a number (E.164) gives; scoring again replaces it. The number is not kept. With a code, as staff.

    Raises `TransitionNotAllowed` when no round is open, `Invalid` for a wrong code or marks that are none.
    """
    one = open_of(session, facility, now)
    if one is None:
        raise TransitionNotAllowed("no round of this facility is open")
    if code and not is_code(vault, one, code):
        raise Invalid("that is not the code")
    if len(marks) != 5 or not all(1 <= mark <= 5 for mark in marks):
        raise Invalid("five marks from 1 to 5")
    given = {"side": "staff" if code else "residents", "marks": list(marks)}
    voter = vault.lookup.digest("score", f"{one.id}:{number}")
    row = insert(Score).values(round_id=one.id, voter=voter, **given)
    session.execute(row.on_conflict_do_update(index_elements=["round_id", "voter"], set_=given))


def _locked(session: Session, one: UUID) -> ScoreRound:
    row = session.get(ScoreRound, one, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound
    return row


def close(session: Session, one: UUID, *, staff: Staff, now: datetime) -> ScoreRound:
    """End a round early. Raises `TransitionNotAllowed` when it is over, `NotFound`."""
    row = _locked(session, one)
    if row.closes_at <= now:
        raise TransitionNotAllowed("the round is over")
    row.closes_at = now
    session.flush()
    audit.record(session, staff_id=staff.id, action="scorecard.closed", subject=str(one))
    return row


def agree_plan(
    session: Session, one: UUID, *, ogp_id: str, steps: Sequence[Step], staff: Staff, now: datetime
) -> ScoreRound:
    """Make the action plan milestones of a promise, marked as coming from a scorecard, once a round.

    Raises `NotFound`, or `TransitionNotAllowed` while the round is open or when it has a plan.
    """
    row, promise = _locked(session, one), read_commitment(session, ogp_id)
    if row.closes_at > now:
        raise TransitionNotAllowed("the round is not over")
    if row.ogp_id is not None:
        raise TransitionNotAllowed("its plan was made")
    last = session.scalar(sa.select(sa.func.max(Milestone.position)).where(Milestone.ogp_id == promise.ogp_id))
    first = -1 if last is None else last
    for place, step in enumerate(steps, 1):
        values = {
            "position": first + place,
            "output": dict(step.output),
            "due_on": step.due_on,
            "origin": "scorecard",
            "source": f"Community scorecard of {row.facility_code}, {row.opened_at:%Y-%m}",
        }
        plan.put(plan.Hand(session, now, staff.id), Milestone, promise.ogp_id, f"{code_of(row)}-{place}", values)
    row.ogp_id = promise.ogp_id
    session.flush()
    data = {"promise": promise.ogp_id, "steps": len(steps)}
    audit.record(session, staff_id=staff.id, action="scorecard.planned", subject=str(one), data=data)
    return row


def cards(
    session: Session,
    pack: Pack,
    now: datetime,
    *,
    facility: str | None = None,
    ogp_id: str | None = None,
    over: bool = False,
    after: UUID | None = None,
    limit: int = 50,
) -> list[Card]:
    """Rounds, newest first, with what may be shown of each. The floor is the pack's smallest cell, for each side.

    Of one facility, of the promise that the plan became part of, or only those that are over.
    """
    statement = sa.select(ScoreRound).order_by(ScoreRound.id.desc()).limit(limit)
    if facility is not None:
        statement = statement.where(ScoreRound.facility_code == facility)
    if ogp_id is not None:
        statement = statement.where(ScoreRound.ogp_id == ogp_id)
    if over:
        statement = statement.where(ScoreRound.closes_at <= now)
    if after is not None:
        statement = statement.where(ScoreRound.id < after)
    return _cards(session, pack, session.scalars(statement).all(), now)


def card(session: Session, pack: Pack, one: ScoreRound, now: datetime) -> Card:
    """One round with what may be shown of it."""
    (found,) = _cards(session, pack, [one], now)
    return found


def _cards(session: Session, pack: Pack, rounds: Sequence[ScoreRound], now: datetime) -> list[Card]:
    """Only scores of rounds that are over are read at all, in one query."""
    means = [sa.func.round(sa.func.avg(Score.marks[place]), 1) for place in range(1, 6)]
    rows = session.execute(
        sa.select(Score.round_id, Score.side, sa.func.count(), *means)
        .where(Score.round_id.in_([one.id for one in rounds if one.closes_at <= now]))
        .group_by(Score.round_id, Score.side)
        .having(sa.func.count() >= pack.about.limits.smallest_cell)
    )
    found = {(row[0], row[1]): Side(row[2], [float(mean) for mean in row[3:]]) for row in rows}
    return [_card(one, now, *(found.get((one.id, side), HIDDEN) for side in SIDES)) for one in rounds]


def _card(one: ScoreRound, now: datetime, ours: Side, theirs: Side) -> Card:
    gap = None
    if ours.means is not None and theirs.means is not None:
        gap = [round(staff - resident, 1) for staff, resident in zip(theirs.means, ours.means, strict=True)]
    return Card(one, one.closes_at > now, ours, theirs, gap)


def plans(session: Session, rounds: Sequence[ScoreRound]) -> dict[UUID, list[Milestone]]:
    """The milestones that the action plan of each round became, in its order; nothing for rounds without one."""
    marks = {code_of(one): one.id for one in rounds if one.ogp_id}
    rows = session.scalars(
        sa.select(Milestone)
        .where(Milestone.origin == "scorecard", Milestone.ogp_id.in_({one.ogp_id for one in rounds if one.ogp_id}))
        .order_by(Milestone.position)
    )
    found: dict[UUID, list[Milestone]] = {}
    for row in rows:
        of = marks.get(row.code.partition("-")[0])
        if of is not None:
            found.setdefault(of, []).append(row)
    return found


def code_of(one: ScoreRound) -> str:
    """What the codes of its milestones begin with."""
    return f"S{one.id.hex[-6:]}"
