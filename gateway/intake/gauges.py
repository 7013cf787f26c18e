"""The funnel of the last day as gauges: a fact that comes late, as the end of a session, may lower a count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

import sqlalchemy as sa
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gateway.context import Context
from gateway.intake.funnel import Funnel, funnels

DAY = timedelta(days=1)


class FunnelCollector(Collector):
    """Sessions of the last 24 hours by screen, and what a case cost. Says nothing while Postgres is away."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def collect(self) -> Iterator[Metric]:
        now = self._context.clock.now()
        try:
            with self._context.work() as session:
                found = funnels(session, self._context.pack.about, since=now - DAY, now=now)
        except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError):
            return
        yield from _gauges(found)


def _gauges(found: Iterable[Funnel]) -> Iterator[Metric]:
    passed = GaugeMetricFamily(
        "baraza_funnel_sessions",
        "Sessions of 24 hours shown a screen (entered) and what became of them there",
        labels=["bearer", "screen", "outcome"],
    )
    base = GaugeMetricFamily(
        "baraza_funnel_cost_sessions", "Sessions of 24 hours whose cost was told", labels=["bearer"]
    )
    a_case = GaugeMetricFamily(
        "baraza_funnel_cost_per_case", "Cost of those sessions for each that filed", labels=["bearer", "currency"]
    )
    for funnel in found:
        for one in funnel.screens:
            for outcome in ("entered", "left", "ended", "told", "silent", "open"):
                passed.add_metric([funnel.bearer, one.screen, outcome], getattr(one, outcome))
        cost = funnel.cost
        base.add_metric([funnel.bearer], cost.told)
        if cost.a_case is not None:  # no figure where there is no base
            a_case.add_metric([funnel.bearer, cost.currency], float(cost.a_case))
    yield from (passed, base, a_case)
