"""Verbs that tie grievances to promises. None commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.cases.models import Case
from gateway.cases.queries import read_case
from gateway.cases.visibility import visible_to
from gateway.commitments.service import read_commitment
from gateway.commitments.watch_models import CommitmentLink
from gateway.errors import Invalid, NotFound
from gateway.ids import new_id
from gateway.pack import Pack
from gateway.staff import audit
from gateway.staff.models import Staff


def link(
    session: Session, pack: Pack, *, ogp_id: str, case: str | None, category: str | None, staff: Staff, now: datetime
) -> UUID:
    """Say that a case, or every case of a category, concerns a promise; twice is once. The id of the link.

    Raises `NotFound` for a promise, or a case that `staff` does not see; `Invalid` for a category that is not there.
    """
    read_commitment(session, ogp_id)
    if (case is None) == (category is None):
        raise Invalid("name a case or a category", field="case")
    if category is not None and category not in {entry.code for entry in pack.categories}:
        raise Invalid("this pack has no such category", field="category")
    found = read_case(session, staff, case)[0] if case is not None else None
    what = CommitmentLink.category == category if found is None else CommitmentLink.case_id == found.id
    of = {"case_id": found.id} if found else {"category": category}
    row = insert(CommitmentLink).values(id=new_id(), ogp_id=ogp_id, made_by=staff.id, made_at=now, **of)
    made = session.execute(row.on_conflict_do_nothing().returning(CommitmentLink.id)).scalar_one_or_none()
    if made is not None:
        data = {"promise": ogp_id, "category": category}
        audit.record(session, staff_id=staff.id, action="commitment.linked", subject=case or ogp_id, data=data)
        return made
    still = CommitmentLink.ended_at.is_(None)
    return session.execute(
        sa.select(CommitmentLink.id).where(CommitmentLink.ogp_id == ogp_id, what, still)
    ).scalar_one()


def unlink(session: Session, *, ogp_id: str, link: UUID, staff: Staff, now: datetime) -> None:
    """It does not concern the promise after all; the link stays in the books. Raises `NotFound`."""
    row = session.scalar(
        sa.select(CommitmentLink)
        .where(CommitmentLink.id == link, CommitmentLink.ogp_id == ogp_id, CommitmentLink.ended_at.is_(None))
        .where(_seen(staff))
        .with_for_update()
    )
    if row is None:
        raise NotFound
    row.ended_by, row.ended_at = staff.id, now
    audit.record(session, staff_id=staff.id, action="commitment.unlinked", subject=ogp_id, data={"link": str(link)})
    session.flush()


def links(session: Session, staff: Staff, ogp_id: str, *, limit: int = 200) -> Sequence[sa.Row[CommitmentLink, str]]:
    """Rows (link, serial of its case or None) of a promise, newest first; cases that `staff` does not see left out."""
    statement = (
        sa.select(CommitmentLink, Case.serial)
        .outerjoin(Case, Case.id == CommitmentLink.case_id)
        .where(CommitmentLink.ogp_id == ogp_id, CommitmentLink.ended_at.is_(None), _seen(staff))
        .order_by(CommitmentLink.id.desc())
        .limit(limit)
    )
    return session.execute(statement).all()


def _seen(staff: Staff) -> sa.ColumnElement[bool]:
    theirs = visible_to(staff).where(Case.id == CommitmentLink.case_id).correlate(CommitmentLink).exists()
    return sa.or_(CommitmentLink.case_id.is_(None), theirs)
