"""One rate for all workers: never too fast in any five seconds, nearly all of it used, replies first."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

from gateway.context import Context
from gateway.messaging.rate import Limiter
from gateway.messaging.templates import BROADCASTS, REPLIES
from tests.channels.provider import Says, provider, recipient, sent
from tests.messaging.conftest import Desk

Spent = list[tuple[float, int]]
"""When how many segments went out."""


def spend(limiter: Limiter, lane: str, until: float, spent: Spent, segments: int) -> None:
    """Work as a worker does: ask, wait, send at once."""
    while time.monotonic() < until:
        grant = limiter.take(lane, segments=segments, wanted=100)
        if grant.messages:
            spent.append((time.monotonic(), grant.messages * segments))
        else:
            time.sleep(min(grant.wait, max(0.0, until - time.monotonic())))


def test_workers_share_one_rate(context: Context) -> None:
    """Three channels at once, to save the reader's time, each with two workers."""
    until = time.monotonic() + 6.5
    channels: dict[tuple[float, int], Spent] = {(50, 1): [], (200, 3): [], (1000, 1): []}
    threads = [
        threading.Thread(
            target=spend, args=(Limiter(context.valkey, f"test-{rate}", rate), BROADCASTS, until, spent, segments)
        )
        for (rate, segments), spent in channels.items()
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for (rate, _), spent in channels.items():
        spent.sort()
        first = spent[0][0]
        # A grant is seen a moment after Valkey gave it: that moment is all the slack there is.
        for start, _cost in spent:
            assert sum(cost for at, cost in spent if start <= at < start + 4.9) <= 5 * rate
        assert (
            sum(cost for at, cost in spent if at < first + 6) >= 0.93 * rate * 6
        )  # 0.96 on a machine that is never busy


def test_replies_go_first_while_broadcasts_take_all_they_can(context: Context) -> None:
    until = time.monotonic() + 3
    news: Spent = []
    limiter = Limiter(context.valkey, "test", 100)
    thread = threading.Thread(target=spend, args=(limiter, BROADCASTS, until, news, 1))
    thread.start()
    waits = []
    while time.monotonic() < until - 0.5:
        asked = time.monotonic()
        while not (grant := limiter.take(REPLIES, segments=1, wanted=1)).messages:
            time.sleep(grant.wait)
        waits.append(time.monotonic() - asked)
        time.sleep(0.05)
    thread.join()
    assert max(waits) < 0.3
    assert sum(cost for _, cost in news) > 150


def test_a_text_longer_than_the_bucket_still_goes(context: Context) -> None:
    limiter = Limiter(context.valkey, "test", 1)
    assert limiter.take(REPLIES, segments=40, wanted=1).messages == 1
    assert limiter.take(REPLIES, segments=40, wanted=1).wait > 0


def test_what_the_rate_does_not_let_go_in_time_is_owed_again(desk: Desk) -> None:
    for _ in range(40):
        desk.resident()
    desk.broadcast()
    slow = desk.context.settings.model_copy(update={"segments_per_second": 10})
    desk.context = replace(desk.context, settings=slow)
    with provider(Says(body=sent(*(recipient(number) for number in desk.numbers.values())))) as told:
        assert desk.drain(told.url, "broadcasts", seconds=1) is True
    states = sorted(row.state for row in desk.all())
    gone = sum(len(form["to"].split(",")) for form in told.heard)
    assert 5 <= gone <= 15
    assert states == ["accepted"] * gone + ["owed"] * (40 - gone)
