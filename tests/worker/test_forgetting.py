"""What is past its time goes, what is not stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from gateway.context import Context
from gateway.intake.models import HopEffect, SessionEnd
from gateway.residents.models import Guess
from gateway.timing import Clock
from worker.tasks import forget


@pytest.mark.parametrize(("days", "left"), [(0.9, 3), (1.1, 2), (2.1, 1), (119, 1), (121, 0)])
def test_rows_go_when_their_time_is_over(context: Context, days: float, left: int) -> None:
    now = context.clock.now()
    with context.work() as session:
        session.add(HopEffect(effect_key=b"e", at=now))
        session.add(Guess(kind="receipt", subject=b"s", tries=1, window_start=now))
        session.add(SessionEnd(session_key=b"k", channel="africastalking", status="Success", received_at=now))
    forget(replace(context, clock=Clock(timedelta(days=days))))
    with context.work() as session:
        counts = [session.scalar(sa.select(sa.func.count()).select_from(t)) for t in (HopEffect, Guess, SessionEnd)]
    assert sum(count or 0 for count in counts) == left
