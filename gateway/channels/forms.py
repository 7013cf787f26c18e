"""Reading what an aggregator posts, whatever it posts."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import unquote


class Form:
    """A form body read with tolerance: missing is empty, the last of two wins, broken bytes show as U+FFFD."""

    def __init__(self, body: bytes) -> None:
        sent = body.decode("utf-8", "replace").replace("+", " ")
        # What a hop is full of is decoded at once, which costs less than to look at it field by field.
        sent = sent.replace("%2A", "*").replace("%2B", "+").replace("%23", "#")
        self._fields: dict[str, str] = {}
        for pair in sent.split("&"):
            key, _, value = pair.partition("=")
            if "%" in pair:
                key, value = unquote(key), unquote(value)
            self._fields[key] = value.replace("\0", "") if "\0" in value else value

    def text(self, name: str, longest: int | None = None) -> str:
        return self._fields.get(name, "")[:longest]

    def number(self, name: str) -> str:
        """A phone number; a `+` that was not escaped arrives as a space."""
        sent = self._fields.get(name, "")
        kept = sent.strip()
        plus = "+" if sent[:1].isspace() and "0" <= kept[:1] <= "9" else ""
        return (plus + kept)[:32]

    def word(self, name: str, longest: int) -> str:
        """A provider's word, letters only: these are kept in the clear."""
        return re.sub(r"[^A-Za-z]", "", self.text(name))[:longest]

    def network(self) -> str:
        code = self._fields.get("networkCode", "")
        return code if len(code) <= 8 and code.isascii() and code.isdigit() else ""

    def whole(self, name: str) -> int | None:
        return int(self.text(name)) if re.fullmatch(r"[0-9]{1,9}", self.text(name)) else None

    def time(self, name: str) -> datetime | None:
        """`2017-05-03T06:04:45Z` or `2017-05-03 06:04:45`, which is UTC too."""
        try:
            moment = datetime.fromisoformat(self.text(name))
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            return None
