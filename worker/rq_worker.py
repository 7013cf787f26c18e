"""One RQ worker for one lane. It outlives restarts of Valkey: RQ's own worker gives up after some of them."""

from __future__ import annotations

import signal
import time
from types import FrameType

import redis
import structlog
from rq import Worker
from rq.serializers import JSONSerializer

from gateway import logs
from gateway.pack import load
from gateway.settings import Settings
from worker import jobs

log = structlog.get_logger(__name__)

LONGEST_WAIT = 2.0
"""Seconds between tries to reach Valkey."""

WORKER_TTL = 60
"""Seconds after which a worker that says nothing is forgotten; it listens in rounds of 45."""


class LaneWorker(Worker):
    """An RQ worker that remembers whether it was asked to stop, and keeps what it works on out of the log."""

    log_result_lifespan = False
    max_connection_wait_time = LONGEST_WAIT
    asked_to_stop = False

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        self.asked_to_stop = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]  # RQ's own


def run(settings: Settings, lane: str) -> None:
    """Work on a lane until SIGTERM or SIGINT; the job at work is finished first (at most about 35 s)."""
    logs.configure()
    jobs.use(settings)
    load(settings.pack)  # read once here, shared by every work horse
    connection = redis.Redis.from_url(settings.redis_url, socket_connect_timeout=2, health_check_interval=15)
    wait = 0.1
    while True:
        worker: LaneWorker | None = None
        try:
            worker = LaneWorker(
                [lane],
                connection=connection,
                serializer=JSONSerializer,
                worker_ttl=WORKER_TTL,
                log_job_description=False,
            )
            log.info("worker_started", lane=lane)
            wait = 0.1
            worker.work(logging_level="WARNING")
        except redis.RedisError as error:
            log.warning("valkey_away", lane=lane, error=type(error).__name__)
        if worker is not None and worker.pubsub_thread is not None:
            worker.pubsub_thread.stop()  # RQ leaves it behind when it cannot say goodbye to Valkey
        if worker is not None and worker.asked_to_stop:
            log.info("worker_stopped", lane=lane)
            return
        # Until the next worker listens for them, signals end the process at once.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        time.sleep(wait)
        wait = min(wait * 2, LONGEST_WAIT)
