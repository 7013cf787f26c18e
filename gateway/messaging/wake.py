"""Waking a lane: at most one job waits in its queue, and no wake-up is lost.

Call it right after the commit that owes a message. The clock process wakes every lane that has something due each two
seconds, so a wake-up that fails costs two seconds and nothing else.
"""

from __future__ import annotations

import redis
import structlog
from rq import Queue
from rq.serializers import JSONSerializer

from gateway.line import Line

log = structlog.get_logger(__name__)

JOB = "worker.jobs.drain"
JOB_SECONDS = 90
"""When RQ kills a job that hangs: a job works 20 s, and the last call may wait 12 s for the provider."""

FLAG_SECONDS = 5
"""How long a flag stays up when no job takes it down."""


def queue(valkey: redis.Redis, lane: str) -> Queue:
    """The RQ queue of a lane. Jobs are JSON and hold the lane's name alone."""
    return Queue(lane, connection=valkey, serializer=JSONSerializer)


def flag(lane: str) -> str:
    """The key that says a job is on its way; the job deletes it before it looks for work."""
    return f"wake:{lane}"


def wake(valkey: redis.Redis, lane: str) -> bool:
    """Queue a job for `lane` unless one waits already. False when it did not: then one waits, or Valkey is down."""
    try:
        return bool(valkey.set(flag(lane), 1, nx=True, ex=FLAG_SECONDS)) and enqueue(valkey, lane)
    except redis.RedisError as error:
        log.warning("wake_failed", lane=lane, error=type(error).__name__)
        return False


async def may_wake(line: Line, lane: str) -> bool:
    """Raise the flag as `wake` does; whether it was not up yet, so that a job is to be queued with `enqueue`."""
    try:
        return await line.call(b"SET", flag(lane).encode(), b"1", b"NX", b"EX", b"%d" % FLAG_SECONDS) is not None
    except (redis.RedisError, OSError) as error:
        log.warning("wake_failed", lane=lane, error=type(error).__name__)
        return False


def enqueue(valkey: redis.Redis, lane: str) -> bool:
    """Queue a job for a lane whose flag was raised; whether it did. False too when Valkey went away meanwhile."""
    try:
        waiting = queue(valkey, lane)
        if waiting.count:  # the flag ran out while the job before is still at work
            return False
        waiting.enqueue(JOB, lane, description=lane, job_timeout=JOB_SECONDS, result_ttl=0, failure_ttl=60)
    except redis.RedisError as error:
        log.warning("wake_failed", lane=lane, error=type(error).__name__)
        return False
    return True
