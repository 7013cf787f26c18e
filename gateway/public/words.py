"""The words of a page in one language: the same catalogue as the phone's, dates as that language writes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_decimal
from markupsafe import Markup, escape

from gateway.pack import Pack
from menus.guide import Guide


def choose_language(guide: Guide, asked: str | None, accepted: str) -> str:
    """The language asked for, else the first of `Accept-Language` that the pack speaks, else the pack's first."""
    for code in [asked or "", *preferred_languages(accepted)]:
        if guide.speaks(code):
            return code
    return guide.languages[0].code


def preferred_languages(header: str) -> list[str]:
    """Language codes of an Accept-Language header, best first (RFC 9110, section 12.5.4)."""
    weighed = []
    for part in header[:200].lower().split(","):
        name, _, weight = part.partition(";q=")
        try:
            weighed.append((float(weight or 1), name.strip().partition("-")[0]))
        except ValueError:
            continue
    return [code for _, code in sorted(weighed, key=lambda pair: -pair[0])]


class Words:
    """What templates say with."""

    def __init__(self, pack: Pack, language: str) -> None:
        self._pack = pack
        self.language = language
        try:
            self._locale = Locale.parse(language)
        except (UnknownLocaleError, ValueError):
            self._locale = Locale("en")

    def say(self, text: str, **values: object) -> str:
        """A text of the catalogue in this language; English where it is missing."""
        return self._pack.guide.say(self.language, text, **values)

    def label(self, texts: Mapping[str, str]) -> Markup:
        """A text of the pack or the desk in this language; in another one it says so to screen readers."""
        if self.language in texts:
            return escape(texts[self.language])
        code, text = next(iter(texts.items()), ("", ""))
        return Markup('<span lang="{}">{}</span>').format(code, text)

    def day(self, moment: date | datetime) -> str:
        """`12 November 2026`, in the pack's time zone."""
        local = moment.astimezone(self._pack.about.zone).date() if isinstance(moment, datetime) else moment
        return format_date(local, "d MMMM y", locale=self._locale)

    def month(self, day: date) -> str:
        """`June 2027`."""
        return format_date(day, "LLLL y", locale=self._locale)

    def short_month(self, key: str) -> str:
        """`Nov 26` for `2026-11`."""
        year, month = map(int, key.split("-"))
        return format_date(date(year, month, 1), "LLL yy", locale=self._locale)

    def decimal(self, number: float | None) -> str:
        """A number as the language writes it; nothing for None."""
        return "" if number is None else format_decimal(number, locale=self._locale)

    def plain(self, texts: Mapping[str, str]) -> str:
        """A text of the pack in this language, else in the first it has."""
        return texts.get(self.language) or next(iter(texts.values()), "")
