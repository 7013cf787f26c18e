"""Letters, findings and recommendations as the staff API speaks of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StrictBool, StringConstraints

from gateway.cases.information_schemas import Name, Versioned
from gateway.cases.schemas import Note

LetterKind = Literal["notice", "right_of_reply", "reminder", "step_up", "not_ours"]
Outcome = Literal["carried_out", "partly", "refused", "not_carried_out"]


class LetterIn(Versioned):
    kind: LetterKind
    addressee: Name | None = Field(None, description="For a named officer or a resident; else the ladder names one")
    text: Note
    language: Literal["en", "sw"] | None = Field(
        None, description="What it is written in, and so its head and dates; by default what you read"
    )


class AnswerIn(Versioned):
    text: Note = Field(description="The words of the answer, or what it says")
    by: Name = Field(description="Who wrote it")
    on: date = Field(description="The day on the paper")


class LetterOut(BaseModel):
    id: UUID
    kind: LetterKind
    number: str | None = Field(description="Null until it is signed")
    rung: int = Field(description="Step of the pack's ladder it goes to")
    department: str | None
    language: str
    addressee: str
    text: str
    follows: UUID | None = Field(description="The letter that was not answered")
    prepared_at: datetime
    signed_at: datetime | None
    reply_by: date | None
    answered_at: datetime | None
    late: bool = Field(description="Its day passed without an answer")


class FindingIn(Versioned):
    text: Note
    adverse: StrictBool = Field(description="Against a named officer, who must have been heard")


class RecommendationIn(Versioned):
    department: Annotated[str, StringConstraints(min_length=1, max_length=16, pattern=r"^[^\x00]*$")]
    text: Note
    due_on: date


class OutcomeIn(Versioned):
    outcome: Outcome
    text: Note = Field(description="What shows it")


class RecommendationOut(BaseModel):
    id: UUID
    department: str
    text: str
    due_on: date
    outcome: Outcome | None
    outcome_at: datetime | None
    late: bool = Field(description="Its day passed and nobody said whether it was carried out")


class FindingOut(BaseModel):
    id: UUID
    text: str
    adverse: bool
    made_at: datetime
    recommendations: list[RecommendationOut]


class LetterList(BaseModel):
    items: list[LetterOut]
    next_cursor: str | None


class FindingList(BaseModel):
    items: list[FindingOut]
    next_cursor: str | None


class DigestOut(BaseModel):
    """What waits for you this morning. There is no mail transport: it is read here and in the console."""

    day: date
    made_at: datetime
    lists: dict[str, list[str]] = Field(
        description="Serials by what is due, the oldest first, at most 100 of each; in lists whose names begin with "
        "`promise_`, OGP ids by what `GET /progress/todo` calls it"
    )
