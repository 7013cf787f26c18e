"""Messages as the staff API speaks of them: what was sent, never to which number."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gateway.messaging.states import State
from gateway.paging import Page

Word = Annotated[str, StringConstraints(max_length=64, pattern=r"^[a-z0-9_]*$")]


class MessageFilter(Page):
    """Which messages; each of these narrows the list."""

    case: Annotated[str, StringConstraints(max_length=24, pattern=r"^[^\x00]*$")] | None = Field(
        None, description="Serial of the case they are about", examples=["KAK-2026-000001"]
    )
    state: State | None = None
    lane: Literal["replies", "broadcasts"] | None = None
    template: Word | None = Field(None, examples=["reply"])
    broadcast: UUID | None = None
    reason: Word | None = Field(None, description="Why they are in their state, as a code", examples=["no_route"])
    waits: bool = Field(False, description="Only those that are held until staff decide: send again, or give up")
    totals: bool = Field(False, description="Also count all of them by state: slow where there are millions")


class InboundFilter(Page):
    disposition: Literal["triage", "case", "command", "ignored"] = Field(
        "triage",
        description="What was made of them; `triage` is the SMS of strangers",
    )


class MessageOut(BaseModel):
    """One SMS owed to one resident."""

    id: str
    lane: str
    case: str | None = Field(description="Serial of the case it is about")
    broadcast: str | None = Field(description="Of which it is one")
    template: str
    language: str
    audience: str
    state: State
    reason: str = Field(description="Why it is in this state, as a code; else empty")
    urgent: bool = Field(description="Goes out in quiet hours too")
    possible_repeat: bool = Field(description="Sent once more because nobody could tell whether it had gone")
    waits_for_staff: bool = Field(description="Held until somebody decides: `release` sends it again, or `give-up`")
    attempts: int
    segments: int | None = Field(description="SMS it was billed as")
    cost: Decimal | None
    currency: str | None
    owed_at: datetime
    sent_at: datetime | None
    final_at: datetime | None


class DecisionIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=5, max_length=400, pattern=r"^[^\x00]*$")
    ] = Field(description="Kept in the audit trail; no number, no name", examples=["The aggregator lifted the hold"])


class MessagePage(BaseModel):
    items: list[MessageOut]
    next_cursor: str | None
    totals: dict[State, int] | None = Field(None, description="By state, if asked for")


class ChannelOut(BaseModel):
    """The aggregator that carries texts, and whether it can."""

    channel: str
    stopped: str = Field(description="Why nothing is sent until an operator resumes it, as a code; else empty")
    paused_until: datetime | None = Field(description="It rests by itself until then")
    paused: str = Field(description="Why it rests, as a code; else empty")
    trouble: str = Field(description="What keeps it from sending, and what mends it, in words; else empty")
    balance: Decimal | None = Field(description="Money left when last asked; none where it is not told")
    currency: str | None
    balance_at: datetime | None
    balance_low: bool = Field(description="Below what the operator wants to be warned of")
    unreported: int = Field(description="Messages accepted and long without a delivery report")


class ChannelList(BaseModel):
    items: list[ChannelOut]


class ChannelResume(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=3, max_length=400, pattern=r"^[^\x00]*$")
    ] = Field(description="What was mended; kept in the audit trail", examples=["The new API key is in place"])


class InboundOut(BaseModel):
    """One SMS that came in."""

    id: str
    received_at: datetime
    channel: str
    to_code: str
    disposition: str
    case: str | None = Field(description="Serial of the case it joined")
    text: str


class InboundPage(BaseModel):
    items: list[InboundOut]
    next_cursor: str | None
