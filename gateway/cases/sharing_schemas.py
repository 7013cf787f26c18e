"""Conflicts, released words and identity as the staff API speaks of them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gateway.cases.schemas import Words

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=500, pattern=r"^[^\x00]*$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: Annotated[int, Field(ge=1, le=2**31 - 1, strict=True)] | None = Field(
        None, description="The version you saw; 409 when the case has moved on since. `If-Match` does the same"
    )


class ReasonIn(_Body):
    reason: Reason = Field(description="Kept sealed with the case, and read inside the Ombudsman's office only")


class SummaryIn(_Body):
    text: Words = Field(description="For the department: what happened, and nothing that says whom it happened to")


class ConflictIn(ReasonIn):
    """One of the two: whom, or which office, the case names."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"oneOf": [{"required": ["person"]}, {"required": ["department"]}]}
    )

    person: Annotated[str, StringConstraints(min_length=3, max_length=254, pattern=r"^[^\x00]*$")] | None = Field(
        None, description="E-mail of a member of staff"
    )
    department: Annotated[str, StringConstraints(min_length=1, max_length=16, pattern=r"^[^\x00]*$")] | None = Field(
        None, description="Code of a department of the pack"
    )


class ConflictOut(BaseModel):
    """A case names somebody of ours."""

    id: UUID
    about: Literal["person", "department", "office"] = Field(
        description="`office`: the Ombudsman's own; intake and officers see the case no more"
    )
    person: str | None = Field(description="E-mail")
    department: str | None
    goes_to: str | None = Field(description="The body that a case about the Ombudsman's own office is referred to")
    marked_at: datetime


class ConflictList(BaseModel):
    items: list[ConflictOut]


class Lifted(BaseModel):
    lifted: UUID


class NumberOut(BaseModel):
    """A resident's number, shown this once."""

    number: str = Field(description="E.164")
    resident: str
