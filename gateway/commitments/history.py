"""What became public or changed, one row each and never edited: feeds read it, and "stale" is counted from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.commitments.watch_models import CommitmentChange
from gateway.ids import new_id


class Kind(StrEnum):
    LISTED = "listed"
    """The promise was first put on the list, by the pack or an import."""
    CHANGED = "changed"
    """The text or a date of the promise is another: `data` has each field with `before` and `after`."""
    MILESTONE = "milestone"
    """A milestone was added or changed; `subject` is its code."""
    INDICATOR = "indicator"
    READING = "reading"
    """A value of an indicator outside a report; `subject` is the indicator's code."""
    REPORTED = "reported"
    """A report was published; `subject` is its id."""
    ASSESSED = "assessed"
    AUDITED = "audited"
    QUERIED = "queried"
    ANSWERED = "answered"
    """An institution answered a query; `subject` is the query's id."""
    NEWS = "news"
    """An update was published; `subject` is its id."""


WORDS = (Kind.LISTED, Kind.READING, Kind.REPORTED, Kind.ASSESSED, Kind.AUDITED, Kind.ANSWERED, Kind.NEWS)
"""What keeps a promise from being stale: somebody said how it stands. A question or a new date is no such word."""


def note(
    session: Session,
    ogp_id: str,
    kind: Kind,
    now: datetime,
    *,
    subject: object = "",
    staff: UUID | None = None,
    **data: Any,
) -> None:
    """Add a line to the history of a promise. `data` is public."""
    session.execute(sa.insert(CommitmentChange).values(line(ogp_id, kind, now, subject=subject, staff=staff, **data)))


def line(
    ogp_id: str, kind: Kind, now: datetime, *, subject: object = "", staff: UUID | None = None, **data: Any
) -> dict[str, Any]:
    """The values of one line, for who adds many at once."""
    row = {"id": new_id(), "ogp_id": ogp_id, "kind": kind, "subject": str(subject), "data": data}
    return row | {"staff_id": staff, "at": now}


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """`{field: {before, after}}` of the fields that are others than before."""
    return {
        name: {"before": before.get(name), "after": value} for name, value in after.items() if before.get(name) != value
    }


def changes(
    session: Session, ogp_id: str | None = None, *, after: UUID | None = None, limit: int = 50
) -> Sequence[CommitmentChange]:
    """Changes of one promise, or of all, newest first; older than the one with id `after`."""
    statement = sa.select(CommitmentChange).order_by(CommitmentChange.id.desc()).limit(limit)
    if ogp_id is not None:
        statement = statement.where(CommitmentChange.ogp_id == ogp_id)
    if after is not None:
        statement = statement.where(CommitmentChange.id < after)
    return session.scalars(statement).all()


def last_words(session: Session, ogp_ids: Sequence[str]) -> dict[str, datetime]:
    """When somebody last said how each of these promises stands."""
    statement = (
        sa.select(CommitmentChange.ogp_id, sa.func.max(CommitmentChange.at))
        .where(CommitmentChange.ogp_id.in_(ogp_ids), CommitmentChange.kind.in_(WORDS))
        .group_by(CommitmentChange.ogp_id)
    )
    return {row[0]: row[1] for row in session.execute(statement)}
