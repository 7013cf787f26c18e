"""The staff API on messages: what was sent about a case, and what came in from residents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query
from sqlalchemy.orm import Session

from gateway import paging, problems
from gateway.cases.models import Case
from gateway.cases.visibility import visible_to
from gateway.idempotency import Answer, Write, writing
from gateway.intake.models import InboundMessage
from gateway.messaging import held, listing
from gateway.messaging.models import Message
from gateway.messaging.schemas import (
    DecisionIn,
    InboundFilter,
    InboundOut,
    InboundPage,
    MessageFilter,
    MessageOut,
    MessagePage,
)
from gateway.messaging.states import State
from gateway.messaging.wake import wake
from gateway.metrics import Tally
from gateway.residents.sealing import Vault
from gateway.staff import audit
from gateway.staff.auth import Caller, require
from gateway.staff.models import Staff
from gateway.staff.roles import Permission

router = APIRouter(
    tags=["messages"], dependencies=[Depends(problems.said_once)], responses=problems.declared(*problems.READING)
)


@router.get("/messages")
def list_messages(
    caller: Annotated[Caller, Depends(require(Permission.READ_MESSAGES))], asked: Annotated[MessageFilter, Query()]
) -> MessagePage:
    """What was owed and sent, newest first: when it was delivered, or why not, and what it cost."""
    with caller.work() as session:
        found = listing.list_messages(session, caller.staff, asked, after=asked.after, limit=asked.limit + 1)
        totals = listing.totals(session, caller.staff, asked) if asked.totals else None
    lines, more = paging.cut(found, asked.limit)
    return MessagePage.model_validate(
        {
            "items": [_message(message, serial, state) for message, serial, state in lines],
            "next_cursor": paging.encode(lines[-1][0].id) if more else None,
            "totals": totals,
        }
    )


Decider = Annotated[Write, Depends(writing(Permission.REPLY))]


@router.post("/messages/{message}/release", responses=problems.declared(409))
def release(message: UUID, body: DecisionIn, write: Decider) -> MessageOut:
    """Send a message again that waits for staff; marked as a possible repeat where the aggregator had taken it."""
    return _decided(write, message, body, held.release)


@router.post("/messages/{message}/give-up", responses=problems.declared(409))
def give_up(message: UUID, body: DecisionIn, write: Decider) -> MessageOut:
    """Send a message no more that waits for staff."""
    return _decided(write, message, body, held.give_up)


def _decided(write: Write, message: UUID, body: DecisionIn, verb: Callable[..., Message]) -> MessageOut:
    caller = write.caller

    def do(session: Session) -> Answer:
        row = verb(session, caller.staff, message, why=body.reason, now=caller.now())
        serial = session.scalar(sa.select(Case.serial).where(Case.id == row.case_id))
        tally.message(row.lane, row.state, row.reason)
        lanes.append(row.lane)
        return Answer(_message(row, serial, row.state))

    tally, lanes = Tally(), list[str]()
    answer = write.once(do)
    for lane in lanes:
        wake(caller.context.valkey, lane)
    tally.flush(caller.context.valkey)
    return answer  # type: ignore[return-value]  # a finished Response; the annotation documents its body


def _message(message: Message, serial: str | None, state: str) -> MessageOut:
    return MessageOut(
        id=str(message.id),
        lane=message.lane,
        case=serial,
        broadcast=str(message.broadcast_id) if message.broadcast_id else None,
        template=message.template,
        language=message.language,
        audience=message.audience,
        state=State(state),
        reason=message.reason,
        urgent=message.urgent,
        possible_repeat=message.possible_repeat,
        waits_for_staff=held.waits(message),
        attempts=message.attempts,
        segments=message.segments,
        cost=message.cost,
        currency=message.currency,
        owed_at=message.owed_at,
        sent_at=message.sent_at,
        final_at=message.final_at,
    )


@router.get("/inbound")
def list_inbound(
    caller: Annotated[Caller, Depends(require(Permission.READ_STORIES))], asked: Annotated[InboundFilter, Query()]
) -> InboundPage:
    """SMS that came in, newest first: by default those of strangers, which belong to no case. Reading is audited."""
    vault = caller.context.vault
    with caller.work() as session:
        rows, more = paging.cut(_inbound(session, caller.staff, asked), asked.limit)
        if rows:
            read = {"disposition": asked.disposition, "count": len(rows), "newest": str(rows[0][0].id)}
            audit.record(session, staff_id=caller.staff.id, action="inbound.read", data=read)
    return InboundPage(
        items=[_arrived(vault, message, serial) for message, serial in rows],
        next_cursor=paging.encode(rows[-1][0].id) if more else None,
    )


def _inbound(session: Session, staff: Staff, asked: InboundFilter) -> list[tuple[InboundMessage, str | None]]:
    seen = visible_to(staff).where(Case.id == InboundMessage.case_id).correlate(InboundMessage)
    statement = (
        sa.select(InboundMessage, Case.serial)
        .outerjoin(Case, Case.id == InboundMessage.case_id)
        .where(InboundMessage.disposition == asked.disposition)
        .where(sa.or_(InboundMessage.case_id.is_(None), seen.exists()))
        .order_by(InboundMessage.id.desc())
        .limit(asked.limit + 1)
    )
    if asked.after is not None:
        statement = statement.where(InboundMessage.id < asked.after)
    return [(row[0], row[1]) for row in session.execute(statement)]


def _arrived(vault: Vault, message: InboundMessage, serial: str | None) -> InboundOut:
    return InboundOut(
        id=str(message.id),
        received_at=message.received_at,
        channel=message.channel,
        to_code=message.to_code,
        disposition=message.disposition,
        case=serial,
        text=vault.sealer.open(message.text_sealed, f"inbound_messages.text:{message.id}"),
    )
