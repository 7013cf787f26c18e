"""Reading letters, findings and the morning's digest."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import sqlalchemy as sa

from gateway.cases.models import Case
from gateway.cases.service import Desk
from gateway.cases.visibility import in_office
from gateway.errors import NotFound
from gateway.letters.models import Finding, Letter, Recommendation
from gateway.letters.schemas import FindingOut, LetterOut, RecommendationOut
from gateway.letters.service import place, visible
from gateway.staff.models import Staff


def today(desk: Desk) -> date:
    """The day in the county."""
    return desk.now.astimezone(desk.pack.about.zone).date()


def letters(desk: Desk, case: Case, *, after: UUID | None = None, limit: int | None = None) -> list[LetterOut]:
    """Up to `limit` letters of a visible case, oldest first, after the one with id `after`."""
    rows = visible(desk, case).order_by(Letter.id).limit(limit)
    return [told(desk, one) for one in desk.session.scalars(rows if after is None else rows.where(Letter.id > after))]


def letter(desk: Desk, case: Case, letter_id: UUID) -> tuple[Letter, str]:
    """One letter and who signed it. Raises `NotFound`."""
    found = desk.session.scalar(visible(desk, case).where(Letter.id == letter_id))
    if found is None:
        raise NotFound
    signer = desk.session.scalar(sa.select(Staff.name).where(Staff.id == found.signed_by)) if found.signed_by else ""
    return found, signer or ""


def told(desk: Desk, one: Letter) -> LetterOut:
    """A letter with its words."""
    opens = desk.vault.sealer.open
    return LetterOut(
        id=one.id,
        kind=one.kind,
        number=one.number,
        rung=one.rung,
        department=one.department_code,
        language=one.language,
        addressee=opens(one.addressee_sealed, place("letters.addressee", one.id)),
        text=opens(one.text_sealed, place("letters.text", one.id)),
        follows=one.follows_id,
        prepared_at=one.prepared_at,
        signed_at=one.signed_at,
        reply_by=one.reply_by,
        answered_at=one.answered_at,
        late=one.answered_at is None and one.reply_by is not None and one.reply_by < today(desk),
    )


def findings(desk: Desk, case: Case, *, after: UUID | None = None, limit: int | None = None) -> list[FindingOut]:
    """Up to `limit` findings, oldest first, after the one with id `after`.

    Who is not of the office reads only findings from which something was recommended to their department, and that.
    """
    parts = sa.select(Recommendation).where(Recommendation.case_id == case.id).order_by(Recommendation.id)
    rows = sa.select(Finding).where(Finding.case_id == case.id).order_by(Finding.id).limit(limit)
    if not in_office(desk.staff):
        parts = parts.where(Recommendation.department_code == desk.staff.department_code)
        rows = rows.where(Finding.id.in_(parts.order_by(None).with_only_columns(Recommendation.finding_id)))
    found = desk.session.scalars(rows if after is None else rows.where(Finding.id > after)).all()
    made = desk.session.scalars(parts.where(Recommendation.finding_id.in_([one.id for one in found]))).all()
    return [_finding(desk, one, [part for part in made if part.finding_id == one.id]) for one in found]


def finding(desk: Desk, case: Case, made: UUID) -> FindingOut:
    """One finding of a case, as the office reads it."""
    parts = sa.select(Recommendation).where(Recommendation.finding_id == made).order_by(Recommendation.id)
    found = desk.session.scalars(sa.select(Finding).where(Finding.id == made, Finding.case_id == case.id)).one()
    return _finding(desk, found, list(desk.session.scalars(parts)))


def _finding(desk: Desk, one: Finding, parts: list[Recommendation]) -> FindingOut:
    text = desk.vault.sealer.open(one.text_sealed, place("findings.text", one.id))
    return FindingOut(
        id=one.id,
        text=text,
        adverse=one.adverse,
        made_at=one.made_at,
        recommendations=[_recommendation(desk, part) for part in parts],
    )


def _recommendation(desk: Desk, one: Recommendation) -> RecommendationOut:
    return RecommendationOut(
        id=one.id,
        department=one.department_code,
        text=desk.vault.sealer.open(one.text_sealed, place("recommendations.text", one.id)),
        due_on=one.due_on,
        outcome=one.outcome,
        outcome_at=one.outcome_at,
        late=one.outcome is None and one.due_on < today(desk),
    )
