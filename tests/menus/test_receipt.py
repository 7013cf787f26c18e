"""Receipts: `4821-093-5579`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menus import receipt

TEN = st.integers(1_000_000_000, 9_999_999_999).map(str)


@pytest.mark.parametrize(
    ("digits", "digit"),
    [
        ("572", "4"),  # the example of Damm's thesis
        ("4821093557", "9"),
        ("0000000000", "0"),
    ],
)
def test_check_digit(digits: str, digit: str) -> None:
    assert receipt.check_digit(digits) == digit


@pytest.mark.parametrize(
    ("typed", "good"),
    [
        ("4821-093-5579", True),
        ("4821 093 5579", True),
        (" 4821.0935579 ", True),
        ("48210935579", True),
        ("48210935570", False),
        ("4821093557", False),
        ("482109355799", False),
        ("4821o935579", False),
        ("00000000000", False),  # the check digit is right, but no receipt begins with 0
        ("٤٨٢١٠٩٣٥٥٧٩", False),
        ("", False),
    ],
)
def test_what_a_resident_may_type(typed: str, good: bool) -> None:
    assert receipt.check(receipt.bare(typed)) is good


def test_pretty() -> None:
    assert receipt.pretty("48210935579") == "4821-093-5579"


@given(TEN, st.integers(0, 10), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(ten: str, place: int, shift: int) -> None:
    good = ten + receipt.check_digit(ten)
    wrong = good[:place] + str((int(good[place]) + shift) % 10) + good[place + 1 :]
    assert receipt.check(good)
    assert not receipt.check(wrong)


@given(TEN, st.integers(0, 9))
def test_two_neighbours_swapped_are_always_found(ten: str, place: int) -> None:
    good = ten + receipt.check_digit(ten)
    swapped = good[:place] + good[place + 1] + good[place] + good[place + 2 :]
    assert swapped == good or not receipt.check(swapped)
