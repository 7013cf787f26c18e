"""Everything public of one promise, its voices side by side and never mixed; and the marks that follow from dates."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.commitments import periods
from gateway.commitments.history import last_words
from gateway.commitments.models import Commitment, CommitmentUpdate
from gateway.commitments.progress_models import Claim, Indicator, Milestone, ProgressReport, Reading, ReportDecision
from gateway.commitments.received import Received, received
from gateway.commitments.service import read_commitment, updates_of
from gateway.commitments.watch_models import Assessment, ClaimAudit, CommitmentQuery, QueryAnswer
from gateway.pack import Pack
from gateway.pack.promises import Reporting


@dataclass(frozen=True, slots=True)
class Claimed:
    """One claim of a report, and what the monitor found when looking at it."""

    claim: Claim
    audits: Sequence[ClaimAudit]


@dataclass(frozen=True, slots=True)
class Report:
    """A published report of an institution."""

    report: ProgressReport
    published_at: datetime
    claims: Sequence[Claimed]
    replaced: bool
    """A later published report of the same period corrects it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A query of the monitor to an institution; late when its day passed without an answer."""

    query: CommitmentQuery
    answer: QueryAnswer | None
    late: bool


@dataclass(frozen=True, slots=True)
class Late:
    """An institution owes its report on a period."""

    department: str
    period: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Marks:
    """What follows from dates alone."""

    late: Sequence[Late]
    """Reports that did not come in time and are still not there, the oldest first."""
    last_word: date | None
    """The day on which somebody last said how it stands."""
    stale: bool
    """More than 183 days ago."""


@dataclass(frozen=True, slots=True)
class Voices:
    """A promise and who says what of it. All of it may be shown to anybody, but for columns that are not PUBLIC."""

    commitment: Commitment
    milestones: Sequence[Milestone]
    indicators: Sequence[tuple[Indicator, Sequence[Reading]]]
    """Readings of imports and of published reports, oldest first."""
    reports: Sequence[Report]
    """What the institutions say, newest first."""
    assessments: Sequence[Assessment]
    """What the independent monitor judges, newest first."""
    queries: Sequence[Asked]
    news: Sequence[CommitmentUpdate]
    received: Received
    """Complaints received that concern it; not findings."""
    marks: Marks


def voices_of(session: Session, pack: Pack, ogp_id: str, now: datetime) -> Voices:
    """Everything public of one promise. Raises `NotFound`."""
    promise = read_commitment(session, ogp_id)
    today = now.astimezone(pack.about.zone).date()
    milestones = sa.select(Milestone).where(Milestone.ogp_id == ogp_id).order_by(Milestone.position, Milestone.code)
    judged = sa.select(Assessment).where(Assessment.ogp_id == ogp_id).order_by(Assessment.id.desc())
    return Voices(
        commitment=promise,
        milestones=session.scalars(milestones).all(),
        indicators=_indicators(session, ogp_id),
        reports=published(session, ogp_id),
        assessments=session.scalars(judged).all(),
        queries=queries(session, today, CommitmentQuery.ogp_id == ogp_id),
        news=updates_of(session, ogp_id),
        received=received(session, ogp_id),
        marks=marks(session, pack, [promise], now)[ogp_id],
    )


def published(session: Session, ogp_id: str) -> list[Report]:
    """Published reports of a promise, newest first, each claim with its audits."""
    rows = session.execute(
        sa.select(ProgressReport, ReportDecision.decided_at)
        .join(ReportDecision, ReportDecision.report_id == ProgressReport.id)
        .where(ProgressReport.ogp_id == ogp_id, ReportDecision.decision == "published")
        .order_by(ReportDecision.decided_at.desc(), ProgressReport.id.desc())
    ).all()
    claims = claims_of(session, [report.id for report, _ in rows])
    replaced = {report.replaces_id for report, _ in rows}
    return [Report(report, at, claims.get(report.id, []), report.id in replaced) for report, at in rows]


def claims_of(session: Session, reports: Sequence[UUID]) -> dict[UUID, list[Claimed]]:
    """The claims of these reports: the whole promise first, then its milestones."""
    of = sa.select(Claim).outerjoin(Milestone, Milestone.id == Claim.milestone_id).where(Claim.report_id.in_(reports))
    found = session.scalars(of.order_by(Milestone.position.asc().nulls_first(), Milestone.code)).all()
    audits: dict[UUID, list[ClaimAudit]] = {}
    looked = sa.select(ClaimAudit).where(ClaimAudit.claim_id.in_([claim.id for claim in found]))
    for audit in session.scalars(looked.order_by(ClaimAudit.id)):
        audits.setdefault(audit.claim_id, []).append(audit)
    grouped: dict[UUID, list[Claimed]] = {}
    for claim in found:
        grouped.setdefault(claim.report_id, []).append(Claimed(claim, audits.get(claim.id, [])))
    return grouped


def queries(session: Session, today: date, *where: sa.ColumnElement[bool]) -> list[Asked]:
    """Queries, newest first, each with its answer."""
    rows = session.execute(
        sa.select(CommitmentQuery, QueryAnswer)
        .outerjoin(QueryAnswer, QueryAnswer.query_id == CommitmentQuery.id)
        .where(*where)
        .order_by(CommitmentQuery.id.desc())
    )
    return [Asked(query, answer, answer is None and query.due_on < today) for query, answer in rows]


def _indicators(session: Session, ogp_id: str) -> list[tuple[Indicator, Sequence[Reading]]]:
    measures = sa.select(Indicator).where(Indicator.ogp_id == ogp_id).order_by(Indicator.position, Indicator.code)
    found = session.scalars(measures).all()
    seen: dict[UUID, list[Reading]] = {}
    told = sa.exists().where(ReportDecision.report_id == Reading.report_id, ReportDecision.decision == "published")
    readings = sa.select(Reading).where(
        Reading.indicator_id.in_([one.id for one in found]), sa.or_(Reading.report_id.is_(None), told)
    )
    for reading in session.scalars(readings.order_by(Reading.read_on, Reading.id)):
        seen.setdefault(reading.indicator_id, []).append(reading)
    return [(one, seen.get(one.id, [])) for one in found]


def marks(session: Session, pack: Pack, promises: Sequence[Commitment], now: datetime) -> dict[str, Marks]:
    """The marks of each of these promises, by OGP id."""
    zone = pack.about.zone
    today = now.astimezone(zone).date()
    ids = [promise.ogp_id for promise in promises]
    words = last_words(session, ids)
    there = handed_in(session, ids)
    told = {}
    for promise in promises:
        at = words.get(promise.ogp_id)
        last = at.astimezone(zone).date() if at else None
        late = [one for one in owed(pack.reporting, promise, there, today) if one.due_on < today]
        told[promise.ogp_id] = Marks(late, last, last is not None and periods.is_stale(last, today))
    return told


def handed_in(session: Session, ogp_ids: Sequence[str]) -> set[tuple[str, str, str]]:
    """(OGP id, department, period) of every report that an institution gave and that was not sent back."""
    returned = sa.exists().where(ReportDecision.report_id == ProgressReport.id, ReportDecision.decision == "returned")
    statement = sa.select(ProgressReport.ogp_id, ProgressReport.department_code, ProgressReport.period).where(
        ProgressReport.ogp_id.in_(ogp_ids), ~returned
    )
    return {(row[0], row[1], row[2]) for row in session.execute(statement.distinct())}


def owed(reporting: Reporting, promise: Commitment, there: set[tuple[str, str, str]], today: date) -> list[Late]:
    """Reports on periods that are over and that are not there yet, in time or not, the oldest first."""
    return [
        Late(department, period.code, periods.due_on(reporting, period))
        for period in periods.ended(reporting, promise.starts_on, promise.ends_on, today)
        for department in institutions(promise)
        if (promise.ogp_id, department, period.code) not in there
    ]


def institutions(promise: Commitment) -> list[str]:
    """Codes of the institutions that report on a promise, the lead first."""
    return [*filter(None, [promise.lead_department]), *promise.supporting]


def area_names(pack: Pack) -> Mapping[str, str]:
    """Names of areas (sub-counties) by code, for `Received`."""
    return {row.area_code: row.area for row in pack.places}


def milestone_codes(session: Session, ogp_ids: Collection[str]) -> dict[UUID, str]:
    """Codes of the milestones of these promises, by id."""
    rows = session.execute(sa.select(Milestone.id, Milestone.code).where(Milestone.ogp_id.in_(ogp_ids)))
    return {row[0]: row[1] for row in rows}
