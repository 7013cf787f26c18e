"""What staff read, in their language: the desk's pages, what happened to a case, how a clock counted, paper.

One catalogue of its own, so that no handset's limits bind it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal

from gateway.pack import Pack
from gateway.paper import Sheet
from menus import catalogue

LOCALES = Path(__file__).parent / "console" / "locales"

LANGUAGES = {"en": "English", "sw": "Kiswahili"}
"""What the desk speaks, each by its own name."""

ENGLISH = "en"


def mark(text: str) -> str:
    """Name an English text for the catalogue where it stands; it is said later."""
    return text


_NUMBERED = mark("Page {page} of {pages}")


@cache
def texts(language: str) -> Mapping[str, str]:
    """Translations by English text; none for English."""
    file = LOCALES / language / "LC_MESSAGES" / "desk.po"
    if not file.is_file():
        return {}
    with file.open("rb") as opened:
        return catalogue.read(opened, language).texts


class Words:
    """Says texts, labels and days in one language."""

    def __init__(self, pack: Pack, language: str) -> None:
        self.pack = pack
        self.language = language
        self._texts = texts(language)
        self._locale = Locale.parse(language)
        self._zone = pack.about.zone

    def say(self, text: str, **values: object) -> str:
        """A text in this language, its `{names}` filled in; English where the translation is missing."""
        said = self._texts.get(text) or text
        return said.format_map(values) if values else said

    def label(self, labels: Mapping[str, str]) -> str:
        """One of a pack's own texts."""
        return labels.get(self.language) or next(iter(labels.values()), "")

    def sheet(self, head: Sequence[str], foot: str, *, training: bool = False) -> Sheet:
        """What stands on every page of paper in this language; on that of a training copy, that all is invented."""
        numbered = self._texts.get(_NUMBERED) or _NUMBERED
        invented = self.say("Training: invented cases") if training else ""
        return Sheet(head, foot, language=self.language, pages=numbered, mark=invented)

    def department(self, code: str) -> str:
        """The name of a department; the code of one that the pack no longer knows."""
        named = next((known.name for known in self.pack.departments if known.code == code), None)
        return self.label(named) if named else code

    def category(self, code: str) -> str:
        """What a category is called; the code of one that the pack no longer knows."""
        known = self.pack.guide.category(code)
        return self.label(known.labels) if known else code

    def office(self, code: str | None) -> str:
        """The name of another office that cases are referred to; empty for one that the pack does not know."""
        known = self.pack.referrals.office(code)
        return self.label(known.name) if known else ""

    def rung(self, code: str | None) -> str:
        """Who stands on a rung of the ladder; empty for none."""
        named = next((known.name for known in self.pack.desk.rungs if known.code == code), None)
        return self.label(named) if named else ""

    def holiday(self, english: str) -> str:
        """A holiday that is known by its English name."""
        known = (one.name for one in self.pack.holidays.holidays if one.name.get(ENGLISH) == english)
        return self.label(next(known, {ENGLISH: english}))

    def day(self, moment: date | datetime) -> str:
        """`Thu 12 Nov 2026`, in the pack's time zone."""
        return format_date(self._local(moment), "EEE d MMM y", locale=self._locale)

    def whole_day(self, moment: date | datetime) -> str:
        """`Monday 26 January 2026`."""
        return format_date(self._local(moment), "EEEE d MMMM y", locale=self._locale)

    def plain_day(self, moment: date | datetime) -> str:
        """`26 January 2026`."""
        return format_date(self._local(moment), "d MMMM y", locale=self._locale)

    def short(self, moment: date | datetime) -> str:
        """`12 Nov`."""
        return format_date(self._local(moment), "d MMM", locale=self._locale)

    def hour(self, moment: datetime) -> str:
        """`14:05`."""
        return f"{moment.astimezone(self._zone):%H:%M}"

    def days_between(self, first: datetime, last: datetime) -> int:
        """How many midnights lie between two moments."""
        return (self._local(last) - self._local(first)).days

    def moment(self, moment: datetime) -> str:
        """`12 Nov 2026, 14:05`."""
        return format_datetime(moment, "d MMM y, HH:mm", tzinfo=self._zone, locale=self._locale)

    def decimal(self, number: float | None) -> str:
        """A number as the language writes it; nothing for None."""
        return "" if number is None else format_decimal(number, locale=self._locale)

    def ago(self, moment: datetime, now: datetime) -> str:
        """`3 days ago`, `in 2 hours`."""
        delta = moment - now
        if abs(delta) < timedelta(minutes=1):
            return self.say(mark("just now"))
        return format_timedelta(delta, add_direction=True, locale=self._locale, threshold=1.2)

    def _local(self, moment: date | datetime) -> date:
        return moment.astimezone(self._zone).date() if isinstance(moment, datetime) else moment
