"""The clock process: the floor under the wake-ups, one at a time, over restarts of what it stands on."""

from __future__ import annotations

import os
import signal
from datetime import timedelta

import sqlalchemy as sa

from gateway.database import sqlalchemy_url
from gateway.intake.models import Draft
from gateway.messaging.wake import queue
from gateway.staff.models import AuditEntry, AuditLink
from tests.conftest import Stores
from tests.messaging.conftest import Desk
from tests.worker.conftest import Parts, eventually
from worker.tasks import TASKS


def test_what_is_owed_without_a_wake_up_is_found(desk: Desk, parts: Parts) -> None:
    parts.start(desk.context.settings, "clock")
    eventually(lambda: "clock_acts" in parts.log("clock"))
    desk.owe(desk.resident())
    eventually(lambda: queue(desk.context.valkey, "replies").count == 1)
    assert queue(desk.context.valkey, "broadcasts").count == 0


def test_every_task_of_the_table_does_its_work(desk: Desk) -> None:
    now = desk.context.clock.now()
    with desk.context.work() as session:
        session.add(AuditEntry(at=now - timedelta(seconds=30), action="case.noted"))
        session.add(
            Draft(
                session_key=b"s" * 32,
                consumed=0,
                checkpoint_sealed=b"x",
                language="en",
                created_at=now,
                updated_at=now,
                expires_at=now - timedelta(seconds=1),
            )
        )
    for task in TASKS:
        task.run(desk.context)
    with desk.context.work() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(AuditLink)) == 1
        assert session.scalar(sa.select(sa.func.count()).select_from(Draft)) == 0


def test_one_acts_and_another_stands_by_until_it_dies(desk: Desk, parts: Parts) -> None:
    first = parts.start(desk.context.settings, "clock")
    eventually(lambda: parts.log("clock").count("clock_acts") == 1)
    second = parts.start(desk.context.settings, "clock")
    eventually(lambda: parts.log("clock").count("clock_started") == 2)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    eventually(lambda: parts.log("clock").count("clock_acts") == 2)
    desk.owe(desk.resident())
    eventually(lambda: queue(desk.context.valkey, "replies").count == 1)
    second.send_signal(signal.SIGTERM)
    assert second.wait(60) == 0
    assert "clock_stopped" in parts.log("clock")


def _count(connection: sa.Connection, asked: sa.TextClause) -> int:
    """A count of now: within one transaction Postgres shows its activity as it first stood."""
    connection.rollback()
    return int(connection.scalar(asked) or 0)


def test_it_outlives_the_loss_of_every_connection(desk: Desk, parts: Parts, stores: Stores) -> None:
    process = parts.start(desk.context.settings, "clock")
    eventually(lambda: "clock_acts" in parts.log("clock"))
    server = sa.create_engine(sqlalchemy_url(stores.postgres.superuser_url))
    with server.connect() as connection:
        cut = sa.text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'baraza-clock%'"
        )
        held = sa.text("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'baraza-clock%'")
        eventually(lambda: _count(connection, held) >= 2)  # its turn's and a task's
        assert connection.execute(cut).all()
    server.dispose()
    eventually(lambda: parts.log("clock").count("clock_acts") == 2)
    desk.owe(desk.resident())
    eventually(lambda: queue(desk.context.valkey, "replies").count == 1)
    assert process.poll() is None
