"""Which screens each session was shown, for the funnel: noted in memory at each hop, written every ten seconds.

A hop costs no statement for it: one statement writes what all sessions of this process saw since the last time. What is
lost with a process that is killed is those seconds; nothing else depends on them. A row says the same however often and
in whatever order its hops come, and however many processes answered them: screens are a set, and where the session
stands is told by the longest text. A screen by SMS is written with the text that is owed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import structlog
from pydantic_core import to_json
from sqlalchemy.orm import Session

from gateway import metrics
from gateway.context import Context

log = structlog.get_logger(__name__)

EVERY = 10.0
"""Seconds between two writes."""

MOST = 50_000
"""Sessions kept in memory while Postgres is away; more are not noted, and counted as lost."""

_LATER = "(excluded.consumed, excluded.last_at) >= (kept.consumed, kept.last_at)"
_WRITE = sa.text(
    f"""
    INSERT INTO session_paths AS kept
        (session_key, channel, bearer, began_at, last_at, last_screen, consumed, ended, screens)
    SELECT decode(session_key, 'hex'), :channel, :bearer, began_at, last_at, last_screen, consumed, ended,
           ARRAY(SELECT jsonb_array_elements_text(screens))
    FROM jsonb_to_recordset(CAST(:paths AS jsonb)) AS told(
        session_key text, began_at timestamptz, last_at timestamptz, last_screen text, consumed int, ended bool,
        screens jsonb)
    ORDER BY session_key  -- every process locks rows in the same order
    ON CONFLICT (session_key) DO UPDATE SET
        began_at = least(kept.began_at, excluded.began_at),
        last_at = greatest(kept.last_at, excluded.last_at),
        last_screen = CASE WHEN {_LATER} THEN excluded.last_screen ELSE kept.last_screen END,
        ended = CASE WHEN {_LATER} THEN excluded.ended ELSE kept.ended END,
        consumed = greatest(kept.consumed, excluded.consumed),
        screens = ARRAY(SELECT DISTINCT unnest(kept.screens || excluded.screens))
    """  # noqa: S608  # put together from our own words
)


@dataclass(slots=True)
class Path:
    """What one session was shown since the last write."""

    began_at: datetime
    last_at: datetime
    last_screen: str
    consumed: int
    ended: bool
    screens: set[str] = field(default_factory=set)

    def add(self, other: Path) -> None:
        """What else was shown. Of two hops the one with the longer text is the later one, and of equals the last."""
        self.screens |= other.screens
        if (other.consumed, other.last_at) >= (self.consumed, self.last_at):
            self.last_screen, self.consumed, self.ended = other.last_screen, other.consumed, other.ended
        self.began_at, self.last_at = min(self.began_at, other.began_at), max(self.last_at, other.last_at)

    def told(self, key: bytes) -> Mapping[str, Any]:
        """As `_WRITE` reads it once it is JSON."""
        return {
            "session_key": key.hex(),
            "began_at": self.began_at,
            "last_at": self.last_at,
            "last_screen": self.last_screen,
            "consumed": self.consumed,
            "ended": self.ended,
            "screens": self.screens,
        }


class Paths:
    """The sessions of one web process."""

    def __init__(self, context: Context, channel: str) -> None:
        self._context = context
        self._channel = channel
        self._paths: dict[bytes, Path] = {}

    def note(self, key: bytes, screen: str, *, ended: bool, consumed: int) -> None:
        """A hop was answered with this screen; `consumed` is the length of its text."""
        now, known = self._context.clock.now(), self._paths.get(key)
        if known is None:
            self._add(key, Path(now, now, screen, consumed, ended, {screen}))
            return
        known.screens.add(screen)
        known.last_at = now
        if consumed >= known.consumed:
            known.last_screen, known.consumed, known.ended = screen, consumed, ended

    def _add(self, key: bytes, path: Path) -> None:
        known = self._paths.get(key)
        if known is not None:
            known.add(path)
        elif len(self._paths) < MOST:
            self._paths[key] = path
        else:
            metrics.PATHS_LOST.inc()

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Write every ten seconds while the block runs, and once more at its end."""
        task = asyncio.get_running_loop().create_task(self._keep())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await self.flush()

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            await asyncio.shield(self.flush())

    async def flush(self) -> None:
        """Write what was noted; it stays in memory where Postgres cannot be reached."""
        taken, self._paths = self._paths, {}
        if not taken:
            return
        try:
            await asyncio.to_thread(self._write, taken)
        except sa.exc.SQLAlchemyError as error:
            log.warning("paths_not_written", error=type(error).__name__)
            newer, self._paths = self._paths, taken
            for key, path in newer.items():
                self._add(key, path)

    def _write(self, paths: Mapping[bytes, Path]) -> None:
        with self._context.work() as session:
            _write(session, paths, channel=self._channel, bearer="ussd")


def note_said(session: Session, key: bytes, path: Path, *, channel: str) -> None:
    """One screen was owed by SMS in the conversation with this key; `consumed` counts the texts it has answered."""
    _write(session, {key: path}, channel=channel, bearer="sms")


def _write(session: Session, paths: Mapping[bytes, Path], *, channel: str, bearer: str) -> None:
    body = to_json([path.told(key) for key, path in paths.items()])
    session.execute(_WRITE, {"channel": channel, "bearer": bearer, "paths": body.decode()})
