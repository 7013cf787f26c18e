"""What menus may know of a pack: names and labels as frozen data.

Built once by `gateway.pack` and shared by all residents.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

Labels = Mapping[str, str]
"""A text by language code."""

NONE: Labels = MappingProxyType({})


def mark(text: str) -> str:
    """Name an English text for the catalogue where it stands; it is said later."""
    return text


@dataclass(frozen=True, slots=True)
class Language:
    code: str
    name: str
    """Its own name for itself: `Kiswahili`."""


@dataclass(frozen=True, slots=True)
class Ward:
    code: str
    name: str
    also: tuple[str, ...] = ()
    """Other spellings in circulation, accepted when typed."""


@dataclass(frozen=True, slots=True)
class Area:
    """A sub-county with its wards. Names repeat between the two and between counties: the code is the key."""

    code: str
    name: str
    wards: tuple[Ward, ...]
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Category:
    """What a case is about, in the resident's words."""

    code: str
    kind: str
    """`complaint`, `information` or `feedback`."""
    labels: Labels
    danger: bool = False
    """Someone is in danger: helplines are shown and the case is urgent."""
    offered: bool = True
    """Listed in the menu; the others are set by other errands (my data) or by staff."""


@dataclass(frozen=True, slots=True)
class Helpline:
    """A verified number for someone in danger. The loader leaves unverified ones out."""

    number: str
    labels: Labels


@dataclass(frozen=True, slots=True)
class PromiseArea:
    code: str
    labels: Labels


@dataclass(frozen=True, slots=True)
class Promise:
    """A commitment of the action plan, as far as a small screen shows it."""

    ogp_id: str
    area: str
    titles: Labels
    ends: str
    """Year and month, `2027-06`: the plan gives no day."""


@dataclass(frozen=True, slots=True)
class Facility:
    """A place of service that residents and its staff score."""

    code: str
    labels: Labels
    ward: str


@dataclass(frozen=True, slots=True, eq=False)
class Guide:
    """The pack as menus see it. One is the same as another only if it is that one."""

    version: str
    titles: Labels
    """The main menu's first line."""
    welcome: str
    """The question which language, asked in all of them at once."""
    languages: tuple[Language, ...]
    areas: tuple[Area, ...]
    categories: tuple[Category, ...]
    ussd_code: str
    """Empty where there is no USSD: then the menus are played by SMS alone."""
    sms_code: str
    care_number: str
    """A free number of people to talk to; empty where none is verified."""
    catalogue: Mapping[str, Mapping[str, str]]
    """Translations by language, then by English text."""
    texts: tuple[str, ...] = ()
    """Every English text that wants a translation."""
    helplines: tuple[Helpline, ...] = ()
    promise_areas: tuple[PromiseArea, ...] = ()
    promises: tuple[Promise, ...] = ()
    plan_years: str = ""
    monthly_cap: int = 2
    """The most SMS a month about one followed promise."""
    notices_cap: int = 4
    """The most notices a month by SMS."""
    questions_cap: int = 2
    """The most questions a month to who agreed to be asked."""
    facilities: tuple[Facility, ...] = ()
    """The pack's own; screens ask for the fact `scorable`, which knows those that staff named too."""
    score_items: tuple[Labels, ...] = ()
    """The five things that are scored; where there are none, nothing is."""
    home: str = "menu"
    entrance: str = "lang"
    closed: str = "end.closed"
    shortcuts: Mapping[str, str] = field(default_factory=lambda: NONE)
    """Deep-dial codes and the errands they begin (`menus.screens.entry.ERRANDS`)."""
    words: Mapping[str, str] = field(default_factory=lambda: NONE)
    """Texts that begin the menus by SMS, in upper case, and the errand each leads to, or `menu`; the first is named."""
    remedy: Labels = field(default_factory=lambda: NONE)
    """The office outside for who was turned away, or is punished for complaining; none where none is verified."""
    information_days: int = 0
    """Days that the law gives to answer a request for information; 0 where the pack knows no such law."""
    by_sms: bool = False
    """The menus are played by SMS: the number is known by nature, and nobody writes anything down."""
    room: int = 156
    """Septets a screen may hold beside `CON `: Safaricom shows 160."""

    def say(self, language: str, text: str, /, **values: object) -> str:
        """`text` in `language`, its `{names}` filled in; English where the translation is missing."""
        said = self.catalogue.get(language, NONE).get(text) or text
        return said.format_map(values) if values else said

    def way_in(self, language: str) -> str:
        """What a resident does to come in: the code to dial, else the word to text."""
        if self.ussd_code:
            return self.ussd_code
        return self.say(language, mark("SMS {word} to {sms}"), word=next(iter(self.words), ""), sms=self.sms_code)

    def label(self, labels: Labels, language: str) -> str:
        """One of a pack's own texts, in the first language of the pack where it is missing."""
        return labels.get(language) or labels[self.languages[0].code]

    def speaks(self, language: str) -> bool:
        return any(known.code == language for known in self.languages)

    def offered(self, kind: str) -> tuple[Category, ...]:
        return tuple(category for category in self.categories if category.kind == kind and category.offered)

    def category(self, code: str) -> Category | None:
        return _Index.of(self).categories.get(code)

    def area(self, code: str) -> Area | None:
        return _Index.of(self).areas.get(code)

    def ward(self, code: str) -> tuple[Area, Ward] | None:
        """A ward and the area it lies in."""
        return _Index.of(self).wards.get(code)

    def promise(self, ogp_id: str) -> Promise | None:
        return _Index.of(self).promises.get(ogp_id)

    def missing_translations(self, language: str) -> list[str]:
        """The English texts that `language` would show in English. English itself is never missing."""
        if language == "en":
            return []
        translated = self.catalogue.get(language, NONE)
        return [text for text in self.texts if not translated.get(text)]


@dataclass(frozen=True, slots=True)
class _Index:
    """What a guide knows, by code."""

    categories: Mapping[str, Category]
    areas: Mapping[str, Area]
    wards: Mapping[str, tuple[Area, Ward]]
    promises: Mapping[str, Promise]

    @staticmethod
    @lru_cache(maxsize=16)
    def of(guide: Guide) -> _Index:
        return _Index(
            categories={category.code: category for category in guide.categories},
            areas={area.code: area for area in guide.areas},
            wards={ward.code: (area, ward) for area in guide.areas for ward in area.wards},
            promises={promise.ogp_id: promise for promise in guide.promises},
        )
