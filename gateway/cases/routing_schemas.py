"""Suggestions and days away as the staff API speaks of them."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gateway.cases.schemas import Code, VersionIn
from gateway.cases.sharing_schemas import Reason

_Email = Annotated[str, StringConstraints(min_length=3, max_length=254, pattern=r"^[^\x00]*$")]


class CandidateOut(BaseModel):
    """Who is there today, is not named by the case, and how much they have."""

    email: str
    name: str
    role: str
    open_cases: int


class SuggestionOut(BaseModel):
    """Where a case could go. Nobody is bound by it."""

    department: str | None = Field(description="Of the pack's first rule that fits; null when none does")
    automatic: bool
    confirmed: bool = Field(description="Whether the county has confirmed the rule")
    confidence: str | None = Field(description="H, M, L or U: how sure the pack's author is of the rule")
    source: str | None
    officers: list[CandidateOut] = Field(description="The least loaded first")
    focals: list[CandidateOut] = Field(description="Focal persons of that department, the least loaded first")


class CategoryIn(VersionIn):
    category: Code = Field(description="A code of the pack's categories, of the case's kind or the unclear one")
    reason: Reason = Field(
        description="Read inside the office; by the resident too when an open case becomes unclear, or clear again"
    )


class AboutIn(VersionIn):
    facility: Code | None = Field(
        None, description="A place of the case's ward that is not retired, by its code; null, or left out, for none"
    )


class AbsenceIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    person: _Email | None = Field(None, description="E-mail; oneself when left out. Others: supervisors only")
    from_day: date
    until_day: date = Field(description="The last day away")


class AbsenceOut(BaseModel):
    """Days on which somebody is away."""

    id: UUID
    person: str = Field(description="E-mail")
    from_day: date
    until_day: date
    open_cases: int = Field(description="What they have that somebody else may have to take")


class AbsencePage(BaseModel):
    items: list[AbsenceOut]
    next_cursor: str | None


class HandOverIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    to: _Email | None = Field(None, description="E-mail of who takes all; left out, each goes to the least loaded")


class HandedOver(BaseModel):
    serial: str
    assignee: str


class HandedOverList(BaseModel):
    items: list[HandedOver]


class Cancelled(BaseModel):
    cancelled: UUID
