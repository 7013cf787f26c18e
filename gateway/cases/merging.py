"""Duplicates: several cases about one thing, worked on as one, each still its resident's own.

A merged case keeps its receipt, its number and its clock. What staff do to the lead case is done to it too, so that its
resident reads the same status and is told in the same hour; what its resident decides is decided for it alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.cases import resolution
from gateway.cases.models import Case, CaseEvent
from gateway.cases.states import CLOSED, Status
from gateway.cases.visibility import visible_to
from gateway.errors import Invalid, filled
from gateway.ids import new_id
from gateway.messaging.models import among
from gateway.residents.models import Resident
from gateway.residents.sealing import Vault
from gateway.staff.models import Staff

WORKED_ON = frozenset(set(Status) - CLOSED - {Status.RESOLVED})
"""Statuses in which cases may be merged: before their residents were asked whether it is solved."""


@dataclass(frozen=True, slots=True)
class Member:
    """A case that went where its lead went, and who is to be told."""

    id: UUID
    reference: str
    privacy: str
    urgent: bool
    resident_id: UUID | None
    language: str


def check(case: Case, lead: Case) -> None:
    """Raises `Invalid` where the two cannot be worked on as one."""
    if case.id == lead.id:
        raise Invalid("a case is not merged with itself", field="lead")
    if lead.lead_id is not None:
        raise Invalid("that case is itself merged with another; name the other", field="lead")
    if case.lead_id is not None:
        raise Invalid("it is merged already", field="lead")
    for one, field in ((case, "case"), (lead, "lead")):
        if one.status not in WORKED_ON:
            why = filled(
                "{serial} is “{status}”: only cases that are worked on are merged", serial=one.serial, status=one.status
            )
            raise Invalid(why, field=field)


def join(session: Session, case: Case, lead: Case, now: datetime) -> None:
    """`case`, and every case merged with it, is worked on with `lead` from now on."""
    session.execute(
        sa.update(Case)
        .where(Case.lead_id == case.id)
        .values(lead_id=lead.id, version=Case.version + 1, **_work_of(lead))
        .execution_options(synchronize_session=False)
    )
    case.lead_id = lead.id
    case.assignee_id, case.department_code = lead.assignee_id, lead.department_code
    if case.released_to != lead.department_code:
        case.released_to = case.released_at = None
    resolution.arrive(case, Status(lead.status), now)


def _work_of(lead: Case) -> dict[str, Any]:
    # What one department may read, the next may not.
    same = Case.released_to == lead.department_code
    return {
        "status": lead.status,
        "assignee_id": lead.assignee_id,
        "department_code": lead.department_code,
        "released_to": sa.case((same, Case.released_to)),
        "released_at": sa.case((same, Case.released_at)),
    }


def separate(session: Session, case: Case, now: datetime) -> None:
    """The case is its own again. Where it led others, the oldest of them leads from now on.

    For what concerns one resident alone: taking it back, "not solved", punishment for complaining.
    """
    if case.lead_id is not None:
        case.lead_id = None
        record(session, [case.id], "unmerged", now, actor="system")
        return
    members = session.scalars(
        sa.select(Case).where(Case.lead_id == case.id).order_by(Case.id).with_for_update(key_share=True)
    ).all()
    if not members:
        return
    first, others = members[0], members[1:]
    first.lead_id = None
    first.assignee_id = case.assignee_id
    for other in others:
        other.lead_id = first.id
    session.flush()
    record(session, [first.id], "unmerged", now, actor="system", data={"leads": len(others)})


def part_from_file(session: Session, lead: Case, now: datetime) -> None:
    """The lead's file goes to another body. The cases of who did not agree to that stay here, each on its own."""
    agreed = sa.and_(Case.consent == "given", Case.refer_to == lead.refer_to)
    parted = session.scalars(
        sa.update(Case)
        .where(Case.lead_id == lead.id, ~sa.func.coalesce(agreed, sa.false()))
        .values(lead_id=None, version=Case.version + 1)
        .returning(Case.id)
        .execution_options(synchronize_session=False)
    ).all()
    record(session, parted, "unmerged", now, actor="system")


def follow(session: Session, lead: Case, to: Status, now: datetime, *, only: Sequence[Status] = ()) -> list[Member]:
    """Move every merged case to where its lead now is, in one statement; those that moved.

    `only` narrows it to cases of these statuses. What its own resident closed stays closed.
    """
    moving = Case.status.in_(only) if only else Case.status.not_in(CLOSED)
    moved = (
        sa.update(Case)
        .where(Case.lead_id == lead.id, moving)
        .values(
            closed_at=now if to in CLOSED else None,
            refer_to=lead.refer_to,
            consent=sa.case((Case.refer_to.is_not_distinct_from(lead.refer_to), Case.consent)),
            version=Case.version + 1,
            **{**_work_of(lead), "status": to},
        )
        .returning(Case.id, Case.reference, Case.privacy, Case.urgent, Case.resident_id, Case.language)
        .cte("moved")
    )
    rows = session.execute(
        sa.select(
            moved.c.id,
            moved.c.reference,
            moved.c.privacy,
            moved.c.urgent,
            moved.c.resident_id,
            sa.func.coalesce(Resident.language, moved.c.language),
        ).outerjoin(Resident, Resident.id == moved.c.resident_id)
    ).all()
    return [Member(*row) for row in rows]


def record(
    session: Session,
    cases: Sequence[UUID],
    kind: str,
    now: datetime,
    *,
    actor: str,
    staff: UUID | None = None,
    audience: str = "internal",
    data: dict[str, Any] | None = None,
    words: tuple[Vault, str, str | None] | None = None,
) -> None:
    """The same event on each of several cases, in one statement; `words` (vault, text, language) sealed to each row."""
    rows = []
    for case in cases:
        event = new_id()
        sealed = words[0].sealer.seal(words[1], f"case_events.text:{event}") if words and words[1] else None
        rows.append(
            {
                "id": event,
                "case_id": case,
                "at": now,
                "kind": kind,
                "actor": actor,
                "staff_id": staff,
                "audience": audience,
                "language": words[2] if words else None,
                "text_sealed": sealed,
                "data": data or {},
            }
        )
    if rows:
        session.execute(insert(CaseEvent), rows)
    if actor == "staff" and rows:
        answered(session, cases, now)


def answered(session: Session, cases: Collection[UUID], now: datetime) -> None:
    """What residents wrote of these cases by `now` waits no more, without a new version."""
    session.execute(
        sa.update(Case)
        .where(among(Case.id, cases), Case.wrote_at <= now)
        .values(wrote_at=None)
        .execution_options(synchronize_session=False)
    )


def lead_of(session: Session, staff: Staff, case: Case) -> str | None:
    """The serial of the case that this one is worked on with, if `staff` sees it."""
    return session.scalar(visible_to(staff).with_only_columns(Case.serial).where(Case.id == case.lead_id))


def members_of(
    session: Session, staff: Staff, case: Case, *, after: UUID | None, limit: int
) -> Sequence[sa.Row[UUID, str]]:
    """Id and serial of up to `limit` cases merged with this one that `staff` sees, after the one with id `after`."""
    members = visible_to(staff).with_only_columns(Case.id, Case.serial).where(Case.lead_id == case.id)
    if after is not None:
        members = members.where(Case.id > after)
    return session.execute(members.order_by(Case.id).limit(limit)).all()
