"""Lists by keyset: a cursor is the last id seen, so that a page costs the same wherever it lies."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gateway.errors import Invalid

Row = TypeVar("Row")


class Page(BaseModel):
    """The query of a list. What it does not know it refuses: a misspelt filter must not list everything."""

    model_config = ConfigDict(extra="forbid")

    cursor: Annotated[str, StringConstraints(max_length=64, pattern=r"^[A-Za-z0-9_-]+$")] | None = Field(
        default=None, description="`next_cursor` of the page before"
    )
    limit: Annotated[int, Field(ge=1, le=200)] = Field(default=50, description="How many at most")

    @property
    def after(self) -> UUID | None:
        """The id that the cursor names. Raises `Invalid` for a text that is no cursor."""
        return decode(self.cursor) if self.cursor else None


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
