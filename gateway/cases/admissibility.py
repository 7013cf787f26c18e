"""Is it ours? A sheet of a few ticks, what the pack's rules make of it, and a file that moves only by consent.

The officer decides; the rules only propose. Nobody is turned away without the reason and a place to go.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.cases import duties
from gateway.cases.models import Case, CaseEvent
from gateway.cases.service import Desk, Details, happened, language_of, move, tell
from gateway.cases.states import Status
from gateway.errors import Invalid
from gateway.letters import service as letters
from gateway.letters.models import Letter
from gateway.pack import Pack
from gateway.pack.models import Referral, Rule, Whose
from gateway.residents.sealing import Vault

How = Literal["spoken", "written"]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What an officer ticks; None where it is not known."""

    whose: Whose | None = None
    in_court: bool | None = None
    with_caj: bool | None = None
    office_asked: bool | None = None
    months_old: int | None = None
    """How long ago it happened."""

    def as_data(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def fitting(pack: Pack, sheet: Sheet) -> list[Rule]:
    """The pack's rules that this sheet meets, in the order of the file; the first that decides is the proposal."""
    ticks = sheet.as_data()
    return [
        rule
        for rule in pack.referrals.rules
        if all(ticks[name] == wanted for name, wanted in rule.when.model_dump(exclude_none=True).items())
    ]


def fill_in(desk: Desk, case: Case, sheet: Sheet) -> CaseEvent:
    """Keep the sheet with the case; a later one stands instead of it."""
    rules = [rule.code for rule in fitting(desk.pack, sheet)]
    return happened(desk, case, "admissibility", audience="internal", data={"sheet": sheet.as_data(), "rules": rules})


def last_sheet(session: Session, case: Case) -> Sheet | None:
    """What was ticked last."""
    data = session.scalar(
        sa.select(CaseEvent.data)
        .where(CaseEvent.case_id == case.id, CaseEvent.kind == "admissibility")
        .order_by(CaseEvent.id.desc())
        .limit(1)
    )
    return Sheet(**data["sheet"]) if data else None


def not_ours(desk: Desk, case: Case, *, rule: str, words: str = "", ask: bool = False) -> CaseEvent:
    """Turn a case away by one of the pack's rules: its reason in the resident's language, and where they can go.

    The text to the resident and a letter with the same words are of this one decision; the letter waits to be signed.

    `words` are the officer's own, after the reason. With `ask` the resident is asked whether the file may go to that
    office. Raises `Invalid` for a rule that the pack has not, and what `move` raises.
    """
    known = next((known for known in desk.pack.referrals.rules if known.code == rule), None)
    if known is None or not known.decides:
        raise Invalid("the pack has no rule by which this is turned away", field="rule")
    reason = desk.pack.guide.label(known.reason, language_of(desk, case))
    event = move(desk, case, Status.REJECTED, f"{reason} {words}".strip(), Details(office=known.office))
    # The same words on paper: to sign, for who came without a phone or asks for something to show.
    letters.tell_decision(desk, case, event, addressee=f"To the holder of receipt {case.reference}…")
    if ask:
        ask_consent(desk, case, known.office or desk.pack.referrals.remedy)
    return event


def ask_consent(desk: Desk, case: Case, office: str) -> CaseEvent:
    """Ask the resident, under My cases, whether the file may go to this office; an SMS says there is a question."""
    _office(desk.pack, office)
    case.refer_to, case.consent = office, "asked"
    event = happened(desk, case, "consent_asked", audience="internal", data={"office": office})
    tell(desk, case, "question")
    return event


def record_consent(desk: Desk, case: Case, office: str, *, given: bool, wording: str, how: How) -> CaseEvent:
    """Write down what the resident said to staff, with the question as it was put."""
    _office(desk.pack, office)
    case.refer_to, case.consent = office, "given" if given else "refused"
    duties.settle(desk.session, case.id, [duties.Kind.CONSENT], desk.now)
    data = {"office": office, "given": given, "how": how}
    return happened(desk, case, "consent", audience="internal", text=wording, data=data)


def _office(pack: Pack, code: str) -> Referral:
    known = pack.referrals.office(code)
    if known is None:
        raise Invalid("the pack has no such office to refer to", field="office")
    return known


def refer(desk: Desk, case: Case, office: str, *, reference: str, reason: str) -> CaseEvent:
    """Hand the file to another body, where it has `reference`. The case stays visible, and ours to follow.

    Raises what `move` raises: `ConsentNeeded` without the resident's recorded consent for this very office.
    """
    event = move(desk, case, Status.REFERRED, reason, Details(office=office, reference=reference))
    duties.settle(desk.session, case.id, [duties.Kind.CONSENT], desk.now)
    return event


@dataclass(frozen=True, slots=True)
class NotOurs:
    """What a letter that turns somebody away is made of, in their language."""

    serial: str
    reference: str
    language: str
    decided_at: datetime
    text: str
    """Reason, where to go, and that it is looked at again if they write back."""
    office: str
    number: str
    """Empty where no number was checked."""
    paper: UUID | None
    """The letter on paper with these words."""
    paper_number: str | None
    """Null until it is signed."""


def letter(session: Session, vault: Vault, pack: Pack, case: Case) -> NotOurs | None:
    """The letter of the last time the case was turned away; None when it never was."""
    event = session.scalar(
        sa.select(CaseEvent)
        .where(CaseEvent.case_id == case.id, CaseEvent.kind == "moved", CaseEvent.data["to"].astext == "rejected")
        .order_by(CaseEvent.id.desc())
        .limit(1)
    )
    if event is None or event.text_sealed is None:
        return None
    language = event.language or case.language
    paper = session.scalar(sa.select(Letter).where(Letter.tells_id == event.id))
    office = pack.referrals.remedy_for(case.refer_to)
    return NotOurs(
        serial=case.serial,
        reference=case.reference,
        language=language,
        decided_at=event.at,
        text=vault.sealer.open(event.text_sealed, f"case_events.text:{event.id}"),
        office=pack.guide.label(office.name, language) if office else "",
        number=office.number if office else "",
        paper=paper.id if paper else None,
        paper_number=paper.number if paper else None,
    )
