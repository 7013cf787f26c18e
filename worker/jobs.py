"""What RQ runs, in a work horse of its own each time. A job carries a lane's name and nothing else.

RQ keeps the text of an exception in Valkey: nothing but our own coded errors leaves a job.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import redis
import structlog

from gateway.channels import channel_for
from gateway.context import Context
from gateway.errors import BarazaError
from gateway.messaging.drain import drain as drain_lane
from gateway.messaging.wake import flag, wake
from gateway.settings import Settings, load_settings

log = structlog.get_logger(__name__)

SECONDS = 20.0
"""How long one job works before it makes room for the next."""

HANDS, A_HAND = 3, 500
"""The most calls one job has under way, and how many segments a second are worth another one: while one waits for the
provider or for Postgres, the next is made."""

_settings: list[Settings] = []


class JobFailed(BarazaError):
    code, title = "job_failed", "A job could not be finished"


def use(settings: Settings) -> None:
    """Give the jobs of this process, and of the work horses forked from it, their settings."""
    _settings[:] = [settings]


def drain(lane: str) -> None:
    """Send what `lane` owes; wake the lane again if there is more. Raises `JobFailed`, and nothing else.

    The flag goes first: what is owed after this line wakes the lane anew, what was owed before is found.
    """
    try:
        settings = _settings[0] if _settings else load_settings()
        # Engine and connections belong to this work horse: they would not survive the fork.
        context = Context.make(settings, pool_size=HANDS, application=f"baraza-{lane}")
        try:
            _forget_flag(context.valkey, lane)
            if _drain_side_by_side(context, lane):
                wake(context.valkey, lane)
        finally:
            context.close()
    except Exception:  # whatever it was, its words stay out of Valkey
        log.exception("job_failed", lane=lane)
        raise JobFailed from None


def _drain_side_by_side(context: Context, lane: str) -> bool:
    """Drain in as many threads as the rate is worth, each with a connection of its own; whether there may be more."""
    hands = min(HANDS, max(1, round(context.settings.segments_per_second / A_HAND)))
    with ThreadPoolExecutor(hands, thread_name_prefix=lane) as pool:
        work = [
            pool.submit(drain_lane, context, channel_for(context.settings), lane, seconds=SECONDS) for _ in range(hands)
        ]
    return any(done.result() for done in work)


def _forget_flag(valkey: redis.Redis, lane: str) -> None:
    try:
        valkey.delete(flag(lane))
    except redis.RedisError as error:
        log.warning("flag_kept", lane=lane, error=type(error).__name__)
