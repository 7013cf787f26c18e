"""The funnel of the last day as gauges: a fact that comes late, as the end of a session, may lower a count."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import sqlalchemy as sa
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.context import Context
from gateway.intake.funnel import Funnel, funnel

DAY = timedelta(days=1)


class FunnelCollector(Collector):
    """Sessions of the last 24 hours by screen, and what a case cost. Says nothing while Postgres is away."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def collect(self) -> Iterator[Metric]:
        now, currency = self._context.clock.now(), self._context.pack.about.currency
        try:
            with self._context.work() as session:
                found = funnel(session, since=now - DAY, now=now, currency=currency)
        except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError):
            return
        yield from _gauges(found)


def _gauges(found: Funnel) -> Iterator[Metric]:
    passed = GaugeMetricFamily(
        "baraza_funnel_sessions",
        "USSD sessions of 24 hours shown a screen (entered) and what became of them there",
        labels=["screen", "outcome"],
    )
    for one in found.screens:
        for outcome in ("entered", "left", "ended", "told", "silent", "open"):
            passed.add_metric([one.screen, outcome], getattr(one, outcome))
    yield passed
    cost = found.cost
    base = GaugeMetricFamily("baraza_funnel_cost_sessions", "USSD sessions of 24 hours whose cost was told")
    base.add_metric([], cost.told)
    yield base
    if cost.a_case is not None:  # no figure where there is no base
        a_case = GaugeMetricFamily(
            "baraza_funnel_cost_per_case", "Cost of those sessions for each that filed a case", labels=["currency"]
        )
        a_case.add_metric([cost.currency], float(cost.a_case))
        yield a_case
