"""The state machine every menu runs on.

A screen is a pure function from a `Call` to a `Screen`; a `Screen` carries its own ways out as data, so the state after
an input is found by looking at the screen, and the state of a session is a fold over what was typed (see `menus.fold`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from menus.effects import Effect
from menus.guide import Guide

Facts = Mapping[str, Any]
EMPTY: Mapping[str, Any] = MappingProxyType({})

BACK, HOME, MORE = "0", "00", "98"


class State(NamedTuple):
    """Where a resident stands in a session. Plain data: it can be stored and read back (`to_json`, `from_json`)."""

    screen: str
    language: str
    answers: Mapping[str, str] = EMPTY
    trail: tuple[str, ...] = ()
    page: int = 0
    invalid: bool = False
    problem: str = ""
    """A message of the screen's own for an invalid answer; empty means the general one."""
    began: int = 0
    """How many characters of the session's text were consumed when this errand began: makes effects unique."""
    facts: Facts = EMPTY
    ended: bool = False

    def to_json(self) -> dict[str, Any]:
        """What must survive a lost session: everything but the facts, which are fetched again."""
        return {
            "screen": self.screen,
            "language": self.language,
            "answers": dict(self.answers),
            "trail": list(self.trail),
            "page": self.page,
            "began": self.began,
            "ended": self.ended,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> State:
        return cls(
            screen=data["screen"],
            language=data["language"],
            answers=MappingProxyType(dict(data["answers"])),
            trail=tuple(data["trail"]),
            page=data["page"],
            began=data["began"],
            ended=data["ended"],
        )


class Call(NamedTuple):
    """What a screen may look at: the pack's guide, the answers so far and the facts it asked for."""

    guide: Guide
    state: State

    @property
    def answers(self) -> Mapping[str, str]:
        return self.state.answers

    @property
    def facts(self) -> Facts:
        return self.state.facts

    @property
    def profile(self) -> Facts:
        """What is remembered of the caller, fetched at dial; empty when nothing is, or the session was rebuilt."""
        known: Facts = self.state.facts.get("profile", EMPTY)
        return known

    @property
    def language(self) -> str:
        return self.state.language

    def say(self, text: str, /, **values: object) -> str:
        """`text` (an English catalogue entry) in the resident's language, its `{names}` filled in."""
        return self.guide.say(self.state.language, text, **values)


class Go(NamedTuple):
    """A way out of a screen: where to, what to remember, what to ask of the gateway."""

    then: str
    keep: Mapping[str, str] = EMPTY
    effects: tuple[Effect, ...] = ()
    language: str = ""
    begins: bool = False
    """An errand begins here: earlier answers are forgotten, and what it files is filed once."""
    replaces: bool = False
    """The screen left is not one to come back to with `0`."""
    trail: tuple[str, ...] | None = None
    """Where `0` leads from there on, when a draft is taken up again; none means the way that was walked."""


class Stay(NamedTuple):
    """A typed answer that the screen cannot take, with a short reason in the resident's language."""

    problem: str = ""


class Option(NamedTuple):
    label: str
    go: Go
    also: tuple[str, ...] = ()
    """Other words for it, accepted when typed: a place has more than one spelling."""


class Screen(NamedTuple):
    """One screen: a body and either numbered options, or `accept` for typed words, or the end of the session."""

    body: str
    options: tuple[Option, ...] = ()
    accept: Callable[[Call, str], Go | Stay] | None = None
    end: bool = False
    back: bool = True
    home: bool = False
    """Name the key `00` on the screen. It works on every screen, named or not."""
    told: str = ""
    """Words quoted under the body: all where they fit there, else their ends, and then all on pages of their own; the
    options stand before and after those."""


ScreenFunction = Callable[[Call], Screen]

CountPages = Callable[[State, Guide, Screen], int]
"""How many pages a screen takes that is drawn already."""


@dataclass(frozen=True, slots=True)
class ScreenSpec:
    name: str
    function: ScreenFunction
    needs: tuple[str, ...] = ()
    """Facts the gateway fetches, or results of effects, before the function is called."""
    guarded: bool = False
    """Consent, privacy, follow, send, withdraw: never answered before it was shown."""


SCREENS: dict[str, ScreenSpec] = {}


def screen(
    name: str, *, needs: tuple[str, ...] = (), guarded: bool = False
) -> Callable[[ScreenFunction], ScreenFunction]:
    """Register a function as the screen called `name` (the metric's label and the log's word)."""

    def register(function: ScreenFunction) -> ScreenFunction:
        if name in SCREENS:
            raise ValueError(f"two screens are called {name}")
        SCREENS[name] = ScreenSpec(name, function, needs, guarded)
        return function

    return register


def missing(state: State) -> tuple[str, ...]:
    """The facts that `state`'s screen needs and does not have."""
    needs = SCREENS[state.screen].needs
    return tuple([need for need in needs if need not in state.facts]) if needs else ()


def draw(state: State, guide: Guide) -> Screen:
    """The screen `state` stands on."""
    return SCREENS[state.screen].function(Call(guide, state))


# What residents type for the three keys, beside the digits; in every language at once, so that nobody has to guess.
KEY_WORDS = {
    "back": BACK,
    "rudi": BACK,
    "kembali": BACK,
    "menu": HOME,
    "home": HOME,
    "mwanzo": HOME,
    "more": MORE,
    "zaidi": MORE,
    "lanjut": MORE,
}


def tidy(typed: str) -> str:
    """` 1 `, `01`, `1.` and `1)` are all `1`; `00` and longer numbers stay as they are; words are lower-cased."""
    word = typed.strip().rstrip(".,)").strip().lower()
    if word in KEY_WORDS:
        return KEY_WORDS[word]
    if word.isascii() and word.isdigit() and word != HOME and len(word) <= 3:
        return word.lstrip("0") or BACK
    return word


def answer(
    state: State,
    typed: str,
    guide: Guide,
    *,
    position: int,
    pages: CountPages,
    drawn: Screen | None = None,
) -> Turn:
    """The state after `typed` was answered to `state`'s screen.

    `position` is how many characters of the session's text precede this answer; `pages` counts a screen's pages;
    `drawn` is the screen, where the caller has drawn it already.
    """
    word = tidy(typed)
    fresh = state._replace(invalid=False, problem="") if state.invalid else state
    if word == HOME:
        return Turn(home(fresh, guide))
    drawn = drawn or draw(state, guide)
    if word == BACK and (drawn.back or state.page):
        return Turn(back(fresh, guide))
    if word == MORE:
        return Turn(_next_page(state, fresh, pages(state, guide, drawn)))
    if drawn.accept is not None:
        return _accept(fresh, drawn.accept(Call(guide, state), typed.strip()), position)
    option = _chosen(drawn, word)
    if option is None or _is_ahead(state, drawn, guide, pages):
        return Turn(state._replace(invalid=True, problem=""))
    return _accept(fresh, option.go, position)


def _is_ahead(state: State, drawn: Screen, guide: Guide, pages: CountPages) -> bool:
    """Whether the options of a guarded screen are still ahead: nobody agrees to words before their last page."""
    return SCREENS[state.screen].guarded and not drawn.told and state.page + 1 < pages(state, guide, drawn)


class Turn(NamedTuple):
    state: State
    effects: tuple[Effect, ...] = ()


def _next_page(state: State, fresh: State, pages: int) -> State:
    return fresh._replace(page=state.page + 1) if state.page + 1 < pages else state._replace(invalid=True, problem="")


def _chosen(drawn: Screen, word: str) -> Option | None:
    if word.isdigit() and word.isascii():
        number = int(word) if len(word) < 4 else 0
        return drawn.options[number - 1] if 0 < number <= len(drawn.options) else None
    return next((option for option in drawn.options if word in _names(option)), None)


def _names(option: Option) -> set[str]:
    return {option.label.lower(), *(word.lower() for word in option.also)}


def _accept(state: State, way: Go | Stay, position: int) -> Turn:
    if isinstance(way, Stay):
        return Turn(state._replace(invalid=True, problem=way.problem))
    answers = {**_aside(state), **way.keep} if way.begins else {**state.answers, **way.keep}
    moved = State(
        screen=way.then,
        language=way.language or state.language,
        answers=MappingProxyType(answers),
        trail=_trail(state, way),
        began=position if way.begins else state.began,
        facts=_kept_facts(state, way.then),
        ended=state.ended,
    )
    return Turn(moved, way.effects)


ASIDE = "aside"
"""The answer that says that words typed earlier in the session were not sent."""


def _aside(state: State) -> Mapping[str, str]:
    """What stays of the answers when an errand ends unfinished: that words were typed, which are a draft by now."""
    return _WORDS_ASIDE if state.answers.get("story") or ASIDE in state.answers else EMPTY


_WORDS_ASIDE = MappingProxyType({ASIDE: "1"})


def _trail(state: State, way: Go) -> tuple[str, ...]:
    if way.trail is not None:
        return way.trail
    return state.trail if way.replaces else (*state.trail, state.screen)


def _kept_facts(state: State, entering: str) -> Facts:
    """The facts known so far without those the next screen asks for: a list is read anew each time it is shown."""
    needs = SCREENS[entering].needs
    return MappingProxyType({k: v for k, v in state.facts.items() if k not in needs}) if needs else state.facts


def back(state: State, guide: Guide) -> State:
    """One screen back; from a later page, the page before."""
    if state.page:
        return state._replace(page=state.page - 1)
    if not state.trail:
        return home(state, guide)
    name = state.trail[-1]
    return state._replace(screen=name, trail=state.trail[:-1], page=0, facts=_kept_facts(state, name))


def home(state: State, guide: Guide) -> State:
    """The main menu, or the choice of language for who has not chosen yet."""
    name = guide.home if state.language else guide.entrance
    return state._replace(screen=name, trail=(), page=0, answers=_aside(state), facts=_kept_facts(state, name))
