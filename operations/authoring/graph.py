"""All screens of a pack and the ways between them, as walked, put together for a drawing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from menus.check import kind_of
from menus.engine import SCREENS, State
from menus.guide import Guide
from menus.layout import clean
from menus.screens.entry import dialled
from menus.walk import KEYS, WORDS, Visit, bearers, walk

MANY = 3
"""So many options that do the same are drawn as one: the wards of a sub-county."""


@dataclass(slots=True)
class Row:
    """One way out: an option, several that do the same, or typed words."""

    labels: tuple[str, ...]
    numbers: set[int] = field(default_factory=set)
    """The digits that choose it; none for words."""
    targets: tuple[str, ...] = ()
    """Where it leads, the usual way first; more than one where it depends on what is known."""
    effects: tuple[str, ...] = ()
    """What it asks of the gateway, in words: `file case`."""

    @property
    def number(self) -> str:
        """`1`, `1-5, 7`; empty for words."""
        runs: list[list[int]] = []
        for number in sorted(self.numbers):
            if runs and runs[-1][-1] == number - 1:
                runs[-1].append(number)
            else:
                runs.append([number])
        return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


@dataclass(slots=True)
class Node:
    name: str
    kind: str
    """`choice`, `words`, `read` (only the keys lead on), `end`."""
    guarded: bool
    needs: tuple[str, ...]
    body: str
    """What it says, as it looked first."""
    rows: list[Row]
    came: str
    """The screen that a resident usually comes from; empty where sessions begin."""
    start: str
    """Who dialled, of those that came here first."""
    pages: int = 1


@dataclass(frozen=True, slots=True)
class Graph:
    title: str
    spoken: str
    """The language, as it names itself."""
    bearer: str
    nodes: dict[str, Node]
    shortcuts: tuple[tuple[str, str], ...]
    """Codes that can be dialled and the screen each begins at."""


def build(guide: Guide, language: str, bearer: str = "") -> Graph:
    """The graph of one language over one bearer (the pack's first where none is given)."""
    played = bearers(guide)
    chosen = bearer or next(iter(played))
    nodes = {name: _node(name, looks) for name, looks in _by_screen(walk(played[chosen], language)).items()}
    home = State(guide.home, language)
    codes = tuple((code, dialled(home, errand).screen) for code, errand in guide.shortcuts.items())
    spoken = next(known.name for known in guide.languages if known.code == language)
    return Graph(guide.label(guide.titles, language), spoken, chosen, nodes, codes)


def _node(name: str, looks: Sequence[Visit]) -> Node:
    spec, first = SCREENS[name], looks[0]
    if first.state.answers.get("kind"):
        # The other errands borrow the steps of a complaint: its way is the one to draw.
        first = next((look for look in looks if look.state.answers.get("kind") == "complaint"), first)
    return Node(
        name=name,
        kind=kind_of(first),
        guarded=spec.guarded,
        needs=spec.needs,
        body=clean(first.drawn.body),
        rows=_rows([look for look in looks if not look.state.answers.get("errand")]),
        came=first.came,
        start=first.start,
        pages=max(look.shown.pages for look in looks),
    )


def _by_screen(visits: Iterable[Visit]) -> dict[str, list[Visit]]:
    found: dict[str, list[Visit]] = {}
    for visit in visits:
        found.setdefault(visit.shown.name, []).append(visit)
    return found


def _rows(looks: Sequence[Visit]) -> list[Row]:
    """The ways out of one screen in all its looks, ways alike joined."""
    found: dict[str, Row] = {}
    seen: Counter[str] = Counter()
    for look in looks:
        ways = [way for way in look.ways if way.typed not in KEYS and way.leads_on]
        seen.update({way.label for way in ways})
        for way in ways:
            row = found.setdefault(way.label, Row((clean(way.label).replace("\n", " "),)))
            row.numbers |= {int(way.typed)} if way.label != WORDS else set()
            row.targets = tuple(dict.fromkeys([*row.targets, way.to.screen]))
            effects = (effect_words(type(effect).__name__) for effect in way.effects)
            row.effects = tuple(dict.fromkeys([*row.effects, *effects]))
    alike: dict[tuple[object, ...], list[Row]] = {}
    for label, row in found.items():
        listed = seen[label] < len(looks)  # an entry of a list, not an option of the screen itself
        alike.setdefault((listed, frozenset(row.targets), row.effects), []).append(row)
    rows = [row for group in alike.values() for row in (_joined(group) if len(group) >= MANY else group)]
    return sorted(rows, key=lambda row: min(row.numbers, default=0))


def _joined(rows: Sequence[Row]) -> list[Row]:
    labels = tuple(label for row in rows for label in row.labels)
    return [Row(labels, set().union(*(row.numbers for row in rows)), rows[0].targets, rows[0].effects)]


def effect_words(name: str) -> str:
    """`FileCase` as `file case`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
