"""Cases as the staff API speaks of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from gateway.cases.states import Status
from gateway.cases.waiting import Waiting
from gateway.paging import Page

Kind = Literal["complaint", "information", "feedback"]

_SAFE = r"^[^\x00]*$"  # Postgres keeps no NUL

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1500, pattern=_SAFE)]
"""What a resident may read: 1500 characters are some ten SMS, or fourteen screens."""

Code = Annotated[str, StringConstraints(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9_.-]+$")]
"""A code of the pack."""

Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000, pattern=_SAFE)]


class Place(BaseModel):
    code: str
    name: str


class CaseLine(BaseModel):
    """A case in a list: everything but the story."""

    serial: str = Field(description="The desk's name for it", examples=["KAK-2026-000001"])
    reference: str | None = Field(description="The four digits residents quote; null outside the Ombudsman's office")
    resident: str = Field(
        description="Who filed it, without saying who: outside the Ombudsman's office another label for each case",
        examples=["resident 7F3"],
    )
    kind: Kind
    category: str
    status: Status
    urgent: bool
    area: Place | None = Field(description="Sub-county")
    ward: Place | None = Field(description="Null when the resident was not sure")
    department: str | None
    assignee: str | None = Field(description="E-mail")
    commitment: str | None = Field(description="OGP id of the promise it began at")
    language: str = Field(description="Which language the resident reads")
    privacy: Literal["sms", "no_sms", "not_kept"] = Field(description="Who may know the number, and whether to text it")
    channel: str
    filed_at: datetime
    due_at: datetime | None
    closed_at: datetime | None = Field(description="Since when it is closed; null while it is open")
    merged: bool = Field(description="It is worked on with another case; `GET /cases/{serial}/merged` names it")
    inquiry: str | None = Field(description="Id of the inquiry it belongs to")
    rung: str = Field(description="Where on the pack's ladder it is; each `not solved` climbs one step")
    reprisal: bool = Field(description="Its resident is punished for complaining: only a supervisor sees it")
    refer_to: str | None = Field(description="The office outside its resident was sent to; a code of the pack")
    consent: Literal["asked", "given", "refused"] | None = Field(description="Whether the file may go to that office")
    version: int


class CaseOut(CaseLine):
    """A case, opened."""

    story: str | None = Field(description="The resident's words; null for who may not read them")
    summary: str | None = Field(description="The case officer's account, for the department")
    facility: str | None = Field(
        description="The place of service it is about, as `GET /facilities` has it; null outside the Ombudsman's office"
    )
    released_to: str | None = Field(description="The department that may read the resident's own words")
    released_at: datetime | None = Field(description="Up to when words are released")
    moves: list[Status] = Field(description="Where staff may move it from here")


class TodoLine(BaseModel):
    """Cases that wait for the same thing."""

    waiting: Waiting
    count: int = Field(description="Counted up to 1,000; with `more`, at least so many")
    more: bool = Field(description="There are more than were counted: `1,000+`")


class TodoOut(BaseModel):
    items: list[TodoLine]


class CasePage(BaseModel):
    items: list[CaseLine]
    next_cursor: str | None


_Filter = Annotated[str, StringConstraints(max_length=64, pattern=_SAFE)]


class CaseFilter(Page):
    """What a list is narrowed to; what is left out narrows nothing."""

    status: Status | None = Field(default=None)
    kind: Kind | None = Field(default=None)
    category: _Filter | None = None
    ward: _Filter | None = None
    facility: _Filter | None = Field(
        default=None, description="Code of the place it is about; outside the Ombudsman's office nothing is found by it"
    )
    department: _Filter | None = None
    assignee: _Filter | None = Field(default=None, description="E-mail")
    waiting: Waiting | None = Field(default=None, description="What is to be done with them, as `GET /todo` counts it")
    order: Literal["newest", "oldest"] = Field(default="newest", description="By filing")
    inquiry: UUID | None = Field(default=None)
    q: _Filter | None = Field(
        default=None,
        description="A serial, four digits of a reference, a whole receipt, or words of what residents told",
    )


class EventOut(BaseModel):
    """One thing that happened to a case."""

    id: str
    at: datetime
    kind: str
    actor: Literal["resident", "staff", "system"]
    by: str | None = Field(description="Name of the member of staff")
    audience: Literal["resident", "department", "internal"] = Field(description="Who may read the words")
    sentence: str = Field(description="What happened, for a person")
    text: str | None = Field(description="The words; null when there are none or they are not yours to read")
    language: str | None
    channel: str | None
    read_at: datetime | None = Field(description="When the resident opened it")


class EventPage(BaseModel):
    items: list[EventOut]
    next_cursor: str | None


class EventDone(EventOut):
    """What was just written, and the case's version after it."""

    version: int


class DayOut(BaseModel):
    day: date
    counted: int | None = Field(description="Its number in the count; null when it is not counted")
    why: str = Field(description="Why it is not counted, or what is in doubt about one that is; else empty")


class ClockOut(BaseModel):
    """One deadline of a case, and how it was counted."""

    code: str
    name: str
    limit: int = Field(description="With the extension, when there is one")
    extended_by: int = Field(description="By how many units it was extended; 0 when it was not")
    unit: Literal["hours", "calendar_days", "working_days"]
    law: bool = Field(description="A limit of law; else a service promise")
    window: bool = Field(description="A time in which something may be done, not a duty that falls due")
    confirmed: bool = Field(description="Whether the county has confirmed it")
    source: str
    starts_at: datetime | None
    due_at: datetime | None
    met_at: datetime | None = Field(description="When what it asks for was done")
    reason: str | None = Field(description="Why there is no due date")
    explained: str = Field(description="The count in a few sentences, for a person")
    days: list[DayOut]


class ClocksOut(BaseModel):
    due_at: datetime | None = Field(description="The next deadline that is running")
    reason: str | None = Field(description="Why there is none")
    clocks: list[ClockOut]


class VersionIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: Annotated[int, Field(ge=1, le=2**31 - 1, strict=True)] | None = Field(
        None, description="The version you saw; 409 when the case has moved on since. `If-Match` does the same"
    )


class NoteIn(VersionIn):
    text: Note
    audience: Literal["internal", "department"] = Field(
        "internal", description="Who may read it; what a focal person writes is always read by both"
    )


class ReplyIn(VersionIn):
    text: Words = Field(description="Write in the language the resident reads")
    everybody: StrictBool = Field(False, description="Also to the residents of cases that are merged with this one")


class AssignIn(VersionIn):
    """One of the two."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"oneOf": [{"required": ["assignee"]}, {"required": ["department"]}]}
    )

    assignee: Annotated[str, StringConstraints(min_length=3, max_length=254, pattern=_SAFE)] | None = Field(
        None, description="E-mail of one who takes cases"
    )
    department: Annotated[str, StringConstraints(min_length=1, max_length=16, pattern=_SAFE)] | None = Field(
        None, description="Code of a department of the pack"
    )


_Maybe = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1500, pattern=_SAFE)]


class MoveIn(VersionIn):
    to: Status
    evidence: _Maybe = Field(
        "",
        description="For `resolved`: what shows that it is done. Read inside the office. Without any, a supervisor is "
        "told of it; where the pack says so, the case cannot be resolved",
    )
    office: Code | None = Field(
        None,
        description="For `rejected` and `referred`: where the resident can go, a code of the pack's referrals. Who is "
        "rejected is always told where to go: of an office whose number is not verified, the pack's remedy instead",
    )
    reference: Annotated[str, StringConstraints(strip_whitespace=True, max_length=64, pattern=_SAFE)] = Field(
        "", description="For `referred`: under which number another body has it"
    )
    reason: _Maybe = Field(
        "",
        description="Needed for `waiting_resident referred resolved reopened rejected`. The resident reads the reason "
        "of a move they are told of (those, and `in_progress`); of any other move it stays inside",
    )
