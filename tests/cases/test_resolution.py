"""The resident decides, told as what staff say, what a phone answers and what the clock makes of silence."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from gateway.cases import resolution
from gateway.cases.desk_models import Duty, Resolution
from gateway.cases.models import Case
from gateway.messaging.models import Message
from tests.conftest import SECRET
from tests.desk import NUMBER, Office
from tests.web import Handset

DONE = {"to": "resolved", "reason": "The pump was mended", "evidence": "Photograph of the pump, seen by Achieng"}


def resolved(office: Office, number: str | None = NUMBER, **changes: object) -> str:
    """The serial of a case that staff say is done."""
    filed = office.file(number, language="en", **changes)
    office.change_case(filed.serial, status="in_progress")
    assert office.post(f"/cases/{filed.serial}/transitions", DONE).status_code == 200
    return filed.serial


def delivered(office: Office, at: datetime, state: str = "delivered") -> None:
    """What became of every SMS that asks."""
    with office.context.work() as session:
        values = {"state": state, "final_at": at if state == "delivered" else None, "sent_at": at}
        session.execute(sa.update(Message).where(Message.template == "solved").values(values))


def silence(office: Office, now: datetime) -> int:
    """One round of the clock process."""
    with office.context.work() as session:
        resolution.note_delivered(session)
    with office.context.work() as session:
        return resolution.close_silent(session, office.context.pack, now)


def duties(office: Office, role: str = "supervisor") -> list[str]:
    return [duty["kind"] for duty in office.get("/duties", role)["items"]]


def test_evidence_is_kept_inside_and_its_want_is_seen_by_the_supervisor(office: Office) -> None:
    with_it, without = resolved(office), office.file().serial
    office.change_case(without, status="in_progress")
    office.post(f"/cases/{without}/transitions", {"to": "resolved", "reason": "Done"})
    shown = office.get(f"/cases/{with_it}/timeline")["items"]
    kept = next(event for event in shown if event["kind"] == "evidence")
    assert (kept["text"], kept["audience"]) == (DONE["evidence"], "internal")
    rounds = office.rows(Resolution)
    assert [round_.evidence for round_ in rounds] == [True, False]
    (duty,) = office.get("/duties", "supervisor")["items"]
    assert (duty["kind"], duty["case"], duty["yours"]) == ("no_evidence", without, True)
    assert office.post(f"/duties/{duty['id']}/done", None, "officer").status_code == 404
    assert office.post(f"/duties/{duty['id']}/done", None, "supervisor").json()["done_at"]
    assert duties(office) == []


def test_evidence_written_down_before_counts(office: Office) -> None:
    serial = office.file().serial
    office.change_case(serial, status="in_progress")
    assert office.post(f"/cases/{serial}/evidence", {"text": "Visited on Monday"}).status_code == 201
    office.post(f"/cases/{serial}/transitions", {"to": "resolved", "reason": "Done"})
    assert [round_.evidence for round_ in office.rows(Resolution)] == [True]


def test_not_solved_climbs_a_rung_each_time_and_taking_it_back_climbs_down(office: Office, address: str) -> None:
    serial, phone = resolved(office), Handset(address, SECRET)
    delivered(office, office.context.clock.now())
    phone.sms("3")
    case = office.get(f"/cases/{serial}")
    assert (case["status"], case["rung"], duties(office)) == ("reopened", "secretary", ["not_solved"])
    clocks = {clock["code"]: clock for clock in office.get(f"/cases/{serial}/clock")["clocks"]}
    assert clocks["complaint.reopened"]["due_at"] < clocks["complaint.answer"]["due_at"]
    sentence = office.get(f"/cases/{serial}/timeline")["items"][-1]["sentence"]
    assert sentence == "The resident said it is not solved; the case is open again. It goes to: County Secretary."
    phone.sms(f"{case['reference']} 1")  # a mistake, taken back
    assert (office.get(f"/cases/{serial}")["rung"], duties(office)) == ("department", [])
    phone.sms(f"{case['reference']} 3")
    for rung in ("caj", "caj"):  # the last rung is the last
        assert office.post(f"/cases/{serial}/transitions", DONE).status_code == 200
        phone.dial()
        phone.type("3", "1", "3")
        assert office.get(f"/cases/{serial}")["rung"] == rung
    assert [round_.answer for round_ in office.rows(Resolution)] == ["no", "no", "no"]


def test_partly_is_the_residents_word_and_waits_for_an_officer(office: Office, address: str) -> None:
    serial = resolved(office)
    delivered(office, office.context.clock.now())
    Handset(address, SECRET).sms("2")
    assert office.get(f"/cases/{serial}")["status"] == "confirmed"
    (duty,) = office.get("/duties", "officer")["items"]
    assert (duty["kind"], duty["yours"]) == ("partly", True)
    (round_,) = office.rows(Resolution)
    assert (round_.answer, round_.ended_by) == ("partly", "resident")


@pytest.mark.parametrize("state", ["delivered", "failed", "unknown", "accepted", "suppressed", "expired", "held"])
def test_silence_counts_only_from_a_question_that_was_delivered(office: Office, state: str) -> None:
    serial, now = resolved(office), office.context.clock.now()
    heard = now + timedelta(days=5)
    delivered(office, heard, state)
    assert silence(office, heard + timedelta(days=9)) == 0, "too early, however it is counted"
    closed = silence(office, heard + timedelta(days=13))
    case = office.get(f"/cases/{serial}")
    if state == "delivered":
        assert (closed, case["status"]) == (1, "closed_unconfirmed")
        said = office.get(f"/cases/{serial}/timeline")["items"][-1]["sentence"]
        assert said == "The resident was asked and did not answer; the case is closed without their word."
        assert office.rows(Resolution)[0].ended_by == "silence"
    else:
        assert (closed, case["status"]) == (0, "resolved")
        assert silence(office, heard + timedelta(days=400)) == 0


@pytest.mark.parametrize("privacy", ["no_sms", "not_kept"])
def test_without_sms_silence_counts_from_the_screen_that_asks(office: Office, address: str, privacy: str) -> None:
    number = None if privacy == "not_kept" else NUMBER
    filed = office.file(number, language="en", privacy=privacy)
    office.change_case(filed.serial, status="in_progress")
    office.post(f"/cases/{filed.serial}/transitions", DONE)
    later = office.context.clock.now() + timedelta(days=400)
    assert silence(office, later) == 0
    phone = Handset(address, SECRET)
    phone.dial()
    way = ("1", "3", "1", filed.receipt) if privacy == "not_kept" else ("3", "1")
    assert "Is it solved?" in phone.type(*way), phone.screen
    assert office.rows(Resolution)[0].reached_by == "menu"
    assert silence(office, later) == 1


def test_reopening_is_free_for_thirty_days_and_then_over(office: Office, address: str) -> None:
    filed = office.file(language="en")
    office.change_case(filed.serial, status="in_progress")
    office.post(f"/cases/{filed.serial}/transitions", DONE)
    delivered(office, office.context.clock.now())
    silence(office, office.context.clock.now() + timedelta(days=13))
    days = timedelta(days=office.context.pack.desk.reopening.days)
    stranger = Handset(address, SECRET, "+254722000999")
    office.change_case(filed.serial, closed_at=office.context.clock.now() - days - timedelta(minutes=1))
    stranger.dial()
    assert "It is not solved" not in stranger.type("1", "3", "1", filed.receipt)
    Handset(address, SECRET).sms(f"{filed.receipt[:4]} 3")
    assert office.get(f"/cases/{filed.serial}")["status"] == "closed_unconfirmed", "too late: kept as words"
    office.change_case(filed.serial, closed_at=office.context.clock.now() - days + timedelta(hours=1))
    stranger.dial()
    assert "1. It is not solved" in stranger.type("1", "3", "1", filed.receipt)
    assert "open again" in stranger.type("1")
    assert office.get(f"/cases/{filed.serial}")["status"] == "reopened"


def test_receipts_are_guessed_five_times_a_day(office: Office, address: str) -> None:
    filed = office.file(language="en")
    office.change_case(filed.serial, status="closed_unconfirmed", closed_at=office.context.clock.now())
    guesser = Handset(address, SECRET, "+254722000999")
    for digits in ("10000000005", "20000000001", "30000000006", "40000000002", "50000000008", "60000000004"):
        guesser.dial()
        guesser.type("1", "3", "1", digits)
    guesser.dial()
    seen = guesser.type("1", "3", "1", filed.receipt)
    assert "Too many tries" in seen or "That is no receipt" in seen or "not solved" in seen


def test_a_case_taken_back_is_seen_by_the_supervisor(office: Office, address: str) -> None:
    filed = office.file(language="en")
    phone = Handset(address, SECRET)
    phone.dial()
    phone.type("3", "1", "2", "1")
    assert office.get(f"/cases/{filed.serial}")["status"] == "withdrawn"
    (duty,) = office.rows(Duty)
    assert duty.kind == "withdrawn"
    assert office.post(f"/duties/{duty.id}/done", None, "officer").status_code == 404
    assert office.post(f"/duties/{duty.id}/done", None, "supervisor").status_code == 200


def test_who_is_turned_away_is_told_why_and_where_to_go(office: Office) -> None:
    filed = office.file(language="en")
    answer = office.post(f"/cases/{filed.serial}/transitions", {"to": "rejected", "reason": "It is in court."})
    assert answer.status_code == 200
    said = office.get(f"/cases/{filed.serial}/timeline")["items"][-1]["text"]
    assert said.startswith(
        "We cannot take this up. It is in court.\nYou can go to Commission on Administrative Justice"
    )
    assert "0800 221 349" in said
    with office.context.work() as session:
        assert session.scalar(sa.select(Case.refer_to).where(Case.serial == filed.serial)) == "caj"


def test_an_office_whose_number_was_not_checked_is_never_told_to_a_resident(office: Office) -> None:
    filed = office.file(language="sw")
    body = {"to": "rejected", "reason": "Ni ya polisi.", "office": "ipoa"}
    assert office.post(f"/cases/{filed.serial}/transitions", body).status_code == 200
    said = office.get(f"/cases/{filed.serial}/timeline")["items"][-1]["text"]
    assert "1559" not in said
    assert "Tume ya Haki ya Utawala (CAJ): 0800 221 349" in said
