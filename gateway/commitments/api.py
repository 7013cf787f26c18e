"""The staff API on promises."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from sqlalchemy.orm import Session

from gateway import problems
from gateway.broadcasts import service as broadcasts
from gateway.broadcasts.schemas import BroadcastRef
from gateway.commitments import service
from gateway.commitments.models import Commitment, CommitmentUpdate
from gateway.commitments.schemas import CommitmentList, CommitmentOut, Published, UpdateIn, UpdateOut
from gateway.idempotency import Answer, Write, writing
from gateway.messaging.wake import wake
from gateway.staff.auth import Caller, require
from gateway.staff.roles import Permission

router = APIRouter(prefix="/commitments", tags=["commitments"], responses=problems.declared(*problems.READING))

OgpId = Annotated[str, Path(max_length=16, pattern=r"^[^\x00]*$", examples=["KEKAK0001"])]


@router.get("")
def list_commitments(caller: Annotated[Caller, Depends(require(Permission.READ_COMMITMENTS))]) -> CommitmentList:
    """The county's promises with the latest news of each."""
    with caller.work() as session:
        promises = service.list_commitments(session)
        news = service.latest(session, [promise.ogp_id for promise in promises])
    return CommitmentList(items=[told(promise, news.get(promise.ogp_id)) for promise in promises])


@router.post("/{ogp_id}/updates", status_code=201, responses=problems.declared(409))
def publish(
    ogp_id: OgpId, body: UpdateIn, write: Annotated[Write, Depends(writing(Permission.PUBLISH_UPDATES))]
) -> Published:
    """Publish news of a promise; every follower is owed it by SMS, in their own language.

    Above the pack's number of followers the SMS wait as a broadcast for the approval of a second person.
    """

    def do(session: Session) -> Answer:
        caller = write.caller
        update = service.publish(
            session,
            caller.context.pack,
            ogp_id=ogp_id,
            text=body.text,
            places=body.places,
            staff=caller.staff,
            now=caller.now(),
        )
        broadcast = broadcasts.read(session, update.broadcast_id)
        carried = BroadcastRef(id=str(broadcast.id), status=broadcast.status)
        return Answer(Published(**_update(update), recipients=broadcast.recipients, broadcast=carried), status=201)

    answer = write.once(do)
    wake(write.caller.context.valkey, "broadcasts")
    return answer  # type: ignore[return-value]  # a finished Response; the annotation documents its body


def told(promise: Commitment, news: CommitmentUpdate | None) -> CommitmentOut:
    """A promise as the list has it."""
    return CommitmentOut(
        ogp_id=promise.ogp_id,
        area=promise.area,
        title=promise.title,
        lead=promise.lead,
        partners=promise.partners,
        problem=promise.problem,
        starts_on=promise.starts_on,
        ends_on=promise.ends_on,
        inferred=promise.inferred,
        claim=promise.claim,
        judged=promise.judged,
        latest=UpdateOut(**_update(news)) if news else None,
    )


def _update(update: CommitmentUpdate) -> dict[str, Any]:
    return {
        "id": str(update.id),
        "ogp_id": update.ogp_id,
        "text": update.text,
        "places": update.places,
        "published_at": update.published_at,
    }
