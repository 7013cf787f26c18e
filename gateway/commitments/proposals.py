"""Ideas for a next plan: collected at the desk, published, taken up or refused in words. None commits.

What is public of an idea is the idea: nothing is kept of who sent it, and who of staff entered it is internal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.commitments.service import read_commitment
from gateway.commitments.watch_models import Proposal
from gateway.errors import Invalid, NotFound, TransitionNotAllowed, no_way
from gateway.ids import new_id
from gateway.pack import Pack
from gateway.staff import audit
from gateway.staff.models import Staff

COLLECTED, PUBLISHED, TAKEN_UP, REFUSED = "collected", "published", "taken_up", "refused"

MOVES: Mapping[str, frozenset[str]] = {
    COLLECTED: frozenset({PUBLISHED, REFUSED}),
    PUBLISHED: frozenset({TAKEN_UP, REFUSED}),  # what was public stays so, with the words of the answer
    REFUSED: frozenset({PUBLISHED}),
    TAKEN_UP: frozenset(),
}


def propose(
    session: Session,
    pack: Pack,
    *,
    title: Mapping[str, str],
    text: Mapping[str, str],
    area: str | None,
    ward: str | None,
    said_by: str,
    source: str,
    staff: Staff,
    now: datetime,
) -> Proposal:
    """Collect an idea for a next plan, in words for the public; it is shown there once it is published.

    Raises `Invalid` for a language, an area or a ward that the pack does not have.
    """
    _check_languages(pack, "title", {*title, *text})
    if area is not None and area not in {known.code for known in pack.promise_areas}:
        raise Invalid("this pack has no such area of promises", field="area")
    if ward is not None and pack.guide.ward(ward) is None:
        raise Invalid("this pack has no such ward", field="ward")
    row = Proposal(
        id=new_id(),
        title=dict(title),
        text=dict(text),
        area=area,
        ward_code=ward,
        said_by=said_by,
        source=source,
        status=COLLECTED,
        entered_by=staff.id,
        entered_at=now,
    )
    session.add(row)
    session.flush()
    audit.record(session, staff_id=staff.id, action="proposal.collected", subject=str(row.id))
    return row


def _check_languages(pack: Pack, field: str, codes: set[str]) -> None:
    if not codes <= {language.code for language in pack.about.languages}:
        raise Invalid("this pack has no such language", field=field)


def decide(
    session: Session,
    pack: Pack,
    proposal: UUID,
    *,
    to: str,
    words: Mapping[str, str],
    promise: str | None,
    staff: Staff,
    now: datetime,
) -> Proposal:
    """Publish an idea, refuse it in words, or say where it was taken up: in a promise of the plan, or in words.

    Raises `NotFound`, `TransitionNotAllowed`, and `Invalid` for a refusal without words or a promise that is not there.
    """
    row = session.get(Proposal, proposal, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound
    if to not in MOVES[row.status]:
        raise TransitionNotAllowed(no_way(row.status, to))
    _check_languages(pack, "words", set(words))
    if to == REFUSED and not words:
        raise Invalid("a refusal says why", field="words")
    if to == TAKEN_UP and not words and promise is None:
        raise Invalid("name the promise, or say where it was taken up", field="promise")
    if promise is not None:
        _check_promise(session, to, promise)
    row.status, row.answer, row.taken_up_in = to, dict(words), promise
    row.decided_by, row.decided_at = staff.id, now
    if to == PUBLISHED:
        row.published_at = row.published_at or now
    session.flush()
    audit.record(session, staff_id=staff.id, action=f"proposal.{to}", subject=str(row.id), data={"promise": promise})
    return row


def _check_promise(session: Session, to: str, promise: str) -> None:
    if to != TAKEN_UP:
        raise Invalid("only what is taken up names a promise", field="promise")
    try:
        read_commitment(session, promise)
    except NotFound:
        raise Invalid("there is no promise with this id", field="promise") from None


def collected(session: Session, *, after: UUID | None = None, limit: int = 50) -> Sequence[Proposal]:
    """Ideas, public or not, newest first, after the one with id `after`: for the desk."""
    statement = sa.select(Proposal).order_by(Proposal.id.desc()).limit(limit)
    return session.scalars(statement.where(Proposal.id < after) if after else statement).all()


def published(session: Session, *, limit: int = 200) -> Sequence[Proposal]:
    """Ideas that anybody may read, newest first."""
    public = sa.select(Proposal).where(Proposal.published_at.is_not(None))
    return session.scalars(public.order_by(Proposal.published_at.desc(), Proposal.id.desc()).limit(limit)).all()


def undecided(session: Session, *, limit: int = 100) -> Sequence[Proposal]:
    """Ideas that were collected and that nobody has decided on, the oldest first."""
    collected = sa.select(Proposal).where(Proposal.status == COLLECTED)
    return session.scalars(collected.order_by(Proposal.id).limit(limit)).all()
