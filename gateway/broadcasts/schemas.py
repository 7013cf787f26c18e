"""Broadcasts as the staff API speaks of them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gateway.broadcasts.states import Status
from gateway.messaging.states import State
from gateway.paging import Page

Language = Annotated[str, StringConstraints(min_length=2, max_length=8, pattern=r"^[a-z-]+$")]
Body = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600, pattern=r"^[^\x00]*$")]
PlaceCode = Annotated[str, StringConstraints(max_length=16, pattern=r"^[a-zA-Z0-9_.-]+$")]
Bodies = Annotated[
    dict[Language, Body],
    Field(
        min_length=1,
        max_length=10,
        description="By language, in all that it is for; at most two SMS each, with the line that says how to stop",
        examples=[{"en": "The Citizen Budget is out.", "sw": "Bajeti ya Mwananchi imetolewa."}],
    ),
]


class BroadcastIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: Literal["update", "notice"] = Field(
        description="`update` is published with the promise when it goes out, to its followers; `notice` is SMS alone"
    )
    topic: Annotated[str, StringConstraints(max_length=16, pattern=r"^[^\x00]*$")] = Field(
        "", description="The promise whose followers get it; empty: who agreed to get notices", examples=["KEKAK0001"]
    )
    places: Annotated[list[PlaceCode], Field(max_length=200)] = Field(
        default_factory=list,
        description="Wards and sub-counties whose notices they agreed to get; empty: wherever they are. "
        "With a topic: its followers among those. An update is about these, and goes to who follows one of them too",
        examples=[["1007"]],
    )
    languages: Annotated[list[Language], Field(max_length=10)] = Field(
        default_factory=list, description="Only who reads one of these; empty: everybody"
    )
    text: Bodies


class BroadcastFilter(Page):
    status: Status | None = None
    unfinished: bool = Field(False, description="Only those that wait, are under way or paused")


class BroadcastRef(BaseModel):
    """Which broadcast carries it. A `draft` waits for an approval; `adding` is approved and not owed to all yet."""

    id: str
    status: Status


class BroadcastLine(BroadcastRef):
    """One text to many residents."""

    kind: str
    topic: str
    paused_because: str = Field(
        description="`election_period`: an election period stopped it, and staff resume it after that. Else empty"
    )
    places: list[str]
    languages: list[str]
    text: dict[str, str]
    created_at: datetime
    created_by: str | None = Field(description="E-mail of its author")
    approved_at: datetime | None
    approved_by: str | None
    started_at: datetime | None
    finished_at: datetime | None = Field(description="Since when nothing is left to send; reports may still come")
    recipients: int = Field(description="To how many it was owed when it started; 0 before")


class Money(BaseModel):
    amount: Decimal
    currency: str


class ProgressOut(BaseModel):
    """Counted from its messages."""

    states: dict[State, int] = Field(description="Messages by state")
    reasons: dict[State, dict[str, int]] = Field(description="Why those are where they are, as codes")
    segments: int = Field(description="SMS sent so far")
    cost: list[Money] = Field(description="What the provider said it charged so far")


class BroadcastOut(BroadcastLine):
    progress: ProgressOut


class BroadcastPage(BaseModel):
    items: list[BroadcastLine]
    next_cursor: str | None


class CopyOut(BaseModel):
    """What those who read one language get."""

    language: str
    recipients: int
    segments: int = Field(description="SMS that one text is billed as")
    text: str = Field(description="As it arrives, with the line that says how to stop")


class EstimateOut(Money):
    price: Decimal = Field(description="Of one segment, as the pack has it")
    confirmed: bool = Field(description="Whether the county has confirmed that price")


class QuietOut(BaseModel):
    begins: str = Field(description="Hour of the pack's time zone, `19:00`")
    ends: str
    time_zone: str
    now: bool = Field(description="It is quiet now: the first texts leave at `starts_at`, spread over an hour")
    interrupts_at: datetime | None = Field(description="When they begin while it runs; the rest leaves after them")


class DryRunOut(BaseModel):
    """What approving it now would do."""

    agreed: int = Field(
        description="All it is for who agreed to such SMS: followers of the promise, readers of notices"
    )
    stopped: int = Field(description="Of them, those who opted out of such SMS")
    capped: int = Field(description="Of them, those who had the month's number of such texts")
    recipients: int
    copies: list[CopyOut]
    segments: int
    cost: EstimateOut | None = Field(description="None where the pack knows no price")
    minutes: int = Field(description="At the channel's rate, if it carries nothing else; rounded up")
    starts_at: datetime
    quiet_hours: QuietOut | None
    needs_second_person: bool = Field(description="Somebody other than its author must approve it")
