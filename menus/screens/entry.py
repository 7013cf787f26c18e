"""Where a session begins: language, what was left unfinished, the main menu."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from menus.effects import DeleteDraft, SetLanguage
from menus.engine import SCREENS, Call, Go, Option, Screen, State, screen
from menus.guide import Guide


def enter(profile: Mapping[str, Any], guide: Guide) -> State:
    """The first screen at dial: `lang` to who has not chosen yet, `resume` where a draft waits, else the main menu."""
    draft = _draft(profile)
    language = profile.get("language") or (draft.language if draft else "")
    if len(guide.languages) == 1:
        language = guide.languages[0].code
    if not guide.speaks(language):
        return State(guide.entrance, "")
    return State("resume" if draft else guide.home, language)


def _draft(profile: Mapping[str, Any]) -> State | None:
    """The unfinished draft of the profile, unless it stands on a screen that no longer exists."""
    kept = profile.get("draft")
    state = State.from_json(kept["state"]) if kept else None
    return state if state and state.screen in SCREENS else None


@screen("lang")
def lang(c: Call) -> Screen:
    """Which language; asked in all of them."""
    return Screen(
        c.guide.welcome, tuple(Option(known.name, _spoken(known.code)) for known in c.guide.languages), back=False
    )


def _spoken(language: str) -> Go:
    return Go("menu", language=language, effects=(SetLanguage(language),), replaces=True)


@screen("menu")
def menu(c: Call) -> Screen:
    """The main menu. Its order is known by heart to those who dial often: add at the end."""
    return Screen(
        c.guide.label(c.guide.titles, c.language),
        (
            Option(c.say("Make a complaint"), Go("kind", keep={"kind": "complaint"}, begins=True)),
            Option(c.say("Ask for information"), Go("info.kind", keep={"kind": "information"}, begins=True)),
            Option(c.say("My cases"), Go("cases", begins=True)),
            Option(c.say("County promises"), Go("promises", begins=True)),
            Option(c.say("Settings and help"), Go("settings", begins=True)),
        ),
        back=False,
    )


@screen("resume")
def resume(c: Call) -> Screen:
    """A complaint or request was left unfinished: take it up, leave it for now, or forget it."""
    draft = c.profile.get("draft") or {}
    return Screen(
        c.say("You did not finish last time."),
        (
            Option(c.say("Continue"), _continue(c, draft)),
            Option(c.say("Start again"), Go(c.guide.home, begins=True, replaces=True)),
            Option(
                c.say("Delete it"), Go("resume.deleted", effects=(DeleteDraft(draft.get("id", "")),), replaces=True)
            ),
        ),
        back=False,
        home=True,
    )


def _continue(c: Call, draft: Mapping[str, Any]) -> Go:
    """Back to where the draft stands, with its answers and its way back."""
    left = _draft({"draft": draft})
    if left is None:
        return Go(c.guide.home, begins=True, replaces=True)
    return Go(
        left.screen,
        keep={**left.answers, "draft": draft["id"]},
        trail=tuple(name for name in left.trail if name in SCREENS),
        begins=True,
    )


@screen("resume.deleted")
def deleted(c: Call) -> Screen:
    """Says that the draft is gone."""
    return Screen(c.say("Deleted."), (Option(c.say("Main menu"), Go(c.guide.home, replaces=True)),), back=False)
