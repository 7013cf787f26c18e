"""What open data there is: each data set with its columns. A column that is not named here is in no file.

Columns that come from a table of ours must be of the public class, as the exporters' must not be personal: one that is
not stops the program where this module is read. Counts of cases come from the published figures alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import InstrumentedAttribute, Session

from gateway.commitments.models import Commitment, CommitmentUpdate
from gateway.commitments.progress_models import Claim, Indicator, Milestone, ProgressReport, Reading, ReportDecision
from gateway.commitments.watch_models import (
    Assessment,
    ClaimAudit,
    CommitmentChange,
    CommitmentQuery,
    Proposal,
    QueryAnswer,
)
from gateway.database import Class
from gateway.pack import Pack
from gateway.statistics.models import AuditHead
from gateway.statistics.published import CONCERNS, ELSEWHERE, NONE, Figures
from gateway.statistics.suppression import TOTAL

Type = Literal["string", "integer", "number", "boolean", "date", "datetime", "object", "array"]
"""Types of the Frictionless table schema."""


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    type: Type
    about: str


@dataclass(frozen=True, slots=True)
class Source:
    """What rows are made of."""

    session: Session | None
    """Not needed for figures."""
    pack: Pack
    figures: Figures | None


@dataclass(frozen=True, slots=True)
class Dataset:
    name: str
    title: str
    about: str
    fields: Sequence[Field]
    rows: Callable[[Source], Iterator[Sequence[Any]]]
    key: Sequence[str] = ()


def _session(source: Source) -> Session:
    if source.session is None:
        raise ValueError("a table of ours is read in a session")
    return source.session


class NotPublicError(RuntimeError):
    """A column of open data is not of the public class."""


_TYPES: tuple[tuple[type, Type], ...] = (
    (sa.Boolean, "boolean"),
    (sa.Integer, "integer"),
    (sa.Numeric, "number"),
    (sa.DateTime, "datetime"),
    (sa.Date, "date"),
)
_LISTS = frozenset({"partners", "supporting", "evidence", "site_visits"})


def _field(column: InstrumentedAttribute[Any], about: str) -> Field:
    if column.info["class"] is not Class.PUBLIC:
        raise NotPublicError(f"{column.class_.__tablename__}.{column.key}")
    kind = column.type
    if isinstance(kind, JSONB):
        return Field(column.key, "array" if column.key in _LISTS else "object", about)
    return Field(column.key, next((name for known, name in _TYPES if isinstance(kind, known)), "string"), about)


def of_table(
    name: str, title: str, about: str, columns: dict[InstrumentedAttribute[Any], str], *where: Any, order: Any
) -> Dataset:
    """A data set that is a table of ours, by these columns. Raises `NotPublicError`."""
    fields = [_field(column, said) for column, said in columns.items()]

    def rows(source: Source) -> Iterator[Sequence[Any]]:
        statement = sa.select(*columns).where(*where).order_by(order).execution_options(yield_per=500)
        yield from (tuple(row) for row in _session(source).execute(statement))

    return Dataset(name, title, about, fields, rows, (fields[0].name,))


_CASES = Field("cases", "integer", "Number of cases; empty where it is hidden")
_HIDDEN = Field("hidden", "boolean", "The number is small, or would give away one that is")
_NAME = "In the pack's first language"


def _cell(number: int | None) -> tuple[int | None, bool]:
    return number, number is None


def _places(source: Source) -> Iterator[Sequence[Any]]:
    if source.figures is None:
        return
    table = source.figures.tables["places"]
    wards = {place.ward_code: place for place in source.pack.places}
    areas = {place.area_code: place.area for place in source.pack.places}
    for row in [*(row.key for row in table.rows), TOTAL]:
        level, _, code = row.partition(":")
        place = wards.get(code) if level == "ward" else None
        area = place.area_code if place else code if level in {"area", "unsaid"} else None
        level = {NONE: "not told", TOTAL: "all", "unsaid": "ward not told", "area": "sub-county"}.get(level, level)
        for column in [*table.columns, TOTAL]:
            kind = "all" if column == TOTAL else column
            named = (area, areas.get(area or ""), place.ward_code if place else None, place.ward if place else None)
            yield (level, *named, kind, *_cell(table.at(row, column)))


def _categories(source: Source) -> Iterator[Sequence[Any]]:
    if source.figures is None:
        return
    table = source.figures.tables["categories"]
    for row in [*(row.key for row in table.rows), TOTAL]:
        if row == TOTAL or row.startswith("kind:"):
            kind, category = row.removeprefix("kind:"), "all"
        else:
            kind, _, category = row.partition("/")
        for column in [*table.columns, TOTAL]:
            month = "all" if column == TOTAL else column
            yield ("all" if kind == TOTAL else kind, category, month, *_cell(table.at(row, column)))


def _offices(source: Source) -> Iterator[Sequence[Any]]:
    if source.figures is None:
        return
    table = source.figures.tables["offices"]
    for row in [*(row.key for row in table.rows), TOTAL]:
        for column in [*table.columns, TOTAL]:
            outcome = "all" if column == TOTAL else column
            yield ("all" if row == TOTAL else row, outcome, *_cell(table.at(row, column)))


def _speed(source: Source) -> Iterator[Sequence[Any]]:
    if source.figures is None:
        return
    table = source.figures.tables["speed"]
    for row in [*(row.key for row in table.rows), TOTAL]:
        yield ("all" if row == TOTAL else row, *_cell(table.at(row)))


def _concerning(source: Source) -> Iterator[Sequence[Any]]:
    if source.figures is None:
        return
    for name, table in source.figures.tables.items():
        if name.startswith("promise:"):
            for column in [*table.columns, TOTAL]:
                area = {TOTAL: "all", ELSEWHERE: "elsewhere"}.get(column, column)
                yield (name.removeprefix("promise:"), area, *_cell(table.at(CONCERNS, column)))


def _heads(source: Source) -> Iterator[Sequence[Any]]:
    for head in _session(source).scalars(sa.select(AuditHead).order_by(AuditHead.day)):
        yield (head.day, head.position, head.digest.hex(), head.published_at)


_PUBLISHED = sa.exists().where(ReportDecision.report_id == ProgressReport.id, ReportDecision.decision == "published")
_CLAIM_PUBLISHED = sa.exists().where(
    ReportDecision.report_id == Claim.report_id, ReportDecision.decision == "published"
)
_READ_PUBLISHED = sa.or_(
    Reading.report_id.is_(None),
    sa.exists().where(ReportDecision.report_id == Reading.report_id, ReportDecision.decision == "published"),
)

FIGURES = (
    Dataset(
        "cases-by-place",
        "Cases by place and kind",
        "Wards under sub-counties, with sums at every level. Columns of kinds that are too small stand together.",
        (
            Field("level", "string", "`ward`, `sub-county`, `ward not told`, `not told` (no place at all) or `all`"),
            Field("area_code", "string", "Code of the sub-county"),
            Field("area", "string", "Its name"),
            Field("ward_code", "string", "Code of the ward"),
            Field("ward", "string", "Its name"),
            Field("kind", "string", "`complaint`, `information`, `feedback`, several joined by `+`, or `all`"),
            _CASES,
            _HIDDEN,
        ),
        _places,
    ),
    Dataset(
        "cases-by-category-and-month",
        "Cases by category and month of filing",
        "Categories under kinds, with sums. `earlier` is all months before the two years that have a column each.",
        (
            Field("kind", "string", "`complaint`, `information`, `feedback`, several joined by `+`, or `all`"),
            Field("category", "string", "Code of the category, or `all`"),
            Field("month", "string", "Month of filing in the county's time (`2026-11`), `earlier` or `all`"),
            _CASES,
            _HIDDEN,
        ),
        _categories,
    ),
    Dataset(
        "cases-by-department-and-outcome",
        "Cases by department and what became of them",
        "According to staff: said_done, solved, partly, silent. According to residents: solved among solved, partly "
        "and unsolved.",
        (
            Field("department", "string", "Code of the department, `none` or `all`"),
            Field("outcome", "string", "See docs/open-data.md, or `all`"),
            _CASES,
            _HIDDEN,
        ),
        _offices,
    ),
    Dataset(
        "time-to-answer",
        "Time from filing to the first answer in substance",
        "Calendar days.",
        (
            Field("time", "string", "`days_3` (at most 3), `days_7`, `days_14`, `days_30`, `longer`, `none`, `all`"),
            _CASES,
            _HIDDEN,
        ),
        _speed,
    ),
    Dataset(
        "complaints-by-commitment",
        "Complaints received that concern a promise",
        "Received, not found true. A complaint may concern two promises.",
        (
            Field("ogp_id", "string", "The promise"),
            Field("area_code", "string", "Code of the sub-county, `elsewhere` or `all`"),
            _CASES,
            _HIDDEN,
        ),
        _concerning,
    ),
)

PROMISES = (
    of_table(
        "commitments",
        "Commitments of the action plan",
        "As the Open Government Partnership lists them: one row a commitment, texts by language.",
        {
            Commitment.ogp_id: "Identifier of the Open Government Partnership",
            Commitment.area: "Area of the plan",
            Commitment.title: "Title by language",
            Commitment.lead: "Lead institution",
            Commitment.lead_department: "Its code among the departments",
            Commitment.supporting: "Codes of supporting institutions",
            Commitment.partners: "Partners",
            Commitment.committee: "Who looks after it beside the lead",
            Commitment.programme: "Programme of the development plan that it serves",
            Commitment.problem: "What problem it answers, by language",
            Commitment.status_quo: "How things stood, by language",
            Commitment.action: "What is promised, by language",
            Commitment.starts_on: "Start date",
            Commitment.ends_on: "End date",
            Commitment.inferred: "Not read on the Open Government Partnership's own page",
            Commitment.claim: "What the county says",
            Commitment.judged: "What the independent monitor says",
            Commitment.source: "Where it was read",
        },
        order=Commitment.position,
    ),
    of_table(
        "milestones",
        "Dated steps of the commitments",
        "Empty while nobody supplied them: nothing is invented.",
        {
            Milestone.id: "Identifier",
            Milestone.ogp_id: "The commitment",
            Milestone.code: "Code within the commitment",
            Milestone.output: "What is to be there in the end, by language",
            Milestone.starts_on: "Start date",
            Milestone.due_on: "When it is due",
            Milestone.claimed: "What the last published report says",
            Milestone.claimed_since: "Since when",
            Milestone.origin: "`plan` or `scorecard`",
            Milestone.source: "Where it was read",
        },
        order=sa.tuple_(Milestone.ogp_id, Milestone.position, Milestone.code),
    ),
    of_table(
        "indicators",
        "What is measured",
        "With baseline and target.",
        {
            Indicator.id: "Identifier",
            Indicator.ogp_id: "The commitment",
            Indicator.code: "Code within the commitment",
            Indicator.name: "Name by language",
            Indicator.unit: "Unit",
            Indicator.baseline: "Where it began",
            Indicator.baseline_on: "When",
            Indicator.target: "Where it is to be",
            Indicator.target_on: "When",
        },
        order=sa.tuple_(Indicator.ogp_id, Indicator.position, Indicator.code),
    ),
    of_table(
        "readings",
        "Values of the indicators",
        "Of published reports and of imports.",
        {
            Reading.id: "Identifier",
            Reading.indicator_id: "The indicator",
            Reading.read_on: "Day",
            Reading.value: "Value",
            Reading.source: "Where it was read",
        },
        _READ_PUBLISHED,
        order=Reading.id,
    ),
    of_table(
        "progress-reports",
        "The county says: reports of institutions",
        "Published ones only; a correction is another row that names the one it replaces.",
        {
            ProgressReport.id: "Identifier",
            ProgressReport.ogp_id: "The commitment",
            ProgressReport.department_code: "Who reports",
            ProgressReport.period: "Month or quarter",
            ProgressReport.language: "Language of the texts",
            ProgressReport.claim: "How far it is, by the institution's own word",
            ProgressReport.activities: "What was done",
            ProgressReport.obstacles: "What stood in the way",
            ProgressReport.next_steps: "What comes next",
            ProgressReport.evidence: "What shows it",
            ProgressReport.site_visits: "Visits",
            ProgressReport.replaces_id: "The report that it corrects",
        },
        _PUBLISHED,
        order=ProgressReport.id,
    ),
    of_table(
        "claims",
        "The county says: each claim of a report",
        "Of the whole commitment, or of a milestone.",
        {
            Claim.id: "Identifier",
            Claim.report_id: "The report",
            Claim.ogp_id: "The commitment",
            Claim.milestone_id: "The milestone; empty for the whole commitment",
            Claim.claimed: "What is claimed",
        },
        _CLAIM_PUBLISHED,
        order=Claim.id,
    ),
    of_table(
        "assessments",
        "The monitor says: judgements",
        "On the scale of the Open Government Partnership, with reasons.",
        {
            Assessment.id: "Identifier",
            Assessment.ogp_id: "The commitment",
            Assessment.milestone_id: "The milestone; empty for the whole commitment",
            Assessment.judged: "`no_evidence`, `not_started`, `limited`, `substantial` or `complete`",
            Assessment.reasons: "Why",
            Assessment.language: "Language of the reasons",
            Assessment.made_at: "When",
        },
        order=Assessment.id,
    ),
    of_table(
        "claim-audits",
        "The monitor says: single claims looked at",
        "Confirmed, or corrected.",
        {
            ClaimAudit.id: "Identifier",
            ClaimAudit.claim_id: "The claim",
            ClaimAudit.ogp_id: "The commitment",
            ClaimAudit.outcome: "`confirmed` or `corrected`",
            ClaimAudit.corrected_to: "To what",
            ClaimAudit.found: "What was found",
            ClaimAudit.language: "Language of the text",
            ClaimAudit.made_at: "When",
        },
        order=ClaimAudit.id,
    ),
    of_table(
        "queries",
        "The monitor asks an institution",
        "With the day an answer is due.",
        {
            CommitmentQuery.id: "Identifier",
            CommitmentQuery.ogp_id: "The commitment",
            CommitmentQuery.department_code: "Who is asked",
            CommitmentQuery.question: "The question",
            CommitmentQuery.language: "Its language",
            CommitmentQuery.due_on: "When an answer is due",
            CommitmentQuery.asked_at: "When it was asked",
        },
        order=CommitmentQuery.id,
    ),
    of_table(
        "query-answers",
        "Answers of institutions to the monitor",
        "One to a question.",
        {
            QueryAnswer.query_id: "The question",
            QueryAnswer.text: "The answer",
            QueryAnswer.language: "Its language",
            QueryAnswer.answered_at: "When",
        },
        order=QueryAnswer.query_id,
    ),
    of_table(
        "updates",
        "News of the commitments",
        "As they were published, by language.",
        {
            CommitmentUpdate.id: "Identifier",
            CommitmentUpdate.ogp_id: "The commitment",
            CommitmentUpdate.text: "Text by language",
            CommitmentUpdate.published_at: "When",
        },
        order=CommitmentUpdate.id,
    ),
    of_table(
        "changes",
        "Everything that was published or changed",
        "Nothing is edited silently: one row a change.",
        {
            CommitmentChange.id: "Identifier",
            CommitmentChange.ogp_id: "The commitment",
            CommitmentChange.kind: "What kind of change",
            CommitmentChange.subject: "What it is about: an identifier or a code",
            CommitmentChange.data: "What was there before and after",
            CommitmentChange.at: "When",
        },
        order=CommitmentChange.id,
    ),
    of_table(
        "proposals",
        "Ideas for a next plan",
        "They are no promises.",
        {
            Proposal.id: "Identifier",
            Proposal.title: "Title by language",
            Proposal.text: "Text by language",
            Proposal.area: "Area",
            Proposal.ward_code: "Ward",
            Proposal.said_by: "`residents`, `civil_society` or `official`",
            Proposal.source: "Where it was said",
            Proposal.entered_at: "When it was entered",
        },
        order=Proposal.id,
    ),
)

HEADS = Dataset(
    "audit-heads",
    "Heads of the audit chain",
    "One a day. Whoever keeps one can check later that no entry before it was changed: docs/open-data.md.",
    (
        Field("day", "date", "Day of the county"),
        Field("position", "integer", "Number of the newest link"),
        Field("digest", "string", "SHA-256 of that link, in hexadecimal"),
        Field("published_at", "datetime", "When it was kept"),
    ),
    _heads,
    ("day",),
)

DATASETS = {dataset.name: dataset for dataset in (*FIGURES, *PROMISES, HEADS)}


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date | UUID):
        return str(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value
