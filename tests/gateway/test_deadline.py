"""The deadline of a hop: too late is said as such, and whoever cancels for another reason is obeyed."""

from __future__ import annotations

import asyncio
import time

import pytest

from gateway.deadline import Deadline
from tests.loops import play_out


def test_what_takes_too_long_ends_with_a_timeout_and_the_task_goes_on() -> None:
    async def whole() -> None:
        began = time.monotonic()
        with pytest.raises(TimeoutError), Deadline(0.02):
            await asyncio.sleep(5)
        assert time.monotonic() - began < 1
        await asyncio.sleep(0.03)

    play_out(whole)


def test_what_is_done_in_time_is_left_alone() -> None:
    async def whole() -> None:
        with Deadline(0.02):
            await asyncio.sleep(0)
        with pytest.raises(ValueError, match="of its own"), Deadline(0.02):
            raise ValueError("of its own")
        await asyncio.sleep(0.03)

    play_out(whole)


def test_a_task_cancelled_from_outside_is_cancelled() -> None:
    async def waits() -> None:
        with Deadline(0.5):
            await asyncio.sleep(5)

    async def whole() -> None:
        task = asyncio.ensure_future(waits())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    play_out(whole)


def test_one_deadline_serves_many_tasks_each_from_its_own_beginning() -> None:
    async def whole() -> None:
        deadline, ended = Deadline(0.05), []

        async def waits(name: str, seconds: float) -> None:
            try:
                with deadline:
                    await asyncio.sleep(seconds)
                ended.append(f"{name} in time")
            except TimeoutError:
                ended.append(f"{name} too late")

        first = [asyncio.ensure_future(waits("first", 5)), asyncio.ensure_future(waits("quick", 0))]
        await asyncio.sleep(0.02)
        await asyncio.gather(*first, waits("second", 5))
        assert ended == ["quick in time", "first too late", "second too late"]
        with deadline, pytest.raises(RuntimeError), deadline:
            pass

    play_out(whole)
