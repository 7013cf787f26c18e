"""What is left at the aggregator, asked by the clock."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
import structlog

from gateway.messaging import watching
from gateway.messaging.watching import ChannelNow
from tests.channels.provider import closed_port
from tests.messaging.conftest import Desk
from tests.worker.conftest import Parts, eventually
from worker import tasks


def asked(desk: Desk, address: str, warning: int) -> ChannelNow:
    changes = {"africastalking_url": address, "balance_warning": warning}
    tasks.ask_balance(replace(desk.context, settings=desk.context.settings.model_copy(update=changes)))
    with desk.context.work() as session:
        return watching.channel_now(session, desk.clock.now())


@pytest.mark.parametrize(("warning", "warned"), [(200_000, ["balance_low"]), (1000, [])])
def test_the_clock_asks_and_warns_when_it_is_low(desk: Desk, parts: Parts, warning: int, warned: list[str]) -> None:
    stand_in = parts.simulator(desk.context.settings, f"http://127.0.0.1:{closed_port()}")
    eventually(lambda: asked(desk, stand_in, 0).balance is not None)
    with structlog.testing.capture_logs() as said:
        now = asked(desk, stand_in, warning)
    assert now.currency == "KES"
    assert now.balance == Decimal(100_000)
    assert [line["event"] for line in said] == warned


def test_an_aggregator_that_does_not_answer_changes_nothing(desk: Desk) -> None:
    assert asked(desk, f"http://127.0.0.1:{closed_port()}", 1000).balance is None
