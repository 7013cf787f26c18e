"""The words of the desk's pages: a catalogue of their own, so that no handset's limits bind what staff read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta

from gateway.pack import Pack
from menus import catalogue

LOCALES = Path(__file__).parent / "locales"

LANGUAGES = {"en": "English", "sw": "Kiswahili"}
"""What the desk's pages speak, each by its own name."""


def mark(text: str) -> str:
    """Name an English text for the catalogue where it stands; it is said later."""
    return text


@cache
def texts(language: str) -> Mapping[str, str]:
    """Translations by English text; none for English."""
    file = LOCALES / language / "LC_MESSAGES" / "desk.po"
    if not file.is_file():
        return {}
    with file.open("rb") as opened:
        return catalogue.read(opened, language).texts


class Words:
    """What templates say with."""

    def __init__(self, pack: Pack, language: str) -> None:
        self._pack = pack
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

    def day(self, moment: date | datetime) -> str:
        """`Thu 12 Nov 2026`, in the pack's time zone."""
        return format_date(self._local(moment), "EEE d MMM y", locale=self._locale)

    def short(self, moment: date | datetime) -> str:
        """`12 Nov`."""
        return format_date(self._local(moment), "d MMM", locale=self._locale)

    def moment(self, moment: datetime) -> str:
        """`12 Nov 2026, 14:05`."""
        return format_datetime(moment, "d MMM y, HH:mm", tzinfo=self._zone, locale=self._locale)

    def ago(self, moment: datetime, now: datetime) -> str:
        """`3 days ago`, `in 2 hours`."""
        delta = moment - now
        if abs(delta) < timedelta(minutes=1):
            return self.say(mark("just now"))
        return format_timedelta(delta, add_direction=True, locale=self._locale, threshold=1.2)

    def _local(self, moment: date | datetime) -> date:
        return moment.astimezone(self._zone).date() if isinstance(moment, datetime) else moment
