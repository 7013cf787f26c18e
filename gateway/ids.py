"""Row ids that sort by time (UUID version 7, RFC 9562), so that new rows land at the end of an index."""

from __future__ import annotations

import os
import time
from uuid import UUID


def new_id() -> UUID:
    """A fresh id; ids made a millisecond apart sort by that time."""
    value = bytearray(int(time.time() * 1000).to_bytes(6, "big") + os.urandom(10))
    value[6] = 0x70 | (value[6] & 0x0F)
    value[8] = 0x80 | (value[8] & 0x3F)
    return UUID(bytes=bytes(value))


def first_since(seconds: float) -> UUID:
    """An id lower than any made since so many seconds ago, so that an index on ids finds what is new."""
    return UUID(bytes=max(int((time.time() - seconds) * 1000), 0).to_bytes(6, "big") + bytes(10))
