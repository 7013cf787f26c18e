"""Receipts: ten digits and a check digit, written `4821-093-5579`.

The check digit is H. M. Damm's (2004): it finds every single wrong digit and every swap of two neighbours.
"""

from __future__ import annotations

_TABLE = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)

DIGITS = 11
"""Ten random digits, the first not 0, and the check digit."""


def check_digit(digits: str) -> str:
    """The check digit of ten digits. Raises `ValueError` for anything but digits."""
    interim = 0
    for digit in digits:
        interim = _TABLE[interim][int(digit)]
    return str(interim)


def check(digits: str) -> bool:
    """Whether these eleven bare digits can be a receipt."""
    plain = len(digits) == DIGITS and digits.isascii() and digits.isdigit() and digits[0] != "0"
    return plain and check_digit(digits[:-1]) == digits[-1]


def bare(typed: str) -> str:
    """What was typed without spaces, hyphens and full stops."""
    return "".join(character for character in typed if character not in " -.\t\n")


def pretty(digits: str) -> str:
    """`48210935579` as `4821-093-5579`."""
    return f"{digits[:4]}-{digits[4:7]}-{digits[7:]}"
