"""Where cases go: rules of the pack, leave and load, what is assigned by itself, what lapses; words find a case."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.cases import routing, terms
from gateway.cases.deadlines import calendar_of
from gateway.cases.models import Case, CaseEvent
from gateway.cases.records import CaseTerm
from gateway.pack import load
from gateway.pack.loading import PACKS
from gateway.staff import service as staff
from tests.desk import STORY, Office

PACK = load("kakamega")


def place_pack(tmp_path: Path) -> Path:
    """The Kakamega pack with a rule for one ward, and one that assigns by itself."""
    import shutil

    copy = tmp_path / "kakamega"
    shutil.copytree(PACKS / "kakamega", copy)
    rule = (
        '\n[[rule]]\ncategory = "POOR"\nward = "1017"\ndepartment = "environment"\nautomatic = {}\nconfirmed = false\n'
    )
    more = 'confidence = "U"\nsource = "A test"\n'
    text = (copy / "routing.toml").read_text(encoding="utf-8")
    first = text.index("[[rule]]")
    (copy / "routing.toml").write_text(text[:first] + rule.format("true") + more + text[first:], encoding="utf-8")
    return copy


@pytest.mark.parametrize(
    ("facts", "department"),
    [
        ({"category": "POOR", "ward_code": "1017"}, "environment"),
        ({"category": "POOR", "ward_code": "1018"}, None),
        ({"kind": "information", "category": "new"}, "secretary"),
        ({"kind": "information", "category": "my_data_erase"}, "ombudsman"),
        ({"kind": "complaint", "category": "DELAY", "commitment_id": "KEKAK0004"}, "assembly"),
    ],
)
def test_the_first_rule_of_the_pack_that_fits_counts(tmp_path: Path, facts: dict[str, str], department: str) -> None:
    plain = {"kind": "complaint", "category": "DELAY", "area_code": "", "ward_code": "", "commitment_id": None}
    rule = routing.rule_for(load(place_pack(tmp_path)), Case(**(plain | facts)))
    assert (rule.department if rule else None) == department


def colleague(office: Office, email: str, role: str = "officer", department: str | None = None) -> None:
    with office.context.work() as session:
        now = office.context.clock.now()
        staff.add_staff(session, email=email, name=email.split("@")[0], role=role, department=department, now=now)


def test_who_is_there_and_has_least_is_suggested_first(office: Office) -> None:
    for email in ("busy@k.example", "free@k.example", "away@k.example", "named@k.example"):
        colleague(office, email)
    colleague(office, "water@k.example", "focal", "secretary")
    for _ in range(2):
        office.post(f"/cases/{office.file().serial}/assign", {"assignee": "busy@k.example"})
    office.post(f"/cases/{office.file().serial}/assign", {"assignee": "officer@kakamega.example"})
    today = datetime.now(UTC).date()
    away = {"person": "away@k.example", "from_day": str(today - timedelta(1)), "until_day": str(today + timedelta(1))}
    assert office.post("/absences", away).status_code == 403
    assert office.post("/absences", away, "supervisor").status_code == 201
    request = office.file(kind="information", category="new")
    office.post(f"/cases/{request.serial}/conflicts", {"person": "named@k.example", "reason": "They are named"})
    found = office.get(f"/cases/{request.serial}/suggestion")
    assert (found["department"], found["automatic"], found["confidence"]) == ("secretary", False, "M")
    assert [(one["email"], one["open_cases"]) for one in found["officers"]] == [
        ("free@k.example", 0),
        ("officer@kakamega.example", 1),
        ("supervisor@kakamega.example", 1),
        ("busy@k.example", 2),
    ]
    assert [one["email"] for one in found["focals"]] == ["water@k.example"]


def test_what_somebody_away_has_is_handed_over(office: Office) -> None:
    for email in ("away@k.example", "here@k.example"):
        colleague(office, email)
    office.token("officer")
    serials = [office.file().serial for _ in range(3)]
    for serial in serials:
        office.post(f"/cases/{serial}/assign", {"assignee": "away@k.example"})
    today = str(datetime.now(UTC).date())
    body = {"person": "away@k.example", "from_day": today, "until_day": "2099-12-31"}
    absence = office.post("/absences", body, "supervisor").json()
    assert absence["open_cases"] == 3
    assert office.get("/absences")["items"] == [], "others' leave is the supervisor's to see"
    given = office.post(f"/absences/{absence['id']}/hand-over", {}, "supervisor").json()["items"]
    assert [line["serial"] for line in given] == serials
    assert {line["assignee"] for line in given} == {"here@k.example", "officer@kakamega.example"}
    assert office.post(f"/absences/{absence['id']}/cancel", None).status_code == 404
    assert office.post(f"/absences/{absence['id']}/cancel", None, "supervisor").status_code == 200
    assert office.get("/absences", "supervisor")["items"] == []
    wrong = {"from_day": "2026-12-31", "until_day": "2026-12-01"}
    assert office.post("/absences", wrong).json()["field"] == "until_day"


def test_only_what_the_pack_routes_by_itself_is_assigned_so(office: Office) -> None:
    mine, asked = office.file(kind="information", category="my_data_erase"), office.file(kind="information")
    urgent = office.file(kind="information", category="my_data_erase", urgent=True)
    with office.context.work() as session:
        assert routing.route_new(session, PACK, office.context.clock.now()) == 1
        assert routing.route_new(session, PACK, office.context.clock.now()) == 0
    found = office.get(f"/cases/{mine.serial}")
    assert (found["status"], found["department"]) == ("assigned", "ombudsman")
    sentence = office.get(f"/cases/{mine.serial}/timeline")["items"][-1]["sentence"]
    assert sentence == "The system assigned the case to Office of the Ombudsman."
    assert {office.get(f"/cases/{one.serial}")["status"] for one in (asked, urgent)} == {"received"}


def test_an_assignment_on_which_nothing_is_done_lapses(office: Office) -> None:
    idle, busy = office.file().serial, office.file().serial
    for serial in (idle, busy):
        office.post(f"/cases/{serial}/assign", {"assignee": "officer@kakamega.example"})
    asked = office.file().serial
    office.post(f"/cases/{asked}/assign", {"department": "environment"})
    letter = office.post(f"/cases/{asked}/letters", {"kind": "notice", "text": "Why is it dry?"}).json()["id"]
    assert office.post(f"/cases/{asked}/letters/{letter}/sign", None).status_code == 200
    now = office.context.clock.now()
    later = now + timedelta(days=14)
    with office.context.work() as session:
        assert routing.lapse(session, PACK, now) == 0
        note = sa.update(CaseEvent).where(
            CaseEvent.kind == "assigned",
            CaseEvent.case_id == sa.select(Case.id).where(Case.serial == busy).scalar_subquery(),
        )
        session.execute(note.values(at=later))
        assert routing.lapse(session, PACK, later) == 1
        assert routing.lapse(session, PACK, later) == 0
    found = office.get(f"/cases/{idle}")
    assert (found["status"], found["assignee"], found["version"]) == ("triage", None, 3)
    told = office.get(f"/cases/{idle}/timeline")["items"][-1]
    assert told["sentence"] == "Nothing was done for 5 working days: the case is to be sorted anew."
    assert office.get(f"/cases/{busy}")["status"] == "assigned"
    assert office.get(f"/cases/{asked}")["department"] == "environment", "it has three weeks to answer the letter"


def test_working_days_are_counted_back_over_weekends_and_holidays() -> None:
    calendar = calendar_of(PACK)
    friday = datetime(2026, 12, 18, 12, tzinfo=UTC)
    assert routing.before_working_days(calendar, friday, 5).date() == date(2026, 12, 14)
    # Jamhuri Day, 12 December 2026, is a Saturday; Christmas a Friday, the day after a Saturday.
    assert routing.before_working_days(calendar, datetime(2026, 12, 28, 12, tzinfo=UTC), 2).date() == date(2026, 12, 24)


def test_a_word_of_the_story_finds_it_for_who_may_read_it(office: Office) -> None:
    water, roads = office.file(), office.file(story="Njia ya Lurambi imeharibika, hawajibu simu")
    office.change_case(water.serial, department_code="environment", released_to="environment")

    def found(q: str, role: str = "officer") -> list[str]:
        return [item["serial"] for item in office.get("/cases", role, params={"q": q})["items"]]

    assert found("BOREHOLE") == found("borehole shirere") == [water.serial]
    assert found("imeharibika,") == [roads.serial]
    assert found("borehole lurambi") == found("nowhere") == found("it") == []
    assert found("borehole", "focal") == found("borehole", "oversight") == []
    with office.context.work() as session:
        kept = set(session.scalars(sa.select(CaseTerm.term)))
        assert kept == set(terms.terms(office.context.vault, f"{STORY} Njia ya Lurambi imeharibika, hawajibu simu"))
        session.execute(sa.delete(CaseTerm))
    assert found("borehole") == []
    with office.context.work() as session:
        last = terms.backfill(session, office.context.vault, None)
        assert terms.backfill(session, office.context.vault, last) is None
    assert found("borehole") == [water.serial]


def test_words_are_one_whatever_their_spelling() -> None:
    assert terms.words("Ng'ombe, ng’ombe NGOMBE; Café cafe a 12 1234") == ["ngombe", "cafe", "1234"]
