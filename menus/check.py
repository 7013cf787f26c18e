"""What is wrong with the screens of a pack, found by walking all of them; for `baraza menu check` and the tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from menus import gsm7, worlds
from menus.engine import BACK, HOME, MORE, SCREENS
from menus.guide import Guide
from menus.layout import LABEL, Shown, clean, show
from menus.walk import SLIP, Visit, absent, after, bearers, walk


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong, as its author needs to hear it."""

    screen: str
    """Empty where no single screen is at fault."""
    language: str
    bearer: str
    """`USSD` or `SMS`."""
    what: str
    where: str = ""
    """Who dials and what is typed to see it."""

    def __str__(self) -> str:
        place = f"{self.screen or 'catalogue'} ({self.language}, {self.bearer})"
        return f"{place}: {self.what}" + (f"\n    {self.where}" if self.where else "")


@dataclass(frozen=True, slots=True)
class Longest:
    """How a screen looked when it took most room."""

    screen: str
    language: str
    bearer: str
    septets: int
    pages: int
    kind: str
    """What it asks for when it is first seen (`kind_of`)."""
    where: str


@dataclass(frozen=True, slots=True)
class Checked:
    faults: tuple[Fault, ...]
    screens: tuple[Longest, ...]
    """One for each screen, in the order in which a stranger comes to them."""
    looks: int
    """How many different screens were looked at."""


def check(guide: Guide) -> Checked:
    """Walk all screens in all languages; everything that is too long, foreign, dead, missing or never reached."""
    faults: dict[tuple[str, ...], Fault] = {}
    longest: dict[str, Longest] = {}
    looks = 0
    for bearer, played in bearers(guide).items():
        for language in (known.code for known in played.languages):
            visits = walk(played, language)
            looks += len(visits)
            for fault in (*_general(played, language, visits), *_faults(played, visits)):
                named = replace(fault, bearer=bearer)
                faults.setdefault((named.screen, named.language, bearer, named.what), named)
            for visit in visits:
                seen = _longest(played, visit, language, bearer)
                known = longest.setdefault(seen.screen, seen)
                if (seen.septets, seen.pages) > (known.septets, known.pages):
                    longest[seen.screen] = replace(seen, kind=known.kind)
    return Checked(tuple(faults.values()), tuple(longest.values()), looks)


def kind_of(visit: Visit) -> str:
    """What a screen asks for: `end`, `words`, `choice`, or `read` where only the keys lead on."""
    if visit.drawn.end:
        return "end"
    if visit.drawn.accept:
        return "words"
    return "choice" if visit.drawn.options else "read"


def _longest(guide: Guide, visit: Visit, language: str, bearer: str) -> Longest:
    shown = visit.shown
    septets = max(gsm7.length(shown.text), gsm7.length(_slipped(guide, visit).text))
    return Longest(shown.name, language, bearer, septets, shown.pages, kind_of(visit), visit.where)


def _slipped(guide: Guide, visit: Visit) -> Shown:
    """The screen after an answer it does not offer; an end takes none."""
    return visit.shown if visit.drawn.end else show(after(visit.state, SLIP, guide).state, guide)


def _general(guide: Guide, language: str, visits: Iterable[Visit]) -> Iterator[Fault]:
    """What is missing as a whole: translations, and screens that nobody can come to."""
    for text in guide.missing_translations(language):
        yield Fault("", language, "", f"no translation of {text!r}")
    for name in sorted(set(SCREENS) - {visit.shown.name for visit in visits} - absent(guide)):
        yield Fault(name, language, "", "no answer leads to this screen")


def _faults(guide: Guide, visits: Iterable[Visit]) -> Iterator[Fault]:
    for visit in visits:
        for what in (*_too_long(guide, visit), *_foreign(visit), *_dead_end(visit)):
            yield Fault(visit.shown.name, visit.state.language or "all", "", what, visit.where)


def _too_long(guide: Guide, visit: Visit) -> Iterator[str]:
    for name, text in (("", visit.shown.text), (" after a slip", _slipped(guide, visit).text)):
        if gsm7.length(text) > guide.room:
            yield f"{gsm7.length(text)} septets{name}, at most {guide.room}"
    if visit.drawn.end and gsm7.length(clean(visit.drawn.body)) > guide.room:
        yield f"cut: {gsm7.length(clean(visit.drawn.body))} septets, and an end has one page of {guide.room}"
    for option in visit.drawn.options:
        if gsm7.length(clean(option.label)) > LABEL:
            yield f"cut: an option of {gsm7.length(clean(option.label))} septets, at most {LABEL}: {option.label!r}"


def _foreign(visit: Visit) -> Iterator[str]:
    """Letters that a phone may not have. What people wrote is spelled for the phone when it is shown."""
    text = "\n".join([visit.drawn.body, *(option.label for option in visit.drawn.options)])
    for free in worlds.FREE:
        text = text.replace(free, "")
    if letters := gsm7.foreign(text):
        yield f"GSM-7 has no {' '.join(letters)}"


def _dead_end(visit: Visit) -> Iterator[str]:
    """Every way on that the screen names is walked, and one at least leads elsewhere."""
    if visit.drawn.end:
        return
    for way in visit.ways:
        if way.leads_on and way.to.screen not in SCREENS:
            yield f"answer {way.typed} leads to {way.to.screen}, which is no screen"
    if not any(_leads_elsewhere(visit, way.typed) for way in visit.ways):
        yield "a dead end: no answer that it names leads on"


def _leads_elsewhere(visit: Visit, typed: str) -> bool:
    way = next(way for way in visit.ways if way.typed == typed)
    named = {BACK: visit.drawn.back or visit.shown.page > 0, HOME: visit.drawn.home, MORE: visit.shown.pages > 1}
    here = (visit.state.screen, visit.state.page)
    return named.get(typed, True) and way.leads_on and (way.to.screen, way.to.page) != here
