"""A promise as the public sees it: facts of the plan, two voices, the latest news; never who or how many follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from gateway.commitments.models import Commitment, CommitmentUpdate
from gateway.pack import Pack
from menus.screens.words import PROGRESS

SCALE = ("not_started", "limited", "substantial", "complete")
"""The Open Government Partnership's scale of completion, without the words for knowing nothing."""


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


def shown(pack: Pack, promise: Commitment, latest: CommitmentUpdate | None) -> Promise:
    """A row of the table with what the pack adds to it."""
    written = next((entry for entry in pack.commitments if entry.ogp_id == promise.ogp_id), None)
    return Promise(
        ogp_id=promise.ogp_id,
        short=written.short if written else promise.title,
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
    )


def _voice(word: str, unknown: str) -> Voice:
    return Voice(said=PROGRESS.get(word, PROGRESS[unknown]), step=SCALE.index(word) if word in SCALE else None)
