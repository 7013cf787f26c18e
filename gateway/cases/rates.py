"""How much is solved: according to staff, and according to residents. Two figures, kept apart for ever.

Both count times that a case was said to be done (`Resolution`), not cases: a case that was opened again and resolved
twice counts twice. The residents' rate knows only residents who answered; silence is no answer, and who was never
reached is reported apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.cases.desk_models import Resolution
from gateway.cases.models import Case
from gateway.cases.states import Status
from gateway.messaging.models import Message
from gateway.messaging.states import State

By = Literal["department", "ward", "category", "kind"]
_COLUMNS = {"department": Case.department_code, "ward": Case.ward_code, "category": Case.category, "kind": Case.kind}


@dataclass(frozen=True, slots=True)
class Rates:
    """Figures of one group of cases filed in a period."""

    filed: int = 0
    decided: int = 0
    """Cases that staff resolved, rejected or referred, or that were withdrawn."""
    resolved: int = 0
    """Cases that staff said are done, at least once."""
    said_done: int = 0
    """Times that staff said so."""
    with_evidence: int = 0
    yes: int = 0
    partly: int = 0
    no: int = 0
    silent: int = 0
    """Reached, and did not answer in time."""
    taken_back: int = 0
    """Opened again by staff before there was an answer."""
    waiting: int = 0
    """Reached, and still has time."""
    unreached: int = 0
    """The question is not known to have arrived: it never counts as silence."""

    @property
    def according_to_staff(self) -> float | None:
        """Resolved among all that were filed; None for none."""
        return self.resolved / self.filed if self.filed else None

    @property
    def according_to_residents(self) -> float | None:
        """ "Solved" among the answers; partly and not solved are neither. None without an answer."""
        answers = self.yes + self.partly + self.no
        return self.yes / answers if answers else None


@dataclass(frozen=True, slots=True)
class Report:
    total: Rates
    groups: dict[str, Rates] = field(default_factory=dict)


def rates(
    session: Session,
    cases: sa.Select[Case],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    by: By | None = None,
) -> Report:
    """Both rates over `cases` filed in [since, until), for each group too; one query, counted by Postgres."""
    chosen = cases.with_only_columns(
        Case.id, Case.status, (_COLUMNS[by] if by else sa.literal("")).label("of"), maintain_column_froms=True
    )
    if since is not None:
        chosen = chosen.where(Case.filed_at >= since)
    if until is not None:
        chosen = chosen.where(Case.filed_at < until)
    picked = chosen.cte("picked")
    rounds = _rounds().subquery()
    rows = session.execute(
        sa.select(
            picked.c.of,
            sa.func.count().label("filed"),
            sa.func.count().filter(picked.c.status.in_([*_DECIDED])).label("decided"),
            sa.func.count(rounds.c.case_id).label("resolved"),
            *(sa.func.coalesce(sa.func.sum(rounds.c[name]), 0).label(name) for name in _SUMS),
        )
        .select_from(picked.outerjoin(rounds, rounds.c.case_id == picked.c.id))
        .group_by(picked.c.of)
    ).mappings()
    groups = {str(row["of"] or ""): Rates(**{name: int(row[name]) for name in _ALL}) for row in rows}
    total = Rates(**{name: sum(getattr(group, name) for group in groups.values()) for name in _ALL})
    return Report(total, groups if by else {})


_SUMS = ("said_done", "with_evidence", "yes", "partly", "no", "silent", "taken_back", "waiting", "unreached")
_ALL = ("filed", "decided", "resolved", *_SUMS)
_DECIDED = (
    Status.RESOLVED,
    Status.CONFIRMED,
    Status.CLOSED_UNCONFIRMED,
    Status.REJECTED,
    Status.REFERRED,
    Status.WITHDRAWN,
)


def _rounds() -> sa.Select[Any]:
    """What became of each time that a case was said to be done, summed by case."""
    open_ = Resolution.ended_at.is_(None)

    def times(which: sa.ColumnElement[bool], name: str) -> sa.Label[int]:
        return sa.func.count().filter(which).label(name)

    return sa.select(
        Resolution.case_id,
        sa.func.count().label("said_done"),
        times(Resolution.evidence.is_(True), "with_evidence"),
        *(times(Resolution.answer == answer, answer) for answer in ("yes", "partly", "no")),
        times(Resolution.ended_by == "silence", "silent"),
        times(Resolution.ended_by == "staff", "taken_back"),
        times(sa.and_(open_, Resolution.reached_at.is_not(None)), "waiting"),
        times(sa.and_(open_, Resolution.reached_at.is_(None)), "unreached"),
    ).group_by(Resolution.case_id)


def unreached(session: Session, cases: sa.Select[Case]) -> dict[str, int]:
    """Why residents are not known to have got the question, and how many: resolved cases of `cases`, in one query.

    `no_sms` and `not_kept` wanted no SMS; the others are the state of the newest SMS that asked (`failed`, `unknown`,
    `accepted` and never reported on, `suppressed`…), or `no_message`.
    """
    newest = (
        sa.select(Message.state)
        .where(Message.case_id == Resolution.case_id, Message.template == "solved", Message.owed_at >= Resolution.at)
        .order_by(Message.id.desc())
        .limit(1)
        .correlate(Resolution)
        .scalar_subquery()
    )
    picked = cases.with_only_columns(Case.id, Case.privacy).where(Case.status == Status.RESOLVED).cte("picked")
    why = sa.case((picked.c.privacy != "sms", picked.c.privacy), else_=sa.func.coalesce(newest, "no_message"))
    reasons = (
        sa.select(why.label("why"))
        .select_from(picked.join(Resolution, Resolution.case_id == picked.c.id))
        .where(Resolution.reached_at.is_(None), Resolution.ended_at.is_(None))
        .subquery()
    )
    rows = session.execute(sa.select(reasons.c.why, sa.func.count()).group_by(reasons.c.why)).all()
    found = {row[0]: row[1] for row in rows}
    # Delivered a moment ago: the clock process notes it within a minute.
    found.pop(State.DELIVERED, None)
    return dict(sorted(found.items()))
