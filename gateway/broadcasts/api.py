"""The staff API on broadcasts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Protocol
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from gateway import paging, problems
from gateway.broadcasts import progress, service
from gateway.broadcasts.planning import DryRun, dry_run
from gateway.broadcasts.progress import Progress
from gateway.broadcasts.schemas import (
    BroadcastFilter,
    BroadcastIn,
    BroadcastLine,
    BroadcastOut,
    BroadcastPage,
    CopyOut,
    DryRunOut,
    EstimateOut,
    Money,
    ProgressOut,
    QuietOut,
)
from gateway.idempotency import Answer, Write, writing
from gateway.messaging.models import Broadcast
from gateway.messaging.templates import BROADCASTS
from gateway.messaging.wake import wake
from gateway.pack import Pack
from gateway.staff.auth import Caller, require
from gateway.staff.models import Staff
from gateway.staff.roles import Permission

router = APIRouter(
    prefix="/broadcasts",
    tags=["broadcasts"],
    dependencies=[Depends(problems.said_once)],
    responses=problems.declared(*problems.READING),
)

Reader = Annotated[Caller, Depends(require(Permission.READ_MESSAGES))]
Writer = Annotated[Write, Depends(writing(Permission.PUBLISH_UPDATES))]


@router.get("")
def list_broadcasts(caller: Reader, asked: Annotated[BroadcastFilter, Query()]) -> BroadcastPage:
    """Broadcasts, newest first."""
    with caller.work() as session:
        found = service.list_broadcasts(
            session, status=asked.status, unfinished=asked.unfinished, after=asked.after, limit=asked.limit + 1
        )
        rows, more = paging.cut(found, asked.limit)
        emails = _emails(session, rows)
    return BroadcastPage(
        items=[BroadcastLine(**_line(row, emails)) for row in rows],
        next_cursor=paging.encode(rows[-1].id) if more else None,
    )


@router.post("", status_code=201, responses=problems.declared(409))
def draft(body: BroadcastIn, write: Writer) -> BroadcastOut:
    """Write a text to the followers of a promise, or to who gets notices. Nothing is sent until it is approved."""

    def do(session: Session) -> Answer:
        caller = write.caller
        row = service.draft(
            session,
            caller.context.pack,
            kind=body.kind,
            topic=body.topic,
            places=body.places,
            languages=body.languages,
            text=body.text,
            staff=caller.staff,
            now=caller.now(),
        )
        return Answer(_whole(session, row), status=201)

    return write.once(do)  # type: ignore[return-value]  # a finished Response; the annotation documents its body


@router.get("/{broadcast}")
def read(broadcast: UUID, caller: Reader) -> BroadcastOut:
    """One broadcast with its progress; once it is over, this is its report."""
    with caller.work() as session:
        return _whole(session, service.read(session, broadcast))


@router.get("/{broadcast}/dry-run", responses=problems.declared(409))
def plan(broadcast: UUID, caller: Reader) -> DryRunOut:
    """What approving this draft now would do: recipients, cost, time. Nothing is sent."""
    context = caller.context
    with caller.work() as session:
        row = service.read(session, broadcast)
        found = dry_run(session, context.pack, context.settings, row, caller.now())
    return planned(context.pack, found, caller.now())


@router.post("/{broadcast}/approve", responses=problems.declared(409))
def approve(broadcast: UUID, write: Writer) -> BroadcastOut:
    """Send it. Above the pack's number of recipients its author cannot: 409 `second_person_needed`.

    Those of a big one are added within a minute or so: it is `adding` until then, and can be cancelled.
    """

    def do(session: Session) -> Answer:
        caller = write.caller
        row = service.approve(session, caller.context.pack, broadcast=broadcast, staff=caller.staff, now=caller.now())
        return Answer(_whole(session, row))

    return _written(write, do)


@router.post("/{broadcast}/pause", responses=problems.declared(409))
def pause(broadcast: UUID, write: Writer) -> BroadcastOut:
    """Let nothing more of it leave for now."""
    return _moved(write, broadcast, service.pause)


@router.post("/{broadcast}/resume", responses=problems.declared(409))
def resume(broadcast: UUID, write: Writer) -> BroadcastOut:
    """Go on where it stopped. In an election period a claim does not: 409."""
    return _moved(write, broadcast, partial(service.resume, pack=write.caller.context.pack))


@router.post("/{broadcast}/cancel", responses=problems.declared(409))
def cancel(broadcast: UUID, write: Writer) -> BroadcastOut:
    """Send no more of it, ever. What has left stays sent."""
    return _moved(write, broadcast, service.cancel)


class _Verb(Protocol):
    def __call__(self, session: Session, *, broadcast: UUID, staff: UUID | None, now: datetime) -> Broadcast: ...


def _moved(write: Write, broadcast: UUID, verb: _Verb) -> BroadcastOut:
    def do(session: Session) -> Answer:
        row = verb(session, broadcast=broadcast, staff=write.caller.staff.id, now=write.caller.now())
        return Answer(_whole(session, row))

    return _written(write, do)


def _written(write: Write, do: Callable[[Session], Answer]) -> BroadcastOut:
    answer: Response = write.once(do)
    wake(write.caller.context.valkey, BROADCASTS)
    return answer  # type: ignore[return-value]  # a finished Response; the annotation documents its body


def progress_of(caller: Caller, lines: Iterable[BroadcastLine]) -> dict[str, ProgressOut]:
    """How far those of a list are that have started, by their ids: one query for a page that shows several."""
    started = [UUID(line.id) for line in lines if line.started_at]
    with caller.work() as session:
        return {str(id_): _progress(found) for id_, found in progress.progress_of(session, started).items()}


def _emails(session: Session, rows: Iterable[Broadcast]) -> dict[UUID, str]:
    ids = {id_ for row in rows for id_ in (row.created_by, row.approved_by) if id_ is not None}
    rows_ = session.execute(sa.select(Staff.id, Staff.email).where(Staff.id.in_(ids)))
    return {row.id: row.email for row in rows_}


def _line(row: Broadcast, emails: Mapping[UUID, str]) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "status": row.status,
        "kind": row.kind,
        "topic": row.topic,
        "paused_because": row.paused_because,
        "places": row.places,
        "languages": row.languages,
        "text": row.bodies,
        "created_at": row.created_at,
        "created_by": emails.get(row.created_by),
        "approved_at": row.approved_at,
        "approved_by": emails.get(row.approved_by),
        "started_at": row.started_at,
        "finished_at": row.finished_at,
        "recipients": row.recipients,
    }


def _whole(session: Session, row: Broadcast) -> BroadcastOut:
    return BroadcastOut(**_line(row, _emails(session, [row])), progress=_progress(progress.progress(session, row.id)))


def _progress(found: Progress) -> ProgressOut:
    return ProgressOut.model_validate(
        {
            "states": found.states,
            "reasons": found.reasons,
            "segments": found.segments,
            "cost": [Money(amount=amount, currency=currency) for currency, amount in found.costs.items()],
        }
    )


def planned(pack: Pack, found: DryRun, now: datetime) -> DryRunOut:
    """A dry run as the API tells it."""
    return DryRunOut(
        agreed=found.asked,
        stopped=found.stopped,
        capped=found.capped,
        recipients=found.recipients,
        copies=[
            CopyOut(language=copy.language, recipients=copy.recipients, segments=copy.segments, text=copy.text)
            for copy in found.copies
        ],
        segments=found.segments,
        cost=_estimate(pack, found.segments),
        minutes=found.minutes,
        starts_at=found.starts_at,
        quiet_hours=_quiet(found, now),
        needs_second_person=found.needs_second_person,
    )


def _estimate(pack: Pack, segments: int) -> EstimateOut | None:
    price = pack.about.price
    if price is None:
        return None
    return EstimateOut(
        amount=price.segment * segments,
        currency=pack.about.currency,
        price=price.segment,
        confirmed=price.confirmed,
    )


def _quiet(found: DryRun, now: datetime) -> QuietOut | None:
    quiet = found.quiet
    if quiet is None:
        return None
    return QuietOut(
        begins=f"{quiet.start:%H:%M}",
        ends=f"{quiet.end:%H:%M}",
        time_zone=quiet.zone.key,
        now=quiet.holds(now),
        interrupts_at=found.crosses,
    )
