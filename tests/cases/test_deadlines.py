"""The clock of a case over time: what the law counts, a calendar that changes, the date that residents see."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from gateway.cases import deadlines, information, projection, service, voice
from gateway.cases.filing import file_case
from gateway.cases.models import Case, CaseEvent
from gateway.cases.sentences import sentence
from gateway.cases.service import Desk
from gateway.cases.states import RESIDENTS_OWN, Status
from gateway.context import Context
from gateway.errors import BarazaError, Invalid, TransitionNotAllowed
from gateway.messaging.models import Message
from gateway.messaging.service import open_params
from gateway.pack import Pack, load
from gateway.pack.models import Holiday
from gateway.staff import service as staff
from gateway.staff.models import Staff
from gateway.words import ENGLISH, Words
from tests.conftest import SECRET
from tests.desk import A_COMPLAINT, NUMBER, Office
from tests.web import Handset


def at(text: str) -> datetime:
    """A moment in Kakamega."""
    return (datetime.fromisoformat(text) - timedelta(hours=3)).replace(tzinfo=UTC)


class Years:
    """The desk at any moment."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.pack = context.pack
        projection.rebuild(context.work, self.pack, at("2026-01-01T08:00"))  # as `baraza pack load` does
        with context.work() as session:
            self.officer: Staff = staff.add_staff(
                session, email="o@kakamega.example", name="Achieng", role="officer", now=at("2025-01-01T08:00")
            )

    @contextmanager
    def on(self, moment: datetime) -> Iterator[Desk]:
        with self.context.work() as session:
            yield Desk(session, self.context.vault, self.pack, self.officer, moment)

    def file(self, moment: datetime, kind: str = "information", category: str = "new", **changes: bool) -> str:
        with self.on(moment) as desk:
            office = Office(self.context, None)  # type: ignore[arg-type]  # it only keeps a number here
            resident = office.resident(desk.session, NUMBER, "en")
            filing = replace(A_COMPLAINT, kind=kind, category=category, resident=resident, language="en", **changes)  # type: ignore[arg-type]
            filed = file_case(desk.session, desk.vault, filing, pack=self.pack, effect_key=None, now=moment)
        return filed.serial

    def case(self, serial: str) -> Case:
        with self.context.work() as session:
            return session.scalars(sa.select(Case).where(Case.serial == serial)).one()

    def due(self, serial: str) -> str:
        due = self.case(serial).due_at
        return str(due.astimezone(self.pack.about.zone).date()) if due else ""

    def events(self, serial: str, kind: str) -> list[CaseEvent]:
        with self.context.work() as session:
            of_case = sa.select(CaseEvent).where(CaseEvent.case_id == self.case(serial).id, CaseEvent.kind == kind)
            return list(session.scalars(of_case))

    def owed(self) -> list[tuple[str, dict[str, str]]]:
        with self.context.work() as session:
            rows = session.scalars(sa.select(Message).order_by(Message.id))
            return [(row.template, open_params(self.context.vault, row.id, row.params_sealed)) for row in rows]

    def recounted(self) -> dict[UUID, tuple[datetime | None, datetime | None]]:
        """Of every case: the deadline that is kept, and the one its events count."""
        with self.context.work() as session:
            cases = session.scalars(sa.select(Case)).all()
            marks = deadlines.marks_of(session, [(case.id, case.filed_at) for case in cases])
            return {case.id: (case.due_at, deadlines.due_at(self.pack, case, marks[case.id])) for case in cases}

    def unanswered(self) -> list[tuple[datetime | None, datetime | None]]:
        """Of every case: since when what the resident wrote last waits, as it is kept and as its events say it."""
        since: dict[UUID, datetime | None] = {}
        with self.context.work() as session:
            for event in session.scalars(sa.select(CaseEvent).order_by(CaseEvent.id)):
                if event.kind == "resident_wrote" or event.actor == "staff":
                    since[event.case_id] = event.at if event.kind == "resident_wrote" else None
            return [(case.wrote_at, since.get(case.id)) for case in session.scalars(sa.select(Case))]


@pytest.fixture
def years(context: Context) -> Years:
    return Years(context)


def test_the_days_of_the_law_from_day_zero_to_the_remedy(years: Years) -> None:
    """Access to Information Act 2016, sections 9, 10 and 14, on one request."""
    serial = years.file(at("2026-01-05T09:00"))
    assert years.due(serial) == "2026-01-08"  # three working days to hand it over: 6, 7, 8
    with years.on(at("2026-01-07T09:00")) as desk:
        case = service.open_case(desk, serial)
        with pytest.raises(TransitionNotAllowed):
            information.extend(desk, case, "Not before the law counts at all")
        for wrong in ("2026-01-04T09:00", "2026-01-07T09:01"):
            with pytest.raises(Invalid):
                information.reached_officer(desk, case, officer="County Secretary", on=at(wrong))
        information.reached_officer(desk, case, officer="County Secretary", on=at("2026-01-06T10:00"))
        assert case.version == 2
    assert years.due(serial) == "2026-01-27"  # the 6th left out, 21 days: a Tuesday
    with years.on(at("2026-01-20T09:00")) as desk:
        case = service.open_case(desk, serial)
        with pytest.raises(Invalid):
            information.reached_officer(desk, case, officer="A clerk", on=at("2026-01-08T10:00"))
        information.extend(desk, case, "Four hundred pages")
        with pytest.raises(TransitionNotAllowed):
            information.extend(desk, case, "And again")
    assert years.due(serial) == "2026-02-10"  # 35 days
    assert years.owed() == [("later", {"ref": years.case(serial).reference, "date": "10 Feb"})]
    with years.on(at("2026-02-11T00:30")) as desk:
        clocks = deadlines.clocks_of(desk.session, desk.words, service.open_case(desk, serial), desk.now)
    decision = next(clock for clock in clocks.clocks if clock.code == "information.decision")
    assert decision.explained == (
        "21 calendar days and 14 more (by law) from Tuesday 6 January 2026, that day left out: "
        "until Tuesday 10 February 2026. Overdue; days since: 1."
    )
    for refused in (1, 0):
        with years.on(at("2026-02-11T00:30")) as desk:
            assert information.refuse_lapsed(desk.session, desk.vault, desk.pack, desk.now) == refused
    # 11 Feb + 30: Fri 13 March.
    assert years.owed()[1:] == [("deemed", {"ref": years.case(serial).reference, "date": "13 Mar"})]
    (event,) = years.events(serial, "deemed_refused")
    words = years.context.vault.sealer.open(event.text_sealed, f"case_events.text:{event.id}")
    assert "13 Mar: Commission on Administrative Justice, 0800 221 349" in words
    assert years.due(serial) == "2026-02-10", "a refusal by silence does not end the duty to answer"


def test_a_transfer_tells_the_resident_and_stops_no_clock(years: Years) -> None:
    serial = years.file(at("2026-01-05T09:00"))
    with years.on(at("2026-01-06T09:00")) as desk:
        case = service.open_case(desk, serial)
        information.reached_officer(desk, case, officer="County Secretary", on=desk.now)
        information.transfer(desk, case, body="Kenya Rural Roads Authority", reason="It keeps these contracts")
    clocks = years_clocks(years, serial, at("2026-01-07T09:00"))
    assert years.case(serial).status == "referred"
    assert {code: met is not None for code, met in clocks.items()} == {
        "information.forward": True,
        "information.decision": False,
        "information.extension": False,
        "information.confirm": False,
        "information.reopened": False,
        "information.transfer": True,
        "information.transfer_told": True,
        "information.review": False,
    }
    assert years.due(serial) == "2026-01-27"
    assert years.owed() == [("moved", {"ref": years.case(serial).reference, "status": "referred"})]


def years_clocks(years: Years, serial: str, moment: datetime) -> dict[str, datetime | None]:
    with years.on(moment) as desk:
        clocks = deadlines.clocks_of(desk.session, desk.words, service.open_case(desk, serial), moment)
    return {clock.code: clock.met_at for clock in clocks.clocks}


def test_life_or_liberty_is_48_hours_and_is_not_extended(years: Years) -> None:
    serial = years.file(at("2026-01-09T16:00"), urgent=True)
    with years.on(at("2026-01-09T17:30")) as desk:
        case = service.open_case(desk, serial)
        information.reached_officer(desk, case, officer="County Secretary", on=desk.now)
        with pytest.raises(TransitionNotAllowed):
            information.extend(desk, case, "Later")
    assert years.case(serial).due_at == at("2026-01-11T17:30"), "a weekend is no excuse"


@pytest.mark.parametrize("home", ["kakamega", "madiun"])
def test_the_first_deadline_is_what_the_clocks_of_a_case_just_filed_say(home: str) -> None:
    pack = load(home)
    kinds = {(category.kind, category.code) for category in pack.categories} | {("information", "")}
    for kind, category in sorted(kinds):
        for urgent in (False, True):
            for moment in ("2026-01-05T09:00", "2026-04-02T23:30", "2026-12-24T17:00"):  # before holidays, and not
                case = deadlines.Facts(kind, category, urgent, at(moment))
                counted = deadlines.due_at(pack, case, [("filed", at(moment))])
                assert deadlines.first_due(pack, case) == counted, (kind, category, urgent, moment)


def test_life_or_liberty_is_marked_by_who_read_it(office: Office) -> None:
    """No key of a phone says so: whoever sorts the requests does, and the law's 48 hours count."""
    serial = office.file(kind="information", category="new").serial
    why = {"urgent": True, "reason": "A brother is held and nobody says where"}
    assert office.post(f"/cases/{serial}/urgency", why, "focal").status_code == 403
    assert office.post(f"/cases/{serial}/urgency", why, "intake").json()["urgent"] is True
    assert office.post(f"/cases/{serial}/urgency", why).status_code == 422
    on = datetime.now(UTC)
    office.post(f"/cases/{serial}/day-zero", {"officer": "County Secretary", "on": on.isoformat()})
    assert datetime.fromisoformat(office.get(f"/cases/{serial}")["due_at"]) == on + timedelta(hours=48)
    office.post(f"/cases/{serial}/urgency", {"urgent": False, "reason": "He was found"})
    assert datetime.fromisoformat(office.get(f"/cases/{serial}")["due_at"]) > on + timedelta(days=20)
    said = [
        event["sentence"] for event in office.get(f"/cases/{serial}/timeline")["items"] if event["kind"] == "urgency"
    ]
    assert [words.partition(" ")[2].partition(" ")[2] for words in said] == [
        "marked the case as urgent: life or liberty is at stake.",
        "took back that the case is urgent.",
    ]


def gazette(pack: Pack, day: date, name: str) -> Pack:
    """The pack with one holiday more."""
    one = Holiday.model_validate({"date": day, "name": {"en": name}, "confidence": "M"})
    holidays = pack.holidays.model_copy(update={"holidays": (*pack.holidays.holidays, one)})
    return replace(pack, holidays=holidays)


def test_a_holiday_announced_late_corrects_open_cases_and_says_so(
    years: Years, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projection, "BATCH", 3)
    touched = [years.file(at("2026-01-07T09:00"), "complaint", "DELAY") for _ in range(4)]  # triage: 8, 9, Mon 12
    apart = years.file(at("2026-01-12T09:00"), "complaint", "DELAY")
    closed = years.file(at("2026-01-07T09:00"), "complaint", "DELAY")
    with years.on(at("2026-01-08T09:00")) as desk:
        service.move(desk, service.open_case(desk, closed), Status.REJECTED, "Not ours")
    assert {years.due(serial) for serial in touched} == {"2026-01-12"}
    years.pack = gazette(years.pack, date(2026, 1, 9), "Day of mourning")
    now = at("2026-01-08T18:00")
    versions = [years.case(serial).version for serial in touched]
    assert projection.rebuild(years.context.work, years.pack, now) == 4
    assert {years.due(serial) for serial in touched} == {"2026-01-13"}
    assert [years.case(serial).version for serial in touched] == versions, "no officer's page is out of date by it"
    for serial in touched:
        (event,) = years.events(serial, "deadline_moved")
        assert sentence(event, years.case(serial), Words(years.pack, ENGLISH), by=None, names={}) == (
            "The deadline moved from Monday 12 January 2026 to Tuesday 13 January 2026: "
            "Friday 9 January 2026 is a holiday (Day of mourning)."
        )
    assert not years.events(apart, "deadline_moved")
    assert not years.events(closed, "deadline_moved")
    assert projection.rebuild(years.context.work, years.pack, now) == 0
    assert all(kept == counted for kept, counted in years.recounted().values())


def test_what_is_kept_is_what_the_events_count(years: Years) -> None:
    """Whatever officers and residents do, in whatever order: `due_at` is what a recount gives."""
    dice = random.Random(20260105)
    kinds = (("complaint", "DELAY"), ("information", "new"), ("information", "my_data_erase"), ("feedback", "OTHER"))
    now = at("2026-03-25T09:00")  # before Easter
    serials = [years.file(now, *dice.choice(kinds), urgent=dice.random() < 0.2) for _ in range(24)]
    done = 0
    for _ in range(180):
        now += timedelta(minutes=dice.randint(1, 300))
        serial = dice.choice(serials)
        try:
            with years.on(now) as desk:
                dice.choice(STEPS)(desk, service.open_case(desk, serial), dice)
            done += 1
        except BarazaError:
            pass
    assert done > 40
    assert all(kept == counted for kept, counted in years.recounted().values())
    assert all(kept == counted for kept, counted in years.unanswered())
    with years.context.work() as session:
        session.execute(sa.update(Case).values(due_at=now))
        assert projection.recount_recent(session, years.pack) > 0, "and what was forgotten is found"
    years.pack = gazette(years.pack, date(2026, 4, 8), "Day of mourning")
    projection.rebuild(years.context.work, years.pack, now)
    kept = [pair for case, pair in years.recounted().items() if not over(years, case)]
    assert kept
    assert all(one == other for one, other in kept)


def over(years: Years, case: UUID) -> bool:
    with years.context.work() as session:
        return Status(session.get_one(Case, case).status) in projection.OVER


Step = Callable[[Desk, Case, random.Random], object]


def anywhere(desk: Desk, case: Case, dice: random.Random) -> None:
    service.move(desk, case, dice.choice([to for to in Status if to not in RESIDENTS_OWN]), "Because")


def the_resident_writes(desk: Desk, case: Case, dice: random.Random) -> None:
    voice.resident_wrote(
        desk.session,
        desk.vault,
        case_id=case.id,
        holder=voice.Holder(case.resident_id),
        text="More",
        language="en",
        channel="sms",
        now=desk.now,
    )
    projection.project_by_id(desk.session, desk.pack, case.id)


STEPS: list[Step] = [
    anywhere,
    anywhere,
    the_resident_writes,
    lambda desk, case, dice: service.assign(desk, case, department="environment"),
    lambda desk, case, dice: service.reply(desk, case, "An answer"),
    lambda desk, case, dice: information.reached_officer(desk, case, officer="CS", on=desk.now - timedelta(hours=1)),
    lambda desk, case, dice: information.extend(desk, case, "Many pages"),
    lambda desk, case, dice: information.transfer(desk, case, body="KeRRA", reason="Theirs"),
]


def test_the_desk_does_it_over_http_and_the_resident_sees_the_day(office: Office, address: str) -> None:
    filed = office.file(kind="information", category="new", language="en")
    now = datetime.now(UTC)
    body = {"officer": "County Secretary", "on": now.isoformat()}
    assert office.post(f"/cases/{filed.serial}/day-zero", body, role="focal").status_code == 403
    assert office.post(f"/cases/{filed.serial}/day-zero", body | {"on": "2020-01-01T00:00:00Z"}).status_code == 422
    answer = office.post(f"/cases/{filed.serial}/day-zero", body | {"on": datetime.now(UTC).isoformat()})
    assert (answer.status_code, answer.json()["text"]) == (201, "County Secretary")
    assert "day zero of the law" in answer.json()["sentence"]
    assert office.post(f"/cases/{filed.serial}/extension", {"reason": "Many pages"}).status_code == 201
    assert (
        office.post(f"/cases/{filed.serial}/extension", {"reason": "More"}).json()["code"] == "transition_not_allowed"
    )
    due = datetime.fromisoformat(office.get(f"/cases/{filed.serial}")["due_at"])
    assert office.get(f"/cases/{filed.serial}/clock")["due_at"] == office.get(f"/cases/{filed.serial}")["due_at"]
    phone = Handset(address, SECRET, NUMBER)
    phone.dial()
    pick(phone, "My cases")
    pick(phone, filed.receipt[:4])
    assert f"We answer by {due.astimezone(office.context.pack.about.zone).day} " in phone.screen
    office.change_case(filed.serial, filed_at=now - timedelta(days=60))
    with office.context.work() as session:
        session.execute(
            sa.update(CaseEvent)
            .where(CaseEvent.kind == "reached_officer")
            .values(data={"on": (now - timedelta(days=50)).isoformat()})
        )
    pick_again(phone, filed.receipt[:4])
    assert "Our answer is late. It was due " in phone.screen


def pick(phone: Handset, label: str) -> None:
    """Choose the option whose label has these words."""
    line = next(line for line in phone.screen.splitlines() if label in line and line[0].isdigit())
    phone.type(line.partition(".")[0])


def pick_again(phone: Handset, reference: str) -> None:
    phone.dial()
    pick(phone, "My cases")
    pick(phone, reference)
