"""A desk to practise on: invented cases over the last weeks, in every state that an officer meets.

None may be texted, so that nothing is ever sent: the numbers are made up, and somebody may have one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.cases import service, voice
from gateway.cases.filing import Filing, file_case
from gateway.cases.models import Case
from gateway.cases.service import Desk
from gateway.cases.states import Status
from gateway.pack import Pack
from gateway.residents import service as residents
from gateway.residents.sealing import Vault
from gateway.staff import practice
from gateway.staff.roles import Role
from gateway.staff.service import active_account


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody might tell."""

    kind: str
    language: str
    story: str


TOLD = (
    Told("complaint", "en", "The borehole at the market has been dry since March. We report it and nobody comes."),
    Told("complaint", "sw", "Nilikwenda afisi ya leseni mara nne. Kila mara wanasema mkubwa hayupo, rudi kesho."),
    Told("complaint", "en", "The clerk asked for 500 shillings before she would give me the bursary form."),
    Told("complaint", "sw", "Barabara ya kwenda zahanati imeharibika. Wagonjwa wanabebwa kwa pikipiki hadi lami."),
    Told("complaint", "en", "My late father's market stall was given to another person, without a letter to us."),
    Told("information", "en", "I ask for the list of bursaries paid in our ward this year, and who decided."),
    Told("information", "sw", "Naomba bajeti ya kukarabati soko letu na jina la mkandarasi aliyepewa kazi."),
    Told("complaint", "en", "The dispensary closes at noon. Mothers walk two hours and find the door locked."),
    Told("complaint", "sw", "Nililipa ada ya soko mara mbili kwa siku moja na sikupewa risiti."),
    Told("feedback", "en", "The new waiting shed at the clinic is good. Please put a tap there too."),
    Told("complaint", "en", "Garbage at the bus stage was last collected three weeks ago. Children play in it."),
    Told("complaint", "sw", "Walimu wa chekechea hawajalipwa miezi mitatu. Watoto wanarudi nyumbani mapema."),
)

PEOPLE = 30
"""Residents who tell; some tell twice."""

CASES = 36
NEWEST = timedelta(hours=3)
APART = timedelta(hours=21)

STEPS: Sequence[Sequence[str]] = (
    (),
    ("assign",),
    (),
    ("assign", "begin", "note"),
    ("assign", "begin", "reply"),
    ("assign", "begin", "ask", "answer"),
    (),
    ("assign", "begin", "reply", "resolve"),
    ("assign", "begin", "resolve", "not solved"),
    ("assign", "begin", "reply", "resolve", "solved"),
    ("department",),
    ("department", "begin", "reply"),
)
"""What has happened to each case, one after another; the rhythm differs from that of what was told."""


def fill(session: Session, vault: Vault, pack: Pack, now: datetime) -> int:
    """Fill an empty desk with invented cases, oldest first; how many. A desk that has cases is left as it is."""
    if session.scalar(sa.select(sa.exists().select_from(Case))):
        return 0
    for number in range(CASES):
        filed_at = now - NEWEST - APART * (CASES - 1 - number)
        _live(session, vault, pack, number, filed_at, now)
    return CASES


def _live(session: Session, vault: Vault, pack: Pack, number: int, filed_at: datetime, now: datetime) -> None:
    told = TOLD[number % len(TOLD)]
    phone = f"+2547000{number % PEOPLE:05d}"
    resident = residents.keep(session, vault, phone, language=told.language, now=filed_at)
    filing = _filing(pack, told, number, resident)
    filed = file_case(session, vault, filing, pack=pack, effect_key=None, now=filed_at)
    case = session.scalars(sa.select(Case).where(Case.id == filed.id)).one()
    # The newest cases wait for triage, whatever their turn says.
    steps = STEPS[number % len(STEPS)] if number < CASES - 4 else ()
    for at, step in enumerate(steps, 1):
        who = Role.SUPERVISOR if number % 5 == 0 else Role.OFFICER
        then = min(now, filed_at + timedelta(hours=9 * at))
        staff = active_account(session, practice.email_of(who))
        _step(Desk(session, vault, pack, staff, then), case, step)


def _filing(pack: Pack, told: Told, number: int, resident: UUID) -> Filing:
    offered = pack.guide.offered(told.kind) or pack.guide.categories
    areas = pack.guide.areas
    area = areas[number % len(areas)]
    ward = area.wards[number % len(area.wards)]
    return Filing(
        kind=told.kind,
        category=offered[number % len(offered)].code,
        privacy="no_sms",
        story=told.story,
        language=told.language,
        channel="ussd",
        resident=resident,
        area=area.code,
        ward=ward.code,
        urgent=number % 11 == 3,
    )


def _step(desk: Desk, case: Case, step: str) -> None:
    resident: dict[str, Any] = {"case_id": case.id, "holder": voice.Holder(case.resident_id), "now": desk.now}
    if step == "assign":
        service.assign(desk, case, assignee=desk.staff.email)
    elif step == "department":
        service.assign(desk, case, department=practice.department_of(desk.pack))
    elif step == "begin":
        service.move(desk, case, Status.IN_PROGRESS, "We look into it")
    elif step == "note":
        service.note(desk, case, "Called the office. They look for the file and call back on Monday.")
    elif step == "reply":
        service.reply(desk, case, "We have written to the office and expect its answer within a week.")
    elif step == "ask":
        service.move(desk, case, Status.WAITING_RESIDENT, "On which day was it, and at which counter?")
    elif step == "answer":
        words = "On Tuesday morning, at the second one."
        voice.resident_wrote(desk.session, desk.vault, text=words, language="en", channel="sms", **resident)
    elif step == "resolve":
        service.move(desk, case, Status.RESOLVED, "The office says that it is done")
    else:
        said = {"solved": "yes", "not solved": "no"}[step]
        voice.answer_solved(desk.session, desk.pack, solved=said, **resident)
