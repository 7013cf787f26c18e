"""Open data on promises: tables of ours, by the columns named here. The three voices are data sets of their own."""

from __future__ import annotations

import sqlalchemy as sa

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
from gateway.statistics.datasets import of_table

_PUBLISHED = sa.exists().where(ReportDecision.report_id == ProgressReport.id, ReportDecision.decision == "published")
_CLAIM_PUBLISHED = sa.exists().where(
    ReportDecision.report_id == Claim.report_id, ReportDecision.decision == "published"
)
_READ_PUBLISHED = sa.or_(
    Reading.report_id.is_(None),
    sa.exists().where(ReportDecision.report_id == Reading.report_id, ReportDecision.decision == "published"),
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
