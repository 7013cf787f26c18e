"""The staff API on what residents say: questions about claims, and the community scorecard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy.orm import Session

from gateway import paging, problems
from gateway.broadcasts.api import planned
from gateway.broadcasts.schemas import DryRunOut
from gateway.commitments import checks, scorecards
from gateway.commitments.checks import Counted
from gateway.commitments.progress_models import Milestone
from gateway.commitments.residents_schemas import (
    CheckFilter,
    CheckIn,
    CheckOut,
    CheckPage,
    OpenedOut,
    OutcomeIn,
    PlanIn,
    PlannedOut,
    RoundFilter,
    RoundIn,
    RoundOut,
    RoundPage,
    SideOut,
)
from gateway.commitments.scorecards import Card, Side, Step
from gateway.commitments.scoring_models import ScoreRound
from gateway.idempotency import Answer, Write, writing
from gateway.messaging.templates import BROADCASTS
from gateway.messaging.wake import wake
from gateway.staff.auth import Caller, require
from gateway.staff.roles import Permission

router = APIRouter(
    tags=["commitments"], dependencies=[Depends(problems.said_once)], responses=problems.declared(*problems.READING)
)

Reader = Annotated[Caller, Depends(require(Permission.READ_COMMITMENTS))]
Asker = Annotated[Caller, Depends(require(Permission.ASK_RESIDENTS))]
Asking = Annotated[Write, Depends(writing(Permission.ASK_RESIDENTS))]
_WRITING: dict[int | str, dict[str, Any]] = problems.declared(409)


@router.get("/checks")
def list_checks(caller: Reader, asked: Annotated[CheckFilter, Query()]) -> CheckPage:
    """Questions to residents, newest first. Counts are shown when the asking is over, from the pack's floor on."""
    with caller.work() as session:
        found = checks.counted(
            session,
            caller.context.pack,
            caller.now(),
            ogp_id=asked.promise or None,
            after=asked.after,
            limit=asked.limit + 1,
        )
    rows, more = paging.cut(found, asked.limit)
    return CheckPage(
        items=[_check(row) for row in rows], next_cursor=paging.encode(rows[-1].check.id) if more else None
    )


@router.post("/checks", status_code=201, responses=_WRITING)
def ask(body: CheckIn, write: Asking) -> CheckOut:
    """Ask who agreed to be asked in a ward whether something claimed is so. To many it waits as a broadcast's draft."""

    def do(session: Session) -> Answer:
        caller = write.caller
        made = checks.ask(
            session,
            caller.context.pack,
            ogp_id=body.promise,
            milestone=body.milestone,
            ward=body.ward,
            text=body.text,
            staff=caller.staff,
            now=caller.now(),
        )
        return Answer(_one(session, caller, made.id), status=201)

    return _sent(write, do)


@router.post("/checks/dry-run")
def rehearse(body: CheckIn, caller: Asker) -> DryRunOut:
    """What asking this now would do: recipients, cost, time. Nothing is kept or sent."""
    context, now = caller.context, caller.now()
    with caller.work() as session:
        found = checks.rehearse(
            session,
            context.pack,
            context.settings,
            ogp_id=body.promise,
            milestone=body.milestone,
            ward=body.ward,
            text=body.text,
            now=now,
        )
    return planned(context.pack, found, now)


@router.post("/checks/{check}/close", responses=_WRITING)
def close(check: UUID, write: Asking) -> CheckOut:
    """End the asking early: answers are counted from then, and no more are taken."""

    def do(session: Session) -> Answer:
        caller = write.caller
        checks.close(session, check, staff=caller.staff, now=caller.now())
        return Answer(_one(session, caller, check))

    return write.once(do)  # type: ignore[return-value]


@router.post("/checks/{check}/outcome", responses=_WRITING)
def tell_outcome(check: UUID, body: OutcomeIn, write: Asking) -> CheckOut:
    """What came of it, once the asking is over; who answered hears it by SMS."""

    def do(session: Session) -> Answer:
        caller = write.caller
        now = caller.now()
        checks.tell_outcome(session, caller.context.pack, check, text=body.text, staff=caller.staff, now=now)
        return Answer(_one(session, caller, check))

    return _sent(write, do)


def _sent(write: Write, do: Any) -> Any:
    answer = write.once(do)
    wake(write.caller.context.valkey, BROADCASTS)
    return answer


def _one(session: Session, caller: Caller, check: UUID) -> CheckOut:
    found = checks.read(session, check)
    (row,) = checks.show(session, caller.context.pack, caller.now(), [found])
    return _check(row)


def _check(row: Counted) -> CheckOut:
    check = row.check
    return CheckOut(
        id=check.id,
        promise=check.ogp_id,
        milestone=row.milestone,
        ward=check.ward_code,
        question=check.question,
        asked_at=check.asked_at,
        closes_at=check.closes_at,
        open=row.open,
        broadcast=check.broadcast_id,
        carried=row.carried,
        asked=row.asked,
        answered=row.answered,
        yes=row.yes,
        no=row.no,
        unsure=row.unsure,
        outcome=check.outcome,
        outcome_at=check.outcome_at,
        sent_at=row.sent_at,
        outcome_broadcast=check.outcome_broadcast_id,
        outcome_carried=row.outcome_carried,
    )


@router.get("/scorecards")
def list_rounds(caller: Reader, asked: Annotated[RoundFilter, Query()]) -> RoundPage:
    """Rounds of the community scorecard, newest first, with the gap between both sides where both may be shown."""
    with caller.work() as session:
        found = scorecards.cards(
            session,
            caller.context.pack,
            caller.now(),
            facility=asked.facility or None,
            after=asked.after,
            limit=asked.limit + 1,
        )
        rows, more = paging.cut(found, asked.limit)
        plans = scorecards.plans(session, [row.round for row in rows])
    return RoundPage(
        items=[_round(row, plans) for row in rows], next_cursor=paging.encode(rows[-1].round.id) if more else None
    )


@router.post("/scorecards", status_code=201, responses=_WRITING)
def open_round(body: RoundIn, write: Asking) -> OpenedOut:
    """Begin a round. The six digits for the facility's staff are in this answer alone."""

    def do(session: Session) -> Answer:
        caller = write.caller
        pack, vault, now = caller.context.pack, caller.context.vault, caller.now()
        made, code = scorecards.open_round(
            session, vault, pack, facility=body.facility, days=body.days, staff=caller.staff, now=now
        )
        opened = OpenedOut(**_shown(session, caller, made).model_dump(), staff_code=code)
        return Answer(opened, status=201, headers={"Cache-Control": "no-store"})

    return write.once(do)  # type: ignore[return-value]


@router.post("/scorecards/{scorecard}/close", responses=_WRITING)
def close_round(scorecard: UUID, write: Asking) -> RoundOut:
    """End a round early."""

    def do(session: Session) -> Answer:
        caller = write.caller
        row = scorecards.close(session, scorecard, staff=caller.staff, now=caller.now())
        return Answer(_shown(session, caller, row))

    return write.once(do)  # type: ignore[return-value]


@router.post("/scorecards/{scorecard}/plan", responses=_WRITING)
def agree_plan(scorecard: UUID, body: PlanIn, write: Asking) -> RoundOut:
    """The action plan that residents and staff agreed on becomes milestones of a promise, once."""

    def do(session: Session) -> Answer:
        caller = write.caller
        steps = [Step(step.output, step.due_on) for step in body.steps]
        row = scorecards.agree_plan(
            session, scorecard, ogp_id=body.promise, steps=steps, staff=caller.staff, now=caller.now()
        )
        return Answer(_shown(session, caller, row))

    return write.once(do)  # type: ignore[return-value]


def _shown(session: Session, caller: Caller, one: ScoreRound) -> RoundOut:
    card = scorecards.card(session, caller.context.pack, one, caller.now())
    return _round(card, scorecards.plans(session, [one]))


def _round(card: Card, plans: Mapping[UUID, Sequence[Milestone]]) -> RoundOut:
    return RoundOut(
        id=card.round.id,
        facility=card.round.facility_code,
        opened_at=card.round.opened_at,
        closes_at=card.round.closes_at,
        open=card.open,
        residents=_side(card.residents),
        staff=_side(card.staff),
        gap=list(card.gap) if card.gap is not None else None,
        promise=card.round.ogp_id,
        plan=[PlannedOut.model_validate(step, from_attributes=True) for step in plans.get(card.round.id, [])],
    )


def _side(side: Side) -> SideOut:
    return SideOut(people=side.people, means=list(side.means) if side.means is not None else None)
