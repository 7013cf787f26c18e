"""What a change to a pack does to its screens: come, gone, said otherwise, and options that moved.

Both packs are walked; a screen is compared as it looks first on the way of a stranger, in each language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import unified_diff

from menus import gsm7
from operations.authoring.looks import Look, Place


@dataclass(frozen=True, slots=True)
class Moved:
    """An option that residents who know the menu by heart will now choose with another number."""

    label: str
    was: int
    now: int


@dataclass(frozen=True, slots=True)
class Changed:
    """One screen in one language that looks otherwise."""

    screen: str
    language: str
    bearer: str
    lines: tuple[str, ...]
    """A unified diff of the texts, without its header; empty where only options moved out of sight."""
    was: int
    now: int
    """Septets of the text."""
    moved: tuple[Moved, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    added: tuple[tuple[str, str, str], ...]
    """Screens that were not there: bearer, language, name."""
    gone: tuple[tuple[str, str, str], ...]
    changed: tuple[Changed, ...]

    @property
    def renumbers(self) -> bool:
        return any(change.moved for change in self.changed)

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.gone or self.changed)


def compare(before: Mapping[Place, Look], after: Mapping[Place, Look]) -> Difference:
    """The difference that a change makes to residents, from what the screens looked like before."""
    both = [place for place in after if place in before]
    changes = (_change(place, before[place], after[place]) for place in both)
    return Difference(
        added=tuple(place for place in after if place not in before),
        gone=tuple(place for place in before if place not in after),
        changed=tuple(change for change in changes if change.lines or change.moved),
    )


def _change(place: Place, old: Look, new: Look) -> Changed:
    bearer, language, screen = place
    lines = list(unified_diff(old.text.split("\n"), new.text.split("\n"), lineterm="", n=1))[2:]
    moved = (
        Moved(label, old.numbers[way][1], number)
        for way, (label, number) in new.numbers.items()
        if way in old.numbers and old.numbers[way][1] != number
    )
    shown = tuple(line for line in lines if not line.startswith("@@"))
    return Changed(screen, language, bearer, shown, gsm7.length(old.text), gsm7.length(new.text), tuple(moved))
