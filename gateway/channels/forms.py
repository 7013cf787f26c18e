"""Reading what an aggregator posts, whatever it posts."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import unquote_to_bytes


class Form:
    """A form body read with tolerance: missing is empty, the last of two wins, broken bytes show as U+FFFD."""

    def __init__(self, body: bytes) -> None:
        plain = body.replace(b"+", b" ").replace(b"%2A", b"*").replace(b"%2B", b"+").replace(b"%23", b"#")
        pairs = [pair.partition(b"=") for pair in plain.split(b"&")]
        self._fields = {unquote_to_bytes(key) if b"%" in key else key: value for key, _, value in pairs}
        """Values as they were sent, but for the signs that a hop is full of: many are never asked for."""

    def text(self, name: str, longest: int | None = None) -> str:
        sent = self._fields.get(name.encode(), b"")
        plain = unquote_to_bytes(sent) if b"%" in sent else sent
        return plain.decode("utf-8", "replace").replace("\0", "")[:longest]

    def number(self, name: str) -> str:
        """A phone number; a `+` that was not escaped arrives as a space."""
        sent = self.text(name)
        kept = sent.strip()
        plus = "+" if sent[:1].isspace() and "0" <= kept[:1] <= "9" else ""
        return (plus + kept)[:32]

    def word(self, name: str, longest: int) -> str:
        """A provider's word, letters only: these are kept in the clear."""
        return re.sub(r"[^A-Za-z]", "", self.text(name))[:longest]

    def network(self) -> str:
        code = self.text("networkCode")
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
