"""A promise as the public sees it: facts of the plan, two voices, the latest news; never who or how many follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from gateway.commitments.models import Commitment, CommitmentUpdate
from gateway.commitments.voices import Marks, Voices
from gateway.pack import Pack
from gateway.public.charts import Step
from gateway.public.words import Words
from menus.guide import mark
from menus.screens.words import PROGRESS

SCALE = ("not_started", "limited", "substantial", "complete")
"""The Open Government Partnership's scale of completion, without the words for knowing nothing."""


CHANGES = {
    "listed": mark("The promise was put on the list"),
    "changed": mark("The plan was changed"),
    "milestone": mark("A step was added or changed"),
    "indicator": mark("What is measured was changed"),
    "reading": mark("A new value was recorded"),
    "reported": mark("The county reports"),
    "assessed": mark("The independent monitor judges"),
    "audited": mark("The independent monitor looked at a claim"),
    "queried": mark("The independent monitor asks the office"),
    "answered": mark("The office answers the monitor"),
    "news": mark("News"),
}
"""What the history of a promise calls a change, in words."""


@dataclass(frozen=True, slots=True)
class Voice:
    """What one side says: the words of the scale, and how many steps of it are done."""

    said: str
    """English, a key of the catalogue."""
    step: int | None
    """0 to 3; None where nothing is said."""


@dataclass(frozen=True, slots=True)
class Promise:
    ogp_id: str
    short: Mapping[str, str]
    title: Mapping[str, str]
    """As the plan has it."""
    lead: str
    partners: list[str]
    problem: Mapping[str, str]
    starts_on: date | None
    ends_on: date | None
    inferred: bool
    source: str
    county: Voice
    monitor: Voice
    latest: CommitmentUpdate | None
    late: bool = False
    """An institution owes a report."""
    stale: bool = False


def shown(pack: Pack, promise: Commitment, latest: CommitmentUpdate | None, marks: Marks | None = None) -> Promise:
    """A row of the table with what the pack adds to it."""
    written = next((entry for entry in pack.commitments if entry.ogp_id == promise.ogp_id), None)
    return Promise(
        ogp_id=promise.ogp_id,
        short=promise.short or promise.title,
        title=promise.title,
        lead=promise.lead,
        partners=promise.partners,
        problem=promise.problem,
        starts_on=promise.starts_on,
        ends_on=promise.ends_on,
        inferred=promise.inferred,
        source=written.source if written else "",
        county=_voice(promise.claim, "no_report"),
        monitor=_voice(promise.judged, "not_assessed"),
        latest=latest,
        late=bool(marks and marks.late),
        stale=bool(marks and marks.stale),
    )


@dataclass(frozen=True, slots=True)
class Line:
    """The milestones on a promise's line of time: shares of its length, 0 to 1."""

    steps: list[Step]
    today: float
    ends: tuple[str, str]
    """The months it begins and ends with."""


def steps(voices: Voices, words: Words, today: date) -> Line | None:
    """What is drawn of the milestones; None where there are none, or no day of them is known."""
    days = [day for one in voices.milestones for day in (one.starts_on, one.due_on) if day]
    days += [day for day in (voices.commitment.starts_on, voices.commitment.ends_on) if day]
    if not days or not voices.milestones:
        return None
    first, last = min(days), max(days)
    length = max((last - first).days, 1)

    def share(day: date | None) -> float | None:
        return None if day is None else (day - first).days / length

    found = []
    for one in voices.milestones:
        due = words.say("until {day}", day=words.day(one.due_on)) if one.due_on else words.say("no date given")
        name = words.plain(one.output)
        short = name if len(name) <= 46 else f"{name[:45]}…"
        state = one.claimed if one.claimed in SCALE else ""
        found.append(Step(short, share(one.starts_on), share(one.due_on), state, due))
    ends = (words.month(first), words.month(last))
    return Line(found, min(max((today - first).days / length, 0.0), 1.0), ends)


def said(word: str) -> str:
    """A word of the scale in English, a key of the catalogue."""
    return PROGRESS.get(word, PROGRESS["no_report"])


def _voice(word: str, unknown: str) -> Voice:
    return Voice(said=PROGRESS.get(word, PROGRESS[unknown]), step=SCALE.index(word) if word in SCALE else None)
