"""The same menus as a conversation by SMS: a text is an answer, a screen is a text. Pure, as all of menus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from menus import gsm7
from menus.engine import Facts, State, Turn, answer, draw
from menus.guide import Guide, mark
from menus.layout import count_pages, show
from menus.screens.entry import dialled, enter

ONE_SMS = 160
"""Septets of a text that is not sent in parts: some networks lose parts."""

HINT = mark("Answer with a number.")

MENU = "menu"
"""What a word of the pack leads to when it begins no errand in particular."""

TOLD = ("story.more", "confirm")
"""Screens after a story. Words that come there belong to it: a long text arrives in parts, people think of more."""


def of_sms(guide: Guide) -> Guide:
    """The guide as screens by SMS see it."""
    return replace(guide, by_sms=True)


def begin(profile: Mapping[str, Any], guide: Guide, errand: str = MENU) -> State:
    """The first screen, for the errand that a word of the pack leads to."""
    state = enter(profile, guide)
    if errand != MENU:
        state = dialled(state, errand)
    facts: Facts = MappingProxyType({**state.facts, "profile": profile})
    return state._replace(facts=facts)


def hear(state: State, typed: str, guide: Guide, *, position: int) -> Turn:
    """The state after a text was heard as an answer; `position` counts the texts of the conversation."""
    turn = answer(state, typed, guide, position=position, pages=count_pages)
    if turn.state.invalid and state.screen in TOLD and has_words(typed):
        more = state._replace(screen="story.add", page=0)
        return answer(more, typed, guide, position=position, pages=count_pages)
    return turn


def said(state: State, guide: Guide) -> tuple[str, bool]:
    """The text that carries a screen, and whether it ends the conversation. Says how to answer where there is room."""
    shown = show(state, guide)
    # Before a language is chosen, one of them would be said alone.
    if shown.end or not state.language or not takes_choice(state, guide):
        return shown.text, shown.end
    hinted = f"{shown.text}\n{guide.say(state.language, HINT)}"
    return (hinted if gsm7.length(hinted) <= ONE_SMS else shown.text), False


def takes_choice(state: State, guide: Guide) -> bool:
    """Whether the screen is answered with a number and not with words."""
    return draw(state, guide).accept is None


def has_words(typed: str) -> bool:
    """Whether a text is more than digits: two letters at least."""
    return sum(character.isalpha() for character in typed) > 1
