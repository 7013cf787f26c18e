"""The clock process: runs the table of tasks while it holds a lock in Postgres. Any number may stand by."""

from __future__ import annotations

import signal
import threading
from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from gateway import logs
from gateway.context import Context
from gateway.database import make_engine
from gateway.settings import Settings
from worker.tasks import TASKS, Task

log = structlog.get_logger(__name__)

LOCK = 0x636C6F636B  # "clock": the one that acts holds it as long as its connection lives

THREADS = 4


class Turn:
    """Whose turn it is: one connection that holds the lock, made anew when Postgres was away."""

    def __init__(self, libpq: str) -> None:
        self._engine = make_engine(libpq, pool_size=1, application="baraza-clock-turn")
        self._connection: sa.Connection | None = None
        self._guard = threading.Lock()
        self._ours = False

    def ours(self) -> bool:
        """Whether this process holds the lock at this moment; takes it when it is free. Raises nothing."""
        with self._guard:
            before = self._ours
            try:
                self._ours = self._ask()
            except sa.exc.SQLAlchemyError as error:
                self._ours = False
                self._drop()
                log.warning("postgres_away", error=type(error).__name__)
            if self._ours != before:
                log.info("clock_acts" if self._ours else "clock_stands_by")
            return self._ours

    def _ask(self) -> bool:
        if self._connection is None:
            self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if self._ours:  # the lock lives as long as its connection
            return bool(self._connection.scalar(sa.text("SELECT true")))
        return bool(self._connection.scalar(sa.text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LOCK}))

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None

    def close(self) -> None:
        """Give the lock back."""
        with self._guard:
            if self._connection is not None:
                self._connection.close()
            self._engine.dispose()


class Run:
    """One task as the scheduler calls it: only in our turn, and never the end of the process."""

    def __init__(self, task: Task, context: Context, turn: Turn) -> None:
        self._task = task
        self._context = context
        self._turn = turn

    def __call__(self) -> None:
        if not self._turn.ours():
            return
        try:
            self._task.run(self._context)
        except Exception:  # the next run comes; a store may be back by then
            log.exception("task_failed", task=self._task.name)


def run(settings: Settings, tasks: Sequence[Task] = TASKS) -> None:
    """Run `tasks` until SIGTERM or SIGINT; a task at work is finished first."""
    logs.configure()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    context = Context.make(settings, pool_size=THREADS, application="baraza-clock")
    turn = Turn(settings.database_url)
    scheduler = BackgroundScheduler(
        executors={"default": ThreadPoolExecutor(THREADS)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone=UTC,
    )
    for task in tasks:
        scheduler.add_job(
            Run(task, context, turn), "interval", seconds=task.seconds, id=task.name, next_run_time=datetime.now(UTC)
        )
    scheduler.start()
    log.info("clock_started", tasks=len(tasks))
    stop.wait()
    scheduler.shutdown(wait=True)
    turn.close()
    context.close()
    log.info("clock_stopped")
