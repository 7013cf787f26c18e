"""What a pack says of how cases are handled: whom they go to, replies, letters; as its files are written."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gateway.pack.models import Code, Confidence, Labels, Strict, Text


class RoutingRule(Strict):
    """Which department a case belongs to. What is left out fits every case; the first rule that fits counts."""

    kind: Literal["complaint", "information", "feedback"] | None = None
    category: Code | None = None
    commitment: Code | None = None
    area: Code | None = None
    ward: Code | None = None
    department: Code
    automatic: bool = False
    """Assigned at once; else only suggested to who sorts the cases."""
    confirmed: bool
    confidence: Confidence
    source: Text


class OwnOffice(Strict):
    """The department that is the desk itself: a case about it goes past the desk."""

    department: Code
    goes_to: Text
    confidence: Confidence
    source: Text


class Lapse(Strict):
    """After how many working days without a step an assignment goes back to be sorted."""

    working_days: int = Field(gt=0)
    confirmed: bool
    confidence: Confidence
    source: Text


class RoutingFile(Strict):
    """`routing.toml`"""

    own_office: OwnOffice | None = None
    lapse: Lapse
    rules: tuple[RoutingRule, ...] = Field(alias="rule")


class Canned(Strict):
    """A reply that is written often."""

    code: Code
    text: Labels
    reviewed: bool


class RepliesFile(Strict):
    """`replies.toml`"""

    replies: tuple[Canned, ...] = Field(alias="reply")


class ReplyDays(Strict):
    """Calendar days to answer each kind of letter."""

    notice: int = Field(gt=0)
    right_of_reply: int = Field(gt=0)
    reminder: int = Field(gt=0)
    step_up: int = Field(gt=0)


class LetterTexts(Strict):
    """With the places `{number}`, `{date}`, `{serial}`, `{reply_by}` and `{days}`."""

    reminder: Labels
    step_up: Labels


class LettersFile(Strict):
    """`letters.toml`"""

    head: tuple[Text, ...] = Field(min_length=1)
    heads: dict[str, Annotated[tuple[Text, ...], Field(min_length=1)]] = Field(default_factory=dict)
    """The head in other languages, by code; where one is missing, `head` stands."""
    confirmed: bool
    confidence: Confidence
    source: Text
    reply: ReplyDays
    text: LetterTexts

    def head_in(self, language: str) -> tuple[str, ...]:
        return self.heads.get(language, self.head)
