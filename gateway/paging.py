"""Lists by keyset: a cursor is the last id seen, so that a page costs the same wherever it lies."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from gateway.errors import Invalid

Row = TypeVar("Row")


class Page(BaseModel):
    """The query of a list. What it does not know it refuses: a misspelt filter must not list everything."""

    model_config = ConfigDict(extra="forbid")

    cursor: Annotated[str, StringConstraints(max_length=64, pattern=r"^[A-Za-z0-9_-]*$")] | None = Field(
        default=None, description="`next_cursor` of the page before"
    )
    limit: Annotated[int, Field(ge=1, le=200)] = Field(default=50, description="How many at most")

    @model_validator(mode="before")
    @classmethod
    def _said(cls, query: Any) -> Any:
        """`?status=&kind=complaint`, as a form sends it: what is left empty is not asked for."""
        return {name: value for name, value in query.items() if value != ""} if isinstance(query, dict) else query

    @property
    def after(self) -> UUID | None:
        """The id that the cursor names. Raises `Invalid` for a text that is no cursor."""
        return decode(self.cursor) if self.cursor else None


def describe(document: dict[str, Any]) -> None:
    """Say of every query parameter in an OpenAPI document what a query can carry: no null, and blank in lists."""
    for path in document["paths"].values():
        for operation in path.values():
            asked = [one for one in operation.get("parameters", ()) if one["in"] == "query"]
            a_list = any(one["name"] == "cursor" for one in asked)
            for one in asked:
                one["schema"] = _as_sent(one["schema"], or_blank=a_list)


def _as_sent(schema: dict[str, Any], *, or_blank: bool) -> dict[str, Any]:
    about = {key: value for key, value in schema.items() if key != "anyOf"}
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    said = about | kinds[0] if len(kinds) == 1 else schema
    if not or_blank or (said.get("type") == "string" and not said.keys() & {"enum", "format", "const"}):
        return said  # a text may be blank by its pattern
    if "enum" in said:
        return said | {"enum": [*said["enum"], ""]}
    return about | {
        "anyOf": [{key: value for key, value in said.items() if key not in about or key == "type"}, {"const": ""}]
    }


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
