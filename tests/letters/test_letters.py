"""Letters with force: signed, not answered, stepped up, answered on paper; findings, and what became of them."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pypdf import PdfReader

from gateway.cases.models import Case, CaseEvent
from gateway.cases.service import Desk
from gateway.letters import digest, service
from gateway.letters.models import Letter
from gateway.staff.models import Staff
from tests.desk import Office

NOTICE = "Residents say the borehole is dry.\n\nTell us what you know, and by when it flows."


def words(pdf: bytes) -> str:
    """The text of a PDF, its lines joined."""
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages)


def noticed(office: Office) -> tuple[str, dict[str, Any]]:
    """A case of the environment department, and a signed notice to it."""
    serial = office.file().serial
    office.post(f"/cases/{serial}/assign", {"department": "environment"})
    made = office.post(f"/cases/{serial}/letters", {"kind": "notice", "text": NOTICE})
    assert (made.status_code, made.json()["number"]) == (201, None)
    signed = office.post(f"/cases/{serial}/letters/{made.json()['id']}/sign", None)
    assert signed.status_code == 200, signed.text
    return serial, signed.json()


def test_no_day_to_answer_by_is_a_sunday_or_a_holiday(office: Office) -> None:
    serial, context = office.file().serial, office.context
    office.post(f"/cases/{serial}/assign", {"department": "environment"})
    for signed, by in (("2026-11-22", "2026-12-14"), ("2026-12-04", "2026-12-28")):  # else a Sunday; Christmas
        made = office.post(f"/cases/{serial}/letters", {"kind": "notice", "text": NOTICE}).json()
        with context.work() as session:
            now = datetime.fromisoformat(f"{signed}T09:00:00+03:00")
            person = session.scalars(sa.select(Staff).where(Staff.role == "officer")).one()
            desk = Desk(session, context.vault, context.pack, person, now)
            case = session.scalars(sa.select(Case).where(Case.serial == serial)).one()
            assert str(service.sign(desk, case, UUID(made["id"])).reply_by) == by


def past(office: Office, letter: str, days: int) -> None:
    """Let so many days pass since a letter was signed."""
    with office.context.work() as session:
        back = timedelta(days=days)
        values = {"reply_by": Letter.reply_by - sa.cast(days, sa.Integer), "signed_at": Letter.signed_at - back}
        session.execute(sa.update(Letter).where(Letter.id == letter).values(values))


def follow(office: Office) -> int:
    with office.context.work() as session:
        return service.follow_up(session, office.context.vault, office.context.pack, office.context.clock.now())


def sentences(office: Office, serial: str, role: str = "officer") -> list[str]:
    return [event["sentence"] for event in office.get(f"/cases/{serial}/timeline", role)["items"]]


def test_a_notice_reminded_stepped_up_and_answered_on_paper(office: Office) -> None:
    serial, notice = noticed(office)
    assert notice["addressee"] == "The Accounting Officer, Environment, Water, Natural Resources and Climate Change"
    year = datetime.fromisoformat(notice["signed_at"]).year
    assert notice["number"] == f"KAK/OMB/{year}/{int(notice['number'][-4:]):04}"
    assert office.post(f"/cases/{serial}/letters/{notice['id']}/sign", None).status_code == 409
    assert follow(office) == 0, "its day is not over"
    past(office, notice["id"], 26)
    assert [follow(office), follow(office)] == [1, 0]
    reminder = office.get(f"/cases/{serial}/letters")["items"][1]
    assert (reminder["kind"], reminder["signed_at"], reminder["follows"]) == ("reminder", None, notice["id"])
    assert notice["number"] in reminder["text"]
    assert sentences(office, serial)[-1] == (
        f"Letter {notice['number']} was not answered in time: a reminder is prepared and wants signing."
    )
    office.post(f"/cases/{serial}/letters/{reminder['id']}/sign", None)
    past(office, reminder["id"], 12)
    assert follow(office) == 1
    step_up = office.get(f"/cases/{serial}/letters")["items"][2]
    assert (step_up["kind"], step_up["rung"], step_up["addressee"]) == ("step_up", 1, "The County Secretary")
    today = str(datetime.now(office.context.pack.about.zone).date())
    answer = {"text": "The pump is ordered.", "by": "Director of Water", "on": today}
    wrong = office.post(f"/cases/{serial}/letters/{reminder['id']}/answer", answer | {"on": "2020-01-01"})
    assert wrong.status_code == 422
    filed = office.post(f"/cases/{serial}/letters/{reminder['id']}/answer", answer)
    assert (filed.status_code, filed.json()["late"]) == (200, False)
    letters = office.get(f"/cases/{serial}/letters")["items"]
    assert len(letters) == 2, "nobody need sign the step up any more"
    assert all(one["answered_at"] for one in letters), "the answer to a reminder is the answer to its letter"
    event = office.events(serial)[-1]
    sealed = office.context.vault.sealer.open(event.text_sealed, f"case_events.text:{event.id}")
    assert (event.kind, sealed) == ("letter_answered", "Director of Water: The pump is ordered.")


def test_a_late_answer_to_the_notice_stops_what_followed_it(office: Office) -> None:
    serial, notice = noticed(office)
    past(office, notice["id"], 26)
    follow(office)
    reminder = office.get(f"/cases/{serial}/letters")["items"][1]["id"]
    office.post(f"/cases/{serial}/letters/{reminder}/sign", None)
    past(office, reminder, 5)
    today = str(datetime.now(office.context.pack.about.zone).date())
    answer = {"text": "The pump is ordered.", "by": "Director of Water", "on": today}
    assert office.post(f"/cases/{serial}/letters/{notice['id']}/answer", answer).status_code == 200
    past(office, reminder, 12)
    assert follow(office) == 0, "the County Secretary is not written to about what was answered"
    assert [one["kind"] for one in office.get(f"/cases/{serial}/letters")["items"]] == ["notice", "reminder"]


def test_a_department_reads_and_answers_its_own_letters_only(office: Office) -> None:
    serial, notice = noticed(office)
    heard = {"kind": "right_of_reply", "text": "You are said to have sent them away.", "addressee": "Ms N. Barasa"}
    letter = office.post(f"/cases/{serial}/letters", heard).json()
    office.post(f"/cases/{serial}/letters/{letter['id']}/sign", None)
    assert [one["id"] for one in office.get(f"/cases/{serial}/letters", "focal")["items"]] == [notice["id"]]
    assert office.ask("GET", f"/cases/{serial}/letters/{letter['id']}/paper", "focal").status_code == 404
    today = str(datetime.now(office.context.pack.about.zone).date())
    body = {"text": "We look into it.", "by": "Focal person", "on": today}
    assert office.post(f"/cases/{serial}/letters/{letter['id']}/answer", body, role="focal").status_code == 404
    assert office.post(f"/cases/{serial}/letters/{notice['id']}/answer", body, role="focal").status_code == 200
    assert office.post(f"/cases/{serial}/letters/{notice['id']}/sign", None, role="focal").status_code == 403


def test_a_letter_on_paper(office: Office) -> None:
    serial, notice = noticed(office)
    answer = office.ask("GET", f"/cases/{serial}/letters/{notice['id']}/paper")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    text = words(answer.content)
    for part in (
        "County Government of Kakamega Office of the Ombudsman",
        notice["number"],
        serial,
        "The Accounting Officer, Environment",
        "Residents say the borehole is dry.",
        "Achieng Otieno",
        "Page 1 of 1",
    ):
        assert part in text, part
    draft = office.post(f"/cases/{serial}/letters", {"kind": "notice", "text": "Tšüß ☃ <b>& more"}).json()
    text = words(office.ask("GET", f"/cases/{serial}/letters/{draft['id']}/paper").content)
    assert "DRAFT, not signed" in text
    assert "? <b>& more" in text, "what the fonts cannot show is a question mark; what looks like markup is none"


def test_an_officer_is_heard_before_a_finding_against_them(office: Office) -> None:
    serial, _ = noticed(office)
    finding = {"text": "The clerk sent her away.", "adverse": True}
    refused = office.post(f"/cases/{serial}/findings", finding)
    assert (refused.status_code, refused.json()["code"]) == (409, "transition_not_allowed")
    body = {"kind": "right_of_reply", "text": "You may reply.", "addressee": "Ms N. Barasa"}
    letter = office.post(f"/cases/{serial}/letters", body).json()
    office.post(f"/cases/{serial}/letters/{letter['id']}/sign", None)
    assert office.post(f"/cases/{serial}/findings", finding).status_code == 409
    past(office, letter["id"], 19)
    made = office.post(f"/cases/{serial}/findings", finding)
    assert made.status_code == 201
    due = datetime.now(office.context.pack.about.zone).date() + timedelta(days=30)
    asked = {"department": "environment", "text": "Apologise in writing.", "due_on": str(due)}
    path = f"/cases/{serial}/findings/{made.json()['id']}/recommendations"
    assert office.post(path, asked | {"due_on": "2020-01-01"}).status_code == 422
    (recommended,) = office.post(path, asked).json()["recommendations"]
    assert (recommended["outcome"], recommended["late"]) == (None, False)
    done = {"outcome": "carried_out", "text": "Letter of apology seen"}
    answer = office.post(f"/cases/{serial}/recommendations/{recommended['id']}/outcome", done)
    assert answer.json()["items"][0]["recommendations"][0]["outcome"] == "carried_out"
    assert sentences(office, serial)[-1].endswith("wrote down what became of a recommendation: carried out.")


def test_the_mornings_digest(office: Office) -> None:
    serial, notice = noticed(office)
    past(office, notice["id"], 26)
    follow(office)
    now = office.context.clock.now()
    office.change_case(serial, due_at=now - timedelta(hours=1))
    office.token("focal")
    morning = now.astimezone(office.context.pack.about.zone).replace(hour=6, minute=5)
    with office.context.work() as session:
        assert digest.make_all(session, office.context.pack, morning.replace(hour=5)) == 0
        made = digest.make_all(session, office.context.pack, morning + timedelta(days=1))
        assert made == session.scalar(sa.select(sa.func.count()).select_from(Staff))
        assert digest.make_all(session, office.context.pack, morning + timedelta(days=1)) == 0
    lists = office.get("/digest")["lists"]
    assert lists == {
        "overdue": [serial],
        "due_today": [],
        "letters_not_answered": [serial],
        "recommendations_late": [],
        "letters_to_sign": [serial],
    }
    assert set(office.get("/digest", "focal")["lists"]) == set(lists) - {"letters_to_sign"}
    office.change_case(serial, due_at=None)
    assert office.get("/digest")["lists"] == lists, "it stays as it stood when it was made"


def test_what_a_letter_says_is_sealed(office: Office) -> None:
    serial, notice = noticed(office)
    (row,) = office.rows(Letter)
    assert b"borehole" not in row.text_sealed
    assert b"Accounting" not in row.addressee_sealed
    with office.context.work() as session:
        case = sa.select(Case.id).where(Case.serial == serial).scalar_subquery()
        data = session.scalars(sa.select(CaseEvent.data).where(CaseEvent.case_id == case)).all()
    assert "borehole" not in str(data)
    assert notice["id"] == str(row.id)


def test_a_letter_and_all_that_is_told_of_it_in_kiswahili(office: Office) -> None:
    serial = office.file().serial
    office.token("officer")
    with office.context.work() as session:
        session.execute(sa.update(Staff).where(Staff.role == "officer").values(language="sw"))
    office.post(f"/cases/{serial}/assign", {"department": "environment"})
    body = {"kind": "notice", "text": "Tafadhali eleza."}
    made = office.post(f"/cases/{serial}/letters", body).json()
    assert made["language"] == "sw", "what its writer reads"
    assert made["addressee"].startswith("Afisa"), "the ladder names them in the same language"
    signed = office.post(f"/cases/{serial}/letters/{made['id']}/sign", None).json()
    paper = words(office.ask("GET", f"/cases/{serial}/letters/{made['id']}/paper").content)
    assert "Afisi ya Ombudsman" in paper
    assert "Tafadhali jibu kufikia" in paper
    assert "Ukurasa 1 kati ya 1" in paper
    past(office, made["id"], 26)
    assert follow(office) == 1
    reminder = office.get(f"/cases/{serial}/letters")["items"][1]
    assert (reminder["language"], "Tulikuandikia" in reminder["text"]) == ("sw", True)
    assert sentences(office, serial)[0] == "Malalamishi haya yaliwasilishwa na Mkazi kwa USSD."
    assert sentences(office, serial)[-1].startswith(f"Barua {signed['number']} haikujibiwa kwa wakati: kikumbusho")
    assert sentences(office, serial, "supervisor")[0] == "The resident filed this complaint by USSD."
    clock = office.get(f"/cases/{serial}/clock")["clocks"][1]
    assert clock["name"] == "Chambua na ukabidhi"
    assert "siku 3 za kazi (kwa ahadi) tangu" in clock["explained"]
    english = office.post(f"/cases/{serial}/letters", body | {"language": "en"}).json()
    assert english["addressee"].startswith("The Accounting Officer")
