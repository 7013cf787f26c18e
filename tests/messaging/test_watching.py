"""What an operator sees of the queue and of the channel, and what they can do about it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from gateway.channels.africastalking import read_balance
from gateway.channels.base import Money
from gateway.messaging import channel, watching
from gateway.messaging.models import ChannelState
from gateway.staff.models import AuditEntry
from operations.cli import app
from tests.channels.provider import Says, provider, recipient, sent
from tests.messaging.conftest import Desk


def test_what_waits_by_lane_and_since_when(desk: Desk) -> None:
    first = desk.clock.now()
    desk.owe(desk.resident())
    desk.clock.pass_(minutes=5)
    desk.set(desk.owe(desk.resident()), state="delivered")
    desk.set(desk.owe(desk.resident()), state="unknown", reason="no_answer")
    desk.broadcast()
    with desk.context.work() as session:
        rows = watching.waiting(session)
    assert [(row.lane, row.state, row.count, row.oldest) for row in rows] == [
        ("broadcasts", "owed", 3, desk.clock.now()),
        ("replies", "owed", 1, first),
        ("replies", "unknown", 1, desk.clock.now()),
    ]


def test_the_rate_is_of_what_left_just_now(desk: Desk) -> None:
    now = desk.clock.now()
    for age in (1, 5, 300):
        desk.set(desk.owe(desk.resident()), state="accepted", sent_at=now - timedelta(seconds=age), segments=3)
    with desk.context.work() as session:
        (rate,) = watching.rates(session, now)
    assert (rate.lane, rate.segments_per_second) == ("replies", 6 / 30)


def test_errors_of_the_last_hour_by_reason(desk: Desk) -> None:
    now = desk.clock.now()
    told = [("failed", "no_route", 1), ("failed", "no_route", 2), ("unknown", "no_answer", 3), ("failed", "old", 70)]
    for state, reason, minutes in [*told, ("accepted", "sent", 1)]:
        desk.set(desk.owe(desk.resident()), state=state, reason=reason, sent_at=now - timedelta(minutes=minutes))
    with desk.context.work() as session:
        found = watching.troubles(session, now)
    assert [(row.state, row.reason, row.count) for row in found] == [
        ("failed", "no_route", 2),
        ("unknown", "no_answer", 1),
    ]


def stop(desk: Desk, **values: object) -> None:
    with desk.context.work() as session:
        session.add(ChannelState(channel="africastalking", changed_at=desk.clock.now(), **values))


@pytest.mark.parametrize(
    ("values", "was"),
    [({"stopped_reason": "bad_key"}, True), ({"balance": Decimal(5)}, False), (None, False)],
)
def test_a_stopped_channel_is_resumed_and_it_is_written_down(
    desk: Desk, values: dict[str, object] | None, was: bool
) -> None:
    if values is not None:
        stop(desk, **values)
    with desk.context.work() as session:
        assert channel.resume(session, staff=None, now=desk.clock.now()) is was
    with desk.context.work() as session:
        assert watching.channel_now(session, desk.clock.now()).stopped == ""
        entries = session.execute(sa.select(AuditEntry.action, AuditEntry.subject, AuditEntry.data)).all()
    assert [tuple(entry) for entry in entries] == (
        [("channel.resumed", "africastalking", {"reason": "bad_key"})] if was else []
    )


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        ({"UserData": {"balance": "KES 1785.50"}}, Money(Decimal("1785.50"), "KES")),
        ({"userData": {"balance": "KES 99999.20004"}}, Money(Decimal("99999.2000"), "KES")),
        ({"UserData": {"balance": "KES -3"}}, Money(Decimal(-3), "KES")),
        ({"UserData": {"balance": "plenty"}}, None),
        ({"UserData": None}, None),
        ("The supplied authentication is invalid", None),
    ],
)
def test_a_balance_is_read_as_it_is_told(answer: object, left: Money | None) -> None:
    assert read_balance(answer) == left


@pytest.mark.parametrize(("left", "low"), [("999.99", True), ("1000", False)])
def test_a_low_balance_warns_and_keeps_what_stopped_the_channel(desk: Desk, left: str, low: bool) -> None:
    stop(desk, stopped_reason="bad_sender")
    with desk.context.work() as session:
        money = Money(Decimal(left), "KES")
        assert channel.note_balance(session, money, warning=Decimal(1000), now=desk.clock.now()) is low
    with desk.context.work() as session:
        now = watching.channel_now(session, desk.clock.now())
    assert (now.balance, now.currency, now.stopped) == (Decimal(left), "KES", "bad_sender")


def test_what_nobody_reported_on_is_listed_after_its_hours_and_stays_as_it_is(desk: Desk) -> None:
    now = desk.clock.now()
    ages = {"accepted": [25, 30, 23, 24 * 31], "delivered": [25], "unknown": [25]}
    for state, hours in ages.items():
        for hour in hours:
            desk.set(desk.owe(desk.resident()), state=state, sent_at=now - timedelta(hours=hour))
    before = [(row.id, row.state, row.not_before) for row in desk.all()]
    with desk.context.work() as session:
        assert channel.note_unreported(session, hours=24, now=now) == 2
    with desk.context.work() as session:
        listed = channel.unreported_ids(session, hours=24, now=now, limit=50)
        assert watching.channel_now(session, now).unreported == 2
    assert [now - row.sent_at for row in listed] == [timedelta(hours=30), timedelta(hours=25)]
    assert [(row.id, row.state, row.not_before) for row in desk.all()] == before


def run(desk: Desk, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    for module in ("queue", "channel"):
        monkeypatch.setattr(f"operations.commands.{module}.settings_for", lambda _: desk.context.settings)
    ran = CliRunner().invoke(app, ["message", *arguments])
    assert ran.exit_code == 0, ran.output
    return " ".join(ran.output.split())


def test_an_operator_sees_it_and_resumes_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    message = desk.owe(desk.resident(number="+254711000111"))
    stop(desk, stopped_reason="bad_key", balance=Decimal("12.5"), currency="KES", balance_at=desk.clock.now())
    shown = run(desk, monkeypatch, "queue", "--once")
    assert "replies" in shown
    assert "STOPPED (bad_key)" in shown
    assert "KES 12.50 LOW" in shown
    assert "may send again" in run(desk, monkeypatch, "channel", "resume")
    assert "was not stopped" in run(desk, monkeypatch, "channel", "resume")
    assert "may send" in run(desk, monkeypatch, "queue")  # no person watches: printed once
    assert "was reported on" in run(desk, monkeypatch, "reconcile")
    with provider(Says(body=sent(recipient("+254711000111")))) as told:
        desk.drain(told.url)
    assert desk.state(message)[0] == "accepted"
