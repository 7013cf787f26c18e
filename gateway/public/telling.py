"""The published figures in the reader's words: what the page, the posters and the scripts are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from babel.numbers import format_decimal

from gateway.commitments.received import shown_of
from gateway.pack import Pack
from gateway.public.charts import Bar
from gateway.public.words import Words
from gateway.statistics.published import EARLIER, NONE, Figures, Shown
from gateway.statistics.suppression import TOTAL
from menus.guide import mark

KINDS = {
    "complaint": mark("Complaints"),
    "information": mark("Requests for information"),
    "feedback": mark("Praise and views"),
}
OUTCOMES = {
    "open": mark("Being worked on"),
    "unsolved": mark("Open again: the resident says it is not solved"),
    "said_done": mark("Staff say solved; the resident has not answered yet"),
    "solved": mark("The resident says it is solved"),
    "partly": mark("The resident says it is partly solved"),
    "silent": mark("Closed; the resident was asked and did not answer"),
    "referred": mark("Passed to another body"),
    "rejected": mark("Not taken up"),
    "unclear": mark("Could not be understood"),
    "withdrawn": mark("Taken back by the resident"),
}
SPEEDS = {
    "days_3": mark("Within 3 days"),
    "days_7": mark("4 to 7 days"),
    "days_14": mark("8 to 14 days"),
    "days_30": mark("15 to 30 days"),
    "longer": mark("More than 30 days"),
    "none": mark("No answer yet"),
}
HIDDEN = mark("hidden")
SAID_BY_STAFF = ("said_done", "solved", "partly", "silent")
"""Outcomes in which staff said that it is done, and have not been told otherwise."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a printed table."""

    name: str
    cells: Sequence[str]
    inner: bool = False
    """Part of the row above it."""
    per_10_000: str = ""


class Telling:
    """Figures with the words and the number format of one language."""

    def __init__(self, pack: Pack, words: Words, figures: Figures) -> None:
        self.pack = pack
        self.words = words
        self.figures = figures
        self._wards = {place.ward_code: place.ward for place in pack.places}
        self._areas = {place.area_code: place.area for place in pack.places}

    def table(self, name: str) -> Shown:
        return self.figures.tables[name]

    def number(self, value: int | float | None) -> str:
        """A number as the language writes it, or the word for hidden."""
        if value is None:
            return self.words.say(HIDDEN)
        return format_decimal(value, locale=self.words.language)

    def bar(self, name: str, value: int | None) -> Bar:
        return Bar(name, value, self.number(value))

    def kind(self, key: str) -> str:
        """The name of a column of kinds; of several put together too."""
        return ", ".join(self.words.say(KINDS[kind]) for kind in self.figures.kinds[key])

    def month(self, key: str) -> str:
        return self.words.say("Before") if key == EARLIER else self.words.short_month(key)

    def place(self, key: str) -> str:
        kind, _, code = key.partition(":")
        if kind == "area":
            return self._areas.get(code, code)
        if kind == "ward":
            return self._wards.get(code, code)
        return self.words.say("Ward not told") if kind == "unsaid" else self.words.say("Place not told")

    def category(self, key: str) -> str:
        kind, _, code = key.partition("/")
        found = next((one for one in self.pack.categories if (one.kind, one.code) == (kind, code)), None)
        return self.words.plain(found.label) if found else self.words.say("Others")

    def office(self, key: str) -> str:
        found = next((one for one in self.pack.departments if one.code == key), None)
        return self.words.plain(found.name) if found else self.words.say("Not with a department yet")

    def by_month(self) -> list[Bar]:
        table = self.table("categories")
        return [self.bar(self.month(month), table.at(TOTAL, month)) for month in table.columns]

    def by_area(self) -> list[Bar]:
        table = self.table("places")
        rows = [row for row in table.under() if row != NONE or table.at(row) != 0]
        return [self.bar(self.place(row), table.at(row)) for row in rows]

    def by_category(self) -> list[tuple[str, list[Bar]]]:
        """Kinds, each with its categories; those that never occurred are left out."""
        table = self.table("categories")
        found = []
        for key in self.figures.kinds:
            rows = [row for row in table.under(f"kind:{key}") if table.at(row) != 0]
            found.append((self.kind(key), [self.bar(self.category(row), table.at(row)) for row in rows]))
        return [(kind, rows) for kind, rows in found if rows]

    def by_outcome(self) -> list[Bar]:
        table = self.table("offices")
        return [self.bar(self.words.say(said), table.at(TOTAL, key)) for key, said in OUTCOMES.items()]

    def by_speed(self) -> list[Bar]:
        return [self.bar(self.words.say(said), self.table("speed").at(key)) for key, said in SPEEDS.items()]

    def places(self) -> list[Line]:
        """Sub-counties with their wards, in the order of the pack, by kind."""
        table = self.table("places")
        lines = []
        for area in table.under():
            if area == NONE and table.at(NONE) == 0:
                continue
            lines.append(self._place(table, area))
            for ward in table.under(area):
                if ward.startswith("ward:") or table.at(ward) != 0:
                    lines.append(self._place(table, ward))
        return lines

    def _place(self, table: Shown, row: str) -> Line:
        cells = [self.number(table.at(row, column)) for column in [*table.columns, TOTAL]]
        people = self.pack.people.get(row.removeprefix("area:"))
        rate = ""
        if people is not None and row.startswith("area:"):
            count = table.at(row)
            rate = self.number(None if count is None else round(10_000 * count / people.people, 1))
        return Line(self.place(row), cells, not row.startswith("area:") and row != NONE, rate)

    def offices(self) -> list[Line]:
        """Departments by outcome, in the order of the pack; those without a case are left out."""
        table = self.table("offices")
        return [
            Line(self.office(row), [self.number(table.at(row, column)) for column in [*table.columns, TOTAL]])
            for row in table.under()
            if table.at(row) != 0
        ]

    def heads(self, columns: Sequence[str], name: Mapping[str, str] | None = None) -> list[str]:
        """Column heads: kinds, or what `name` calls them, and all."""
        named = [self.words.say(name[column]) if name else self.kind(column) for column in columns]
        return [*named, self.words.say("All")]

    def kind_heads(self) -> list[str]:
        return self.heads(list(self.figures.kinds))

    def outcome_heads(self) -> list[str]:
        return self.heads(self.table("offices").columns, OUTCOMES)

    def months_table(self) -> list[Line]:
        table = self.table("categories")
        rows = [f"kind:{key}" for key in self.figures.kinds] + [TOTAL]
        return [Line(self.month(month), [self.number(table.at(row, month)) for row in rows]) for month in table.columns]

    def according_to_staff(self) -> int | None:
        """Percent of all cases that staff say are done; None where it cannot be told."""
        total = self.figures.total
        said = self._sum(SAID_BY_STAFF)
        return None if said is None or not total else round(100 * said / total)

    def according_to_residents(self) -> int | None:
        """Percent of the residents who answered that say "solved"; silence is no answer."""
        answered = self._sum(("solved", "partly", "unsolved"))
        solved = self._sum(("solved",))
        return None if solved is None or not answered else round(100 * solved / answered)

    def _sum(self, outcomes: Sequence[str]) -> int | None:
        numbers = [self.table("offices").at(TOTAL, outcome) for outcome in outcomes]
        known = [number for number in numbers if number is not None]
        return sum(known) if len(known) == len(numbers) else None

    def concerning(self, ogp_id: str) -> tuple[int | None, Mapping[str, int]]:
        """Complaints received that concern a promise: all, None when hidden, and by sub-county where it can be told."""
        total, areas = shown_of(self.figures.tables.get(f"promise:{ogp_id}"))
        return total, {self.place(f"area:{area}"): number for area, number in areas.items()}
