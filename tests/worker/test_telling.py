"""What leaves a process: log lines and counters, without numbers and without words."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Callable, Iterator

import pytest
import structlog
from prometheus_client import CollectorRegistry, generate_latest

from gateway import logs
from gateway.context import Context
from gateway.metrics import Tally, WorkerCollector
from tests.channels.provider import Says, provider, recipient, sent
from tests.messaging.conftest import Desk

NUMBER = "+254711000111"

Told = Callable[[], list[dict[str, object]]]


@pytest.fixture
def told() -> Iterator[Told]:
    """Logs as a process of ours writes them; what was written so far."""
    before, stream = logging.getLogger().handlers[:], io.StringIO()
    logs.configure(stream=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = before


def fail() -> None:
    raise ValueError(f"{NUMBER} said: maji")


def test_an_exception_is_told_by_its_type_and_place_never_by_its_words(told: Told) -> None:
    try:
        fail()
    except ValueError:
        structlog.get_logger("ours").exception("failed", lane="replies")
        logging.getLogger("theirs").exception("failed too")
    ours, theirs = told()
    assert (ours["event"], ours["error"], ours["lane"], ours["level"]) == ("failed", "ValueError", "replies", "error")
    assert str(ours["at"]).startswith("['test_telling.py:")
    assert (theirs["event"], theirs["error"]) == ("failed too", "ValueError")
    assert "maji" not in json.dumps([ours, theirs])


@pytest.mark.parametrize(
    "spelled", ["+254711000111", "254711000111", "0711000111", "%2B254711000111", "call 0711000111!"]
)
def test_a_number_that_slips_in_is_masked(told: Told, spelled: str) -> None:
    structlog.get_logger("ours").info("odd", value=spelled)
    logging.getLogger("theirs").warning("odd %s", spelled)
    assert len(told()) == 2
    assert "711000111" not in json.dumps(told())


def test_libraries_that_print_requests_are_silent(told: Told) -> None:
    for name in ("uvicorn.access", "urllib3.connectionpool", "rq.worker", "apscheduler.scheduler"):
        logging.getLogger(name).info("GET /channels/secret")
    logging.getLogger("ours").info("said")
    assert [line["event"] for line in told()] == ["said"]


def test_what_a_job_counted_is_read_at_the_next_scrape(context: Context, desk: Desk) -> None:
    desk.owe(desk.resident(number=NUMBER))
    with provider(Says(body=sent(recipient(NUMBER)))) as stand_in:
        desk.drain(stand_in.url)
    tally = Tally()
    tally.message("broadcasts", "failed", "no_route", 3)
    for _ in range(2):
        tally.flush(context.valkey)
    registry = CollectorRegistry()
    registry.register(WorkerCollector(context.valkey))
    text = generate_latest(registry).decode()
    assert 'baraza_messages_total{lane="replies",reason="sent",state="accepted"} 1.0' in text
    assert 'baraza_messages_total{lane="broadcasts",reason="no_route",state="failed"} 6.0' in text
    assert 'baraza_provider_seconds_count{channel="africastalking"} 1.0' in text


def test_how_long_the_provider_takes_is_a_histogram(context: Context) -> None:
    for seconds in (0.02, 0.3, 0.3, 1.0, 60.0):
        tally = Tally()
        tally.call("africastalking", seconds)
        tally.flush(context.valkey)
    registry = CollectorRegistry()
    registry.register(WorkerCollector(context.valkey))
    text = generate_latest(registry).decode()
    assert "# TYPE baraza_provider_seconds histogram" in text
    counted = re.findall(r'baraza_provider_seconds_bucket\{channel="africastalking",le="([^"]+)"\} (\d+)', text)
    up_to = {bound: int(count) for bound, count in counted}
    assert [up_to[bound] for bound in ("0.025", "0.25", "0.5", "1.0", "12.0", "+Inf")] == [1, 1, 3, 4, 4, 5]
    assert 'baraza_provider_seconds_count{channel="africastalking"} 5.0' in text
    assert 'baraza_provider_seconds_sum{channel="africastalking"} 61.62' in text
