"""A pack's files as they are written. Every model refuses unknown keys, so that a typing error is named."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,32}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Labels = dict[str, Text]
"""A text by language code."""
Month = Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
Day = Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]
Confidence = Literal["H", "M", "L", "U"]
"""H read in the source itself, M in a secondary source, L a single weak source, U unverified."""


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("not a time zone of the tz database")
    return value


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Language(Strict):
    code: Code
    name: Text
    offered: bool = True
    """A slot that is not offered has no strings yet."""


class QuietHours(Strict):
    """Hours of the pack's time zone in which no message goes out; over midnight when `start` is later than `end`."""

    start: time = Field(alias="from")
    end: time = Field(alias="until")


class Codes(Strict):
    ussd: Annotated[str, StringConstraints(pattern=r"^(\*[0-9*]+#)?$")] = ""
    """Left out where there is no USSD: the menus are then played by SMS alone."""
    sms: Annotated[str, StringConstraints(pattern=r"^[0-9]{3,8}$")]
    demo: bool = False
    channel: Code = "africastalking"
    """The aggregator that the demo speaks to; a deployment says it by `BARAZA_CHANNEL`."""


class Limits(Strict):
    draft_days: int = Field(gt=0)
    draft_mention_minutes: int = Field(gt=0)
    conversation_hours: int = Field(gt=0)
    smallest_cell: int = Field(gt=1)
    follow_sms_a_month: int = Field(gt=0)
    promises_sms_a_month: int = Field(6, gt=0)
    """The most texts a month to one resident about all promises together, however many they follow."""
    notice_sms_a_month: int = Field(4, gt=0)
    """The most notices a month to one resident, of all that the desk gives for a place."""
    digest_day: int = Field(1, ge=1, le=28)
    """The day of the month on which who follows once a month hears what was new."""
    question_sms_a_month: int = Field(2, gt=0)
    """The most questions a month to one resident who agreed to be asked."""
    question_days: int = Field(14, gt=0)
    """Days that a question to residents takes answers."""
    approval_above: int = Field(500, gt=0)
    """A text to more people than this goes out only when a second person approves it."""
    receipt_guesses_a_day: int = Field(gt=0)
    unlock_guesses_a_day: int = Field(gt=0)


class Price(Strict):
    """What one SMS segment costs, in the pack's currency. For estimates: what is charged, the provider says."""

    segment: Decimal = Field(gt=0)
    confirmed: bool
    confidence: Confidence
    source: Text


class Plan(Strict):
    years: Text
    starts: Month
    ends: Month
    note: str = ""


class PackFile(Strict):
    """`pack.toml`"""

    name: Code
    prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,5}$")]
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    county_code: Code
    time_zone: Annotated[str, AfterValidator(_zone)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    welcome: Text
    title: Labels
    place: Labels
    languages: tuple[Language, ...] = Field(alias="language", min_length=1)
    quiet_hours: QuietHours
    codes: Codes
    limits: Limits
    plan: Plan
    price: Price | None = None
    shortcuts: dict[str, Code] = {}
    words: dict[Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,16}$")], Code] = Field(min_length=1)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class PlaceRow(Strict):
    """One line of `places.csv`: a ward and the sub-county (`area`) it lies in. Alternative spellings by semicolon."""

    area_code: Code
    area: Text
    area_also: str = ""
    ward_code: Code
    ward: Text
    ward_also: str = ""
    checked: Literal["agreed", "disputed", "official"]
    """`agreed` by independent data sets, `disputed` in one of them, or checked against the `official` list."""
    note: str = ""


class Category(Strict):
    code: Code
    kind: Literal["complaint", "information", "feedback"]
    label: Labels
    caj: tuple[Text, ...] = ()
    """The terms of the Commission on Administrative Justice that it reports under."""
    referral: Code | None = None
    danger: bool = False
    offered: bool = True
    unclear: bool = False
    """Nobody could make out what was meant: counted apart in public."""
    public: bool = False
    """Its requests may be listed by Open311: month and place of nothing smaller than the floor, never a text."""


class CategoriesFile(Strict):
    """`categories.toml`"""

    categories: tuple[Category, ...] = Field(alias="category", min_length=1)


class Department(Strict):
    code: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,16}$")]
    name: Labels
    confirmed: bool
    source: Text


class DepartmentsFile(Strict):
    """`departments.toml`"""

    departments: tuple[Department, ...] = Field(alias="department", min_length=1)


class Referral(Strict):
    code: Code
    name: Labels
    number: Annotated[str, StringConstraints(pattern=r"^[0-9 ]{3,16}$")]
    verified: bool
    danger: bool = False
    source: Text


Whose = Literal["county", "national", "police", "private", "corruption", "other"]
"""Whose function a case is about."""


class When(Strict):
    """Ticks of the admissibility sheet; all that are named must be so."""

    whose: Whose | None = None
    in_court: bool | None = None
    with_caj: bool | None = None
    office_asked: bool | None = None


class Rule(Strict):
    """Why a case may not be the Ombudsman's to take up, and where its resident can go instead."""

    code: Code
    when: When
    reason: Labels
    office: Code | None = None
    """A referral of this file; the pack's remedy where it is left out or not verified."""
    decides: bool = True
    """Else it is advice to staff: the case can still be taken up."""
    confirmed: bool
    confidence: Confidence
    source: Text


class ReferralsFile(Strict):
    """`referrals.toml`"""

    care: Code = ""
    """The free number to talk to a person; left out where there is none."""
    remedy: Code = ""
    """Where who is turned away can go next, when no rule knows better."""
    referrals: tuple[Referral, ...] = Field(alias="referral", min_length=1)
    rules: tuple[Rule, ...] = Field((), alias="rule")

    def office(self, code: str | None) -> Referral | None:
        """The office with this code."""
        return next((known for known in self.referrals if known.code == code), None)

    def remedy_for(self, code: str | None) -> Referral | None:
        """Where a resident can be sent: this office if its number is verified, else the pack's remedy."""
        chosen = self.office(code)
        return chosen if chosen and chosen.verified else self.office(self.remedy)


class Reopening(Strict):
    days: int = Field(gt=0)
    """Calendar days in which a resident opens a closed case again, free and as often as needed."""
    confirmed: bool
    confidence: Confidence
    source: Text


class Evidence(Strict):
    required: bool
    """Without evidence a case cannot be resolved at all; else one that is waits for the supervisor to see."""


class Spike(Strict):
    """When a ward, a category or a department is brought to notice."""

    days: int = Field(gt=0)
    at_least: int = Field(gt=1)
    """Cases in so many days; fewer are never a notice."""
    times: float = Field(gt=1)
    """As many times what was usual."""
    weeks: int = Field(gt=0)
    """Usual is the mean of so many weeks before."""
    confirmed: bool
    confidence: Confidence
    source: Text


class Rung(Strict):
    """A step of the ladder that a case climbs each time its resident says that it is not solved."""

    code: Code
    name: Labels
    department: Code | None = None
    office: Code | None = None
    """A referral: somebody outside."""
    title: Labels | None = None
    """Whom a letter to this step is addressed to; without one no letter of ours goes there."""
    confirmed: bool
    confidence: Confidence
    source: Text


class Addressee(Strict):
    """One step of a department's own ladder of those who are written to."""

    code: Code
    title: Labels


class Ladder(Strict):
    """Who is written to about one department, where that is not who stands on the ladder of all."""

    department: Code
    rungs: tuple[Addressee, ...] = Field(alias="rung", min_length=1)


class DeskFile(Strict):
    """`desk.toml`"""

    reopening: Reopening
    evidence: Evidence
    spike: Spike
    rungs: tuple[Rung, ...] = Field(alias="rung", min_length=1)
    ladders: tuple[Ladder, ...] = Field((), alias="ladder")

    def titles(self, department: str | None) -> list[Mapping[str, str]]:
        """Who is written to about a department, step by step; the last one again beyond the end."""
        own = next((known.rungs for known in self.ladders if known.department == department), None)
        return [rung.title for rung in own or self.rungs if rung.title is not None]


class Facility(Strict):
    """A place of service that residents and its staff score."""

    code: Code
    name: Labels
    ward: Code
    kind: Literal["health", "school", "water", "market", "office", "other"] = "other"
    confirmed: bool
    confidence: Confidence
    source: Text


class FacilitiesFile(Strict):
    """`facilities.toml`, which a pack may do without: then nothing is scored."""

    items: tuple[Labels, ...] = Field(min_length=5, max_length=5)
    """The five things that are scored, the same by who uses a facility and by who works there."""
    confirmed: bool
    confidence: Confidence
    source: Text
    """Of the items."""
    facilities: tuple[Facility, ...] = Field((), alias="facility")


class ClockRule(Strict):
    code: Code
    kind: Literal["complaint", "information", "feedback"]
    name: Labels
    limit: int = Field(gt=0)
    unit: Literal["hours", "calendar_days", "working_days"]
    begins: Code = Field(alias="from")
    law: bool
    confirmed: bool
    confidence: Confidence
    source: Text
    window: bool = False
    """A time in which something may be done, not a duty: it never makes a case overdue."""
    when: Literal["", "urgent", "transferred"] = ""
    """Runs only for cases of life or liberty, or only for those handed to another body."""
    categories: tuple[Code, ...] = ()
    """Runs only for these categories; for all when empty."""
    lapse: Literal["", "refusal"] = ""
    """What silence at its end means by law: the request is deemed refused, and the resident is told the remedy."""
    remedy: Code = ""
    """The referral that reviews such a refusal; residents are told of it once its number is verified."""


class ClocksFile(Strict):
    """`clocks.toml`"""

    clocks: tuple[ClockRule, ...] = Field(alias="clock")


class SundayRule(Strict):
    value: bool
    confidence: Confidence
    source: Text


class Holiday(Strict):
    """A holiday by one of `day`, `easter` and `date`."""

    day: Day | None = None
    """Month and day, each year."""
    easter: int | None = Field(None, ge=-60, le=60)
    """So many days after Easter Sunday, each year."""
    on: date | None = Field(None, alias="date")
    """One day of one year."""
    gazetted: bool = True
    """False while a day is only expected: it counts as a working day until it is gazetted."""
    name: Labels
    confidence: Confidence
    source: str = ""

    @model_validator(mode="after")
    def _one_of(self) -> Holiday:
        if sum(given is not None for given in (self.day, self.easter, self.on)) != 1:
            raise ValueError("a holiday has one of day, easter and date")
        if not self.gazetted and self.on is None:
            raise ValueError("only a holiday with a date waits for the Gazette")
        return self

    @property
    def when(self) -> str:
        """The day as the file writes it."""
        return self.day or (str(self.on) if self.on else f"easter {self.easter:+}")


class HolidaysFile(Strict):
    """`holidays.toml`"""

    roll_over_sunday: SundayRule
    holidays: tuple[Holiday, ...] = Field(alias="holiday")
