"""Lists by keyset: a cursor is the last id seen, so that a page costs the same wherever it lies."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Query

from gateway.errors import Invalid

Row = TypeVar("Row")

Limit = Annotated[int, Query(ge=1, le=200, description="How many at most")]
Cursor = Annotated[
    str | None,
    Query(max_length=64, pattern=r"^[A-Za-z0-9_-]+$", description="`next_cursor` of the page before"),
]


def encode(last: UUID) -> str:
    """The cursor after the row with this id."""
    return base64.urlsafe_b64encode(last.bytes).decode().rstrip("=")


def decode(cursor: str) -> UUID:
    """The id in a cursor. Raises `Invalid` for a text that is none."""
    try:
        return UUID(bytes=base64.urlsafe_b64decode(cursor + "=="))
    except (binascii.Error, ValueError) as error:
        raise Invalid("this is not a cursor", field="cursor") from error


def cut(rows: Sequence[Row], limit: int) -> tuple[Sequence[Row], bool]:
    """Of `limit + 1` rows asked for, the page and whether another follows."""
    return rows[:limit], len(rows) > limit
