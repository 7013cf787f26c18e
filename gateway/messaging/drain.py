"""Draining a lane: claim, group, send, settle, until nothing is due or the time is over."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import redis
import structlog

from gateway.channels.base import Channel
from gateway.context import Context
from gateway.messaging import sending, settling
from gateway.messaging.quiet import quiet_hours
from gateway.messaging.templates import BROADCASTS, REPLIES
from gateway.metrics import Tally

log = structlog.get_logger(__name__)

AT_ONCE = {REPLIES: 50, BROADCASTS: 1000}
"""Messages one claim takes, by lane."""


def drain(context: Context, channel: Channel, lane: str, *, seconds: float = 20.0) -> bool:
    """Send what a lane owes for at most so many seconds, and the last call's 12. Whether there may be more.

    Raises what Postgres raises: what was claimed by then comes back when its lease has run out.
    """
    ends = time.monotonic() + seconds
    with _tally(context) as tally:
        while time.monotonic() < ends:
            lease = uuid4()
            calls = _claim(context, channel, lane, lease)
            if calls is None:
                return False
            sent = _send_all(context, channel, lane, calls, lease, ends, tally)
            left = [one.id for call in calls[sent:] for one in call.messages]
            if left:
                with context.work() as session:
                    sending.release(session, left, lease)
    return True


def _claim(context: Context, channel: Channel, lane: str, lease: UUID) -> list[sending.Call] | None:
    """The calls to make; None when nothing was due."""
    quiet = quiet_hours(context.pack, context.settings)
    with context.work() as session:
        claimed = sending.claim(session, lane, limit=AT_ONCE[lane], now=context.clock.now(), lease=lease, quiet=quiet)
        if not claimed:
            return None
        return sending.prepare(session, context.vault, context.pack.guide, claimed, channel.batch)


def _send_all(
    context: Context,
    channel: Channel,
    lane: str,
    calls: list[sending.Call],
    lease: UUID,
    ends: float,
    tally: Tally,
) -> int:
    """Make the calls until the time is over or the channel is blocked; how many were made."""
    for number, call in enumerate(calls):
        if time.monotonic() >= ends:
            return number
        with context.work() as session:
            if sending.blocked(session, context.clock.now()):
                return number
            departed = sending.depart(session, context.vault, call, lease=lease, now=context.clock.now())
        if departed is None:
            continue
        began = time.monotonic()
        outcomes = channel.send(call.text, list(departed.numbers.values()))
        tally.call(channel.name, time.monotonic() - began)
        with context.work() as session:
            for state, reason in settling.settle(session, departed, outcomes, context.clock.now()):
                tally.message(lane, state, reason)
    return len(calls)


@contextmanager
def _tally(context: Context) -> Iterator[Tally]:
    tally = Tally()
    try:
        yield tally
    finally:
        try:
            tally.flush(context.valkey)
        except redis.RedisError as error:
            log.warning("tally_lost", error=type(error).__name__)
