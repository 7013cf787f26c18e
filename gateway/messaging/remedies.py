"""What a resident reads when a case is not taken up: why, and where to go next."""

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
