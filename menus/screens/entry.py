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
        c.guide.welcome, tuple(Option(known.name, _spoken(c, known.code)) for known in c.guide.languages), back=False
    )


def _spoken(c: Call, language: str) -> Go:
    """On to the errand that was dialled, else to the main menu."""
    errand = ERRANDS.get(c.answers.get("errand", ""), Go(c.guide.home))
    remembered = (SetLanguage(language),) if c.profile.get("known") else ()
    return errand._replace(language=language, effects=remembered, replaces=True)


ERRANDS: Mapping[str, Go] = {
    "complaint": Go("kind", keep={"kind": "complaint"}, begins=True),
    "information": Go("info.kind", keep={"kind": "information"}, begins=True),
    "cases": Go("cases", begins=True),
    "promises": Go("promises", begins=True),
    "follow": Go("follow.which", begins=True),
    "following": Go("following", begins=True),
    "settings": Go("settings", begins=True),
    "feedback": Go("kind", keep={"kind": "feedback"}, begins=True),
}
"""What a resident comes for. A pack may give these names a code of their own to dial: never a place in the menu, which
would freeze its order, and never a receipt, which would stay in the phone's list of calls."""


def dialled(state: State, errand: str) -> State:
    """Where a session begins that was dialled with the code of an errand."""
    if not state.language:
        return state._replace(answers={"errand": errand})
    go = ERRANDS[errand]
    return state._replace(screen=go.then, answers=dict(go.keep))


@screen("menu")
def menu(c: Call) -> Screen:
    """The main menu. Its order is known by heart to those who dial often: add at the end.

    Whom our SMS do not reach reads so in the place of the title: the phone company may block more than its owner asked.
    """
    blocked = c.profile.get("unreachable") and not c.guide.by_sms
    feedback = (Option(c.say("Give your views"), ERRANDS["feedback"]),) if c.guide.offered("feedback") else ()
    return Screen(
        c.say("Our SMS do not reach you.") if blocked else c.guide.label(c.guide.titles, c.language),
        (
            Option(c.say("Make a complaint"), ERRANDS["complaint"]),
            Option(c.say("Ask for information"), ERRANDS["information"]),
            Option(c.say("My cases"), ERRANDS["cases"]),
            Option(c.say("County promises"), ERRANDS["promises"]),
            Option(c.say("Settings and help"), ERRANDS["settings"]),
            *feedback,
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
        keep={**left.answers, "draft": draft["id"], "drafted": str(len(left.answers.get("story", "")))},
        trail=tuple(name for name in left.trail if name in SCREENS),
        begins=True,
    )


@screen("resume.deleted")
def deleted(c: Call) -> Screen:
    """Says that the draft is gone."""
    return Screen(c.say("Deleted."), (Option(c.say("Main menu"), Go(c.guide.home, replaces=True)),), back=False)
