"""`commitments.toml`: the promises of the action plan, their steps, the calendar of reports, ideas for a next plan."""

from __future__ import annotations

import calendar
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from gateway.pack.models import Code, Confidence, Labels, Month, Strict, Text

Step = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,16}$")]
"""A code of a milestone or an indicator, its own within the promise; never changed once it is given."""
OgpId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{5}[0-9]{4}$")]
Unit = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,16}$")]
"""A code of departments.toml."""
PERIOD = r"^\d{4}-(0[1-9]|1[0-2]|Q[1-4])$"


class PromiseArea(Strict):
    code: Code
    label: Labels


class Milestone(Strict):
    code: Step
    output: Labels
    starts: date | None = None
    due: date | None = None
    source: Text


class Indicator(Strict):
    code: Step
    name: Labels
    unit: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    baseline: Decimal | None = None
    baseline_on: date | None = None
    target: Decimal | None = None
    target_on: date | None = None
    source: Text


class Commitment(Strict):
    ogp_id: OgpId
    area: Code
    short: Labels
    title: Labels
    starts: Month
    ends: Month
    lead: Text
    lead_department: Unit | None = None
    """Whose focal persons report; left out while nobody said which department the lead is."""
    supporting: tuple[Unit, ...] = ()
    partners: tuple[Text, ...] = ()
    committee: str = ""
    programme: str = ""
    """The programme of the county's development plan (CIDP) that it serves."""
    problem: Labels = Field(default_factory=dict)
    status_quo: Labels = Field(default_factory=dict)
    action: Labels = Field(default_factory=dict)
    source: Text
    inferred: bool = False
    milestones: tuple[Milestone, ...] = ()
    indicators: tuple[Indicator, ...] = ()

    @property
    def starts_on(self) -> date:
        year, month = map(int, self.starts.split("-"))
        return date(year, month, 1)

    @property
    def ends_on(self) -> date:
        """The last day of the month: the source gives no day."""
        year, month = map(int, self.ends.split("-"))
        return date(year, month, calendar.monthrange(year, month)[1])


class Proposal(Strict):
    """An idea for a next plan. It is no promise, and is shown as none."""

    code: Code
    title: Labels
    text: Labels = Field(default_factory=dict)
    area: Code | None = None
    ward: Code | None = None
    said_by: Literal["residents", "civil_society", "official"]
    source: Text


class Reporting(Strict):
    """When institutions report: for each month or quarter, so many calendar days after its end."""

    every: Literal["monthly", "quarterly"]
    days: int = Field(gt=0)
    first: Annotated[str, StringConstraints(pattern=PERIOD)]
    """The first period that is asked for; what came before is nobody's omission."""
    confirmed: bool
    confidence: Confidence
    source: Text

    @model_validator(mode="after")
    def _alike(self) -> Reporting:
        if ("Q" in self.first) != (self.every == "quarterly"):
            raise ValueError(
                "first is a month for monthly reports, as 2026-11, and a quarter, as 2026-Q4, for quarterly"
            )
        return self


class Election(Strict):
    """Days, both included, on which what a government says of itself is neither pushed nor put on posters."""

    name: Labels
    starts: date = Field(alias="from")
    ends: date = Field(alias="until")
    confirmed: bool
    confidence: Confidence
    source: Text

    @model_validator(mode="after")
    def _order(self) -> Election:
        if self.ends < self.starts:
            raise ValueError("until is before from")
        return self


class CommitmentsFile(Strict):
    areas: tuple[PromiseArea, ...] = Field(alias="area")
    commitments: tuple[Commitment, ...] = Field(alias="commitment")
    proposals: tuple[Proposal, ...] = Field((), alias="proposal")
    reporting: Reporting
    elections: tuple[Election, ...] = Field((), alias="election")
