"""The staff API on whether a case is ours, and on where it goes when it is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints
from sqlalchemy.orm import Session

from gateway import problems
from gateway.cases import admissibility, queries, service
from gateway.cases.admissibility import How, Sheet
from gateway.cases.answering import CHANGED, IfMatch, Serial, case_answer, desk_of, versions_of
from gateway.cases.models import Case
from gateway.cases.schemas import CaseOut, Code, VersionIn, Words
from gateway.idempotency import Answer, Write, writing
from gateway.messaging.wake import wake
from gateway.pack import Pack
from gateway.pack.models import Whose
from gateway.staff.auth import Caller, require
from gateway.staff.roles import Permission

router = APIRouter(
    prefix="/cases",
    tags=["cases"],
    dependencies=[Depends(problems.said_once)],
    responses=problems.declared(*problems.READING),
)
Mover = Annotated[Write, Depends(writing(Permission.MOVE))]
_Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=r"^[^\x00]*$")]


class Ticks(BaseModel):
    """Null where it is not known."""

    whose: Whose | None = Field(None, description="Whose function it is about")
    in_court: StrictBool | None = None
    with_caj: StrictBool | None = Field(None, description="Already with the Commission on Administrative Justice")
    office_asked: StrictBool | None = Field(None, description="The office itself was asked first")
    months_old: Annotated[int, Field(ge=0, le=1200, strict=True)] | None = Field(
        None, description="How long ago it happened"
    )


class SheetIn(VersionIn, Ticks):
    model_config = ConfigDict(extra="forbid")


class RuleOut(BaseModel):
    code: str
    reason: str
    office: str | None = Field(description="Code of the office it names")
    decides: bool = Field(description="By this rule a case may be turned away; else it is advice")
    confirmed: bool = Field(description="Whether the county has confirmed the rule")
    confidence: Literal["H", "M", "L", "U"]
    source: str


class SheetOut(BaseModel):
    ticks: Ticks | None = Field(description="Null where no sheet was filled in")
    fitting: list[RuleOut] = Field(description="Rules that the ticks meet; the first that decides is the proposal")
    rules: list[RuleOut] = Field(description="All the pack's rules")


class NotOursIn(VersionIn):
    rule: Code
    words: _Short = Field("", description="Your own, after the rule's reason; the resident reads them")
    ask: StrictBool = Field(False, description="Ask the resident whether the file may go to the office")


class ConsentIn(VersionIn):
    office: Code
    given: StrictBool
    how: How
    wording: Words = Field(description="The question as you put it to the resident")


class AskIn(VersionIn):
    office: Code


class ReferralIn(VersionIn):
    office: Code
    reference: Annotated[str, StringConstraints(strip_whitespace=True, max_length=64, pattern=r"^[^\x00]*$")] = ""
    reason: Words


class LetterOut(BaseModel):
    """What a letter that turns somebody away says."""

    serial: str
    reference: str
    language: str
    decided_at: datetime
    text: str
    office: str
    number: str
    paper: UUID | None = Field(description="The letter of this decision: `/cases/{serial}/letters/{paper}/paper`")
    paper_number: str | None = Field(description="Null until the letter is signed")


class NoLetter(BaseModel):
    letter: LetterOut | None


@router.get("/{serial}/admissibility")
def read_sheet(serial: Serial, caller: Annotated[Caller, Depends(require(Permission.READ_STORIES))]) -> SheetOut:
    """The sheet as it was last filled in, and what the pack's rules make of it."""
    with caller.work() as session:
        case: Case = queries.read_case(session, caller.staff, serial)[0]
        return _out(caller.context.pack, admissibility.last_sheet(session, case))


@router.post("/{serial}/admissibility", responses=problems.declared(409))
def fill_in(serial: Serial, body: SheetIn, write: Mover, if_match: IfMatch = None) -> SheetOut:
    """Tick what is known. It decides nothing: `not-ours` does."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        case = service.open_case(desk, serial, versions=versions_of(body.version, if_match))
        sheet = Sheet(**body.model_dump(exclude={"version"}))
        admissibility.fill_in(desk, case, sheet)
        return Answer(_out(desk.pack, sheet))

    return write.once(do)  # type: ignore[return-value]  # a finished Response; the annotation documents its body


def _out(pack: Pack, sheet: Sheet | None) -> SheetOut:
    rules = [
        RuleOut(reason=pack.guide.label(rule.reason, "en"), **rule.model_dump(exclude={"reason", "when"}))
        for rule in pack.referrals.rules
    ]
    met = {rule.code for rule in admissibility.fitting(pack, sheet)} if sheet else set()
    ticks = Ticks(**sheet.as_data()) if sheet else None
    return SheetOut(ticks=ticks, fitting=[rule for rule in rules if rule.code in met], rules=rules)


@router.post("/{serial}/not-ours", responses=CHANGED)
def not_ours(serial: Serial, body: NotOursIn, write: Mover, if_match: IfMatch = None) -> CaseOut:
    """Turn the case away by a rule: its resident reads why and where to go, in their own language."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        case = service.open_case(desk, serial, versions=versions_of(body.version, if_match))
        admissibility.not_ours(desk, case, rule=body.rule, words=body.words, ask=body.ask)
        return case_answer(desk, serial)

    return _woken(write, do)


@router.get("/{serial}/not-ours")
def read_letter(serial: Serial, caller: Annotated[Caller, Depends(require(Permission.READ_STORIES))]) -> NoLetter:
    """What the letter says that turned the resident away last; null when none did."""
    context = caller.context
    with caller.work() as session:
        case: Case = queries.read_case(session, caller.staff, serial)[0]
        found = admissibility.letter(session, context.vault, context.pack, case)
    return NoLetter(letter=LetterOut.model_validate(found, from_attributes=True) if found else None)


@router.post("/{serial}/consents/ask", responses=CHANGED)
def ask_consent(serial: Serial, body: AskIn, write: Mover, if_match: IfMatch = None) -> CaseOut:
    """Ask the resident under My cases whether the file may go to an office; an SMS says that there is a question."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        case = service.open_case(desk, serial, versions=versions_of(body.version, if_match))
        admissibility.ask_consent(desk, case, body.office)
        return case_answer(desk, serial)

    return _woken(write, do)


@router.post("/{serial}/consents", responses=CHANGED)
def record_consent(serial: Serial, body: ConsentIn, write: Mover, if_match: IfMatch = None) -> CaseOut:
    """Write down that the resident agreed, or did not, in speech or writing, with the words of the question."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        case = service.open_case(desk, serial, versions=versions_of(body.version, if_match))
        admissibility.record_consent(desk, case, body.office, given=body.given, wording=body.wording, how=body.how)
        return case_answer(desk, serial)

    return write.once(do)  # type: ignore[return-value]


@router.post("/{serial}/referral", responses=CHANGED)
def refer(serial: Serial, body: ReferralIn, write: Mover, if_match: IfMatch = None) -> CaseOut:
    """Hand the file to another body; 409 `consent_needed` without the resident's consent for that very body."""

    def do(session: Session) -> Answer:
        desk = desk_of(write, session)
        case = service.open_case(desk, serial, versions=versions_of(body.version, if_match))
        admissibility.refer(desk, case, body.office, reference=body.reference, reason=body.reason)
        return case_answer(desk, serial)

    return _woken(write, do)


def _woken(write: Write, do: Callable[[Session], Answer]) -> CaseOut:
    answer = write.once(do)
    wake(write.caller.context.valkey, "replies")
    return answer  # type: ignore[return-value]
