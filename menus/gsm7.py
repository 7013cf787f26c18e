"""The GSM 03.38 seven-bit alphabet: what a ten-dollar phone can show, and how long a text is in it.

Source: 3GPP TS 23.038. A character of the extension table costs two septets.
"""

from __future__ import annotations

import re
import unicodedata

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("^{}\\[~]|€\f")

_USUAL = re.compile(f"[{re.escape(''.join(filter(str.isascii, BASIC)))}]*").fullmatch
"""Whether a text is in the basic alphabet, told at once for those without accents: nearly all."""

# Typographic characters that word processors and smart keyboards put in, and their plain spelling.
_PLAIN = str.maketrans(
    {
        "‘": "'",
        "’": "'",
        "ʼ": "'",
        "`": "'",
        "´": "'",
        "“": '"',
        "”": '"',
        "„": '"',
        "«": '"',
        "»": '"',
        "–": "-",
        "—": "-",
        "−": "-",
        "…": "...",
        "•": "-",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
        "\t": " ",
        "ŋ": "ng'",
        "Ŋ": "Ng'",
    }
)


def length(text: str) -> int:
    """Length of `text` in septets; a character outside the alphabet counts as one."""
    if _USUAL(text):
        return len(text)
    return len(text) + sum(map(text.count, EXTENSION))


def foreign(text: str) -> list[str]:
    """The characters of `text` that GSM-7 does not have, each once, in order."""
    return list(dict.fromkeys(c for c in text if c not in BASIC and c not in EXTENSION))


def plain(text: str) -> str:
    """Spell typographic characters as GSM-7 does; leaves other foreign characters as they are."""
    return unicodedata.normalize("NFC", text).translate(_PLAIN)


def to_gsm7(text: str) -> str:
    """`text` in GSM-7 whatever it holds: accents dropped where the alphabet lacks them, the rest shown as `?`."""
    if _USUAL(text):
        return text
    text = plain(text)
    if not foreign(text):
        return text
    shown = []
    for character in text:
        if character in BASIC or character in EXTENSION:
            shown.append(character)
            continue
        base = unicodedata.normalize("NFD", character)[0]
        shown.append(base if base in BASIC else "?")
    return "".join(shown)
