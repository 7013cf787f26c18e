"""What a change to a pack does to its screens: come, gone, said otherwise, and options that moved.

Both packs are walked; a screen is compared as it looks first on the way of a stranger, in each language.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import unified_diff

from menus import gsm7
from menus.guide import Guide
from menus.walk import Visit, bearers, walk


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


Place = tuple[str, str, str]
"""Bearer, language, screen."""


@dataclass(frozen=True, slots=True)
class _Look:
    text: str
    numbers: dict[str, tuple[str, int]]
    """By where an option leads and what it is called: its label and number."""


def compare(old: Guide, new: Guide) -> Difference:
    """The difference that a change from `old` to `new` makes to residents."""
    before, after = dict(_looks(old)), dict(_looks(new))
    both = [place for place in after if place in before]
    changes = (_change(place, before[place], after[place]) for place in both)
    return Difference(
        added=tuple(place for place in after if place not in before),
        gone=tuple(place for place in before if place not in after),
        changed=tuple(change for change in changes if change.lines or change.moved),
    )


def _looks(guide: Guide) -> Iterator[tuple[Place, _Look]]:
    for bearer, played in bearers(guide).items():
        for language in (known.code for known in played.languages):
            yield from (((bearer, language, name), look) for name, look in _first(walk(played, language)))


def _first(visits: Iterable[Visit]) -> Iterator[tuple[str, _Look]]:
    seen = set()
    for visit in visits:
        if visit.shown.name in seen:
            continue
        seen.add(visit.shown.name)
        numbers = {
            # Two options may lead alike (categories do): then their words tell them apart.
            f"{option.go.then} {sorted(option.go.keep.items())} {option.go.language}": (option.label, number)
            for number, option in enumerate(visit.drawn.options, 1)
        }
        yield visit.shown.name, _Look(visit.shown.text, numbers)


def _change(place: Place, old: _Look, new: _Look) -> Changed:
    bearer, language, screen = place
    lines = list(unified_diff(old.text.split("\n"), new.text.split("\n"), lineterm="", n=1))[2:]
    moved = (
        Moved(label, old.numbers[way][1], number)
        for way, (label, number) in new.numbers.items()
        if way in old.numbers and old.numbers[way][1] != number
    )
    shown = tuple(line for line in lines if not line.startswith("@@"))
    return Changed(screen, language, bearer, shown, gsm7.length(old.text), gsm7.length(new.text), tuple(moved))
