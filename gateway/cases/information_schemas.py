"""Requests for information as the staff API speaks of their clocks."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from gateway.cases.schemas import Words
from gateway.cases.sharing_schemas import Reason

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200, pattern=r"^[^\x00]*$")]


class Versioned(BaseModel):
    """What a write on a case may say of the version it saw."""

    model_config = ConfigDict(extra="forbid")

    version: Annotated[int, Field(ge=1, le=2**31 - 1, strict=True)] | None = Field(
        None, description="The version you saw; 409 when the case has moved on since. `If-Match` does the same"
    )


class DayZeroIn(Versioned):
    """Day zero of the law."""

    officer: Name = Field(description="The information access officer who received it, by name or office")
    on: AwareDatetime = Field(description="When the officer received it: not before it was filed, not in the future")


class ExtensionIn(Versioned):
    reason: Words = Field(description="Why it takes longer; the resident reads it")


class TransferIn(Versioned):
    body: Name = Field(description="Which body has the information")
    reason: Words = Field(description="Why it went there; the resident reads it")


class UrgencyIn(Versioned):
    urgent: StrictBool = Field(description="Life or liberty is at stake; false takes it back")
    reason: Reason = Field(description="Read inside the office")
