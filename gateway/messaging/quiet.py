"""Quiet hours: only receipts, answers to something just sent, and matters of life and liberty go out in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gateway.messaging.templates import BROADCASTS, REPLIES
from gateway.pack import Pack
from gateway.settings import Settings

SPREAD = {REPLIES: timedelta(minutes=10), BROADCASTS: timedelta(minutes=60)}
"""Over how long what was held goes out again at opening, by lane."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """From `start` until `end` on the clocks of `zone`; over midnight when `start` is the later one."""

    start: time
    end: time
    zone: ZoneInfo

    def holds(self, now: datetime) -> bool:
        """Whether it is quiet now."""
        clock = now.astimezone(self.zone).time()
        if self.start <= self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end

    def opening(self, now: datetime) -> datetime:
        """When the quiet ends next, in UTC."""
        local = now.astimezone(self.zone)
        today = datetime.combine(local.date(), self.end, self.zone)
        return (today if today > local else today + timedelta(days=1)).astimezone(UTC)

    def closing(self, now: datetime) -> datetime:
        """When the next quiet begins, in UTC."""
        local = now.astimezone(self.zone)
        today = datetime.combine(local.date(), self.start, self.zone)
        return (today if today > local else today + timedelta(days=1)).astimezone(UTC)


def quiet_hours(pack: Pack, settings: Settings) -> Quiet | None:
    """The pack's quiet hours; none where the demo or a test switched them off."""
    hours = pack.about.quiet_hours
    return None if settings.quiet_hours == "off" else Quiet(hours.start, hours.end, pack.about.zone)
