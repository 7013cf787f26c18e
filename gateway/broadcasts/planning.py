"""What a broadcast would do, before anybody is texted: to how many, at what cost, from when to when."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from gateway.broadcasts.audiences import audience
from gateway.broadcasts.service import needs_second_person
from gateway.broadcasts.states import Status, check_move
from gateway.messaging import templates
from gateway.messaging.audience import reach
from gateway.messaging.models import Broadcast
from gateway.messaging.quiet import Quiet, quiet_hours
from gateway.messaging.segments import segments
from gateway.pack import Pack
from gateway.settings import Settings


@dataclass(frozen=True, slots=True)
class Copy:
    """What those who read one language get."""

    language: str
    recipients: int
    segments: int
    """Of one text, with the line that says how to stop."""
    text: str
    """As it arrives."""


@dataclass(frozen=True, slots=True)
class DryRun:
    asked: int
    stopped: int
    capped: int
    copies: list[Copy]
    starts_at: datetime
    seconds: float
    """That the channel takes at its rate, if it carries nothing else."""
    quiet: Quiet | None
    crosses: datetime | None
    """When the quiet hours would interrupt it."""
    needs_second_person: bool

    @property
    def recipients(self) -> int:
        return sum(copy.recipients for copy in self.copies)

    @property
    def segments(self) -> int:
        return sum(copy.recipients * copy.segments for copy in self.copies)

    @property
    def minutes(self) -> int:
        return math.ceil(self.seconds / 60)


def dry_run(session: Session, pack: Pack, settings: Settings, row: Broadcast, now: datetime) -> DryRun:
    """Count what approving the draft now would owe. Changes nothing. Raises `TransitionNotAllowed` when it is none."""
    check_move(row.status, Status.ADDING)
    whom = audience(pack, row)
    found = reach(session, whom, now)
    copies = [
        _copy(pack, language, found.by_language.get(language, 0), body, whom.template)
        for language, body in row.bodies.items()
    ]
    segments = sum(copy.recipients * copy.segments for copy in copies)
    seconds = segments / settings.segments_per_second
    quiet = quiet_hours(pack, settings)
    starts = quiet.opening(now) if quiet is not None and quiet.holds(now) else now
    interrupted = quiet.closing(starts) if quiet is not None else None
    return DryRun(
        asked=found.asked,
        stopped=found.asked - found.recipients - found.capped,
        capped=found.capped,
        copies=copies,
        starts_at=starts,
        seconds=seconds,
        quiet=quiet,
        crosses=interrupted if interrupted and starts + timedelta(seconds=seconds) > interrupted else None,
        needs_second_person=needs_second_person(pack, found.recipients + found.capped),
    )


def _copy(pack: Pack, language: str, recipients: int, body: str, template: str) -> Copy:
    text = templates.render(pack.guide, template, language, {"body": body})
    return Copy(language, recipients, segments(text), text)
