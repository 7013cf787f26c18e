"""The attack by subtraction: what is published, as equations, solved exactly for the least and most of each cell."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.statistics.suppression import TOTAL, Key, Row, Table, protect

FLOOR = 10

Equation = tuple[dict[Key, int], int]
"""Signs of hidden numbers, and what they come to."""


def sums(table: Table) -> Iterator[dict[Key, int]]:
    """Everything that adds up, as an attacker reads it off the printed table: across, and down at every level."""
    parents = sorted({row.under for row in table.rows})
    for column in (*table.columns, TOTAL):
        for parent in parents:
            yield {(parent, column): -1} | {(row.key, column): 1 for row in table.rows if row.under == parent}
    if table.columns:
        for key in (*(row.key for row in table.rows), TOTAL):
            yield {(key, TOTAL): -1} | {(key, column): 1 for column in table.columns}


def equations(tables: list[tuple[Table, dict[Key, int | None]]]) -> list[Equation]:
    found = []
    for table, shown in tables:
        for signs in sums(table):
            known = sum(sign * (shown[number] or 0) for number, sign in signs.items())
            unknown = {number: sign for number, sign in signs.items() if shown[number] is None}
            if unknown:
                found.append((unknown, -known))
    return found


def most(target: Key, system: list[Equation]) -> Fraction | None:
    """The most that a hidden number can be, by the simplex method in whole fractions; None for no bound."""
    names = sorted({name for signs, _ in system for name in signs})
    rows: list[list[Fraction]] = []
    for signs, value in system:
        sign = -1 if value < 0 else 1
        rows.append([Fraction(sign * signs.get(name, 0)) for name in names] + [Fraction(sign * value)])
    count = len(names)
    for at, row in enumerate(rows):  # an artificial variable for each equation
        row[count:count] = [Fraction(int(at == other)) for other in range(len(rows))]
    basis = [count + at for at in range(len(rows))]
    first = [-sum(column) for column in zip(*rows, strict=True)]
    first[count : count + len(rows)] = [Fraction(0)] * len(rows)
    assert simplex(rows, first, basis, count + len(rows))
    assert first[-1] == 0, "the true table fits what is published"
    for at, variable in enumerate(basis):  # drive the artificial ones out
        if variable >= count:
            entering = next((name for name in range(count) if rows[at][name] != 0), None)
            if entering is not None:
                pivot(rows, first, basis, at, entering)
    goal = [Fraction(0)] * (count + len(rows) + 1)
    goal[names.index(target)] = Fraction(-1)
    for at, variable in enumerate(basis):
        if goal[variable] != 0:
            share = goal[variable]
            goal = [one - share * other for one, other in zip(goal, rows[at], strict=True)]
    return goal[-1] if simplex(rows, goal, basis, count) else None


def simplex(rows: list[list[Fraction]], goal: list[Fraction], basis: list[int], columns: int) -> bool:
    """Bland's rule; whether there is a bound."""
    while True:
        entering = next((at for at in range(columns) if goal[at] < 0), None)
        if entering is None:
            return True
        ratios = [(row[-1] / row[entering], basis[at], at) for at, row in enumerate(rows) if row[entering] > 0]
        if not ratios:
            return False
        pivot(rows, goal, basis, min(ratios)[2], entering)


def pivot(rows: list[list[Fraction]], goal: list[Fraction], basis: list[int], at: int, entering: int) -> None:
    by = rows[at][entering]
    rows[at] = [one / by for one in rows[at]]
    for other in [*range(len(rows)), -1]:
        row = goal if other == -1 else rows[other]
        if other != at and row[entering] != 0:
            share = row[entering]
            row[:] = [one - share * two for one, two in zip(row, rows[at], strict=True)]
    basis[at] = entering


def attack(table: Table, shown: dict[Key, int | None]) -> None:
    """No hidden number that is small can be told to be small, and none has one value alone."""
    true = table.numbers()
    for number, value in shown.items():
        assert value is None or (value == true[number] and (value == 0 or value >= FLOOR))
    system = equations([(table, shown)])
    for number in [number for number, value in shown.items() if value is None]:
        top = most(number, system)
        assert top is None or top >= max(FLOOR, true[number])
        if true[number] >= FLOOR:
            least = most_below(number, system)
            assert top is None or least < top, f"{number} is pinned to {top}"


def most_below(number: Key, system: list[Equation]) -> Fraction:
    """The least that a hidden number can be: the most of its opposite."""
    opposite = ("opposite", "")
    bound = Fraction(10**6)
    negative = most(opposite, [*system, ({number: 1, opposite: 1}, int(bound))])
    assert negative is not None
    return bound - negative


def grids(rows: list[Row], columns: list[str]) -> st.SearchStrategy[dict[Key, int]]:
    inner = {row.under for row in rows}
    leaves = [row.key for row in rows if row.key not in inner]
    size = st.one_of(st.integers(0, 12), st.integers(0, 3), st.sampled_from([0, 9, 10, 11, 40, 100]))
    keys = [(row, column) for row in leaves for column in columns or [TOTAL]]
    return st.lists(size, min_size=len(keys), max_size=len(keys)).map(lambda sizes: dict(zip(keys, sizes, strict=True)))


FLAT = [Row("a"), Row("b"), Row("c"), Row("d")]
TREE = [
    Row("north"),
    Row("n1", "north"),
    Row("n2", "north"),
    Row("south"),
    Row("s1", "south"),
    Row("s2", "south"),
    Row("?"),
]
LINE = [Row("north"), Row("n1", "north"), Row("n2", "north"), Row("n3", "north"), Row("south"), Row("s1", "south")]

quick = settings(deadline=None, max_examples=6, suppress_health_check=list(HealthCheck))


@quick
@given(counts=grids(FLAT, ["x", "y", "z"]))
def test_nobody_subtracts_their_way_to_a_small_number(counts: dict[Key, int]) -> None:
    table = Table(FLAT, ["x", "y", "z"], counts)
    attack(table, protect(table, FLOOR))


@quick
@given(counts=grids(TREE, ["x", "y"]))
def test_nor_through_sums_of_sums(counts: dict[Key, int]) -> None:
    table = Table(TREE, ["x", "y"], counts)
    attack(table, protect(table, FLOOR))


@quick
@given(counts=grids(LINE, []))
def test_nor_in_a_single_line(counts: dict[Key, int]) -> None:
    table = Table(LINE, [], counts)
    attack(table, protect(table, FLOOR))


@quick
@given(counts=grids(TREE, ["x", "y", "z"]))
def test_what_other_tables_show_stays_shown(counts: dict[Key, int]) -> None:
    pinned = frozenset({(TOTAL, "x"), (TOTAL, "y"), (TOTAL, "z")})
    table = Table(TREE, ["x", "y", "z"], counts, pinned)
    numbers = table.numbers()
    if any(0 < numbers[number] < FLOOR for number in pinned):
        if numbers[TOTAL, TOTAL] >= FLOOR:
            with pytest.raises(ValueError, match="below the floor"):
                protect(table, FLOOR)
        return
    shown = protect(table, FLOOR)
    assert numbers[TOTAL, TOTAL] < FLOOR or all(shown[number] is not None for number in pinned)
    attack(table, shown)


@pytest.mark.deep
@settings(deadline=None, max_examples=30, suppress_health_check=list(HealthCheck))
@given(counts=grids(TREE, ["x", "y", "z", "w"]))
def test_many_tables_withstand_it(counts: dict[Key, int]) -> None:
    table = Table(TREE, ["x", "y", "z", "w"], counts)
    attack(table, protect(table, FLOOR))


def test_the_attack_itself_finds_what_a_careless_table_gives_away() -> None:
    """One hidden number in a row and a column that are otherwise shown is known at once."""
    table = Table(FLAT, ["x", "y"], {("a", "x"): 4, ("a", "y"): 30, ("b", "x"): 20, ("b", "y"): 25})
    careless = {number: None if value < FLOOR else value for number, value in table.numbers().items()}
    with pytest.raises(AssertionError):
        attack(table, careless)


def test_zero_is_shown_and_no_more_is_hidden_than_needed() -> None:
    counts = {(row, column): 50 for row in "abcd" for column in ("x", "y", "z")} | {("a", "x"): 3, ("b", "y"): 0}
    shown = protect(Table(FLAT, ["x", "y", "z"], counts), FLOOR)
    hidden = [number for number, value in shown.items() if value is None]
    assert ("a", "x") in hidden
    assert shown["b", "y"] in {0, None}
    assert len(hidden) <= 4, "a rectangle is enough"
    assert shown[TOTAL, TOTAL] == 503


def test_where_all_came_from_one_place_it_can_be_said() -> None:
    shown = protect(Table(TREE, ["x"], {("n1", "x"): 12}), FLOOR)
    assert shown["n1", "x"] == shown[TOTAL, TOTAL] == 12
    assert shown["s1", "x"] == 0


def test_of_very_few_nothing_is_said() -> None:
    shown = protect(Table(FLAT, ["x"], {("a", "x"): 9}), FLOOR)
    assert set(shown.values()) == {None}
