"""Phone numbers in one spelling."""

from __future__ import annotations

import pytest

from gateway.residents.numbers import textable, tidy_number


@pytest.mark.parametrize(
    ("sent", "region", "tidy"),
    [
        ("+254711000111", "KE", "+254711000111"),
        ("254711000111", "KE", "+254711000111"),
        (" 254711000111", "KE", "+254711000111"),
        ("0711000111", "KE", "+254711000111"),
        ("0110 000 222", "KE", "+254110000222"),
        ("+254 711-000-111", "KE", "+254711000111"),
        ("628123456789", "ID", "+628123456789"),
        ("08123456789", "ID", "+628123456789"),
        ("+999123", "KE", "+999123"),
        ("22384", "KE", "+25422384"),
        ("SAFARICOM", "KE", ""),
        ("", "KE", ""),
    ],
)
def test_every_spelling_is_one_number(sent: str, region: str, tidy: str) -> None:
    assert tidy_number(sent, region) == tidy


@pytest.mark.parametrize(
    ("number", "answered"), [("+254711000111", True), ("+25422384", False), ("22384", False), ("", False)]
)
def test_short_codes_and_names_are_not_answered(number: str, answered: bool) -> None:
    assert textable(number) is answered
