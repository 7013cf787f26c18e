"""Cases that belong together: duplicates worked on as one, inquiries into many, and places where they pile up."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from gateway.cases import resolution, spikes
from gateway.cases.desk_models import Resolution
from gateway.cases.duties_api import DutyOut
from gateway.cases.models import Case
from gateway.console.told import about as about_in_words
from gateway.messaging.models import Message
from gateway.words import Words
from tests.cases.test_lists import counted
from tests.cases.test_resolution import DONE, delivered, duties
from tests.conftest import SECRET
from tests.desk import Office
from tests.web import Handset

AKINYI, BARASA, CHEBET = "+254711000111", "+254711000222", "+254711000333"


def three(office: Office) -> list[str]:
    """One matter, told by three residents in their own words; the first case leads, the third keeps no number."""
    filed = [office.file(number, language="en") for number in (AKINYI, BARASA, None)]
    lead, *others = [case.serial for case in filed]
    office.change_case(lead, status="in_progress")
    for serial in others:
        office.change_case(serial, status="triage")
        assert office.post(f"/cases/{serial}/merge", {"lead": lead}).status_code == 200
    office.receipts = [case.receipt for case in filed]  # type: ignore[attr-defined]  # for the phones of this test
    return [lead, *others]


def merged(office: Office, serial: str, role: str = "officer") -> tuple[str | None, list[str]]:
    """With which case it is worked on, and which are worked on with it; read a case at a time."""
    page = office.get(f"/cases/{serial}/merged", role, params={"limit": 1})
    members = page["members"]
    while page["next_cursor"]:
        page = office.get(f"/cases/{serial}/merged", role, params={"limit": 1, "cursor": page["next_cursor"]})
        members += page["members"]
    return page["lead"], members


def statuses(office: Office, serials: list[str]) -> list[str]:
    return [office.get(f"/cases/{serial}", "supervisor")["status"] for serial in serials]


def test_duplicates_are_worked_on_as_one_and_each_resident_decides_alone(office: Office, address: str) -> None:
    lead, second, third = serials = three(office)
    assert merged(office, lead) == (None, [second, third])
    assert merged(office, second) == (lead, [])
    assert [template for template, _, _ in office.owed()] == ["merged"], "who keeps no number is not texted"
    office.post(f"/cases/{lead}/assign", {"department": "environment"})
    office.change_case(third, department_code="finance")
    assert merged(office, lead, "focal") == (None, [second]), "not the serial of a case that is not theirs"
    office.change_case(third, department_code="environment")
    alone = office.post(f"/cases/{second}/transitions", DONE)
    assert (alone.status_code, alone.json()["code"]) == (409, "transition_not_allowed")

    assert office.post(f"/cases/{lead}/transitions", DONE).status_code == 200
    assert statuses(office, serials) == ["resolved"] * 3
    asked = [values["ref"] for template, _, values in office.owed() if template == "solved"]
    receipts: list[str] = office.receipts  # type: ignore[attr-defined]
    assert asked == [receipts[0][:4], receipts[1][:4]], "each under their own four digits"
    delivered(office, office.context.clock.now())

    Handset(address, SECRET, AKINYI).sms("1")
    Handset(address, SECRET, BARASA).sms("3")
    stranger = Handset(address, SECRET, CHEBET)
    stranger.dial()
    assert "done? Answer" in stranger.type("1", "3", "1", receipts[2]), "the receipt of a merged case still opens it"
    assert "The pump was mended" in stranger.type("4"), "and reads why"
    assert statuses(office, serials) == ["confirmed", "reopened", "resolved"]
    assert office.get(f"/cases/{second}/merged")["lead"] is None, "not solved: it goes its own way, one rung up"
    assert (office.get(f"/cases/{second}")["rung"], duties(office)) == ("secretary", ["not_solved"])
    assert {round_.answer for round_ in office.rows(Resolution)} == {"yes", "no", None}


def test_taking_back_the_lead_leaves_the_others_a_lead(office: Office, address: str) -> None:
    lead, second, third = three(office)
    phone = Handset(address, SECRET, AKINYI)
    phone.dial()
    assert "withdrawn" in phone.type("3", "1", "2", "1")
    assert statuses(office, [lead, second, third]) == ["withdrawn", "in_progress", "in_progress"]
    assert merged(office, second) == (None, [third])
    assert office.post(f"/cases/{third}/unmerge", {}).json()["merged"] is False
    office.post(f"/cases/{second}/transitions", {"to": "waiting_resident", "reason": "Which pump?"})
    assert statuses(office, [second, third]) == ["waiting_resident", "in_progress"]


def test_an_answer_to_everybody_reaches_each(office: Office) -> None:
    lead, second, third = three(office)
    assert office.post(f"/cases/{lead}/replies", {"text": "On Monday", "everybody": True}).status_code == 201
    for serial in (lead, second, third):
        assert office.get(f"/cases/{serial}/timeline")["items"][-1]["text"] == "On Monday"
    assert [template for template, _, _ in office.owed()] == ["merged", "reply", "reply"]


def test_what_cannot_be_one_is_not_merged(office: Office) -> None:
    lead, second, _ = three(office)
    other = office.file(CHEBET).serial
    for case, to in ((other, other), (other, second), (second, other)):
        assert office.post(f"/cases/{case}/merge", {"lead": to}).status_code == 422
    office.change_case(other, status="withdrawn")
    assert office.post(f"/cases/{other}/merge", {"lead": lead}).status_code == 422
    assert office.post(f"/cases/{other}/merge", {"lead": "KAK-2026-999999"}).status_code == 404


def test_moving_many_duplicates_takes_as_many_statements_as_moving_a_few(office: Office) -> None:
    took = []
    office.token("officer")
    for number in (3, 40):
        lead = office.file(AKINYI, language="en").serial
        with office.context.work() as session:
            lead_id = session.scalar(sa.select(Case.id).where(Case.serial == lead))
        for _ in range(number):
            office.change_case(office.file(BARASA, language="en").serial, lead_id=lead_id, status="in_progress")
        office.change_case(lead, status="in_progress")
        with counted(sa.Engine) as statements:
            assert office.post(f"/cases/{lead}/transitions", DONE).status_code == 200
        took.append(len(statements))
    assert took[0] == took[1]


def test_an_inquiry_has_one_plan_one_update_to_all_and_one_report(office: Office, address: str) -> None:
    english, swahili = office.file(AKINYI, language="en"), office.file(BARASA, language="sw")
    secret, elsewhere = office.file(None, language="en"), office.file(CHEBET, language="sw")
    begun = office.post("/inquiries", {"title": "Boreholes of Shirere", "plan": "Visit each"})
    assert begun.status_code == 201
    inquiry, etag = begun.json()["id"], begun.headers["etag"]
    serials = [case.serial for case in (english, swahili, secret)]
    put = office.post(f"/inquiries/{inquiry}/cases", {"cases": serials}, headers={"If-Match": etag})
    assert put.json()["cases"] == {"received": 3}
    assert {case["serial"] for case in office.get(f"/cases?inquiry={inquiry}")["items"]} == set(serials)
    half = office.post(f"/inquiries/{inquiry}/updates", {"text": {"en": "The drill comes in May"}})
    assert (half.status_code, "sw" in half.json()["detail"]) == (422, True)
    text = {"en": "The drill comes in May", "sw": "Mashine inakuja Mei"}
    assert office.post(f"/inquiries/{inquiry}/updates", {"text": text}).json() == {"cases": 3, "texted": 2}
    owed = sorted((template, language) for template, language, _ in office.owed())
    assert owed == [("reply", "en"), ("reply", "sw")]
    for case, language in ((english, "en"), (swahili, "sw"), (secret, "en")):
        assert office.get(f"/cases/{case.serial}/timeline")["items"][-1]["text"] == text[language]
    phone = Handset(address, SECRET, BARASA)
    phone.dial()
    phone.type("3", "1", "1")
    assert "Mashine inakuja Mei" in phone.screen
    assert office.get(f"/cases/{elsewhere.serial}/timeline")["items"][-1]["kind"] == "filed"
    assert office.post(f"/inquiries/{inquiry}/plan", {"plan": "Late", "version": 1}).status_code == 409
    solved = office.get("/reports/solved", params={"inquiry": inquiry})["total"]
    assert (solved["filed"], solved["resolved"]) == (3, 0), "its own cases and no other"
    found = {"en": "Nine of ten run", "sw": "Tisa kati ya kumi zinafanya kazi"}
    assert office.post(f"/inquiries/{inquiry}/close", {"report": "-", "text": {"en": "x"}}).status_code == 422
    closed = office.post(f"/inquiries/{inquiry}/close", {"report": "Nine of ten run", "text": found}).json()
    last = office.get(f"/cases/{swahili.serial}/timeline")["items"][-1]
    assert last["text"] == found["sw"]
    assert last["sentence"].endswith("told all residents of the inquiry what came of it.")
    assert len(office.owed()) == 4, "each of the two is texted again that there is something to read"
    assert (closed["status"], closed["title"], closed["report"]) == (
        "closed",
        "Boreholes of Shirere",
        "Nine of ten run",
    )
    assert office.post(f"/inquiries/{inquiry}/plan", {"plan": "Too late"}).status_code == 409
    assert office.get("/inquiries?status=closed")["items"][0]["cases"] == {"received": 3}


def test_a_ward_that_spikes_is_brought_to_notice_once(office: Office) -> None:
    now, rule = office.context.clock.now() + timedelta(minutes=5), office.context.pack.desk.spike
    for number in range(rule.at_least - 1):
        office.file(ward="1020", category="POOR" if number % 2 else "RUDE")
    assert _noticed(office, now) == []
    office.change_case(office.file(ward="1020").serial, category="UNFAIR")
    assert _noticed(office, now) == ["ward:1020"]
    assert _noticed(office, now + timedelta(hours=1)) == ["ward:1020"], "one notice, not one each quarter of an hour"
    assert office.get("/duties?kind=spike", "oversight")["items"] == []
    usual = now - timedelta(days=rule.days + 1)
    for _ in range(12):  # a ward from which many always come
        office.change_case(office.file(ward="1021").serial, filed_at=usual, category="ABUSE")
    for number in range(6):
        office.file(ward="1021", category=f"C{number}")
    assert "ward:1021" not in _noticed(office, now)


def test_staff_say_which_facility_a_case_is_about_and_one_that_spikes_is_told_by_its_name(office: Office) -> None:
    rule, now = office.context.pack.desk.spike, office.context.clock.now() + timedelta(minutes=5)
    clinic, closed, elsewhere = (_named(office, *place) for place in (("1017", "A"), ("1017", "B"), ("1020", "C")))
    assert office.post(f"/facilities/{closed}/retire", None, "supervisor").status_code == 200
    serials = [office.file(category=f"C{number}").serial for number in range(rule.at_least)]
    office.change_case(serials[0], department_code="environment")
    about = f"/cases/{serials[0]}/facility"
    for wrong in (closed, elsewhere, "none", None):
        assert office.post(about, {"facility": wrong}).status_code == 422, wrong
    for serial in serials:
        told = office.post(f"/cases/{serial}/facility", {"facility": clinic, "version": 1})
        assert (told.status_code, told.json()["facility"]) == (200, clinic)
    assert office.post(about, {"facility": None, "version": 1}).status_code == 409, "it has moved on"

    assert f"facility:{clinic}" in _noticed(office, now)
    (notice,) = [one for one in office.get("/duties?kind=spike")["items"] if one["about"] == f"facility:{clinic}"]
    for language, name in (("en", "Clinic A"), ("sw", "Zahanati A")):
        words = Words(office.context.pack, language)
        assert about_in_words(DutyOut.model_validate(notice), office.context.pack, words) == name
        office.post("/me/language", {"language": language})
        assert name in office.get(f"/cases/{serials[0]}/timeline")["items"][-1]["sentence"]
    found = f"/cases?facility={clinic}"
    assert len(office.get(found)["items"]) == rule.at_least
    for outside in ("focal", "oversight"):
        assert office.get(f"/cases/{serials[0]}", outside)["facility"] is None, outside
        assert office.get(found, outside)["items"] == [], outside
        kinds = [event["kind"] for event in office.get(f"/cases/{serials[0]}/timeline", outside)["items"]]
        assert "facility" not in kinds, outside

    assert office.post(about, {"facility": None}).json()["facility"] is None
    assert len(office.get(found)["items"]) == rule.at_least - 1
    assert office.audited().count("case.facility") == rule.at_least + 1


def _named(office: Office, ward: str, letter: str) -> str:
    body = {"name": {"en": f"Clinic {letter}", "sw": f"Zahanati {letter}"}, "kind": "health", "ward": ward}
    answer = office.post("/facilities", body, "supervisor")
    assert answer.status_code == 201, answer.text
    return str(answer.json()["code"])


def _noticed(office: Office, now: object) -> list[str]:
    with office.context.work() as session:
        spikes.notice(session, office.context.pack, now)  # type: ignore[arg-type]
    return [duty["about"] for duty in office.get("/duties?kind=spike")["items"]]


def test_both_rates_are_kept_apart_and_who_was_not_reached_is_told_apart(office: Office, address: str) -> None:
    stories = [("sms", "1"), ("sms", "2"), ("sms", "3"), ("sms", ""), ("no_sms", ""), ("sms", "failed")]
    for number, (privacy, _) in enumerate(stories):
        filed = office.file(f"+25471100040{number}", language="en", privacy=privacy)
        office.change_case(filed.serial, status="in_progress")
        office.post(f"/cases/{filed.serial}/transitions", DONE)
    office.file(CHEBET)
    delivered(office, office.context.clock.now())
    with office.context.work() as session:
        newest = sa.select(sa.func.max(sa.cast(Message.id, sa.Text))).scalar_subquery()
        failed = sa.update(Message).where(sa.cast(Message.id, sa.Text) == newest).values(state="failed", final_at=None)
        session.execute(failed)
        resolution.note_delivered(session)
    for number, (_, answer) in enumerate(stories):
        if answer.isdigit():
            Handset(address, SECRET, f"+25471100040{number}").sms(answer)
    office.token("oversight")
    with counted(sa.Engine) as statements:
        report = office.get("/reports/solved?by=ward", "oversight")
    assert len(statements) <= 6
    total = report["total"]
    assert (total["filed"], total["resolved"], total["with_evidence"]) == (7, 6, 6)
    assert (total["yes"], total["partly"], total["no"], total["waiting"], total["unreached"]) == (1, 1, 1, 1, 2)
    assert total["according_to_staff"] == 6 / 7
    assert total["according_to_residents"] == 1 / 3
    assert report["unreached"] == {"failed": 1, "no_sms": 1}
    assert report["groups"]["1017"] == total
