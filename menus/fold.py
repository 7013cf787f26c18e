"""A session is a list of texts; its state is a fold over them.

Africa's Talking sends, at each hop, everything typed so far joined by `*`, escapes nothing and removes nothing. So the
new input is what follows the longest earlier text, `*` in a story stays in it, and a hop sent again folds to the same
state. The functions here are pure: facts that only the gateway can know are asked for by returning `wants`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from menus.by_sms import TOLD, has_words
from menus.effects import Effect
from menus.engine import EMPTY, SCREENS, Facts, Screen, State, answer, draw, missing
from menus.guide import Guide
from menus.layout import count_pages
from menus.screens.entry import dialled, enter


class Due(NamedTuple):
    """An effect and where in the session it was asked for: `position` characters of the text precede the answer."""

    effect: Effect
    position: int
    began: int


class Landing(NamedTuple):
    """Where a fold came to. When `wants` is not empty, fetch those facts for `position` and fold again."""

    state: State
    position: str
    due: tuple[Due, ...] = ()
    wants: tuple[str, ...] = ()
    cut: bool = False
    """Answers to a screen that nobody had seen were dropped: the text alone no longer tells where a session is."""


DIALLED = Landing(State("entry.dial", ""), "", wants=("profile",))
"""Where a session begins: who it is that calls is still to be found out."""


class Standing(NamedTuple):
    """Where an earlier fold of the same texts and facts came to, so that only what follows is folded."""

    text: str
    state: State
    """The state after `text`."""
    drawn: Screen
    """The screen it stands on."""
    pages: int
    """How many pages that screen takes."""

    def counted(self, state: State, guide: Guide, drawn: Screen) -> int:
        """As `layout.count_pages`, for the screen it stands on."""
        return self.pages


def chain(texts: Sequence[str], text: str, before: Sequence[str] = ()) -> list[str]:
    """The texts of a session that `text` builds on, then `text`; `texts` are all heard before it, as they arrived.

    `before`, an earlier chain of this session, saves work and changes nothing.
    """
    if before and texts == before and _extends(text, before[-1]):
        return [*before, text]
    return [*sorted({t for t in texts if _extends(text, t)}, key=len), text]


def _extends(text: str, earlier: str) -> bool:
    return text.startswith(earlier) and earlier != text and (not earlier or text[len(earlier)] == "*")


def fold(
    links: Sequence[str],
    facts: Mapping[str, Facts],
    guide: Guide,
    *,
    checkpoint: tuple[str, State] | None = None,
    rebuilding: bool = False,
    standing: Standing | None = None,
) -> Landing:
    """Fold a chain of texts, the last being this hop's.

    `facts` are by position: the text consumed when the screen that needs them is reached. `checkpoint` is a text and
    the state after it, kept by a draft. `rebuilding` says that the session is known to have run and its list was lost:
    every screen on the way was shown, so it may be crossed. `standing` saves work and changes nothing.
    """
    if standing is not None:
        heard, state = standing.text, standing.state
    elif checkpoint is not None:
        heard, state = checkpoint
        state = state._replace(facts={**facts.get("", EMPTY), **facts.get(heard, EMPTY)})
        wants = missing(state)
        if wants:
            return Landing(state, heard, wants=wants)
    else:
        heard, known = "", facts.get("")
        if known is None:
            return DIALLED
        state = enter(known["profile"], guide)
        state = state._replace(facts={**known, **state.facts})
        if links[0] == "" and len(links) == 1:
            return _land(state, "", ())
        code = links[0].partition("*")[0]
        if code in guide.shortcuts:
            heard, state = code, dialled(state, guide.shortcuts[code])
            state = state._replace(facts={**state.facts, **facts.get(code, EMPTY)})
    due: tuple[Due, ...] = ()
    cut = False
    for text in links if standing is None else links[-1:]:
        if len(text) <= len(heard):  # all are beginnings of the last one, and so is what was heard
            continue
        stood = standing if standing and standing.text == heard else None
        landing = _advance(state, heard, text, facts, guide, rebuilding, stood)
        if text == links[-1] or (landing.wants and landing.position != links[-1]):
            return landing
        state, heard, due, cut = landing.state, text, landing.due, landing.cut
    return _land(state, heard, due, cut)


def informed(landing: Landing, facts: Facts) -> Landing:
    """A landing at the end of its texts once `facts` are known there: what folding again would come to."""
    return _land(_knowing(landing.state, facts), landing.position, landing.due, landing.cut)


def _land(state: State, position: str, due: tuple[Due, ...], cut: bool = False) -> Landing:
    return Landing(state, position, due, missing(state), cut)


def _advance(
    state: State,
    heard: str,
    text: str,
    facts: Mapping[str, Facts],
    guide: Guide,
    rebuilding: bool,
    stood: Standing | None,
) -> Landing:
    """Answer the screens on the way with what `text` adds to `heard`; `stood` knows the first, if it was drawn."""
    at = len(heard) + 1 if heard else 0
    due: list[Due] = []
    position, first, cut = heard, True, False
    while at < len(text) and not state.ended:
        name = SCREENS[state.screen]
        if not first and not rebuilding and (name.guarded or name.needs):
            cut = True  # an answer to a screen nobody has seen: show it instead
            break
        drawn, pages = (stood.drawn, stood.counted) if first and stood else (draw(state, guide), count_pages)
        if drawn.end:
            state = state._replace(screen=guide.closed, ended=True)
            break
        end = len(text) if drawn.accept is not None else _token_end(text, at)
        typed = text[at:end]
        if typed:
            turn = answer(state, typed, guide, position=at, pages=pages, drawn=drawn)
            if first and turn.state.invalid and state.screen in TOLD and has_words(text[at:]):
                # More of the story: the handset had cut it, or its writer thought of more.
                end, more = len(text), state._replace(screen="story.add", page=0)
                turn = answer(more, text[at:], guide, position=at, pages=count_pages)
            state = turn.state
            due.extend(Due(effect, at, state.began) for effect in turn.effects)
        at, first = end + 1, False
        position = text if at >= len(text) else text[:end]
        state = _knowing(state, facts.get(position))
        wants = missing(state)
        if wants and (rebuilding or position == text):
            return Landing(state, position, tuple(due), wants)
    if position != text:
        state = _knowing(state, facts.get(text))
    return Landing(state, text, tuple(due), missing(state), cut)


def _knowing(state: State, facts: Facts | None) -> State:
    return state._replace(facts={**state.facts, **facts}) if facts else state


def _token_end(text: str, start: int) -> int:
    star = text.find("*", start)
    return len(text) if star < 0 else star
