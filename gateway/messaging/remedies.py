"""What a resident reads when a case is not taken up, or is not understood: why, and what to do next."""

from __future__ import annotations

from collections.abc import Callable

from menus import gsm7
from menus.guide import Guide


def _(text: str) -> str:
    """Mark a text for the catalogue; it is translated when it is said."""
    return text


_NOT_OURS = _("We cannot take this up. {reason}")
_GO_TO = _("You can go to {office}: {number}")
_REOPEN = _("If you think that this is wrong, write back: we look at it again.")
_UNCLEAR = _("We could not make out what this is about. {reason}")
_SAY_MORE = _("Please write back and tell us more. It is not closed.")
_CLEAR = _("We understand now what this is about, and go on with it. {reason}")


def _plain(guide: Guide, language: str) -> Callable[..., str]:
    def say(text: str, **values: str) -> str:
        return gsm7.plain(guide.say(language, text, **values))

    return say


def not_taken_up(guide: Guide, language: str, reason: str, *, office: str, number: str) -> str:
    """Reasons and the next remedy (Fair Administrative Action Act 2015, sections 4 and 6), as one text."""
    say = _plain(guide, language)
    parts = [say(_NOT_OURS, reason=reason.strip())]
    if office and number:
        parts.append(say(_GO_TO, office=office, number=number))
    return "\n".join([*parts, say(_REOPEN)])


def not_understood(guide: Guide, language: str, reason: str) -> str:
    """Nobody could make out what is meant, and what the resident can do."""
    say = _plain(guide, language)
    return "\n".join([say(_UNCLEAR, reason=reason.strip()), say(_SAY_MORE)])


def understood(guide: Guide, language: str, reason: str) -> str:
    """It is understood after all."""
    return _plain(guide, language)(_CLEAR, reason=reason.strip())
