"""What Prometheus may know. No label ever holds a number or a word of a resident.

What a worker's short-lived job counts is kept in Valkey and read from there at each scrape; lost with it, like any
counter of a process that starts again.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate

import redis
import structlog
from prometheus_client import REGISTRY, Histogram
from prometheus_client import Counter as Count
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from gateway.channels.base import Outcome

log = structlog.get_logger(__name__)

CALLBACKS = Count("baraza_callbacks_total", "Callbacks of the aggregator, by what became of them", ["name", "outcome"])
UNKNOWN_CODES = Count("baraza_unknown_codes_total", "Requests to a code that the pack does not name", ["kind"])
PATHS_LOST = Count("baraza_session_paths_lost_total", "Sessions missing in the funnel: Postgres was away for too long")
REPORTS = Count("baraza_delivery_reports_total", "Delivery reports, by what they mean", ["fate"])


class HopsAnswered(Collector):
    """The hops of this process, counted by its event loop alone: counters that any thread may use take locks."""

    BOUNDS = Histogram.DEFAULT_BUCKETS
    """Upper bounds of the buckets, in seconds."""

    def __init__(self) -> None:
        self._screens: dict[str, int] = {}
        self._buckets = [0] * len(self.BOUNDS)
        self._seconds = 0.0

    def count(self, screen: str, seconds: float) -> None:
        """One hop was answered with this screen, so many seconds after it arrived."""
        self._screens[screen] = self._screens.get(screen, 0) + 1
        self._buckets[bisect_left(self.BOUNDS, seconds)] += 1
        self._seconds += seconds

    def collect(self) -> Iterator[Metric]:
        hops = CounterMetricFamily("baraza_hops", "USSD hops answered, by the screen shown", labels=["screen"])
        for screen, count in sorted(self._screens.items()):
            hops.add_metric([screen], float(count))
        taken = HistogramMetricFamily("baraza_hop_seconds", "Seconds from a hop's arrival to its answer")
        so_far = map(float, accumulate(self._buckets))
        bounds = map(floatToGoString, self.BOUNDS)
        taken.add_metric([], buckets=list(zip(bounds, so_far, strict=True)), sum_value=self._seconds)
        yield from (hops, taken)


HOPS = HopsAnswered()
REGISTRY.register(HOPS)

_KEY = "metrics:worker"

PROVIDER_BUCKETS = ("0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "2.0", "4.0", "8.0", "12.0", "+Inf")
"""Upper bounds of the buckets of a call to the provider, in seconds; a call waits for 12 at most."""


class Tally:
    """What one job counted, written to Valkey at its end."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._seconds: Counter[str] = Counter()

    def message(self, lane: str, state: str, reason: str, count: int = 1) -> None:
        """So many messages of a lane came into a state."""
        self._counts[f"messages|{lane}|{state}|{reason}"] += count

    def call(self, channel: str, seconds: float) -> None:
        """One call to the provider took so many seconds."""
        bucket = next(bound for bound in PROVIDER_BUCKETS if seconds <= float(bound))
        self._counts[f"calls|{channel}|{bucket}"] += 1
        self._seconds[f"seconds|{channel}"] += seconds  # type: ignore[assignment]  # a Counter adds floats as well

    def spent(self, channel: str, outcomes: Iterable[Outcome]) -> None:
        """The provider said what each of one call's messages costs: nearly always the same."""
        for (currency, cost), count in Counter((one.currency, one.cost) for one in outcomes if one.cost).items():
            amount = float(cost or 0) * count
            self._seconds[f"spent|{channel}|{currency or ''}"] += amount  # type: ignore[assignment]  # as above

    def leases(self, ended: int) -> None:
        """So many messages came back from workers that died."""
        self._counts["leases"] += ended

    def flush(self, valkey: redis.Redis) -> None:
        """Add it to what was counted before. While Valkey is away it is lost, as any counter of a process that ends."""
        try:
            self._add(valkey)
        except redis.RedisError as error:
            log.warning("tally_lost", error=type(error).__name__)

    def _add(self, valkey: redis.Redis) -> None:
        with valkey.pipeline(transaction=False) as pipeline:
            for field, count in self._counts.items():
                pipeline.hincrby(_KEY, field, count)
            for field, seconds in self._seconds.items():
                pipeline.hincrbyfloat(_KEY, field, seconds)
            pipeline.execute()


class WorkerCollector(Collector):
    """The tallies of all workers, as Prometheus reads them. Register it once in the web process."""

    def __init__(self, valkey: redis.Redis) -> None:
        self._valkey = valkey

    def collect(self) -> Iterator[Metric]:
        try:
            kept = {_text(field): _text(value) for field, value in self._valkey.hgetall(_KEY).items()}
        except redis.RedisError:
            return
        messages = CounterMetricFamily(
            "baraza_messages", "Messages that came into a state", labels=["lane", "state", "reason"]
        )
        spent = CounterMetricFamily(
            "baraza_spent", "Money that the provider said it charged", labels=["channel", "currency"]
        )
        leases = CounterMetricFamily("baraza_leases_expired", "Messages that came back from workers that died")
        leases.add_metric([], float(kept.get("leases", 0)))
        for field, value in kept.items():
            name, *labels = field.split("|")
            if name == "messages":
                messages.add_metric(labels, float(value))
            elif name == "spent":
                spent.add_metric(labels, float(value))
        yield from (messages, _provider_seconds(kept), spent, leases)


def _provider_seconds(kept: Mapping[str, str]) -> HistogramMetricFamily:
    """How long calls took, by channel: each bucket kept by itself, added up as Prometheus wants them."""
    calls = HistogramMetricFamily("baraza_provider_seconds", "Seconds a call to the provider took", labels=["channel"])
    for channel in sorted({field.split("|")[1] for field in kept if field.startswith("calls|")}):
        so_far = accumulate(int(kept.get(f"calls|{channel}|{bound}", 0)) for bound in PROVIDER_BUCKETS)
        buckets = list(zip(PROVIDER_BUCKETS, map(float, so_far), strict=True))
        calls.add_metric([channel], buckets=buckets, sum_value=float(kept.get(f"seconds|{channel}", 0)))
    return calls


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
