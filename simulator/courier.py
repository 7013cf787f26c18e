"""Carries the aggregator's callbacks to the product, and carries them again until it answers 200."""

import asyncio
import heapq
import itertools
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Literal
from urllib.parse import urlencode

import httpx

from simulator.ledger import Ledger

Path = Literal["ussd", "ussd-end", "sms", "delivery", "opt-out"]
FORM = "application/x-www-form-urlencoded"


@dataclass(slots=True)
class Callback:
    """One form to post. ``on_answer`` hears the HTTP status of each attempt, ``None`` when there was no answer."""

    path: Path
    fields: Mapping[str, str]
    attempts: int = 10
    on_answer: Callable[[int | None], None] | None = None
    made: int = 0

    def pause(self) -> float:
        """Seconds before the next attempt: half a second, doubling, at most half a minute."""
        return min(0.25 * 2.0**self.made, 30.0)


class Courier:
    """Posts forms to the product: at once with `post` and `deliver`, or later, sixteen at a time, with `queue`."""

    def __init__(self, callbacks: str, ledger: Ledger, *, kept: int) -> None:
        self._base = callbacks.rstrip("/")
        self._ledger = ledger
        self._kept = kept
        # The product may close an idle connection after 5 s; a hop must never be written into a closed one.
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=32, keepalive_expiry=2)
        self._client = httpx.AsyncClient(limits=limits, timeout=10, trust_env=False)
        self._due: list[tuple[float, int, Callback]] = []
        self._order = itertools.count()
        self._more = asyncio.Event()
        self._hands = asyncio.Semaphore(16)
        self._errands: set[asyncio.Task[None]] = set()

    async def post(
        self, path: Path, fields: Mapping[str, str], headers: Mapping[str, str] | None = None, patience: float = 10
    ) -> httpx.Response:
        """Post one form once, and wait ``patience`` seconds for the answer.

        Raises:
            httpx.HTTPError: no answer in time, or no connection.
        """
        return await self._client.post(
            f"{self._base}/{path}",
            content=urlencode(fields),
            headers={"Content-Type": FORM, **(headers or {})},
            timeout=patience,
        )

    async def deliver(self, callback: Callback) -> int | None:
        """Make one attempt now, queue the next if it was not answered with 200, and return the status."""
        status: int | None = None
        with suppress(httpx.HTTPError):
            status = (await self.post(callback.path, callback.fields)).status_code
        callback.made += 1
        self._ledger.counters[f"callbacks_{'answered' if status == 200 else 'unanswered'}"] += 1
        if callback.on_answer:
            callback.on_answer(status)
        if status != 200 and callback.made < callback.attempts:
            self.queue(callback, callback.pause())
        return status

    def queue(self, callback: Callback, after: float = 0.0) -> None:
        """Deliver in ``after`` seconds; dropped and counted when too many wait already."""
        if len(self._due) >= self._kept:
            self._ledger.counters["callbacks_dropped"] += 1
            return
        heapq.heappush(self._due, (monotonic() + after, next(self._order), callback))
        self._more.set()

    @property
    def waiting(self) -> int:
        """How many callbacks are under way, or wait for their time or their next attempt."""
        return len(self._due) + len(self._errands)

    async def run(self) -> None:
        """Deliver what falls due, until cancelled."""
        while True:
            callback = await self._next()
            await self._hands.acquire()
            errand = asyncio.create_task(self._carry(callback))
            self._errands.add(errand)
            errand.add_done_callback(self._errands.discard)

    async def close(self) -> None:
        """Drop what is under way."""
        for errand in list(self._errands):
            errand.cancel()
        await self._client.aclose()

    async def _carry(self, callback: Callback) -> None:
        try:
            await self.deliver(callback)
        finally:
            self._hands.release()

    async def _next(self) -> Callback:
        while True:
            wait = self._due[0][0] - monotonic() if self._due else None
            if wait is not None and wait <= 0:
                return heapq.heappop(self._due)[2]
            self._more.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._more.wait(), wait)
