"""A time limit for what tasks wait for: `asyncio.timeout` at a tenth of its cost, for what runs at every hop."""

from __future__ import annotations

import asyncio
from types import TracebackType


class Deadline:
    """`with deadline:` in a task; what is awaited within ends with TimeoutError when so many seconds are over.

    One object serves any number of tasks of one loop, each once at a time. Nearly all of them are done long before, so
    there is one timer for all, set for whoever began first.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends: dict[asyncio.Task[object], tuple[float, int]] = {}
        """When each task's time is over, the first first; and how often it had been cancelled before it began."""
        self._late: set[asyncio.Task[object]] = set()
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        if task is None or task in self._ends:
            raise RuntimeError("a deadline is for a task, and once at a time")
        end = loop.time() + self._seconds
        self._ends[task] = end, task.cancelling()
        if self._timer is None:
            self._timer = loop.call_at(end, self._look)

    def _look(self) -> None:
        """Stop the tasks whose time is over, and look again when that of the next one is."""
        loop = asyncio.get_running_loop()
        self._timer = None
        for task, (end, _) in self._ends.items():
            if end > loop.time():
                self._timer = loop.call_at(end, self._look)
                break
            if task not in self._late:
                self._late.add(task)
                task.cancel()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        task = asyncio.current_task()
        assert task is not None, "it was entered in one"
        _, before = self._ends.pop(task)
        if task not in self._late:
            return
        self._late.discard(task)
        # Whoever else cancels the task meanwhile means it: then it is no timeout.
        if task.uncancel() <= before and kind is asyncio.CancelledError:
            raise TimeoutError from error
