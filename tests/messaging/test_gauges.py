"""What Prometheus reads of the queue: out of the database and out of the workers' tallies, never a number or a word."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from prometheus_client import CollectorRegistry, generate_latest

from gateway.channels.base import Money
from gateway.messaging import channel
from gateway.messaging.gauges import QueueCollector
from gateway.metrics import WorkerCollector
from tests.channels.provider import Says, provider, recipient, sent
from tests.messaging.conftest import Desk, leave_leased
from worker import tasks


def scraped(desk: Desk) -> dict[str, float]:
    registry = CollectorRegistry()
    registry.register(QueueCollector(desk.context))
    registry.register(WorkerCollector(desk.context.valkey))
    lines = [line for line in generate_latest(registry).decode().splitlines() if not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def test_what_waits_and_since_when(desk: Desk) -> None:
    desk.owe(desk.resident())
    desk.clock.pass_(minutes=2)
    desk.owe(desk.resident())
    read = scraped(desk)
    assert read['baraza_messages_waiting{lane="replies",state="owed"}'] == 2
    assert read['baraza_messages_oldest_seconds{lane="replies",state="owed"}'] == 120


def test_what_became_of_the_last_hours_messages(desk: Desk) -> None:
    now = desk.clock.now()
    for state, reason, minutes in [("delivered", "", 5), ("failed", "no_route", 5), ("failed", "no_route", 90)]:
        desk.set(desk.owe(desk.resident()), state=state, reason=reason, sent_at=now - timedelta(minutes=minutes))
    read = scraped(desk)
    assert read['baraza_messages_last_hour{lane="replies",reason="",state="delivered"}'] == 1
    assert read['baraza_messages_last_hour{lane="replies",reason="no_route",state="failed"}'] == 1


def test_money_left_and_money_spent(desk: Desk) -> None:
    desk.owe(desk.resident(number="+254711000111"))
    with provider(Says(body=sent(recipient("+254711000111")))) as told:
        desk.drain(told.url)
    with desk.context.work() as session:
        money = Money(Decimal("812.5"), "KES")
        channel.note_balance(session, money, warning=Decimal(1000), now=desk.clock.now())
    read = scraped(desk)
    assert read['baraza_spent_total{channel="africastalking",currency="KES"}'] == 0.8
    assert read['baraza_balance{channel="africastalking",currency="KES"}'] == 812.5
    assert not any("711000111" in name for name in read)


def test_a_stopped_channel_and_leases_that_ran_out(desk: Desk) -> None:
    message, other = desk.owe(desk.resident()), desk.owe(desk.resident(number="+254711000999"))
    leave_leased(desk, message, departed=False)
    desk.clock.pass_(seconds=61)
    tasks.sweep(desk.context)
    assert scraped(desk)["baraza_leases_expired_total"] == 1
    with provider(Says(status=401)) as told:
        desk.drain(told.url)
    assert scraped(desk)['baraza_channel_stopped{channel="africastalking",reason="bad_key"}'] == 1
    assert other != message
