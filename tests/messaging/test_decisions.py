"""Outcome by table, and quiet hours by the clock on the wall."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.channels.base import Layer
from gateway.messaging.outcomes import DECISIONS, Do, backoff, decide
from gateway.messaging.quiet import Quiet

OUTCOMES = [
    (Layer.CONNECT, "refused", Do.RETRY, "no_connection", False),
    (Layer.CONNECT, "timeout", Do.RETRY, "no_connection", False),
    (Layer.CONNECT, "certificate", Do.PAUSE, "certificate", False),
    (Layer.CONNECT, "address", Do.PAUSE, "bad_address", False),
    (Layer.TRANSPORT, "timeout", Do.UNKNOWN, "no_answer", False),
    (Layer.TRANSPORT, "reset", Do.UNKNOWN, "no_answer", False),
    (Layer.HTTP, "302", Do.PAUSE, "bad_address", False),
    (Layer.HTTP, "400", Do.RETRY, "refused", False),
    (Layer.HTTP, "401", Do.STOP, "bad_key", False),
    (Layer.HTTP, "403", Do.PAUSE, "forbidden", False),
    (Layer.HTTP, "404", Do.PAUSE, "bad_address", False),
    (Layer.HTTP, "408", Do.RETRY, "provider_error", True),
    (Layer.HTTP, "418", Do.RETRY, "refused", False),
    (Layer.HTTP, "429", Do.RETRY, "too_fast", False),
    (Layer.HTTP, "500", Do.RETRY, "provider_error", True),
    (Layer.HTTP, "503", Do.RETRY, "provider_error", True),
    (Layer.HTTP, "530", Do.RETRY, "provider_error", True),
    (Layer.BODY, "InvalidSenderId", Do.STOP, "bad_sender", False),
    (Layer.BODY, "empty", Do.UNKNOWN, "unclear_answer", False),
    (Layer.BODY, "missing", Do.UNKNOWN, "unclear_answer", False),
    (Layer.BODY, "not_json", Do.UNKNOWN, "unclear_answer", False),
    (Layer.RECIPIENT, "malformed", Do.FINAL, "invalid_number", False),
    (Layer.RECIPIENT, "100", Do.ACCEPT, "processed", False),
    (Layer.RECIPIENT, "101", Do.ACCEPT, "sent", False),
    (Layer.RECIPIENT, "102", Do.ACCEPT, "queued", False),
    (Layer.RECIPIENT, "401", Do.HOLD, "risk_hold", False),
    (Layer.RECIPIENT, "402", Do.STOP, "bad_sender", False),
    (Layer.RECIPIENT, "403", Do.FINAL, "invalid_number", False),
    (Layer.RECIPIENT, "404", Do.FINAL, "unsupported_number", False),
    (Layer.RECIPIENT, "405", Do.PAUSE, "no_balance", False),
    (Layer.RECIPIENT, "406", Do.FINAL, "unreachable_by_sms", False),
    (Layer.RECIPIENT, "407", Do.FINAL, "no_route", False),
    (Layer.RECIPIENT, "409", Do.FINAL, "do_not_disturb", False),
    (Layer.RECIPIENT, "500", Do.RETRY, "provider_error", True),
    (Layer.RECIPIENT, "501", Do.RETRY, "gateway_error", True),
    (Layer.RECIPIENT, "502", Do.RETRY, "rejected_by_gateway", False),
    (Layer.RECIPIENT, "999", Do.UNKNOWN, "unclear_answer", False),
    (Layer.RECIPIENT, "", Do.UNKNOWN, "unclear_answer", False),
]


@pytest.mark.parametrize(("layer", "code", "do", "reason", "repeat"), OUTCOMES)
def test_outcomes(layer: Layer, code: str, do: Do, reason: str, repeat: bool) -> None:
    decision = decide(layer, code)
    assert (decision.do, decision.reason, decision.repeat) == (do, reason, repeat)


def test_every_retry_is_bounded_and_every_pause_ends() -> None:
    assert all(decision.tries > 1 for decision in DECISIONS.values() if decision.do is Do.RETRY)
    assert all(decision.rest > timedelta() for decision in DECISIONS.values() if decision.do is Do.PAUSE)


def test_only_a_number_that_blocks_sms_is_called_unreachable() -> None:
    assert {key for key, decision in DECISIONS.items() if decision.unreachable} == {
        (Layer.RECIPIENT, "406"),
        (Layer.RECIPIENT, "blocked"),
    }


def test_waiting_doubles_to_a_quarter_of_an_hour_and_is_spread() -> None:
    for tries, longest in ((1, 5), (2, 10), (5, 80), (9, 900), (60, 900)):
        waits = {backoff(tries).total_seconds() for _ in range(50)}
        assert longest / 2 <= min(waits) < max(waits) <= longest


NIGHT = Quiet(time(19), time(7), ZoneInfo("Africa/Nairobi"))
SIESTA = Quiet(time(12), time(14), ZoneInfo("Asia/Jakarta"))


@pytest.mark.parametrize(
    ("quiet", "now", "holds"),
    [
        (NIGHT, "2026-11-20T15:59:59", False),  # 18:59:59 in Nairobi
        (NIGHT, "2026-11-20T16:00:00", True),
        (NIGHT, "2026-11-20T21:00:00", True),  # midnight
        (NIGHT, "2026-11-21T03:59:59", True),
        (NIGHT, "2026-11-21T04:00:00", False),
        (SIESTA, "2026-11-20T04:59:59", False),
        (SIESTA, "2026-11-20T05:00:00", True),
        (SIESTA, "2026-11-20T07:00:00", False),
    ],
)
def test_quiet_hours_are_those_of_the_packs_zone(quiet: Quiet, now: str, holds: bool) -> None:
    assert quiet.holds(datetime.fromisoformat(now).replace(tzinfo=UTC)) is holds


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("2026-11-20T16:00:00", "2026-11-21T04:00:00"),
        ("2026-11-20T20:59:00", "2026-11-21T04:00:00"),
        ("2026-11-20T21:01:00", "2026-11-21T04:00:00"),
        ("2026-11-21T03:59:00", "2026-11-21T04:00:00"),
        ("2026-12-31T18:00:00", "2027-01-01T04:00:00"),
    ],
)
def test_what_is_held_waits_for_the_next_opening(now: str, opening: str) -> None:
    assert NIGHT.opening(datetime.fromisoformat(now).replace(tzinfo=UTC)) == datetime.fromisoformat(opening).replace(
        tzinfo=UTC
    )
