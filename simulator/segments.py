"""How long a text is for a phone: alphabet, characters, SMS parts (3GPP TS 23.038, TS 23.040)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Encoding = Literal["gsm7", "ucs2"]

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")

USSD_LIMIT: dict[Encoding, int] = {"gsm7": 160, "ucs2": 80}
"""Characters in one USSD string: Safaricom's 160, the strictest network; 160 octets hold 80 letters of UCS-2."""


@dataclass(frozen=True, slots=True)
class Size:
    """A text measured: ``characters`` counts an extension character or an emoji as two."""

    encoding: Encoding
    characters: int
    parts: int


def measure(text: str) -> Size:
    """Measure a text as an SMS; no part splits a character that takes two places."""
    if all(letter in _BASIC or letter in _EXTENSION for letter in text):
        widths = [2 if letter in _EXTENSION else 1 for letter in text]
        return Size("gsm7", sum(widths), _parts(widths, alone=160, joined=153))
    widths = [2 if ord(letter) > 0xFFFF else 1 for letter in text]
    return Size("ucs2", sum(widths), _parts(widths, alone=70, joined=67))


def _parts(widths: Iterable[int], *, alone: int, joined: int) -> int:
    widths = list(widths)
    if sum(widths) <= alone:
        return 1
    parts, room = 1, joined
    for width in widths:
        if width > room:
            parts, room = parts + 1, joined
        room -= width
    return parts
