"""Placeholders for what residents typed and for what is known of them: of the same kind and length, and nobody's.

Kept are menu digits, names of options and codes of the pack: they decide what the menus do. Everything else is taken
to be personal unless it is listed here as harmless.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from menus import gsm7
from menus import receipt as receipts
from menus.engine import KEY_WORDS, Screen, tidy
from menus.worlds import RECEIPT

DAY = "2026-11-12"
"""Every date of a case, so that none can be recognised by its day."""

CODES = {
    "language", "ward", "area", "stopped", "status", "claim", "judged", "screen", "kind", "category", "privacy",
    "commitment", "promise", "promise_area", "noted", "data", "solved", "errand", "trail", "version",
}  # fmt: skip
"""Facts and answers that hold a code of the menus or the pack."""

PUBLISHED = {"latest"}
"""Facts that anyone may read."""


@dataclass(slots=True)
class Scrubber:
    """Remembers what stood for what, so that the same words get the same placeholder throughout one session."""

    _known: dict[str, str] = field(default_factory=dict)

    def token(self, typed: str, drawn: Screen | None) -> str:
        """One answer to a screen of options; also what is typed where no screen is known."""
        word = tidy(typed)
        if is_digits(word, 2) or typed.strip().lower() in KEY_WORDS:
            return typed
        names = {name.lower() for option in drawn.options for name in (option.label, *option.also)} if drawn else set()
        return typed if word in names else self.words(typed)

    def words(self, typed: str) -> str:
        """Words typed where words are asked for; a key stays a key."""
        word = tidy(typed)
        if not typed or is_digits(word, 2) or typed.strip().lower() in KEY_WORDS:
            return typed
        if typed not in self._known:
            self._known[typed] = self._digits(typed) if is_digits(receipts.bare(typed)) else filler(typed)
        return self._known[typed]

    def _digits(self, typed: str) -> str:
        """As many digits; a receipt for a receipt, and no receipt for anything else."""
        bare = receipts.bare(typed)
        if receipts.check(bare):
            return RECEIPT
        turn = len(self._known) % 9
        digits = "".join(str((turn + place) % 9 + 1) for place in range(len(bare)))
        if receipts.check(digits):
            digits = digits[:-1] + str((int(digits[-1]) + 1) % 10)
        return digits

    def fact(self, name: str, value: Any) -> Any:
        """A fact with everything personal in it replaced."""
        if name in PUBLISHED or name in CODES or isinstance(value, bool | int | float | None):
            return value
        if isinstance(value, Mapping):
            return {key: self.fact(key, item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.fact(name, item) for item in value]
        return self._text(name, str(value))

    def _text(self, name: str, value: str) -> str:
        if not value:
            return value
        if name == "date":
            return DAY
        if name == "receipt":
            return RECEIPT if value.isdigit() else receipts.pretty(RECEIPT)
        if name == "reference":
            return RECEIPT[:4]
        if name in ("id", "case", "draft"):
            return self._known.setdefault(f"id {value}", str(len(self._known) + 1))
        return self.words(value)


def is_digits(text: str, longest: int | None = None) -> bool:
    """Whether `text` is digits alone, and no more than `longest` of them."""
    return text.isascii() and text.isdigit() and (longest is None or len(text) <= longest)


def filler(words: str) -> str:
    """`words` again and again, as long as what it stands for; with a `*`, a `#` or a letter that a phone may not have
    wherever there was one, since those are what goes wrong."""
    return "".join(_same_kind(original, letter) for original, letter in zip(words, _endless(), strict=False))


def _same_kind(original: str, letter: str) -> str:
    if original in "*#":
        return original
    if gsm7.foreign(original):
        return "\u0436" if ord(original) < 0x10000 else "\U0001f642"
    return letter if original not in gsm7.EXTENSION else "["


def _endless() -> Iterator[str]:
    while True:
        yield from "words "
