"""The staff API on channels: whether texts go out, why not, and letting them go on."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session

from gateway import problems
from gateway.idempotency import Answer, Write, writing
from gateway.messaging import channel as kept
from gateway.messaging import watching
from gateway.messaging.schemas import ChannelList, ChannelOut, ChannelResume
from gateway.messaging.templates import BROADCASTS, REPLIES
from gateway.messaging.wake import wake
from gateway.staff.auth import Caller, require
from gateway.staff.roles import Permission

router = APIRouter(
    prefix="/channels",
    tags=["channels"],
    dependencies=[Depends(problems.said_once)],
    responses=problems.declared(*problems.READING),
)


@router.get("")
def list_channels(caller: Annotated[Caller, Depends(require(Permission.READ_CHANNELS))]) -> ChannelList:
    """Whether texts go out at all, why not, and what is left to pay for them. A deployment has one."""
    with caller.work() as session:
        return ChannelList(items=[_shown(session, caller)])


@router.post("/{channel}/resume", responses=problems.declared(409))
def resume(
    channel: str, body: ChannelResume, write: Annotated[Write, Depends(writing(Permission.RESUME_CHANNELS))]
) -> ChannelOut:
    """Let it send again, once what stopped it is mended. One that had not stopped stays as it is."""

    def do(session: Session) -> Answer:
        caller = write.caller
        kept.resume(session, staff=caller.staff.id, now=caller.now(), why=body.reason, named=channel)
        return Answer(_shown(session, caller))

    answer = write.once(do)
    for lane in (REPLIES, BROADCASTS):
        wake(write.caller.context.valkey, lane)
    return answer  # type: ignore[return-value]  # a finished Response; the annotation documents its body


def _shown(session: Session, caller: Caller) -> ChannelOut:
    now = watching.channel_now(session, caller.now())
    return ChannelOut(
        channel=now.channel,
        stopped=now.stopped,
        paused_until=now.paused_until,
        paused=now.paused,
        trouble=kept.trouble(now.stopped or now.paused),
        balance=now.balance,
        currency=now.currency,
        balance_at=now.balance_at,
        balance_low=now.balance is not None and now.balance < caller.context.settings.balance_warning,
        unreported=now.unreported,
    )
