"""Texts measured as a phone measures them."""

import pytest

from simulator.segments import Size, measure


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("", Size("gsm7", 0, 1)),
        ("a" * 160, Size("gsm7", 160, 1)),
        ("a" * 161, Size("gsm7", 161, 2)),
        ("a" * 306, Size("gsm7", 306, 2)),
        ("a" * 307, Size("gsm7", 307, 3)),
        ("ng'ombe è £", Size("gsm7", 11, 1)),
        ("[€]", Size("gsm7", 6, 1)),
        ("€" * 80, Size("gsm7", 160, 1)),
        ("a" * 152 + "€" + "a" * 151, Size("gsm7", 305, 2)),
        ("a" * 152 + "€" + "a" * 152, Size("gsm7", 306, 3)),  # the euro sign moves whole into the second part
        ("ng\u2019ombe", Size("ucs2", 7, 1)),
        ("ŋ" * 70, Size("ucs2", 70, 1)),
        ("ŋ" * 71, Size("ucs2", 71, 2)),
        ("ŋ" * 134, Size("ucs2", 134, 2)),
        ("ŋ" * 135, Size("ucs2", 135, 3)),
        ("😀" * 35, Size("ucs2", 70, 1)),
    ],
)
def test_a_text_is_measured(text: str, size: Size) -> None:
    assert measure(text) == size
