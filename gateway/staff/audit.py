"""The audit trail: entries inserted with the change itself, linked into a hash chain a little later.

Linking inside the transaction would make every write wait for every other one, so the clock process links. The chain
follows the order of linking (`position`), not of ids: a transaction that commits late has a low id and a late link.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.staff.models import AuditEntry, AuditLink, Staff

GENESIS = bytes(32)
"""What the first link follows."""

_LOCK = 0x61756469  # "audi": one linker at a time, for the length of its transaction
_BATCH = 2000
_TAIL = 100_000
_SETTLE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class AuditVerdict:
    """What verifying found. `first_broken` is the id of the first entry that is not what was linked."""

    ok: bool
    linked: int
    unlinked: int
    first_broken: int | None


def record(
    session: Session,
    *,
    staff_id: UUID | None,
    action: str,
    subject: str = "",
    data: dict[str, Any] | None = None,
) -> None:
    """Add an entry to this transaction. Never words of a resident, never a number: ids and codes only."""
    session.add(AuditEntry(staff_id=staff_id, action=action, subject=subject, data=data or {}))


def link(session: Session, *, whole: bool = False) -> int:
    """Link entries older than a second that have no link yet; how many. At most one process does it at a time.

    Looks at the newest 100,000 ids; `whole` looks at all, for entries of a transaction that was open that long.
    """
    if not session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(_LOCK))):
        return 0
    position, digest = head(session)
    linked = 0
    while batch := _unlinked(session, whole=whole):
        rows = []
        for entry in batch:
            digest = _next(digest, entry)
            position += 1
            rows.append({"position": position, "entry_id": entry.id, "digest": digest})
        session.execute(sa.insert(AuditLink), rows)
        linked += len(rows)
    return linked


def head(session: Session) -> tuple[int, bytes]:
    """The newest link: its position and digest."""
    newest = sa.select(AuditLink.position, AuditLink.digest).order_by(AuditLink.position.desc()).limit(1)
    found = session.execute(newest).one_or_none()
    return (found.position, found.digest) if found else (0, GENESIS)


def tail(session: Session) -> int:
    """How many entries of the newest 100,000 ids have no link yet."""
    statement = sa.select(sa.func.count()).select_from(AuditEntry).where(_NEWEST, ~_LINKED)
    return session.scalar(statement) or 0


_LINKED = sa.exists().where(AuditLink.entry_id == AuditEntry.id)
_NEWEST = AuditEntry.id > sa.select(sa.func.coalesce(sa.func.max(AuditLink.entry_id), 0)).scalar_subquery() - _TAIL


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as it is shown."""

    entry: AuditEntry
    person: str | None
    """E-mail of who of staff did it."""
    position: int | None
    """Its place in the chain; None while it is not linked."""


def entries(
    session: Session,
    *,
    person: str = "",
    action: str = "",
    subject: str = "",
    before: int | None = None,
    limit: int = 50,
) -> list[Line]:
    """Up to `limit` entries with an id under `before`, newest first.

    Of the person with this e-mail, with an action that begins like this, about this subject; empty is any.
    """
    statement = (
        sa.select(AuditEntry, Staff.email, AuditLink.position)
        .outerjoin(Staff, Staff.id == AuditEntry.staff_id)
        .outerjoin(AuditLink, AuditLink.entry_id == AuditEntry.id)
    )
    if person:
        statement = statement.where(
            AuditEntry.staff_id == sa.select(Staff.id).where(Staff.email == person.strip().lower()).scalar_subquery()
        )
    if action:
        statement = statement.where(AuditEntry.action.startswith(action, autoescape=True))
    if subject:
        statement = statement.where(AuditEntry.subject == subject)
    if before is not None:
        statement = statement.where(AuditEntry.id < before)
    rows = session.execute(statement.order_by(AuditEntry.id.desc()).limit(limit))
    return [Line(*row) for row in rows]


def _unlinked(session: Session, *, whole: bool) -> list[sa.Row[Any]]:
    statement = (
        sa.select(*_ROW)
        .outerjoin(AuditLink, AuditLink.entry_id == AuditEntry.id)
        .where(AuditLink.entry_id.is_(None), AuditEntry.at < sa.func.clock_timestamp() - _SETTLE)
        .order_by(AuditEntry.id)
        .limit(_BATCH)
    )
    if not whole:
        statement = statement.where(_NEWEST)
    return list(session.execute(statement))


_ROW = (AuditEntry.id, AuditEntry.at, AuditEntry.staff_id, AuditEntry.action, AuditEntry.subject, AuditEntry.data)


def _next(previous: bytes, entry: sa.Row[Any]) -> bytes:
    """SHA-256 of the previous digest and the entry as canonical JSON."""
    fields = {
        "id": entry.id,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "staff_id": str(entry.staff_id) if entry.staff_id else None,
        "action": entry.action,
        "subject": entry.subject,
        "data": entry.data,
    }
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(previous + text.encode()).digest()


def verify(session: Session) -> AuditVerdict:
    """Recompute the chain from its beginning, a batch at a time. Changes nothing."""
    digest, position, linked, broken = GENESIS, 0, 0, None
    for link_row in _links(session):
        linked += 1
        if broken is not None:
            continue
        position += 1
        digest = _next(digest, link_row)
        if link_row.position != position or link_row.digest != digest:
            broken = link_row.id
    unlinked = session.scalar(sa.select(sa.func.count()).select_from(AuditEntry).where(~_LINKED))
    return AuditVerdict(ok=broken is None, linked=linked, unlinked=unlinked or 0, first_broken=broken)


def _links(session: Session) -> Iterator[Any]:
    after = 0
    while True:
        batch = session.execute(
            sa.select(AuditLink.position, AuditLink.digest, *_ROW)
            .join(AuditEntry, AuditEntry.id == AuditLink.entry_id)
            .where(AuditLink.position > after)
            .order_by(AuditLink.position)
            .limit(_BATCH)
        ).all()
        if not batch:
            return
        yield from batch
        after = batch[-1].position
