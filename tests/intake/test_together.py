"""Residents whose hops reach Postgres at the same moment go in one statement: each gets what is theirs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.cases.filing import new_receipt, receipt_place
from gateway.cases.models import Case, CaseEvent
from gateway.cases.records import CaseTerm
from gateway.cases.terms import terms
from gateway.connections import Connections
from gateway.context import Context
from gateway.intake import statements
from gateway.intake.caller import Who
from gateway.intake.models import Draft
from gateway.messaging.models import Message
from gateway.messaging.wake import queue
from gateway.residents import service as residents
from gateway.residents.models import Consent, Resident
from menus import effects as asked
from menus import receipt as receipts
from menus.engine import State
from tests.conftest import SECRET
from tests.loops import play_out
from tests.operations.demos import eventually
from tests.web import Handset

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@dataclass
class Someone:
    """A resident who dials, tells a story of their own and sends it."""

    context: Context
    which: int
    language: str = "en"
    privacy: str = "sms"

    def __post_init__(self) -> None:
        self.number = f"+2547000001{self.which:02}"
        self.story = f"Borehole {self.which} of our village is dry since Friday"
        self.receipt = new_receipt()

    @property
    def who(self) -> Who:
        vault = self.context.vault
        state = State("check", self.language, {"story": self.story, "whose": str(self.which)})
        return Who(
            vault=vault,
            pack=self.context.pack,
            now=NOW,
            channel="africastalking",
            way="ussd",
            number=self.number,
            key=vault.lookup.digest("session", f"session-{self.which}"),
            text=f"1*1*{self.which}",
            state=state,
        )

    @property
    def draft(self) -> statements.Values:
        kept = self.privacy != "not_kept"
        return statements.saving_values(self.who, asked.SaveDraft(kept, self.privacy == "sms"))

    @property
    def case(self) -> statements.Values:
        area, ward = f"{self.which:03}", f"{self.which:04}"
        effect = asked.FileCase("complaint", "service", self.privacy, ward, area, self.story, not self.which % 3)
        return statements.case_values(self.who, effect, self.receipt, self.who.effect_key("file", 0))


def together(context: Context, *asked_for: Callable[[Connections], Coroutine[Any, Any, Any]]) -> Sequence[Any]:
    """What each was told, all having come while Postgres was busy with another."""
    told: list[Any] = []

    async def whole() -> None:
        connections = Connections(context.settings.database_url, 3)
        told.extend(await asyncio.gather(*(one(connections) for one in asked_for)))
        await connections.close()

    play_out(whole)
    return told


def saved(context: Context, people: Sequence[Someone]) -> None:
    def save(one: Someone) -> Callable[[Connections], Coroutine[Any, Any, Any]]:
        without = one.privacy == "not_kept"
        statement = statements.SAVE_WITHOUT_NUMBER if without else statements.SAVE_WITH_NUMBER
        return lambda connections: connections.run(statement, one.draft)

    together(context, *map(save, people))


def filed(context: Context, people: Sequence[Someone]) -> Sequence[Any]:
    return together(context, *(lambda to, one=one: to.run(statements.FILE[one.privacy], one.case) for one in people))


@pytest.fixture
def people(context: Context) -> list[Someone]:
    privacies = ("sms", "no_sms", "not_kept", "sms")
    return [Someone(context, which, ("en", "sw")[which % 2], privacies[which % 4]) for which in range(1, 17)]


def test_every_case_is_its_own_residents(context: Context, people: list[Someone]) -> None:
    vault = context.vault
    saved(context, people)
    rows = filed(context, people)
    assert len({row.serial for row in rows}) == len(people)
    with context.work() as session:
        for one, row in zip(people, rows, strict=True):
            case = session.get_one(Case, row.id)
            assert vault.sealer.open(case.story_sealed, f"cases.story:{case.id}") == one.story
            assert vault.sealer.open(case.receipt_sealed, receipt_place(case.id)) == one.receipt
            assert (case.serial, case.reference) == (row.serial, one.receipt[:4])
            assert (case.language, case.privacy) == (one.language, one.privacy)
            assert (case.area_code, case.ward_code) == (f"{one.which:03}", f"{one.which:04}")
            assert (case.urgent, case.channel, case.status) == (not one.which % 3, "ussd", "received")
            words = session.scalars(sa.select(CaseTerm.term).where(CaseTerm.case_id == case.id)).all()
            assert set(words) == set(terms(vault, one.story))
            draft = session.scalars(sa.select(Draft).where(Draft.case_id == case.id)).one()
            assert (draft.session_key, draft.status, draft.resident_id) == (one.who.key, "filed", case.resident_id)
            event = session.scalars(sa.select(CaseEvent).where(CaseEvent.case_id == case.id)).one()
            assert (event.kind, event.actor, event.at) == ("filed", "resident", NOW)


def test_every_number_consent_and_receipt_is_its_own_residents(context: Context, people: list[Someone]) -> None:
    vault = context.vault
    rows = filed(context, people)
    with context.work() as session:
        for one, row in zip(people, rows, strict=True):
            owed = session.scalars(sa.select(Message).where(Message.case_id == row.id)).all()
            agreed = session.scalars(sa.select(Consent).where(Consent.resident_id == row.resident)).all()
            if one.privacy == "not_kept":
                assert row.resident is None
                assert residents.find(session, vault, one.number) is None
                assert (owed, agreed) == ([], [])
                continue
            resident = session.get_one(Resident, row.resident)
            assert vault.sealer.open(resident.number_sealed, residents.number_place(resident.id)) == one.number
            assert [(it.subject, it.language) for it in agreed] == [(one.privacy, one.language)]
            expected = [(row.resident, one.language)] if one.privacy == "sms" else []
            assert [(it.resident_id, it.language) for it in owed] == expected


def test_a_case_filed_before_and_new_ones(context: Context) -> None:
    people = [Someone(context, which) for which in range(5)]
    before = filed(context, people[1:3])
    rows = filed(context, people)
    assert [row is None for row in rows] == [False, True, True, False, False]
    with context.work() as session:
        cases = session.scalars(sa.select(Case.id)).all()
        assert set(cases) == {row.id for row in (*before, *rows) if row}
        assert len(cases) == len(people)
    drawn = sorted(int(row.serial[-6:]) for row in (*before, *rows) if row)
    assert drawn == list(range(drawn[0], drawn[0] + len(people))), "a copy drew a serial that no case has"


def test_who_asks_for_sms_anew_takes_back_their_own_stop_alone(context: Context) -> None:
    """A copy of a hop that filed a case before must not undo a STOP ALL that came after it."""
    people = [Someone(context, which) for which in range(4)]
    filed(context, people[:2])
    saved(context, people)
    with context.work() as session:
        session.execute(sa.update(Resident).values(stopped_all_at=NOW))
    filed(context, people)
    with context.work() as session:
        stopped = [bool(one and one.stopped_all_at) for one in (_resident(session, each) for each in people)]
    assert stopped == [True, True, False, False]


def _resident(session: sa.orm.Session, one: Someone) -> Resident | None:
    return residents.find(session, one.context.vault, one.number)


def test_a_receipt_that_is_taken_is_told_to_whom_it_concerns(context: Context) -> None:
    people = [Someone(context, which) for which in range(4)]
    filed(context, people[:1])
    people[2].receipt = people[0].receipt
    told: list[Any] = []

    async def whole() -> None:
        connections = Connections(context.settings.database_url, 1)
        asked_for = (connections.run(statements.FILE["sms"], one.case) for one in people[1:])
        told.extend(await asyncio.gather(*asked_for, return_exceptions=True))
        await connections.close()

    play_out(whole)
    assert [isinstance(one, Exception) for one in told] == [False, True, False]
    with context.work() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Case)) == 3


def test_whoever_sends_gets_the_receipt_of_their_own_case_and_each_time_the_worker_is_woken(
    address: str, context: Context
) -> None:
    for round_ in range(2):
        handsets = [Handset(address, SECRET, f"+25471100{round_}{which:03}") for which in range(12)]
        for which, handset in enumerate(handsets):
            handset.dial()
            handset.type("1", "1", "2", "1", "4", "6", f"Borehole {which} of our village is dry")
        with ThreadPoolExecutor(len(handsets)) as at_once:
            screens = list(at_once.map(lambda handset: handset.type("1"), handsets))
        assert eventually(lambda: queue(context.valkey, "replies").count == 1, 5)
        context.valkey.flushdb()
        for which, (handset, screen) in enumerate(zip(handsets, screens, strict=True)):
            receipt = screen.split("Receipt: ")[1].split()[0]
            with context.work() as session:
                theirs = residents.with_number(context.vault, handset.number)
                case = session.scalars(sa.select(Case).join(Resident).where(theirs)).one()
            opened = context.vault.sealer.open
            assert receipts.bare(receipt) == opened(case.receipt_sealed, receipt_place(case.id))
            assert f"Borehole {which} of" in opened(case.story_sealed, f"cases.story:{case.id}")


def test_every_caller_hears_of_their_own_draft_alone(context: Context) -> None:
    people = [Someone(context, which, ("en", "sw")[which % 2]) for which in range(8)]
    saved(context, people[::2])
    values = [statements.profile_values(one.who) for one in people]
    rows = together(context, *(lambda to, own=own: to.run(statements.PROFILE, own) for own in values))
    for one, row in zip(people, rows, strict=True):
        told = statements.profile_of(one.who, row)
        if one.which % 2:
            assert told == statements.STRANGER
        else:
            assert told["draft"]["state"]["answers"]["story"] == one.story
            assert (told["language"], told["cases"]) == (one.language, 0)
