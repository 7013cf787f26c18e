"""What residents do to their own cases: add words, read answers, withdraw, say whether it is solved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.cases import duties, merging, reprisal, resolution, terms
from gateway.cases.models import Case, CaseEvent
from gateway.cases.states import SAID_DONE, Status, allowed
from gateway.errors import NotFound, TransitionNotAllowed, no_way
from gateway.ids import new_id
from gateway.pack import Pack
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


@dataclass(frozen=True, slots=True)
class Holder:
    """Who speaks for a case: the resident whose number filed it, or somebody who typed its receipt."""

    resident: UUID | None
    receipt: bytes | None = None
    """The keyed hash of the receipt that was typed."""


def held_case(session: Session, case_id: UUID, holder: Holder, *, reopening: bool = False) -> Case:
    """The case, locked for a change. Raises NotFound when it is not this holder's to change.

    A receipt alone speaks for a case whose number is not kept; for any other it opens it again, and does no more.
    """
    ways: list[sa.ColumnElement[bool]] = [sa.false()]
    if holder.resident is not None:
        ways.append(Case.resident_id == holder.resident)
    if holder.receipt is not None:
        theirs: sa.ColumnElement[bool] = sa.true() if reopening else Case.privacy == "not_kept"
        ways.append(sa.and_(Case.receipt_lookup == holder.receipt, theirs))
    case = session.scalar(sa.select(Case).where(Case.id == case_id, sa.or_(*ways)).with_for_update(key_share=True))
    if case is None:
        raise NotFound("no such case of this resident")
    return case


def resident_wrote(
    session: Session,
    vault: Vault,
    *,
    case_id: UUID,
    holder: Holder,
    text: str,
    language: str,
    channel: str,
    now: datetime,
) -> None:
    """The resident's words join the case; a case that waited for them goes on."""
    case = held_case(session, case_id, holder)
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
    # No new version: what somebody of the desk is just writing stays right.
    wrote = sa.update(Case).where(Case.id == case.id).values(wrote_at=now)
    session.execute(wrote.execution_options(synchronize_session=False))
    if case.status == Status.WAITING_RESIDENT and case.lead_id is None:
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


def withdraw(session: Session, *, case_id: UUID, holder: Holder, now: datetime) -> None:
    """The resident takes the case back, and the supervisor sees it. Raises TransitionNotAllowed when it is too late."""
    case = held_case(session, case_id, holder)
    if allowed(Status(case.status), Status.WITHDRAWN):
        merging.separate(session, case, now)
    _move(session, case, Status.WITHDRAWN, now, {})
    duties.add(session, case, duties.Kind.WITHDRAWN, now)


def answer_solved(session: Session, pack: Pack, *, case_id: UUID, holder: Holder, solved: str, now: datetime) -> Status:
    """The resident judges a resolved case, `yes`, `partly` or `no`, or opens a closed one again (`no`); the new status.

    `partly` closes it as the resident's word, counted apart, and waits for an officer to look at what is left. `no`
    opens it again, one rung up, whatever it is merged with. Raises TransitionNotAllowed when it is too late.
    """
    to = SOLVED[solved]
    case = held_case(session, case_id, holder, reopening=solved == "no")
    before = Status(case.status)
    if to is Status.REOPENED and before in SAID_DONE and not resolution.may_reopen(pack, case, now):
        raise TransitionNotAllowed("it was closed too long ago")
    if before != to and not allowed(before, to):
        raise TransitionNotAllowed(no_way(before, to))
    was = resolution.answered(session, case.id, solved, now)
    duties.settle(session, case.id, [duties.Kind.PARTLY, duties.Kind.NOT_SOLVED], now)
    if to is Status.REOPENED:
        _open_again(session, pack, case, before, now)
    elif before is Status.REOPENED and was == "no":
        resolution.step_down(case)
    if solved == "partly":
        duties.add(session, case, duties.Kind.PARTLY, now)
    data = {"solved": solved, **({"rung": resolution.rung_of(pack, case).code} if to is Status.REOPENED else {})}
    if before == to:
        _record(session, case, "judged", now, data)
    else:
        _move(session, case, to, now, data)
    return to


def _open_again(session: Session, pack: Pack, case: Case, before: Status, now: datetime) -> None:
    """One rung up, and a supervisor is told. A merged case goes its own way; those it leads that wait are open too."""
    if before in SAID_DONE:
        resolution.climb(pack, case)
    duties.add(session, case, duties.Kind.NOT_SOLVED, now, rung=resolution.rung_of(pack, case).code)
    if case.lead_id is not None:
        merging.separate(session, case, now)
        return
    followed = merging.follow(session, case, Status.REOPENED, now, only=[Status.RESOLVED])
    resolution.take_back(session, [member.id for member in followed], now)
    data = {"from": Status.RESOLVED, "to": Status.REOPENED}
    merging.record(session, [one.id for one in followed], "moved", now, actor="system", audience="resident", data=data)


def punished(session: Session, pack: Pack, *, case_id: UUID, holder: Holder, now: datetime) -> None:
    """The resident is punished for complaining: from now on only the supervisor sees the case."""
    reprisal.raise_alarm(session, pack, held_case(session, case_id, holder), now)


def answer_consent(
    session: Session,
    vault: Vault,
    *,
    case_id: UUID,
    holder: Holder,
    office: str,
    given: bool,
    wording: str,
    language: str,
    now: datetime,
) -> bool:
    """The resident answers whether the file may go to `office`; the question is kept as it was worded.

    False, and nothing is recorded, when staff took the question back or asked about another office meanwhile.
    """
    case = held_case(session, case_id, holder)
    if case.consent is None or case.refer_to != office:
        return False
    case.consent = "given" if given else "refused"
    session.flush()
    data = {"office": case.refer_to, "given": given, "how": "menu"}
    words = (vault, wording, language)
    merging.record(session, [case.id], "consent", now, actor="resident", audience="resident", data=data, words=words)
    duties.add(session, case, duties.Kind.CONSENT, now, given=given)
    return True


def _move(session: Session, case: Case, to: Status, now: datetime, data: Mapping[str, Any]) -> None:
    before = Status(case.status)
    if not allowed(before, to):
        raise TransitionNotAllowed(no_way(before, to))
    resolution.arrive(case, to, now)
    session.flush()
    _record(session, case, "moved", now, {"from": before, "to": to, **data})


def _record(session: Session, case: Case, kind: str, now: datetime, data: Mapping[str, Any]) -> None:
    merging.record(session, [case.id], kind, now, actor="resident", audience="resident", data=dict(data))
