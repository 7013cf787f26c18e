"""Rows of promises as the staff API tells them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from gateway.commitments import progress_schemas as s
from gateway.commitments.progress_models import Indicator, Milestone, ProgressReport, Reading, ReportDecision
from gateway.commitments.schemas import CommitmentOut
from gateway.commitments.voices import Asked, Claimed, Voices, claims_of, milestone_codes
from gateway.commitments.watch_models import Assessment

Codes = Mapping[UUID, str]
"""Codes of milestones by their ids."""


def reports(session: Session, rows: Sequence[tuple[ProgressReport, ReportDecision | None, bool]]) -> list[s.ReportOut]:
    """Reports with their claims, as `reports.visible` gives them."""
    ids = [row[0].id for row in rows]
    claims = claims_of(session, ids)
    codes = milestone_codes(session, {row[0].ogp_id for row in rows})
    return [report(row, decision, claims.get(row.id, []), codes, replaced) for row, decision, replaced in rows]


def report(
    row: ProgressReport, decision: ReportDecision | None, claims: Sequence[Claimed], codes: Codes, replaced: bool
) -> s.ReportOut:
    return s.ReportOut(
        id=row.id,
        ogp_id=row.ogp_id,
        department=row.department_code,
        period=row.period,
        claim=row.claim,
        language=row.language,
        activities=row.activities,
        obstacles=row.obstacles,
        next_steps=row.next_steps,
        evidence=row.evidence,
        site_visits=row.site_visits,
        claims=[claim(one, codes) for one in claims],
        replaces=row.replaces_id,
        replaced=replaced,
        written_at=row.written_at,
        decision=decision.decision if decision else None,
        decided_at=decision.decided_at if decision else None,
        reason=(decision.reason or None) if decision else None,
    )


def claim(one: Claimed, codes: Codes) -> s.ClaimOut:
    row = one.claim
    audits = [s.AuditOut.model_validate(audit, from_attributes=True) for audit in one.audits]
    return s.ClaimOut(
        id=row.id, milestone=codes.get(row.milestone_id), claimed=row.claimed, words=row.words, audits=audits
    )


def assessment(row: Assessment, codes: Codes) -> s.AssessmentOut:
    return s.AssessmentOut(
        id=row.id,
        milestone=codes.get(row.milestone_id),
        judged=row.judged,
        reasons=row.reasons,
        language=row.language,
        evidence=row.evidence,
        made_at=row.made_at,
    )


def query(asked: Asked) -> s.QueryOut:
    row, answer = asked.query, asked.answer
    return s.QueryOut(
        id=row.id,
        ogp_id=row.ogp_id,
        department=row.department_code,
        question=row.question,
        language=row.language,
        due_on=row.due_on,
        asked_at=row.asked_at,
        late=asked.late,
        answer=answer.text if answer else None,
        answer_language=answer.language if answer else None,
        answered_at=answer.answered_at if answer else None,
    )


def detail(listed: CommitmentOut, voices: Voices) -> s.CommitmentDetail:
    """A promise with everything public of it."""
    promise = voices.commitment
    codes = {step.id: step.code for step in voices.milestones}
    published = [
        report(one.report, None, one.claims, codes, one.replaced).model_copy(
            update={"decision": "published", "decided_at": one.published_at}
        )
        for one in voices.reports
    ]
    return s.CommitmentDetail(
        **listed.model_dump(),
        lead_department=promise.lead_department,
        supporting=promise.supporting,
        committee=promise.committee,
        programme=promise.programme,
        milestones=[_milestone(step) for step in voices.milestones],
        indicators=[_indicator(one, readings) for one, readings in voices.indicators],
        reports=published,
        assessments=[assessment(row, codes) for row in voices.assessments],
        queries=[query(asked) for asked in voices.queries],
        received=s.ReceivedOut(
            total=voices.received.total, areas=dict(voices.received.areas), as_of=voices.received.as_of
        ),
        late=[s.LateOut(department=one.department, period=one.period, due_on=one.due_on) for one in voices.marks.late],
        stale=voices.marks.stale,
        last_word=voices.marks.last_word,
    )


def _milestone(step: Milestone) -> s.MilestoneOut:
    return s.MilestoneOut.model_validate(step, from_attributes=True)


def _indicator(row: Indicator, readings: Sequence[Reading]) -> s.IndicatorOut:
    plain: dict[str, Any] = {
        name: getattr(row, name) for name in ("code", "name", "unit", "baseline", "baseline_on", "target", "target_on")
    }
    seen = [s.ReadingOut(on=one.read_on, value=one.value, source=one.source) for one in readings]
    return s.IndicatorOut(**plain, readings=seen)
