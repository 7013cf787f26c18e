"""What residents say, as the staff API speaks of it: questions and scorecards."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gateway.broadcasts.schemas import Bodies, Language, PlaceCode
from gateway.paging import Page

Code = Annotated[str, StringConstraints(max_length=32, pattern=r"^[^\x00]*$")]
OgpId = Annotated[str, StringConstraints(max_length=16, pattern=r"^[^\x00]*$")]
Called = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=2, max_length=100, pattern=r"^[^\x00-\x1f]*$")
]
Output = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=300, pattern=r"^[^\x00]*$")]


class CheckFilter(Page):
    promise: OgpId = Field("", description="Only about this promise", examples=["KEKAK0003"])


class CheckIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    promise: OgpId = Field(examples=["KEKAK0003"])
    milestone: Code = Field("", description="Code of the milestone that is claimed; empty: the promise as a whole")
    ward: PlaceCode = Field(examples=["1017"])
    text: Bodies = Field(
        description="A question that is answered 1 yes, 2 no, 3 do not know; at most 100 characters a language",
        examples=[{"en": "Is the borehole in Shirere working?", "sw": "Je, kisima cha Shirere kinafanya kazi?"}],
    )


class CheckOut(BaseModel):
    """A question. Counts are there when the asking is over and at least the pack's floor answered."""

    id: UUID
    promise: str
    milestone: str | None
    ward: str
    question: dict[str, str]
    asked_at: datetime
    closes_at: datetime
    open: bool
    broadcast: UUID = Field(description="What carries it; to many it waits there for a second person's approval")
    carried: str = Field(description="Status of that broadcast: a `draft` waits for the approval")
    asked: int | None = Field(description="To how many it was owed")
    answered: int | None
    yes: int | None
    no: int | None
    unsure: int | None
    outcome: dict[str, str] | None
    outcome_at: datetime | None
    sent_at: datetime | None = Field(
        description="Since when it goes out; null while it waits, and where it was cancelled before"
    )
    outcome_broadcast: UUID | None = Field(description="What carries the outcome; to many it waits there too")
    outcome_carried: str | None = Field(description="Status of that broadcast")


class CheckPage(BaseModel):
    items: list[CheckOut]
    next_cursor: str | None


class OutcomeIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Bodies


class FacilityNameIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[dict[Language, Called], Field(min_length=1, max_length=10)] = Field(
        description="In every language that residents are offered, each fit for a line of a small screen",
    )


class FacilityIn(FacilityNameIn):
    kind: Literal["health", "school", "water", "market", "office", "other"]
    ward: PlaceCode = Field(examples=["1017"])


class FacilityOut(BaseModel):
    """A place of service that residents and its staff can score."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    name: dict[str, str]
    kind: str
    ward: str
    of_pack: bool = Field(description="The county's own file names it; otherwise a supervisor did")
    named_at: datetime | None
    retired_at: datetime | None = Field(description="Since when no more rounds of it are opened")


class FacilityList(BaseModel):
    items: list[FacilityOut]


class RoundFilter(Page):
    facility: Code = Field("", description="Only of this facility")


class RoundIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    facility: Code = Field(description="Its code", examples=["1017-1"])
    days: int = Field(14, ge=1, le=90, strict=True)


class SideOut(BaseModel):
    """How one side scored; empty while the round is open, and under the pack's floor."""

    people: int | None
    means: list[float] | None = Field(description="One for each of the five items, 1 to 5")


class PlannedOut(BaseModel):
    """A milestone that the action plan of a round became."""

    code: str
    output: dict[str, str]
    due_on: date | None
    claimed: str


class RoundOut(BaseModel):
    """A round of the community scorecard."""

    id: UUID
    facility: str
    opened_at: datetime
    closes_at: datetime
    open: bool
    residents: SideOut
    staff: SideOut
    gap: list[float] | None = Field(description="Staff less residents, for each item")
    promise: str | None = Field(description="The promise that its action plan became milestones of")
    plan: list[PlannedOut]


class OpenedOut(RoundOut):
    """A new round."""

    staff_code: str = Field(description="For the facility's staff; told this once")


class RoundPage(BaseModel):
    items: list[RoundOut]
    next_cursor: str | None


class StepIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    output: Annotated[dict[Language, Output], Field(min_length=1, max_length=10)]
    due_on: date | None = None


class PlanIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    promise: OgpId = Field(examples=["KEKAK0003"])
    steps: Annotated[list[StepIn], Field(min_length=1, max_length=20)]
