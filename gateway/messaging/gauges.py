"""The queue as Prometheus reads it, out of the database at each scrape: true whichever process answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.orm import Session

from gateway.context import Context
from gateway.messaging import watching
from gateway.messaging.models import Message


class QueueCollector(Collector):
    """What waits, what became of the last hour's messages, and the channel. Says nothing while Postgres is away."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def collect(self) -> Iterator[Metric]:
        now = self._context.clock.now()
        try:
            with self._context.work() as session:
                metrics = [*_waiting(session, now), *_last_hour(session, now), *_channel(session, now)]
        except sa.exc.SQLAlchemyError:
            return
        yield from metrics


def _waiting(session: Session, now: datetime) -> Iterator[Metric]:
    count = GaugeMetricFamily("baraza_messages_waiting", "Messages not settled", labels=["lane", "state"])
    age = GaugeMetricFamily(
        "baraza_messages_oldest_seconds", "Since when the oldest of them is owed", labels=["lane", "state"]
    )
    for row in watching.waiting(session):
        count.add_metric([row.lane, row.state], row.count)
        age.add_metric([row.lane, row.state], max(0.0, (now - row.oldest).total_seconds()))
    yield count
    yield age


def _last_hour(session: Session, now: datetime) -> Iterator[Metric]:
    count = GaugeMetricFamily(
        "baraza_messages_last_hour", "Messages sent in the last hour, by state now", labels=["lane", "state", "reason"]
    )
    rows = session.execute(
        sa.select(Message.lane, Message.state, Message.reason, sa.func.count())
        .where(Message.sent_at > now - watching.LATELY)
        .group_by(Message.lane, Message.state, Message.reason)
    )
    for row in rows:
        count.add_metric([row[0], row[1], row[2]], row[3])
    yield count


def _channel(session: Session, now: datetime) -> Iterator[Metric]:
    channel = watching.channel_now(session, now)
    stopped = GaugeMetricFamily("baraza_channel_stopped", "1 while staff must mend it", labels=["channel", "reason"])
    stopped.add_metric([channel.channel, channel.stopped], float(bool(channel.stopped)))
    unreported = GaugeMetricFamily(
        "baraza_messages_unreported", "Accepted and long without a delivery report", labels=["channel"]
    )
    unreported.add_metric([channel.channel], channel.unreported)
    yield stopped
    yield unreported
    if channel.balance is not None:
        left = GaugeMetricFamily("baraza_balance", "Money left at the aggregator", labels=["channel", "currency"])
        left.add_metric([channel.channel, channel.currency or ""], float(channel.balance))
        yield left
