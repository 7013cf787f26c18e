"""How many parts a text costs (3GPP TS 23.038 and 23.040)."""

from __future__ import annotations

from menus import gsm7

SINGLE, PART = 160, 153
SINGLE_WIDE, PART_WIDE = 70, 67


def segments(text: str) -> int:
    """Parts of an SMS: 160 septets or parts of 153; with a character outside GSM-7 70 UTF-16 units or parts of 67.

    A character of two septets or two units never straddles two parts.
    """
    if gsm7.foreign(text):
        sizes = [2 if ord(character) > 0xFFFF else 1 for character in text]
        return _parts(sizes, SINGLE_WIDE, PART_WIDE)
    return _parts([2 if character in gsm7.EXTENSION else 1 for character in text], SINGLE, PART)


def _parts(sizes: list[int], single: int, part: int) -> int:
    if sum(sizes) <= single:
        return 1
    parts, used = 1, 0
    for size in sizes:
        if used + size > part:
            parts, used = parts + 1, 0
        used += size
    return parts
