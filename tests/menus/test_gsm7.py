"""What a ten-dollar phone can show, and how long a text is in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from menus import gsm7


@pytest.mark.parametrize(
    ("text", "septets"),
    [
        ("", 0),
        ("Maji", 4),
        ("a" * 160, 160),
        ("ng'ombe", 7),
        ("é à ñ", 5),
        ("[x]", 5),
        ("{~^\\|€}", 14),
        ("\n", 1),
    ],
)
def test_length_in_septets(text: str, septets: int) -> None:
    assert gsm7.length(text) == septets


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("“Maji” – hakuna…", '"Maji" - hakuna...'),
        ("ng’ombe, ŋombe", "ng'ombe, ng'ombe"),
        ("Wanjĩkũ", "Wanjiku"),
        ("café", "café"),
        ("maji 🙂 safi", "maji ? safi"),
        ("水", "?"),
        ("a\u00a0b\tc", "a b c"),
        ("`x´", "'x'"),
        ("\x00\x07", "??"),
    ],
)
def test_any_text_is_shown_in_gsm_7(typed: str, shown: str) -> None:
    assert gsm7.to_gsm7(typed) == shown


def test_foreign_characters_are_named_once_in_order() -> None:
    assert gsm7.foreign("maji 🙂 水 🙂") == ["🙂", "水"]


@given(st.text())
def test_to_gsm7_leaves_nothing_foreign_and_settles(text: str) -> None:
    shown = gsm7.to_gsm7(text)
    assert gsm7.foreign(shown) == []
    assert gsm7.to_gsm7(shown) == shown


@given(st.text(alphabet=sorted(gsm7.BASIC | gsm7.EXTENSION)))
def test_what_is_in_the_alphabet_stays(text: str) -> None:
    assert set(gsm7.to_gsm7(text)) <= set(text)


@given(st.text(), st.text())
def test_length_adds_up(one: str, two: str) -> None:
    assert gsm7.length(one + two) == gsm7.length(one) + gsm7.length(two)
