"""Promises as the staff API speaks of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from gateway.broadcasts.schemas import Bodies, BroadcastRef, PlaceCode

Labels = dict[str, str]
"""A text by language."""


class UpdateOut(BaseModel):
    """News of a promise."""

    id: str
    ogp_id: str
    text: Labels
    places: list[str] = Field(description="Codes of the wards it is about; none: the whole county")
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

    recipients: int = Field(description="0 while the SMS wait for an approval")
    broadcast: BroadcastRef


class UpdateIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Bodies
    places: Annotated[list[PlaceCode], Field(max_length=200)] = Field(
        default_factory=list,
        description="Wards and sub-counties it is about; none: the whole county. Who follows a ward hears of both",
        examples=[["1007"]],
    )
