"""Coroutines in a loop of their own, whatever the test before has left running."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def play_out(whole: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a coroutine to its end in a thread: Playwright leaves its loop running in the main one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(whole())).result()
