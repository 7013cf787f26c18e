"""Draining a lane: claim, group, wait for the rate, send, settle; until nothing is due or the time is over."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TypeVar

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gateway.channels.base import Channel, Outcome
from gateway.commitments.periods import is_election
from gateway.context import Context
from gateway.messaging import sending, settling
from gateway.messaging.quiet import quiet_hours
from gateway.messaging.rate import Limiter
from gateway.messaging.sending import Call, Departed
from gateway.messaging.templates import BROADCASTS, REPLIES
from gateway.metrics import Tally

log = structlog.get_logger(__name__)

T = TypeVar("T")

AT_ONCE = {REPLIES: 50, BROADCASTS: 1000}
"""Messages one claim takes, by lane."""


def drain(context: Context, channel: Channel, lane: str, *, seconds: float = 20.0) -> bool:
    """Send what a lane owes for at most so many seconds, and the last call's 12. Whether there may be more.

    Raises what Postgres or Valkey raise: what was claimed by then comes back when its lease has run out.
    """
    work = _Drain(context, channel, lane, time.monotonic() + seconds)
    try:
        while work.seconds_left > 0:
            if not work.once():
                return False
        return True
    finally:
        work.report()


class _Drain:
    """One job's work on a lane."""

    def __init__(self, context: Context, channel: Channel, lane: str, ends: float) -> None:
        self._context = context
        self._channel = channel
        self._lane = lane
        self._ends = ends
        self._limiter = Limiter(context.valkey, channel.name, context.settings.segments_per_second)
        self._tally = Tally()
        self._said: tuple[Departed, list[Outcome]] | None = None
        """What the provider said to the last call, as long as it is not written."""

    @property
    def seconds_left(self) -> float:
        return self._ends - time.monotonic()

    def once(self) -> bool:
        """Claim once and send it; whether there was anything. What cannot go in time is owed again."""
        calls = self._claim()
        if calls is None:
            return False
        try:
            while calls and self.seconds_left > 0:
                call = calls.popleft()
                now, later = self._share(call)
                if later is not None:
                    calls.appendleft(later)
                if now is not None and not self._send(now, later):
                    calls.appendleft(now)
                    break
        finally:
            self._settle_now()
            self._release(calls)
        return True

    def _claim(self) -> deque[Call] | None:
        """The calls to make; None when nothing was due."""
        context = self._context
        with context.work() as session:
            calls = sending.claim(
                session,
                context.vault,
                context.pack.guide,
                self._lane,
                limit=AT_ONCE[self._lane],
                batch=self._channel.batch,
                now=context.clock.now(),
                quiet=quiet_hours(context.pack, context.settings),
                election=is_election(context.pack, context.clock.now()),
            )
        return deque(calls) if calls else None

    def _share(self, call: Call) -> tuple[Call | None, Call | None]:
        """The part of a call that the rate lets go now, after waiting for it, and the part that must wait longer."""
        while True:
            grant = self._limiter.take(self._lane, segments=call.segments, wanted=len(call.messages))
            if grant.messages:
                break
            self._settle_now()
            if grant.wait >= self.seconds_left:
                time.sleep(max(0.0, self.seconds_left))
                return None, call
            time.sleep(grant.wait)
        return (call, None) if grant.messages >= len(call.messages) else call.cut(grant.messages)

    def _send(self, call: Call, rest: Call | None) -> bool:
        """Make one call, without the rest that was cut from it. False, and nothing left, when the channel rests.

        One commit a call where calls follow each other: what was said to the one before, and that this one leaves. A
        kill at any line leaves at most one call of unknown fate.
        """
        departed, rests = self._commit(partial(self._depart, call, rest))
        if departed is not None:
            began = time.monotonic()
            self._said = departed, self._channel.send(call.text, list(departed.numbers.values()))
            self._tally.call(self._channel.name, time.monotonic() - began)
            self._tally.spent(self._channel.name, self._said[1])
        return not rests

    def _depart(self, call: Call, rest: Call | None, session: Session) -> tuple[Departed | None, bool]:
        """The call as it leaves; None, and whether the channel rests, when it does not."""
        now = self._context.clock.now()
        if rest is not None:
            sending.split(session, call, rest)
        election = is_election(self._context.pack, now)
        departed = sending.depart(session, self._context.vault, call, now=now, election=election)
        return departed, departed is None and sending.blocked(session, now)

    def _commit(self, act: Callable[[Session], T]) -> T:
        """Write what was said to the last call, if it is not written yet, and `act`, in one transaction."""
        try:
            return self._try(act)
        except IntegrityError:
            if self._said is None:
                raise
            log.error("provider_id_repeated", channel=self._channel.name)
            self._said = settling.without_ids(*self._said)
            return self._try(act)

    def _try(self, act: Callable[[Session], T]) -> T:
        settled: Counter[tuple[str, str]] = Counter()
        with self._context.work() as session:
            if self._said is not None:
                first_retry = timedelta(seconds=self._context.settings.first_retry)
                settled = settling.settle(session, *self._said, self._context.clock.now(), first_retry)
            done = act(session)
        self._said = None
        for (state, reason), count in settled.items():
            self._tally.message(self._lane, state, reason, count)
        return done

    def _settle_now(self) -> None:
        if self._said is not None:
            self._commit(lambda _: None)

    def _release(self, calls: deque[Call]) -> None:
        if calls:
            with self._context.work() as session:
                sending.release(session, calls)

    def report(self) -> None:
        """Hand in what was counted."""
        self._tally.flush(self._context.valkey)
