"""Commands run as from a terminal: with no loop about."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def no_loop() -> Iterator[None]:
    """Playwright leaves its loop running in the main thread, and a command that starts its own would be refused."""
    left = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(left)
