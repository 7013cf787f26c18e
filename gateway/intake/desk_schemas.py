"""What is typed in for residents, and the calls they asked for, as the staff API speaks of them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from gateway.cases.schemas import Kind
from gateway.paging import Page

_SAFE = r"^[^\x00]*$"
_Code = Annotated[str, StringConstraints(max_length=32, pattern=_SAFE)]


class ConsentIn(BaseModel):
    """Spoken or written consent to keeping the number."""

    model_config = ConfigDict(extra="forbid")

    wording: Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=1000, pattern=_SAFE)] = (
        Field(description="The words that were read aloud, or the letter's own")
    )
    accepted: Literal[True] = Field(description="The person agreed; without that, leave the number out")


class TypedInCase(BaseModel):
    """A walk-in, a call to the hotline, a letter, a question at a baraza."""

    model_config = ConfigDict(extra="forbid")

    channel: Literal["walk_in", "hotline", "letter", "baraza"]
    kind: Kind
    category: _Code
    ward: _Code = ""
    story: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=20_000, pattern=_SAFE)]
    language: Annotated[str, StringConstraints(max_length=8, pattern=_SAFE)]
    number: Annotated[str, StringConstraints(max_length=24, pattern=_SAFE)] | None = Field(
        None, description="As it was said; left out when it is not to be kept"
    )
    phone: Literal["own", "helper"] = Field("own", description="Whose phone it is")
    sms: StrictBool | None = Field(
        None,
        description="What the person said of SMS. Not asked: an own phone gets them, a helper's number is not kept",
    )
    consent: ConsentIn | None = Field(None, description="Needed with a number, and wherever the person is there")
    read_back: StrictBool = Field(False, description="What was typed was read back to the person")


class FiledOut(BaseModel):
    """What was filed. The receipt is shown this once: print the slip."""

    serial: str
    receipt: str
    slip: str = Field(description="Plain text to print, in the resident's language")
    privacy: Literal["sms", "no_sms", "not_kept"]


class CallbackFilter(Page):
    closed: bool = Field(default=False, description="Those that are over, not those that wait")


class CallbackOut(BaseModel):
    """A call that somebody asked for."""

    id: UUID
    language: str
    hours: Literal["morning", "afternoon", "evening", "any"]
    safe_now: bool = Field(description="Whether it is one of those hours now")
    asked_at: datetime
    channel: str
    tries: int
    outcome: str | None = Field(description="How the last try went")
    tried_at: datetime | None
    closed_at: datetime | None


class CallbackPage(BaseModel):
    items: list[CallbackOut]
    next_cursor: str | None


class CallReasonIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Annotated[
        str,
        StringConstraints(
            strip_whitespace=True, min_length=5, max_length=200, pattern=r"^([0-9]{0,4}[^0-9\x00])*[0-9]{0,4}$"
        ),
    ] = Field(description="Kept in the audit trail as it is: no names, no numbers")


class CallbackNumber(BaseModel):
    """The number to call, shown this once."""

    number: str = Field(description="E.164")


class OutcomeIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    outcome: Literal["reached", "no_answer", "wrong_number", "declined", "gave_up"] = Field(
        description="`no_answer` leaves it on the list; every other one ends it, and the number is forgotten"
    )
