"""Verbs of the independent monitor: judge, audit a claim, ask; and of the institution that answers. None commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.commitments.history import Kind, note
from gateway.commitments.models import Commitment
from gateway.commitments.progress_models import Claim, Milestone, ReportDecision
from gateway.commitments.reports import PUBLISHED
from gateway.commitments.service import read_commitment
from gateway.commitments.voices import institutions
from gateway.commitments.watch_models import Assessment, ClaimAudit, CommitmentQuery, QueryAnswer
from gateway.errors import Invalid, NotFound, TransitionNotAllowed
from gateway.ids import new_id
from gateway.staff import audit
from gateway.staff.models import Staff

Evidence = Sequence[Mapping[str, str]]


def assess(
    session: Session,
    *,
    ogp_id: str,
    milestone: str | None,
    judged: str,
    reasons: str,
    language: str,
    evidence: Evidence,
    staff: Staff,
    now: datetime,
) -> Assessment:
    """Judge a promise, or one of its milestones, on the OGP's scale; public at once. Raises `NotFound`, `Invalid`."""
    promise = read_commitment(session, ogp_id)
    step = _milestone(session, ogp_id, milestone) if milestone is not None else None
    row = Assessment(
        id=new_id(),
        ogp_id=ogp_id,
        milestone_id=step,
        judged=judged,
        reasons=reasons,
        language=language,
        evidence=[dict(one) for one in evidence],
        made_by=staff.id,
        made_at=now,
    )
    session.add(row)
    if step is None:
        promise.judged = judged
    _tell(session, ogp_id, Kind.ASSESSED, row.id, staff, now, judged=judged, milestone=milestone)
    return row


def audit_claim(
    session: Session,
    *,
    claim: UUID,
    corrected_to: str | None,
    found: str,
    language: str,
    evidence: Evidence,
    staff: Staff,
    now: datetime,
) -> ClaimAudit:
    """Say of one published claim that it holds, or what it is corrected to; public at once.

    Raises `NotFound`, `Invalid` when it is corrected to what it says.
    """
    said = session.scalar(
        sa.select(Claim)
        .join(ReportDecision, ReportDecision.report_id == Claim.report_id)
        .where(Claim.id == claim, ReportDecision.decision == PUBLISHED)
    )
    if said is None:
        raise NotFound
    if corrected_to == said.claimed:
        raise Invalid("it says that already", field="corrected_to")
    outcome = "confirmed" if corrected_to is None else "corrected"
    row = ClaimAudit(
        id=new_id(),
        claim_id=claim,
        ogp_id=said.ogp_id,
        outcome=outcome,
        corrected_to=corrected_to,
        found=found,
        language=language,
        evidence=[dict(one) for one in evidence],
        made_by=staff.id,
        made_at=now,
    )
    session.add(row)
    facts = {"claim": str(claim), "claimed": said.claimed, "outcome": outcome, "corrected_to": corrected_to}
    _tell(session, said.ogp_id, Kind.AUDITED, row.id, staff, now, **facts)
    return row


def ask(
    session: Session,
    *,
    ogp_id: str,
    department: str,
    question: str,
    language: str,
    due_on: date,
    today: date,
    staff: Staff,
    now: datetime,
) -> CommitmentQuery:
    """Ask an institution something, with a day to answer by; public at once. Raises `NotFound`, `Invalid`."""
    promise = read_commitment(session, ogp_id)
    if department not in institutions(promise):
        raise Invalid("this institution does not report on this promise", field="department")
    if due_on <= today:
        raise Invalid("the day to answer by is not in the future", field="due_on")
    row = CommitmentQuery(
        id=new_id(),
        ogp_id=ogp_id,
        department_code=department,
        question=question,
        language=language,
        due_on=due_on,
        asked_by=staff.id,
        asked_at=now,
    )
    session.add(row)
    _tell(session, ogp_id, Kind.QUERIED, row.id, staff, now, department=department, due_on=due_on.isoformat())
    return row


def answer(
    session: Session, *, query: UUID, text: str, language: str, evidence: Evidence, staff: Staff, now: datetime
) -> CommitmentQuery:
    """Answer a query for one's own institution, once; public at once.

    Raises `NotFound` for a query to another institution, `TransitionNotAllowed` when it is answered.
    """
    row = session.get(CommitmentQuery, query)
    if row is None or staff.department_code != row.department_code:
        raise NotFound
    said = insert(QueryAnswer).values(
        query_id=query,
        text=text,
        language=language,
        evidence=[dict(one) for one in evidence],
        answered_by=staff.id,
        answered_at=now,
    )
    # Its row may not be locked: the role may only add. Of two answers at once the key lets one in.
    if session.execute(said.on_conflict_do_nothing().returning(QueryAnswer.query_id)).one_or_none() is None:
        raise TransitionNotAllowed("this query is answered; a correction follows another query")
    _tell(session, row.ogp_id, Kind.ANSWERED, query, staff, now, department=row.department_code)
    return row


def _tell(
    session: Session, ogp_id: str, kind: Kind, subject: UUID, staff: Staff, now: datetime, **data: object
) -> None:
    """Write it into the history, and that this person did it into the audit trail."""
    session.flush()
    note(session, ogp_id, kind, now, subject=subject, staff=staff.id, **data)
    audit.record(
        session, staff_id=staff.id, action=f"commitment.{kind}", subject=ogp_id, data={kind.value: str(subject)}
    )


def _milestone(session: Session, ogp_id: str, code: str) -> UUID:
    found = session.scalar(sa.select(Milestone.id).where(Milestone.ogp_id == ogp_id, Milestone.code == code))
    if found is None:
        raise Invalid("there is no such milestone", field="milestone")
    return found


def unaudited(session: Session, *, limit: int = 100) -> Sequence[tuple[Claim, Commitment]]:
    """Published claims that something is complete or substantial and that nobody has looked at, oldest first."""
    looked = sa.exists().where(ClaimAudit.claim_id == Claim.id)
    statement = (
        sa.select(Claim, Commitment)
        .join(ReportDecision, ReportDecision.report_id == Claim.report_id)
        .join(Commitment, Commitment.ogp_id == Claim.ogp_id)
        .where(ReportDecision.decision == PUBLISHED, Claim.claimed.in_(["substantial", "complete"]), ~looked)
        .order_by(Claim.report_id, Claim.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in session.execute(statement)]


def last_judged(session: Session) -> dict[str, datetime]:
    """When the monitor last judged each promise as a whole, by OGP id."""
    rows = session.execute(
        sa.select(Assessment.ogp_id, sa.func.max(Assessment.made_at))
        .where(Assessment.milestone_id.is_(None))
        .group_by(Assessment.ogp_id)
    )
    return {row[0]: row[1] for row in rows}
