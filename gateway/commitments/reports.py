"""Verbs on reports of institutions: report, publish, send back. None commits, and no row of them is ever changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.commitments import periods
from gateway.commitments.history import Kind, note
from gateway.commitments.models import Commitment
from gateway.commitments.progress_models import Claim, Indicator, Milestone, ProgressReport, Reading, ReportDecision
from gateway.commitments.service import read_commitment
from gateway.commitments.voices import institutions
from gateway.errors import Forbidden, Invalid, NotFound, TransitionNotAllowed, filled
from gateway.ids import new_id
from gateway.pack import Pack
from gateway.staff import audit
from gateway.staff.models import Staff
from gateway.staff.roles import Role

PUBLISHED, RETURNED = "published", "returned"


@dataclass(frozen=True, slots=True)
class StepClaim:
    """What a report says of one milestone, by its code."""

    milestone: str
    claimed: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """A value that a report gives for an indicator, by its code."""

    indicator: str
    on: date
    value: Decimal
    source: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A report as it is written."""

    period: str
    claim: str
    language: str
    activities: str
    obstacles: str = ""
    next_steps: str = ""
    evidence: Sequence[Mapping[str, str]] = ()
    site_visits: Sequence[Mapping[str, str]] = ()
    steps: Sequence[StepClaim] = ()
    measured: Sequence[Measured] = ()


def report(session: Session, pack: Pack, *, ogp_id: str, draft: Draft, staff: Staff, now: datetime) -> ProgressReport:
    """File the report of one's own institution; internal until a supervisor publishes it.

    One on a period that is reported already corrects the earlier one: both stay. Raises `NotFound`, `Forbidden` when
    the institution does not report on this promise, `Invalid` for a period to come or a code that is not there.
    """
    promise = read_commitment(session, ogp_id)
    check_institution(promise, staff)
    today = now.astimezone(pack.about.zone).date()
    _check_period(pack, draft.period, today)
    steps = _by_code(session, Milestone, ogp_id)
    measures = _by_code(session, Indicator, ogp_id)
    _check_codes(draft, steps, measures, today)
    row = ProgressReport(
        id=new_id(),
        ogp_id=ogp_id,
        department_code=staff.department_code,
        replaces_id=_latest(session, ogp_id, staff.department_code, draft.period),
        written_by=staff.id,
        written_at=now,
        **{name: getattr(draft, name) for name in _TEXTS},
        evidence=[dict(one) for one in draft.evidence],
        site_visits=[dict(one) for one in draft.site_visits],
    )
    session.add(row)
    session.flush()
    session.add(Claim(id=new_id(), report_id=row.id, ogp_id=ogp_id, claimed=draft.claim))
    for step in draft.steps:
        of = {"milestone_id": steps[step.milestone], "claimed": step.claimed, "words": step.words}
        session.add(Claim(id=new_id(), report_id=row.id, ogp_id=ogp_id, **of))
    for one in draft.measured:
        of = {"indicator_id": measures[one.indicator], "read_on": one.on, "value": one.value, "source": one.source}
        session.add(Reading(id=new_id(), report_id=row.id, recorded_at=now, **of))
    audit.record(session, staff_id=staff.id, action="commitment.reported", subject=ogp_id, data={"report": str(row.id)})
    session.flush()
    return row


_TEXTS = ("period", "claim", "language", "activities", "obstacles", "next_steps")


def check_institution(promise: Commitment, staff: Staff) -> None:
    """Raise `Forbidden` when this person's institution does not report on the promise."""
    if staff.department_code not in institutions(promise):
        raise Forbidden("your institution does not report on this promise")


def _check_period(pack: Pack, code: str, today: date) -> None:
    try:
        period = periods.named(code)
    except ValueError as error:
        raise Invalid("there is no such period", field="period") from error
    if ("Q" in code) != (pack.reporting.every == "quarterly"):
        raise Invalid(filled("reports are {every} here", every=pack.reporting.every), field="period")
    if period.starts_on > today:
        raise Invalid("this period has not begun", field="period")


def _check_codes(draft: Draft, steps: Mapping[str, UUID], measures: Mapping[str, UUID], today: date) -> None:
    named = [step.milestone for step in draft.steps]
    unknown = [code for code in named if code not in steps]
    unknown += [one.indicator for one in draft.measured if one.indicator not in measures]
    if unknown:
        raise Invalid("a milestone or an indicator is not there", field="steps" if named else "measured")
    if len(set(named)) < len(named):
        raise Invalid("a milestone is named twice", field="steps")
    if any(one.on > today for one in draft.measured):
        raise Invalid("a value is of a day to come", field="measured")
    if not all(one.value.is_finite() for one in draft.measured):
        raise Invalid("a value is no number", field="measured")


def _by_code(session: Session, model: type[Milestone] | type[Indicator], ogp_id: str) -> dict[str, UUID]:
    rows = session.execute(sa.select(model.code, model.id).where(model.ogp_id == ogp_id))
    return {row[0]: row[1] for row in rows}


def _latest(session: Session, ogp_id: str, department: str, period: str) -> UUID | None:
    statement = sa.select(ProgressReport.id).where(
        ProgressReport.ogp_id == ogp_id,
        ProgressReport.department_code == department,
        ProgressReport.period == period,
    )
    return session.scalar(statement.order_by(ProgressReport.id.desc()).limit(1))


def publish(session: Session, pack: Pack, *, report_id: UUID, staff: Staff, now: datetime) -> ProgressReport:
    """Make a report public as it is. Raises `NotFound`, `TransitionNotAllowed` when it was decided or replaced."""
    row = _decide(session, report_id, PUBLISHED, "", staff, now)
    said = _renew_claims(session, row, now.astimezone(pack.about.zone).date())
    note(
        session,
        row.ogp_id,
        Kind.REPORTED,
        now,
        subject=row.id,
        staff=staff.id,
        department=row.department_code,
        period=row.period,
        claim=row.claim,
        milestones=said,
    )
    return row


def send_back(session: Session, *, report_id: UUID, reason: str, staff: Staff, now: datetime) -> ProgressReport:
    """Ask the institution to report again. Raises `NotFound`, `TransitionNotAllowed` as `publish` does."""
    return _decide(session, report_id, RETURNED, reason, staff, now)


def _decide(
    session: Session, report_id: UUID, decision: str, reason: str, staff: Staff, now: datetime
) -> ProgressReport:
    row = session.get(ProgressReport, report_id)
    if row is None:
        raise NotFound
    if session.scalar(sa.select(sa.exists().where(ProgressReport.replaces_id == report_id))):
        raise TransitionNotAllowed("a later report corrects this one")
    decided = insert(ReportDecision).values(
        report_id=report_id, decision=decision, reason=reason, decided_by=staff.id, decided_at=now
    )
    # Its row may not be locked: the role may only add. Of two decisions at once the key lets one in.
    if session.execute(decided.on_conflict_do_nothing().returning(ReportDecision.report_id)).one_or_none() is None:
        raise TransitionNotAllowed("this report was decided on")
    audit.record(
        session, staff_id=staff.id, action=f"report.{decision}", subject=row.ogp_id, data={"report": str(report_id)}
    )
    session.flush()
    return row


def _renew_claims(session: Session, row: ProgressReport, today: date) -> dict[str, str]:
    """Repeat what published reports say last, on the promise and its milestones; what this one says of milestones."""
    promise = session.get_one(Commitment, row.ogp_id)
    lead = promise.lead_department
    whole = _last_claim(session, row.ogp_id, None, ProgressReport.department_code == lead if lead else sa.true())
    promise.claim = whole or promise.claim
    said = {}
    steps = sa.select(Milestone, Claim.claimed).join(Claim, Claim.milestone_id == Milestone.id)
    for step, claimed in session.execute(steps.where(Claim.report_id == row.id)):
        said[step.code] = claimed
        last = _last_claim(session, row.ogp_id, step.id, sa.true())
        if last != step.claimed:
            step.claimed, step.claimed_since = last, today
    session.flush()
    return said


def _last_claim(session: Session, ogp_id: str, milestone: UUID | None, who: sa.ColumnElement[bool]) -> str | None:
    """The claim of the latest period that is published; of the later report where two are on one period."""
    of = Claim.milestone_id.is_(None) if milestone is None else Claim.milestone_id == milestone
    statement = (
        sa.select(Claim.claimed)
        .join(ProgressReport, ProgressReport.id == Claim.report_id)
        .join(ReportDecision, ReportDecision.report_id == ProgressReport.id)
        .where(ProgressReport.ogp_id == ogp_id, ReportDecision.decision == PUBLISHED, of, who)
        .order_by(ProgressReport.period.desc(), ProgressReport.id.desc())
        .limit(1)
    )
    return session.scalar(statement)


def decision_of(session: Session, row: ProgressReport) -> ReportDecision | None:
    """What was decided on a report; None while it waits."""
    return session.get(ReportDecision, row.id)


def visible(
    session: Session, staff: Staff, ogp_id: str | None = None, *, pending: bool = False, limit: int = 100
) -> Sequence[sa.Row[ProgressReport, ReportDecision, bool]]:
    """Rows (report, decision or None, whether a later one replaces it) that `staff` may read, newest first.

    Before it is published a report is read by its institution and the Ombudsman's office; by the monitor too, who may
    ask about it. `pending`: only those nobody has decided on.
    """
    later = sa.orm.aliased(ProgressReport)
    replaced = sa.exists().where(later.replaces_id == ProgressReport.id)
    statement = sa.select(ProgressReport, ReportDecision, replaced.label("replaced")).outerjoin(
        ReportDecision, ReportDecision.report_id == ProgressReport.id
    )
    if ogp_id is not None:
        statement = statement.where(ProgressReport.ogp_id == ogp_id)
    if pending:
        statement = statement.where(ReportDecision.report_id.is_(None), ~replaced)
    if staff.role not in _READERS:
        own = ProgressReport.department_code == staff.department_code
        statement = statement.where(sa.or_(ReportDecision.decision == PUBLISHED, own))
    return session.execute(statement.order_by(ProgressReport.id.desc()).limit(limit)).all()


_READERS = frozenset({Role.OFFICER, Role.SUPERVISOR, Role.OVERSIGHT})
