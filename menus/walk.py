"""Every screen of a pack, found by walking: from dial, answer by answer, with the longest and the emptiest facts.

The authors' tools (`baraza menu check`, `graph`, `diff`) and the tests all look at what is found here, and nothing is
guessed from the source: a way that is drawn has been walked.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from menus import worlds
from menus.by_sms import of_sms
from menus.effects import Effect
from menus.engine import BACK, HOME, MORE, SCREENS, Screen, State, Turn, answer, draw, missing
from menus.guide import Guide
from menus.layout import Shown, count_pages, show
from menus.screens.ends import DOUBTS
from menus.screens.entry import ERRANDS, dialled, enter

GATEWAY = ("end.notsaved", "end.notread", "end.busy", "end.toolong", "end.changed")
"""Ends that the gateway shows by itself when something broke: no answer leads there."""

WITHOUT: Mapping[str, Callable[[Guide], bool]] = {
    "lang": lambda guide: len(guide.languages) == 1,
    "danger": lambda guide: not any(category.danger for category in guide.offered("complaint")),
    "info.ask": lambda guide: not guide.offered("information"),
    "end.info": lambda guide: not guide.offered("information"),
    "promise": lambda guide: not guide.promise_areas,
    "promise.news": lambda guide: not guide.promise_areas,
    "promises.say": lambda guide: not guide.promise_areas,
    **{
        name: lambda guide: not guide.promise_areas
        for name in ("follow", "follow.areas", "follow.area", "follow.place", "follow.place.area")
    },
    "follow.place.ward": lambda guide: not guide.promise_areas,
    "follow.ward": lambda guide: not guide.promise_areas,
    "following": lambda guide: not guide.promise_areas,
    **{name: lambda guide: not guide.promise_areas for name in ("asked", "asked.area", "asked.ward", "asked.consent")},
    **{
        f"score{part}": lambda guide: not guide.score_items
        for part in (
            "",
            ".areas",
            ".wards",
            ".places",
            ".side",
            ".code",
            ".staff",
            *map(".{}".format, range(1, 6)),
            ".send",
        )
    },
    "follow.which": lambda guide: not guide.by_sms or "follow" not in guide.words.values(),
    "promises.area": lambda guide: not guide.promise_areas,
    "settings.call": lambda guide: not guide.care_number,
    "settings.language": lambda guide: len(guide.languages) == 1,
    "receipt.write": lambda guide: guide.by_sms,
    "end.written": lambda guide: guide.by_sms,
    "end.bysms": lambda guide: guide.by_sms,
    "end.notkept": lambda guide: not guide.by_sms,
}
"""Screens that a pack may do without, and when it does."""

KEYS = (BACK, HOME, MORE)
SLIP = "77"
"""An answer that no screen offers."""

WORDS = "words"
"""How a way by typed words is labelled: what was typed does not matter to an author."""


@dataclass(frozen=True, slots=True)
class Way:
    """One answer to a screen and where it leads. An answer that is not taken leads back to the same screen."""

    typed: str
    label: str
    """The option's words; `words` where words are typed; empty for the keys `0`, `00` and `98`."""
    to: State
    effects: tuple[Effect, ...] = ()

    @property
    def leads_on(self) -> bool:
        return not self.to.invalid


@dataclass(frozen=True, slots=True)
class Visit:
    """One screen as it looked once."""

    state: State
    drawn: Screen
    shown: Shown
    start: str
    """Who dialled: `stranger`, `known`, …"""
    typed: tuple[str, ...]
    """What was typed to come here."""
    came: str = ""
    """The screen before; empty where a session begins."""
    ways: tuple[Way, ...] = ()

    @property
    def where(self) -> str:
        """How to come here, for a person: `stranger 1*1*words`."""
        answers = "*".join(WORDS if typed in worlds.STORIES else typed for typed in self.typed)
        return f"{self.start} {answers}".rstrip()


@dataclass(frozen=True, slots=True)
class _Step:
    state: State
    start: str
    typed: tuple[str, ...] = ()
    came: str = ""


@dataclass(slots=True)
class _Walk:
    guide: Guide
    language: str
    facts: Mapping[str, Sequence[Any]]
    seen: dict[Any, Visit] = field(default_factory=dict)
    drawn: set[Any] = field(default_factory=set)
    """What was drawn already, by all that a screen may look at: most ways lead where another has led before."""

    def run(self) -> list[Visit]:
        begun = list(starts(self.guide, self.language))
        for start in begun:
            queue = deque([start])
            while queue:
                step = queue.popleft()
                for state in self._ready(step.state):
                    visit = self._look(state, step)
                    queue.extend(self._ahead(visit) if visit else ())
        return list(self.seen.values())

    def _ahead(self, visit: Visit) -> Iterator[_Step]:
        for way in visit.ways:
            if way.leads_on and way.to.language == self.language:
                yield _Step(way.to, visit.start, (*visit.typed, way.typed), visit.shown.name)

    def _ready(self, state: State) -> Iterator[State]:
        """`state` once for each combination of the facts that its screen asks for."""
        wanted = missing(state)
        for want in wanted:
            if want not in self.facts:
                raise LookupError(f"{state.screen} needs {want}: menus/worlds.py has no values for it")
        for values in product(*(self.facts[want] for want in wanted)):
            yield state._replace(facts={**state.facts, **dict(zip(wanted, values, strict=True))})

    def _look(self, state: State, step: _Step) -> Visit | None:
        facts = (id(state.facts.get(name)) for name in ("profile", *SCREENS[state.screen].needs))
        same = (state.screen, state.language, state.page, frozenset(state.answers.items()), *facts)
        if same in self.drawn:
            return None
        self.drawn.add(same)
        drawn, shown = draw(state, self.guide), show(state, self.guide)
        key = (state.screen, shown.text, *(option.go.then for option in drawn.options), *_hidden(state))
        if key in self.seen:
            return None
        ways = () if drawn.end else tuple(ways_out(state, drawn, self.guide))
        self.seen[key] = Visit(state, drawn, shown, step.start, step.typed, step.came, ways)
        return self.seen[key]


def _hidden(state: State) -> tuple[Any, ...]:
    """Answers that decide where words lead or what is done, and are not seen on the screen."""
    answers = state.answers
    return (*(answers.get(name, "") for name in ("kind", "privacy", "errand")), bool(answers.get("story")))


def bearers(guide: Guide) -> dict[str, Guide]:
    """What the menus of a pack are played over: `USSD` where it has a code, `SMS` where it has words."""
    played = {"USSD": guide} if guide.ussd_code else {}
    return played | ({"SMS": of_sms(guide)} if guide.words else {})


def walk(guide: Guide, language: str) -> list[Visit]:
    """Every screen that looks different or leads elsewhere, in one language of the pack: a stranger's first.

    Raises LookupError when a screen needs a fact that `menus.worlds` has no values for.
    """
    return _Walk(guide, language, worlds.facts(guide, language)).run()


def starts(guide: Guide, language: str) -> Iterator[_Step]:
    """Where sessions begin: dialled by strangers and known callers, cut off, by code, or already broken."""
    stranger, known = worlds.STRANGER, worlds.profile(guide, language)
    unknown = {"profile": stranger}
    entered = enter(stranger, guide)._replace(facts=unknown)
    if entered.language in ("", language):
        yield _Step(entered, "stranger")
    for name, profile in (("known", known), ("known, no ward, no SMS", {**known, "ward": "", "unreachable": True})):
        yield _Step(enter(profile, guide)._replace(facts={"profile": profile}), name)
    for left in _left(guide, language):
        profile = {**known, "draft": {"id": "d", "state": left.to_json()}}
        yield _Step(enter(profile, guide)._replace(facts={"profile": profile}), f"left at {left.screen}")
    for code, errand in guide.shortcuts.items():
        if entered.language in ("", language):
            yield _Step(dialled(entered, errand)._replace(facts=unknown), "stranger", (code,))
        yield _Step(dialled(enter(known, guide), errand)._replace(facts={"profile": known}), "known", (code,))
    for word, errand in guide.words.items() if guide.by_sms else ():
        if errand in ERRANDS:
            yield _Step(dialled(enter(known, guide), errand)._replace(facts={"profile": known}), "known", (word,))
    for screen in (guide.closed, *GATEWAY):
        yield _Step(State(screen, language, facts=unknown), "gateway")
    for privacy in DOUBTS:
        yield _Step(State("end.busy", language, {"sending": privacy}, facts=unknown), "gateway")


def _left(guide: Guide, language: str) -> Iterator[State]:
    """Drafts that were left: after a few words, and at the check with the longest of everything."""
    area, ward = worlds.longest_ward(guide)
    for kind, privacy in (("complaint", "sms"), ("complaint", "no_sms"), ("information", "sms")):
        category = worlds.longest_category(guide, kind, language)
        about = {"kind": kind, "privacy": privacy, "category": category, "area": area, "ward": ward.code}
        for screen, story in zip(("story.more", "confirm"), worlds.STORIES, strict=True):
            asked = "story" if kind == "complaint" else "info.ask"
            yield State(screen, language, answers={**about, "story": story}, trail=(guide.home, asked))


def ways_out(state: State, drawn: Screen, guide: Guide) -> Iterator[Way]:
    """What every answer to a screen does: each option, words where they are taken, and the three keys."""
    options = [(str(number), option.label) for number, option in enumerate(drawn.options, 1)]
    words = [(typed, WORDS) for typed in worlds.TYPED] if drawn.accept else []
    for typed, label in (*options, *words, *((key, "") for key in KEYS)):
        turn = after(state, typed, guide)
        yield Way(typed, label, turn.state, turn.effects)


def after(state: State, typed: str, guide: Guide) -> Turn:
    """The real answer to a screen, at no place of a session in particular."""
    return answer(state, typed, guide, position=0, pages=count_pages)


def absent(guide: Guide) -> set[str]:
    """The screens that this pack does without."""
    return {name for name, without in WITHOUT.items() if name in SCREENS and without(guide)}
