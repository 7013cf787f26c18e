"""Promises as the staff API speaks of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Labels = dict[str, str]
"""A text by language."""


class UpdateOut(BaseModel):
    """News of a promise."""

    id: str
    ogp_id: str
    text: Labels
    published_at: datetime


class CommitmentOut(BaseModel):
    """A promise: the county's word (`claim`) and the monitor's (`judged`) are never mixed."""

    ogp_id: str
    area: str
    title: Labels
    lead: str
    partners: list[str]
    problem: Labels
    starts_on: date | None
    ends_on: date | None
    inferred: bool = Field(description="Not read on the Open Government Partnership's own page")
    claim: str = Field(description="What the county says")
    judged: str = Field(description="What the independent monitor says")
    latest: UpdateOut | None


class CommitmentList(BaseModel):
    items: list[CommitmentOut]


class Published(UpdateOut):
    """What was published, and to how many it is owed."""

    recipients: int


Language = Annotated[str, StringConstraints(min_length=2, max_length=8, pattern=r"^[a-z-]+$")]
News = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600, pattern=r"^[^\x00]*$")]


class UpdateIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: dict[Language, News] = Field(
        min_length=1,
        max_length=10,
        description="By language, in all of the pack; at most two SMS each, with the line that says how to stop",
        examples=[{"en": "The Citizen Budget is out.", "sw": "Bajeti ya Mwananchi imetolewa."}],
    )
