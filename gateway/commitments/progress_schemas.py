"""Reports, judgements, queries, links and history as the staff API speaks of them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gateway.broadcasts.schemas import Bodies, BroadcastRef
from gateway.commitments.schemas import CommitmentOut, Labels
from gateway.commitments.waiting import What

_SAFE = r"^[^\x00]*$"  # Postgres keeps no NUL

Claimed = Literal["not_started", "limited", "substantial", "complete"]
Judged = Literal["no_evidence", "not_started", "limited", "substantial", "complete"]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=6000, pattern=_SAFE)]
Needed = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=6000, pattern=_SAFE)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300, pattern=_SAFE)]
Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300, pattern=_SAFE)]
Step = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,16}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,32}$")]
Unit = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,16}$")]
Language = Annotated[str, StringConstraints(min_length=2, max_length=8, pattern=r"^[a-z-]+$")]
Day = Annotated[date, Field(ge=date(1990, 1, 1), le=date(2100, 12, 31))]
PeriodCode = Annotated[
    str, StringConstraints(pattern=r"^(19|20)\d{2}-(0[1-9]|1[0-2]|Q[1-4])$"), Field(examples=["2026-Q4", "2026-11"])
]


class In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class EvidenceIn(In):
    what: Said
    where: Said = Field(description="An address, or the place where it can be seen")


class VisitIn(In):
    on: Day
    who: Said = Field(description="The office that went; never a person's name")
    where: Said
    found: Needed


class StepClaimIn(In):
    milestone: Step
    claimed: Claimed
    words: Short = ""


class MeasuredIn(In):
    indicator: Step
    on: Day
    value: Annotated[Decimal, Field(ge=-(10**15), le=10**15)]
    source: Short = ""


class ReportIn(In):
    period: PeriodCode = Field(description="A month or a quarter, as the pack's calendar has it; begun")
    claim: Claimed = Field(description="How far the whole promise is")
    language: Language = Field("en", description="In which language its texts are")
    activities: Needed
    obstacles: Text = ""
    next_steps: Text = ""
    evidence: Annotated[list[EvidenceIn], Field(max_length=20)] = Field(default_factory=list)
    site_visits: Annotated[list[VisitIn], Field(max_length=20)] = Field(default_factory=list)
    milestones: Annotated[list[StepClaimIn], Field(max_length=50)] = Field(default_factory=list)
    readings: Annotated[list[MeasuredIn], Field(max_length=50)] = Field(default_factory=list)


class ReportPublishIn(In):
    text: Bodies | None = Field(None, description="News for the followers too; an SMS each, in their language")


class ReasonIn(In):
    reason: Needed


class AssessmentIn(In):
    judged: Judged
    milestone: Step | None = Field(None, description="Its code; without one the whole promise is judged")
    reasons: Needed
    language: Language = "en"
    evidence: Annotated[list[EvidenceIn], Field(max_length=20)] = Field(default_factory=list)


class AuditIn(In):
    corrected_to: Judged | None = Field(None, description="What holds instead; without it the claim is confirmed")
    found: Needed
    language: Language = "en"
    evidence: Annotated[list[EvidenceIn], Field(max_length=20)] = Field(default_factory=list)


class QueryIn(In):
    department: Unit
    question: Needed
    language: Language = "en"
    due_on: Day


class AnswerIn(In):
    text: Needed
    language: Language = "en"
    evidence: Annotated[list[EvidenceIn], Field(max_length=20)] = Field(default_factory=list)


class LinkIn(In):
    case: Annotated[str, StringConstraints(max_length=24, pattern=_SAFE)] | None = Field(None, description="Serial")
    category: Code | None = None


class ProposalIn(In):
    title: Annotated[dict[Language, Said], Field(min_length=1, max_length=10)]
    text: Annotated[dict[Language, Needed], Field(max_length=10)] = Field(default_factory=dict)
    area: Code | None = None
    ward: Code | None = None
    said_by: Literal["residents", "civil_society", "official"]
    source: Short = ""


class ProposalDecisionIn(In):
    to: Literal["published", "taken_up", "refused"]
    words: Annotated[dict[Language, Needed], Field(max_length=10)] = Field(
        default_factory=dict, description="Why it is refused, or where it was taken up: public where the idea is"
    )
    promise: Code | None = Field(None, description="The promise that it was taken up in")


class EvidenceOut(BaseModel):
    what: str
    where: str


class VisitOut(BaseModel):
    on: str
    who: str
    where: str
    found: str


class AuditOut(BaseModel):
    id: UUID
    outcome: Literal["confirmed", "corrected"]
    corrected_to: Judged | None
    found: str
    language: str
    evidence: list[EvidenceOut]
    made_at: datetime


class ClaimOut(BaseModel):
    id: UUID
    milestone: str | None = Field(description="Code; null for the whole promise")
    claimed: Claimed
    words: str
    audits: list[AuditOut] = Field(description="Oldest first")


class ReportOut(BaseModel):
    """A report of an institution: the county's word."""

    id: UUID
    ogp_id: str
    department: str
    period: str
    claim: Claimed
    language: str
    activities: str
    obstacles: str
    next_steps: str
    evidence: list[EvidenceOut]
    site_visits: list[VisitOut]
    claims: list[ClaimOut]
    replaces: UUID | None = Field(description="The report of the same period that it corrects")
    replaced: bool = Field(description="A later one corrects it")
    written_at: datetime
    decision: Literal["published", "returned"] | None = Field(description="Null while it waits for a supervisor")
    decided_at: datetime | None
    reason: str | None = Field(description="Why it was sent back")


class ReportList(BaseModel):
    items: list[ReportOut]


class ReportPublished(ReportOut):
    recipients: int = Field(description="To how many an SMS is owed at once; 0 while it waits for an approval")
    broadcast: BroadcastRef | None = Field(description="What carries the news to followers; null without news")
    held_back: bool = Field(description="An election period: the news are public, and nothing is pushed")


class AssessmentOut(BaseModel):
    """The independent monitor's judgement."""

    id: UUID
    milestone: str | None = Field(description="Code; null for the whole promise")
    judged: Judged
    reasons: str
    language: str
    evidence: list[EvidenceOut]
    made_at: datetime


class QueryOut(BaseModel):
    id: UUID
    ogp_id: str
    department: str
    question: str
    language: str
    due_on: date
    asked_at: datetime
    late: bool = Field(description="Its day passed without an answer")
    answer: str | None
    answer_language: str | None
    answered_at: datetime | None


class MilestoneOut(BaseModel):
    code: str
    output: Labels
    starts_on: date | None
    due_on: date | None
    claimed: str = Field(description="By the last published report")
    claimed_since: date | None
    origin: Literal["plan", "scorecard"]


class ReadingOut(BaseModel):
    on: date
    value: Decimal
    source: str


class IndicatorOut(BaseModel):
    code: str
    name: Labels
    unit: str
    baseline: Decimal | None
    baseline_on: date | None
    target: Decimal | None
    target_on: date | None
    readings: list[ReadingOut]


class LateOut(BaseModel):
    department: str
    period: str
    due_on: date


class ReceivedOut(BaseModel):
    """Complaints received that concern it, as published: not findings. What is hidden there is hidden here."""

    total: int | None
    areas: dict[str, int]
    as_of: datetime | None = Field(description="When the figures were published; none before the first")


class CommitmentDetail(CommitmentOut):
    """A promise with its voices side by side."""

    lead_department: str | None
    supporting: list[str]
    committee: str
    programme: str
    milestones: list[MilestoneOut]
    indicators: list[IndicatorOut]
    reports: list[ReportOut] = Field(description="Published ones, newest first")
    assessments: list[AssessmentOut]
    queries: list[QueryOut]
    received: ReceivedOut
    late: list[LateOut] = Field(description="Reports that are owed and did not come in time")
    stale: bool = Field(description="For more than 183 days nobody said how it stands")
    last_word: date | None


class ChangeOut(BaseModel):
    id: UUID
    kind: str
    subject: str
    data: dict[str, object]
    at: datetime


class ChangePage(BaseModel):
    items: list[ChangeOut]
    next_cursor: str | None


class LinkOut(BaseModel):
    id: UUID
    case: str | None
    category: str | None
    made_at: datetime


class LinkList(BaseModel):
    items: list[LinkOut]


class ProposalOut(BaseModel):
    """An idea for a next plan; no promise."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    title: Labels
    text: Labels
    area: str | None
    ward: str | None = Field(validation_alias="ward_code")
    said_by: str
    source: str
    entered_at: datetime
    status: str = Field(description="`collected` (internal), `published`, `taken_up` or `refused`")
    published_at: datetime | None = Field(description="Since when it is public; null: it is not")
    answer: Labels = Field(description="Why it was refused, or where it was taken up")
    taken_up_in: str | None
    decided_at: datetime | None


class ProposalList(BaseModel):
    items: list[ProposalOut]
    next_cursor: str | None


class WaitingOut(BaseModel):
    what: What
    ogp_id: str = Field(description="Empty for an idea, which is about no promise")
    about: str = Field(
        description="A period; the day of the last judgement; or the id of a query, a report, a claim, a question to "
        "residents or an idea"
    )
    department: str
    due_on: date | None
    late: bool
    title: Labels = Field(description="What an idea is called; empty for all else")


class WaitingList(BaseModel):
    items: list[WaitingOut]
    election: bool = Field(description="Claims are not pushed by SMS and not put on posters just now")
