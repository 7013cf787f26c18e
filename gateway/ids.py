"""Row ids that sort by time (UUID version 7, RFC 9562), so that new rows land at the end of an index."""

from __future__ import annotations

import os
import time
from uuid import UUID

_FIXED = 0x7 << 76 | 0b10 << 62
"""The bits that say which version and variant of UUID it is."""
_RANDOM = (1 << 80) - 1 & ~(0xF << 76 | 0b11 << 62)


def new_id() -> UUID:
    """A fresh id; ids made a millisecond apart sort by that time."""
    drawn = int.from_bytes(os.urandom(10), "big") & _RANDOM
    return UUID(int=int(time.time() * 1000) << 80 | _FIXED | drawn)


def first_since(seconds: float) -> UUID:
    """An id lower than any made since so many seconds ago, so that an index on ids finds what is new."""
    return UUID(bytes=max(int((time.time() - seconds) * 1000), 0).to_bytes(6, "big") + bytes(10))
