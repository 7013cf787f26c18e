"""Time is injected: nothing but this module asks the system what time it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Clock:
    """The present, shifted by the demo's `BARAZA_CLOCK_OFFSET`."""

    offset: timedelta = timedelta()

    def now(self) -> datetime:
        """The present in UTC."""
        return datetime.now(UTC) + self.offset

    def wall(self) -> datetime:
        """The time that clocks outside show, in UTC: an authenticator knows of no time travel."""
        return datetime.now(UTC)
