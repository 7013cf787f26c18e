"""What is past its time goes, what is not stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from gateway.context import Context
from gateway.intake.models import HopEffect, SessionEnd, SessionPath
from gateway.residents.models import Guess
from gateway.timing import Clock
from worker.tasks import forget


def path(now: datetime) -> SessionPath:
    return SessionPath(
        session_key=b"k",
        channel="africastalking",
        began_at=now,
        last_at=now,
        last_screen="menu",
        consumed=1,
        ended=False,
        screens=["lang", "menu"],
    )


@pytest.mark.parametrize(("days", "left"), [(0.9, 4), (1.1, 3), (2.1, 2), (119, 2), (121, 0)])
def test_rows_go_when_their_time_is_over(context: Context, days: float, left: int) -> None:
    now = context.clock.now()
    with context.work() as session:
        session.add(HopEffect(effect_key=b"e", at=now))
        session.add(Guess(kind="receipt", subject=b"s", tries=1, window_start=now))
        session.add(SessionEnd(session_key=b"k", channel="africastalking", status="Success", received_at=now))
        session.add(path(now))
    forget(replace(context, clock=Clock(timedelta(days=days))))
    with context.work() as session:
        tables = (HopEffect, Guess, SessionEnd, SessionPath)
        counts = [session.scalar(sa.select(sa.func.count()).select_from(table)) for table in tables]
    assert sum(count or 0 for count in counts) == left
