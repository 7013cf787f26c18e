"""What residents do to their own cases: add words, read answers, withdraw, say whether it is solved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.cases import terms
from gateway.cases.models import Case, CaseEvent
from gateway.cases.states import Status, allowed
from gateway.errors import NotFound, TransitionNotAllowed
from gateway.ids import new_id
from gateway.residents.sealing import Vault

SOLVED = {"yes": Status.CONFIRMED, "partly": Status.CONFIRMED, "no": Status.REOPENED}
"""What each answer to "is it solved?" makes of the case; `partly` is kept apart in the event."""

JUDGED = ("moved", "judged")
"""Events that may hold the resident's answer: it moved the case, or changed only the answer (yes to partly)."""


WORDS_FOR_RESIDENT = (
    CaseEvent.actor != "resident",
    CaseEvent.audience == "resident",
    CaseEvent.text_sealed.is_not(None),
)
"""Answers, the reasons of moves that the resident hears of, and what the law gives them when nobody answered."""


def own_case(session: Session, case_id: UUID, resident_id: UUID) -> Case:
    """The resident's case, locked for a change. Raises NotFound when it is somebody else's."""
    case = session.scalar(sa.select(Case).where(Case.id == case_id, Case.resident_id == resident_id).with_for_update())
    if case is None:
        raise NotFound("no such case of this resident")
    return case


def resident_wrote(
    session: Session,
    vault: Vault,
    *,
    case_id: UUID,
    resident_id: UUID,
    text: str,
    language: str,
    channel: str,
    now: datetime,
) -> None:
    """The resident's words join the case; a case that waited for them goes on."""
    case = own_case(session, case_id, resident_id)
    event = new_id()
    session.execute(
        insert(CaseEvent).values(
            id=event,
            case_id=case.id,
            at=now,
            kind="resident_wrote",
            actor="resident",
            audience="resident",
            language=language,
            channel=channel,
            text_sealed=vault.sealer.seal(text, f"case_events.text:{event}"),
        )
    )
    terms.add(session, vault, case.id, text)
    if case.status == Status.WAITING_RESIDENT:
        _move(session, case, Status.IN_PROGRESS, now, {})


def mark_read(session: Session, *, case_id: UUID, resident_id: UUID | None, now: datetime) -> None:
    """The answers of a case were shown: to its resident, or to who holds the receipt of a case without a number."""
    own = Case.resident_id == resident_id if resident_id else sa.false()
    readable = sa.select(Case.id).where(Case.id == case_id, sa.or_(own, Case.privacy == "not_kept"))
    session.execute(
        sa.update(CaseEvent)
        .where(CaseEvent.case_id.in_(readable), *WORDS_FOR_RESIDENT, CaseEvent.read_at.is_(None))
        .values(read_at=now)
        .execution_options(synchronize_session=False)
    )


def withdraw(session: Session, *, case_id: UUID, resident_id: UUID, now: datetime) -> None:
    """The resident takes the case back. Raises TransitionNotAllowed when it is past that."""
    _move(session, own_case(session, case_id, resident_id), Status.WITHDRAWN, now, {})


def answer_solved(
    session: Session, vault: Vault, *, case_id: UUID, resident_id: UUID, solved: str, now: datetime
) -> Status:
    """The resident judges a resolved case: `yes`, `partly` or `no`; the new status."""
    to = SOLVED[solved]
    case = own_case(session, case_id, resident_id)
    if case.status == to:
        _record(session, case, "judged", now, {"solved": solved})
    else:
        _move(session, case, to, now, {"solved": solved})
    return to


def _move(session: Session, case: Case, to: Status, now: datetime, data: Mapping[str, Any]) -> None:
    before = Status(case.status)
    if not allowed(before, to):
        raise TransitionNotAllowed(f"{before} to {to}")
    case.status = to
    session.flush()
    _record(session, case, "moved", now, {"from": before, "to": to, **data})


def _record(session: Session, case: Case, kind: str, now: datetime, data: Mapping[str, Any]) -> None:
    session.execute(
        insert(CaseEvent).values(
            id=new_id(), case_id=case.id, at=now, kind=kind, actor="resident", audience="resident", data=dict(data)
        )
    )
