"""The staff API on ideas for a next plan."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy.orm import Session

from gateway import paging, problems
from gateway.commitments import progress_schemas as s
from gateway.commitments import proposals
from gateway.idempotency import Answer, Write, writing
from gateway.staff.auth import Caller, require
from gateway.staff.roles import Permission

router = APIRouter(
    prefix="/proposals",
    tags=["progress"],
    dependencies=[Depends(problems.said_once)],
    responses=problems.declared(*problems.READING),
)

Reader = Annotated[Caller, Depends(require(Permission.READ_COMMITMENTS))]
Collecting = Annotated[Write, Depends(writing(Permission.LINK_PROMISES))]
Publishing = Annotated[Write, Depends(writing(Permission.PUBLISH_PROGRESS))]


@router.get("")
def list_proposals(caller: Reader, asked: Annotated[paging.Page, Query()]) -> s.ProposalList:
    """Ideas for a next plan, published or not, newest first. None is a promise."""
    with caller.work() as session:
        found = proposals.collected(session, after=asked.after, limit=asked.limit + 1)
        rows, more = paging.cut(found, asked.limit)
        return s.ProposalList(
            items=[_out(row) for row in rows], next_cursor=paging.encode(rows[-1].id) if more else None
        )


@router.post("", status_code=201, responses=problems.declared(409))
def propose(body: s.ProposalIn, write: Collecting) -> s.ProposalOut:
    """Collect an idea for a next plan, in words for the public: no names. Internal until it is published."""

    def do(session: Session) -> Answer:
        caller = write.caller
        pack, now = caller.context.pack, caller.now()
        row = proposals.propose(session, pack, staff=caller.staff, now=now, **body.model_dump())
        return Answer(_out(row), status=201)

    return write.once(do)  # type: ignore[return-value]  # a finished Response; the annotation documents its body


@router.post("/{proposal}/decision", responses=problems.declared(409))
def decide(proposal: UUID, body: s.ProposalDecisionIn, write: Publishing) -> s.ProposalOut:
    """Publish an idea, refuse it with a reason, or mark it as taken up. What was public stays so, with the answer."""

    def do(session: Session) -> Answer:
        caller = write.caller
        pack, now = caller.context.pack, caller.now()
        row = proposals.decide(session, pack, proposal, staff=caller.staff, now=now, **body.model_dump())
        return Answer(_out(row))

    return write.once(do)  # type: ignore[return-value]


_out = s.ProposalOut.model_validate
