"""Phone numbers in one spelling. What a library thinks of a number never decides whether a resident is heard."""

from __future__ import annotations

import re

import phonenumbers

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def tidy_number(sent: str, region: str) -> str:
    """`sent` as E.164 when it can be read as a number of `region` or of the world, else as it came, without spaces.

    Aggregators write `+2547…`, `2547…`, ` 2547…` (a `+` decoded as a space) and handsets `07…`.
    """
    if _E164.fullmatch(sent):  # as nearly all are
        return sent
    kept = re.sub(r"[^0-9+]", "", sent)[:24]
    if kept.startswith("+"):
        return kept
    country = str(phonenumbers.country_code_for_region(region))
    digits = kept.replace("+", "")
    if digits.startswith(country) and _E164.fullmatch("+" + digits):
        return "+" + digits
    try:
        parsed = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return kept
    spelled = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return spelled if _E164.fullmatch(spelled) else kept


def textable(number: str) -> bool:
    """Whether an SMS can be sent back: a full number, not a short code or a sender's name (those would loop)."""
    return _E164.fullmatch(number) is not None and len(number) >= 10
