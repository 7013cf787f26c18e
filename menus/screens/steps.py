"""The order of the steps of filing, and the way back to the check once there is something to check."""

from __future__ import annotations

from menus.effects import SaveDraft
from menus.engine import Call, Go

LONG = 60
"""Characters from which a reply may have been cut by the handset (at about 80), so that more is asked for."""


def onwards(c: Call, usual: str) -> str:
    """The next step; to the check at once where the story is told and only one answer is being changed."""
    return "confirm" if c.answers.get("story") else usual


def saved(c: Call, then: str, **keep: str) -> Go:
    """Go on and keep what was typed first, tied to the number only if the resident chose so."""
    privacy = keep.get("privacy") or c.answers.get("privacy", "not_kept")
    return Go(then, keep=keep, effects=(SaveDraft(privacy != "not_kept", privacy == "sms"),))
