"""What waits for a person: added by what happens to cases, seen by who may see the case, done by who says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.cases.desk_models import Duty
from gateway.cases.models import Case
from gateway.cases.visibility import visible_to
from gateway.errors import NotFound
from gateway.ids import new_id
from gateway.staff import audit
from gateway.staff.models import Staff
from gateway.staff.roles import PERMISSIONS, Permission, Role


class Kind(StrEnum):
    NOT_SOLVED = "not_solved"
    """The resident says that it is not solved: it climbed a rung."""
    PARTLY = "partly"
    """The resident says that it is partly solved: look at what is left."""
    WITHDRAWN = "withdrawn"
    """Taken back; the supervisor sees whether somebody was made to."""
    REPRISAL = "reprisal"
    """Punished for complaining: on to the CAJ."""
    NO_EVIDENCE = "no_evidence"
    """Resolved, and nothing shows it."""
    CONSENT = "consent"
    """The resident answered whether the file may go to another office."""
    IDENTITY = "identity"
    """Somebody who may not see the resident's number asks for it, or for a call to them."""
    SPIKE = "spike"
    """Many cases from one ward, of one category, on one department or about one facility."""


SUPERVISORS = frozenset({Kind.NOT_SOLVED, Kind.WITHDRAWN, Kind.REPRISAL, Kind.NO_EVIDENCE})
"""What only a supervisor says is done. The others are anybody's who moves cases."""

READERS = frozenset({Role.INTAKE, Role.OFFICER, Role.SUPERVISOR})
"""Who is shown duties at all: the Ombudsman's own office."""


def add(session: Session, case: Case, kind: Kind, now: datetime, **data: Any) -> None:
    """Something waits about this case; nothing happens when it waits already."""
    add_all(session, [case.id], kind, now, data)


def add_all(session: Session, cases: Iterable[UUID], kind: Kind, now: datetime, data: Mapping[str, Any]) -> None:
    """The same about each of several cases, in one statement."""
    rows = [_row(kind, str(case), now, data, case) for case in cases]
    if rows:
        session.execute(_adding().values(rows))


def notice(session: Session, kind: Kind, subject: str, now: datetime, data: Mapping[str, Any]) -> None:
    """Something waits that is about no single case."""
    session.execute(_adding().values(_row(kind, subject, now, data, None)))


def _row(kind: Kind, subject: str, now: datetime, data: Mapping[str, Any], case: UUID | None) -> dict[str, Any]:
    return {"id": new_id(), "kind": kind, "subject": subject, "case_id": case, "data": dict(data), "since": now}


def _adding() -> Any:
    return insert(Duty).on_conflict_do_nothing(
        index_elements=["kind", "subject"], index_where=sa.text("done_at IS NULL")
    )


def settle(session: Session, case: UUID, kinds: Iterable[Kind], now: datetime) -> None:
    """It waits no more: what it was about was taken back."""
    session.execute(
        sa.update(Duty)
        .where(Duty.case_id == case, Duty.kind.in_(list(kinds)), Duty.done_at.is_(None))
        .values(done_at=now)
        .execution_options(synchronize_session=False)
    )


def _seen_by(staff: Staff) -> list[sa.ColumnElement[bool]]:
    """Open duties that `staff` is shown: of cases that they see, and notices of no single case."""
    if staff.role not in READERS:
        return [sa.false()]
    theirs = visible_to(staff).where(Case.id == Duty.case_id).correlate(Duty).exists()
    return [Duty.done_at.is_(None), sa.or_(Duty.case_id.is_(None), theirs)]


def waiting(
    session: Session, staff: Staff, *, kind: Kind | None = None, after: UUID | None = None, limit: int = 50
) -> Sequence[sa.Row[Duty, str | None]]:
    """Up to `limit` rows (duty, serial of its case), the oldest first, after the one with id `after`."""
    statement = (
        sa.select(Duty, Case.serial)
        .outerjoin(Case, Case.id == Duty.case_id)
        .where(*_seen_by(staff))
        .order_by(Duty.id)
        .limit(limit)
    )
    if kind is not None:
        statement = statement.where(Duty.kind == kind)
    if after is not None:
        statement = statement.where(Duty.id > after)
    return session.execute(statement).all()


def counts(session: Session, staff: Staff) -> dict[str, int]:
    """How many wait of each kind, in one query; kinds of which none waits are 0."""
    rows = session.execute(sa.select(Duty.kind, sa.func.count()).where(*_seen_by(staff)).group_by(Duty.kind))
    found = {row[0]: row[1] for row in rows}
    return {kind: found.get(kind, 0) for kind in Kind}


def may_finish(staff: Staff, kind: str) -> bool:
    """Whether `staff` may say that a duty of this kind is done."""
    needed = Permission.SUPERVISE if kind in SUPERVISORS else Permission.MOVE
    return needed in PERMISSIONS[Role(staff.role)]


def finish(session: Session, staff: Staff, duty: UUID, now: datetime) -> sa.Row[Duty, str | None]:
    """Seen or done, by this person. Raises `NotFound` when it does not wait, or is not theirs to see or to finish."""
    found = session.execute(
        sa.select(Duty, Case.serial)
        .outerjoin(Case, Case.id == Duty.case_id)
        .where(Duty.id == duty, *_seen_by(staff))
        .with_for_update(of=Duty)
    ).one_or_none()
    if found is None or not may_finish(staff, found[0].kind):
        raise NotFound
    row: Duty = found[0]
    row.done_at, row.done_by = now, staff.id
    audit.record(
        session, staff_id=staff.id, action="duty.done", subject=found[1] or row.subject, data={"kind": row.kind}
    )
    session.flush()
    return found
