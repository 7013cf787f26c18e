"""Where the cards of a tree go: a column for each depth, no two cards on each other, as little room as it takes.

The idea is that of Reingold and Tilford ("Tidier Drawings of Trees", 1981), for cards of different heights: a subtree
moves up under the one before it until the two touch in some column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Bottoms = dict[int, float]
"""The lowest point taken so far, by column."""


@dataclass(frozen=True, slots=True)
class Place:
    column: int
    top: float


def arrange(
    roots: Sequence[str], children: Mapping[str, Sequence[str]], heights: Mapping[str, float], gap: float
) -> dict[str, Place]:
    """A place for every card of the trees under `roots`; a parent stands level with its first child."""
    placed: dict[str, Place] = {}
    bottoms: Bottoms = {}
    for root in roots:
        _put(root, 0, _lowest_top(root, 0, bottoms, children), placed, bottoms, children, heights, gap)
    return placed


def _lowest_top(name: str, column: int, bottoms: Bottoms, children: Mapping[str, Sequence[str]]) -> float:
    """How high a card may stand with its line of first children beside it."""
    own = bottoms.get(column, 0.0)
    first = children.get(name, ())[:1]
    return max(own, _lowest_top(first[0], column + 1, bottoms, children)) if first else own


def _put(
    name: str,
    column: int,
    top: float,
    placed: dict[str, Place],
    bottoms: Bottoms,
    children: Mapping[str, Sequence[str]],
    heights: Mapping[str, float],
    gap: float,
) -> None:
    placed[name] = Place(column, top)
    bottoms[column] = top + heights[name] + gap
    for number, child in enumerate(children.get(name, ())):
        lowest = max(_lowest_top(child, column + 1, bottoms, children), top)
        _put(child, column + 1, top if not number else lowest, placed, bottoms, children, heights, gap)
