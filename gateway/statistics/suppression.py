"""Small numbers hidden so that nobody subtracts their way to them. The one place that decides what is shown.

A number from 1 to below the floor `k` is hidden. Zero is shown, for nobody stands in it, but it may be hidden as cover:
a hidden cell need not hold anybody. Then others are hidden until what is published leaves room: for every hidden number
below `k` there is another table with the same published numbers in which it is at least `k`, so nobody can tell that it
is small, and no hidden number has one value only.

Rows are a tree (wards in sub-counties) and columns flat, with totals of both. Such a table is a network: each number is
an edge, each sum a node, and another table with the same published numbers differs by circles over hidden edges. To let
a hidden number grow is to find a way back from its head to its tail; where hidden edges give none, the cheapest ones
are hidden too (after J. Castro, "A shortest-paths heuristic for statistical data protection in positive tables", 2007).

Tables published together share no row and no column but those that are *pinned*: always shown, in all of them. What an
attacker learns from one of them is then nothing new for another: `published.py` is made so, and says why.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

TOTAL = "*"
"""The key of the row over all rows and of the column over all columns."""

Key = tuple[str, str]
"""Row and column of a number."""

_Node = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    key: str
    under: str = TOTAL
    """The row that sums it up."""


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers of a table and what they add up to."""

    rows: Sequence[Row]
    """Every row but the total; a parent stands before its children."""
    columns: Sequence[str]
    """Empty for a table of totals alone."""
    counts: Mapping[Key, int]
    """Of rows without children; a table without columns has them under `TOTAL`. What is left out is zero."""
    pinned: frozenset[Key] = frozenset()
    """Numbers that other tables show too: never hidden. Each must be zero or at least the floor."""

    def numbers(self) -> dict[Key, int]:
        """Every number with all sums, row by row, the total row last."""
        parents = {row.key: row.under for row in self.rows}
        inner = set(parents.values())
        sums: dict[Key, int] = {(row, column): 0 for row in (*parents, TOTAL) for column in (*self.columns, TOTAL)}
        for row in parents:
            if row in inner:
                continue
            for column in self.columns or (TOTAL,):
                number = self.counts.get((row, column), 0)
                at = row
                while True:
                    sums[at, column] += number
                    if column != TOTAL:
                        sums[at, TOTAL] += number
                    if at == TOTAL:
                        break
                    at = parents[at]
        return sums


@dataclass(slots=True)
class _Network:
    """The table as edges between sums; `value` is what each number truly is."""

    value: dict[Key, int]
    ends: dict[Key, tuple[_Node, _Node]] = field(default_factory=dict)
    out: dict[_Node, list[Key]] = field(default_factory=lambda: defaultdict(list))
    into: dict[_Node, list[Key]] = field(default_factory=lambda: defaultdict(list))

    def join(self, number: Key, tail: _Node, head: _Node) -> None:
        self.ends[number] = (tail, head)
        self.out[tail].append(number)
        self.into[head].append(number)


def protect(table: Table, floor: int) -> dict[Key, int | None]:
    """Every number of the table; None for those that are hidden. All of them where the total is below `floor`.

    Raises ValueError for a pinned number that is not zero and below the floor.
    """
    numbers = table.numbers()
    if numbers[TOTAL, TOTAL] < floor:
        return dict.fromkeys(numbers)
    pinned = table.pinned | {(TOTAL, TOTAL)}
    if any(0 < numbers[number] < floor for number in pinned):
        raise ValueError("a number that is always shown is below the floor")
    network = _network(table, numbers)
    hidden = {number for number in network.ends if 0 < numbers[number] < floor}
    waiting, done = hidden, set[Key]()
    while waiting:
        for number in sorted(waiting, key=lambda one: (numbers[one], one)):
            hidden = hidden | _room(network, number, floor - numbers[number], hidden, pinned)
        done |= waiting
        waiting = {number for number in hidden - done if numbers[number] < floor}
    return {number: None if number in hidden else value for number, value in numbers.items()}


def _network(table: Table, numbers: dict[Key, int]) -> _Network:
    """Numbers as edges, sums as nodes. A sum over rows that children already make up needs no node of its own."""
    network = _Network(numbers)
    inner = {row.under for row in table.rows}
    top: _Node = ("top",)
    for row in table.rows:
        over = row.under
        # A table without columns has no sums over a row: all its rows meet at the top.
        across: _Node = top if not table.columns else ("row", row.key)
        for column in table.columns:
            tail = ("under", row.key, column) if row.key in inner else across
            network.join((row.key, column), tail, ("under", over, column))
        head = ("under", row.key, TOTAL) if row.key in inner else across
        network.join((row.key, TOTAL), ("under", over, TOTAL), head)
    for column in table.columns:
        network.join((TOTAL, column), ("under", TOTAL, column), top)
    network.join((TOTAL, TOTAL), top, ("under", TOTAL, TOTAL))
    return network


def _room(network: _Network, number: Key, need: int, hidden: set[Key], pinned: frozenset[Key]) -> set[Key]:
    """What must be hidden too, so that `number` could be larger by `need`."""
    tail, head = network.ends[number]
    flow: dict[Key, int] = {}
    also: set[Key] = set()
    while need > 0:
        barred = pinned | {number}
        found = _way(network, head, tail, flow, hidden | also, barred, need)
        found = found or _way(network, head, tail, flow, hidden | also, barred, 1)
        if found is None:
            raise ValueError("the numbers that are always shown leave no room")
        step = need
        for edge, forward in found:
            if not forward:
                step = min(step, network.value[edge] + flow.get(edge, 0))
        for edge, forward in found:
            flow[edge] = flow.get(edge, 0) + (step if forward else -step)
            also.add(edge)
        need -= step
    return also


def _way(
    network: _Network,
    start: _Node,
    end: _Node,
    flow: Mapping[Key, int],
    hidden: set[Key],
    barred: frozenset[Key],
    least: int,
) -> list[tuple[Key, bool]] | None:
    """The way that hides the least: edges, and whether each grows. Edges that would shrink have `least` to give."""
    best: dict[_Node, int] = {start: 0}
    came: dict[_Node, tuple[_Node, Key, bool]] = {}
    queue: list[tuple[int, _Node]] = [(0, start)]
    while queue:
        cost, at = heapq.heappop(queue)
        if at == end:
            break
        if cost > best[at]:
            continue
        steps = [(edge, True, network.ends[edge][1]) for edge in network.out[at]]
        steps += [
            (edge, False, network.ends[edge][0])
            for edge in network.into[at]
            if network.value[edge] + flow.get(edge, 0) >= least
        ]
        for edge, forward, other in steps:
            if edge in barred:
                continue
            reached = cost + (0 if edge in hidden else network.value[edge] + 1)
            if reached < best.get(other, reached + 1):
                best[other], came[other] = reached, (at, edge, forward)
                heapq.heappush(queue, (reached, other))
    if end not in came:
        return None
    way: list[tuple[Key, bool]] = []
    at = end
    while at != start:
        at, edge, forward = came[at]
        way.append((edge, forward))
    return way
