"""Whatever a dead worker, a lost wake-up or a lost report left behind is set right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from zoneinfo import ZoneInfo

from gateway.channels.africastalking import AfricasTalking
from gateway.channels.base import Outcome
from gateway.messaging import drain as draining
from gateway.messaging import sweeping
from gateway.messaging.models import ChannelState
from gateway.messaging.quiet import Quiet
from gateway.messaging.sweeping import Swept
from tests.channels.provider import Says, provider, recipient, sent
from tests.messaging.conftest import Desk, leave_leased

NIGHT = Quiet(time(19), time(7), ZoneInfo("Africa/Nairobi"))


def sweep(desk: Desk, quiet: Quiet | None = None) -> Swept:
    with desk.context.work() as session:
        return sweeping.sweep(session, desk.clock.now(), quiet)


def due(desk: Desk) -> list[str]:
    with desk.context.work() as session:
        return sweeping.due_lanes(session, desk.clock.now())


def test_a_living_lease_is_left_alone(desk: Desk) -> None:
    message = desk.owe(desk.resident())
    leave_leased(desk, message, departed=True)
    desk.clock.pass_(seconds=59)
    assert not sweep(desk)
    assert desk.state(message)[0] == "leased"


def test_a_worker_that_died_before_the_call_left_lost_nothing(desk: Desk) -> None:
    message = desk.owe(desk.resident())
    leave_leased(desk, message, departed=False)
    desk.clock.pass_(seconds=61)
    assert sweep(desk).owed_again == 1
    row = desk.message(message)
    assert (row.state, row.reason, row.attempts, row.possible_repeat) == ("owed", "", 0, False)
    assert due(desk) == ["replies"]


def test_a_worker_that_died_after_it_leaves_a_doubt(desk: Desk) -> None:
    message = desk.owe(desk.resident())
    left = desk.clock.now()
    leave_leased(desk, message, departed=True)
    desk.clock.pass_(seconds=61)
    assert sweep(desk).unknown == 1
    row = desk.message(message)
    assert (row.state, row.reason, row.attempts, row.sent_at) == ("unknown", "worker_lost", 1, left)
    assert due(desk) == []
    assert desk.calls() == 0


def test_an_answer_that_comes_after_the_sweep_still_counts(desk: Desk) -> None:
    message = desk.owe(desk.resident(number="+254711000111"))

    class Stalling(AfricasTalking):
        """Its answer comes when the lease has long run out."""

        def send(self, text: str, numbers: Sequence[str]) -> list[Outcome]:
            outcomes = super().send(text, numbers)
            desk.clock.pass_(seconds=90)
            sweep(desk)
            assert desk.state(message)[0] == "unknown"
            return outcomes

    with provider(Says(body=sent(recipient("+254711000111")))) as told:
        settings = desk.context.settings.model_copy(update={"africastalking_url": told.url})
        draining.drain(desk.context, Stalling(settings), "replies")
    assert desk.state(message) == ("accepted", "sent")


def test_a_reply_in_doubt_is_sent_once_more_and_marked_a_broadcast_is_not(desk: Desk) -> None:
    reply = desk.owe(desk.resident())
    desk.broadcast()
    news = desk.all()[-1].id
    for message in (reply, news):
        desk.set(message, state="unknown", sent_at=desk.clock.now())
    desk.clock.pass_(minutes=14)
    assert not sweep(desk)
    desk.clock.pass_(minutes=1)
    assert sweep(desk).sent_again == 1
    row = desk.message(reply)
    assert (row.state, row.possible_repeat, row.reason) == ("owed", True, "possible_repeat")
    assert desk.state(news)[0] == "unknown"
    desk.set(reply, state="unknown", sent_at=desk.clock.now())
    desk.clock.pass_(hours=3)
    assert not sweep(desk)
    assert desk.state(reply)[0] == "unknown"


def test_held_messages_go_when_the_quiet_ends_not_all_at_once(desk: Desk) -> None:
    desk.clock.pass_(hours=9)  # 21:00
    held = [desk.owe(desk.resident()) for _ in range(20)]
    urgent = desk.owe(desk.resident(), "receipt", receipt="4821-093-5570")
    assert sweep(desk, NIGHT).held == 20
    assert {desk.state(message) for message in held} == {("held", "quiet_hours")}
    assert desk.state(urgent) == ("owed", "")
    desk.clock.pass_(hours=9, minutes=59)
    assert not sweep(desk, NIGHT)
    desk.clock.pass_(minutes=6)  # 07:05
    some = sweep(desk, NIGHT).opened
    assert 0 < some < 20
    desk.clock.pass_(minutes=6)
    assert sweep(desk, NIGHT).opened == 20 - some
    assert {desk.state(message) for message in held} == {("owed", "")}


def test_switching_quiet_hours_off_frees_what_they_held_and_nothing_else(desk: Desk) -> None:
    quiet, other = desk.owe(desk.resident()), desk.owe(desk.resident())
    later = desk.clock.now().replace(hour=23)
    desk.set(quiet, state="held", reason="quiet_hours", not_before=later)
    desk.set(other, state="held", reason="risk_hold")
    assert sweep(desk).opened == 1
    assert desk.state(quiet) == ("owed", "")
    assert desk.message(quiet).not_before == desk.clock.now()
    assert desk.state(other) == ("held", "risk_hold")


def test_lanes_that_have_something_due(desk: Desk) -> None:
    assert due(desk) == []
    message = desk.owe(desk.resident())
    desk.broadcast()
    assert due(desk) == ["replies", "broadcasts"]
    desk.set(message, not_before=desk.clock.now().replace(hour=23))
    assert due(desk) == ["broadcasts"]
    with desk.context.work() as session:
        session.add(ChannelState(channel="africastalking", stopped_reason="bad_key", changed_at=desk.clock.now()))
    assert due(desk) == []
