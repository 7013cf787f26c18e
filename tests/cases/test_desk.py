"""The desk's verbs over HTTP: each writes the change, an event, an audit entry, and owes what concerns the resident."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.cases import resolution
from gateway.cases.states import MOVES, NEED_REASON, RESIDENTS_OWN, TOLD, Status
from gateway.messaging.models import Message
from gateway.residents import service as residents
from tests.desk import NUMBER, STORY, Office


def test_an_officer_reads_what_a_resident_filed(office: Office) -> None:
    filed = office.file()
    case = office.get(f"/cases/{filed.serial}")
    assert filed.serial.startswith("KAK-")
    expected = {
        "serial": filed.serial,
        "reference": filed.receipt[:4],
        "kind": "complaint",
        "category": "DELAY",
        "status": "received",
        "urgent": False,
        "area": {"code": "202", "name": "Lurambi"},
        "department": None,
        "assignee": None,
        "commitment": None,
        "language": "sw",
        "privacy": "sms",
        "channel": "ussd",
        "story": STORY,
        "version": 1,
        "moves": ["triage", "assigned", "referred", "rejected"],
    }
    assert {name: case[name] for name in expected} == expected
    assert case["ward"]["code"] == "1017"
    assert case["filed_at"].endswith("Z")


def test_assigning_to_a_person_takes_the_case_out_of_waiting(office: Office) -> None:
    filed = office.file()
    office.token("supervisor", name="Wanjiru Kamau")
    answer = office.post(f"/cases/{filed.serial}/assign", {"assignee": "Supervisor@kakamega.example"})
    assert answer.status_code == 200
    case = answer.json()
    assert (case["status"], case["assignee"], case["version"]) == ("assigned", "supervisor@kakamega.example", 2)
    assert answer.headers["etag"] == '"2"'
    assert office.get(f"/cases/{filed.serial}") == case
    assert office.owed() == []
    sentences = [event["sentence"] for event in office.get(f"/cases/{filed.serial}/timeline")["items"]]
    assert sentences[-1] == "Achieng Otieno assigned the case to Wanjiru Kamau."


def test_assigning_to_a_department_shows_it_the_case(office: Office) -> None:
    filed = office.file()
    assert office.ask("GET", f"/cases/{filed.serial}", "focal").status_code == 404
    assert office.post(f"/cases/{filed.serial}/assign", {"department": "environment"}).json()["status"] == "assigned"
    assert office.get(f"/cases/{filed.serial}", "focal")["department"] == "environment"


def test_assigning_to_a_focal_person_is_assigning_to_their_department(office: Office) -> None:
    filed = office.file()
    office.token("focal")
    case = office.post(f"/cases/{filed.serial}/assign", {"assignee": "focal@kakamega.example"}).json()
    assert case["department"] == "environment"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"assignee": "a@b.ke", "department": "environment"},
        {"department": "nowhere"},
        {"assignee": "nobody@b.ke"},
        {"assignee": "oversight@kakamega.example"},
        {"assignee": "admin@kakamega.example"},
    ],
)
def test_an_assignment_nobody_can_take_is_refused(office: Office, body: dict[str, str]) -> None:
    filed = office.file()
    office.token("oversight")
    office.token("admin")
    assert office.post(f"/cases/{filed.serial}/assign", body).status_code == 422
    assert office.get(f"/cases/{filed.serial}")["version"] == 1


def test_a_note_is_for_colleagues_only(office: Office) -> None:
    filed = office.file()
    answer = office.post(f"/cases/{filed.serial}/notes", {"text": "  Ask the water office first.  "})
    assert answer.status_code == 201
    assert answer.json()["text"] == "Ask the water office first."
    assert (answer.json()["audience"], answer.json()["version"]) == ("internal", 2)
    assert office.owed() == []


@pytest.mark.parametrize(
    ("language", "full", "expected"),
    [
        ("sw", False, ("reply", "sw", {})),
        ("en", False, ("reply", "en", {})),
        ("sw", True, ("reply_full", "sw", {"text": "Maji yatarudi Jumatatu."})),
    ],
)
def test_a_reply_owes_a_message_in_the_residents_language(
    office: Office, language: str, full: bool, expected: tuple[str, str, dict[str, str]]
) -> None:
    filed = office.file(language=language)
    with office.context.work() as session:
        residents.change(session, office.resident(session, NUMBER, language), full_answers=full)
    answer = office.post(f"/cases/{filed.serial}/replies", {"text": "Maji yatarudi Jumatatu."})
    assert answer.status_code == 201
    assert answer.json()["language"] == language
    template, spoken, values = expected
    assert office.owed() == [(template, spoken, {"ref": filed.receipt[:4]} | values)]
    assert office.get(f"/cases/{filed.serial}")["status"] == "received", "a reply moves nothing by itself"


def test_the_language_is_the_one_the_resident_reads_now(office: Office) -> None:
    filed = office.file(language="en")
    with office.context.work() as session:
        office.resident(session, NUMBER, "sw")
    assert office.get(f"/cases/{filed.serial}")["language"] == "sw"
    office.post(f"/cases/{filed.serial}/replies", {"text": "Jibu"})
    assert office.owed()[0][1] == "sw"


@pytest.mark.parametrize("changes", [{"number": None}, {"privacy": "no_sms"}])
def test_who_wants_no_sms_is_owed_none(office: Office, changes: dict[str, str | None]) -> None:
    filed = office.file(**changes)
    assert office.post(f"/cases/{filed.serial}/replies", {"text": "An answer"}).status_code == 201
    assert (
        office.post(f"/cases/{filed.serial}/transitions", {"to": "rejected", "reason": "Not ours"}).status_code == 200
    )
    assert office.owed() == []


def test_the_words_on_paper_are_sealed(office: Office) -> None:
    filed = office.file()
    office.post(f"/cases/{filed.serial}/replies", {"text": "An answer of ours"})
    (reply,) = [event for event in office.events(filed.serial) if event.kind == "replied"]
    assert b"answer" not in reply.text_sealed
    vault = office.context.vault
    assert vault.sealer.open(reply.text_sealed, f"case_events.text:{reply.id}") == "An answer of ours"


@pytest.mark.parametrize("before", list(Status))
def test_staff_move_a_case_only_along_the_table(office: Office, before: Status) -> None:
    """Every pair, over the API: what is not in the table, or is the resident's own, is a 409 that changes nothing."""
    filed = office.file()
    for to in Status:
        office.change_case(filed.serial, status=before.value)
        version = office.get(f"/cases/{filed.serial}")["version"]
        answer = office.post(f"/cases/{filed.serial}/transitions", {"to": to, "reason": "Because of this"})
        after = office.get(f"/cases/{filed.serial}")
        if to in MOVES[before] and to not in RESIDENTS_OWN:
            assert (answer.status_code, answer.json()["status"]) == (200, to)
            assert (after["status"], after["version"]) == (to, version + 1)
        else:
            assert (answer.status_code, answer.json()["code"]) == (409, "transition_not_allowed")
            assert (answer.json()["from"], answer.json()["to"]) == (before, to)
            assert set(answer.json()["allowed"]) == MOVES[before] - RESIDENTS_OWN
            assert (after["status"], after["version"]) == (before, version)


@pytest.mark.parametrize("to", sorted({to for moves in MOVES.values() for to in moves} - RESIDENTS_OWN))
def test_a_move_is_explained_and_told_where_the_table_says(office: Office, to: Status) -> None:
    filed = office.file()
    before = next(status for status in Status if to in MOVES[status])
    office.change_case(filed.serial, status=before.value)
    bare = office.post(f"/cases/{filed.serial}/transitions", {"to": to, "reason": "   "})
    if to in NEED_REASON:
        assert (bare.status_code, bare.json()["field"]) == (422, "reason")
        assert office.owed() == []
        assert office.post(f"/cases/{filed.serial}/transitions", {"to": to, "reason": "Thus"}).status_code == 200
    else:
        assert bare.status_code == 200
    moved = office.events(filed.serial)[-1]
    assert (moved.kind, moved.data["from"], moved.data["to"]) == ("moved", before, to)
    assert moved.audience == ("resident" if to in TOLD else "internal")
    owed = [template for template, _, _ in office.owed()]
    assert owed == (["solved" if to == "resolved" else "moved"] if to in TOLD else [])


def test_a_resolution_asks_until_a_day_that_the_clock_counted(office: Office) -> None:
    filed = office.file(language="en")
    office.change_case(filed.serial, status="in_progress")
    office.post(f"/cases/{filed.serial}/transitions", {"to": "resolved", "reason": "The pump was mended"})
    (message,) = office.owed()
    assert message[0] == "solved"
    assert confirming(office, filed.serial)["starts_at"] is None, "nobody knows yet that the question has arrived"
    now = office.context.clock.now()
    with office.context.work() as session:
        session.execute(sa.update(Message).values(state="delivered", final_at=now, sent_at=now))
    with office.context.work() as session:
        resolution.note_delivered(session)
    confirm = confirming(office, filed.serial)
    assert datetime.fromisoformat(confirm["starts_at"]) == now
    day = confirm["days"][-1]["day"]
    assert message[2]["date"].split()[0] == str(int(day[-2:]))


def confirming(office: Office, serial: str) -> dict[str, Any]:
    """The clock of the time in which the resident may say whether it is solved."""
    clocks: list[dict[str, Any]] = office.get(f"/cases/{serial}/clock")["clocks"]
    return next(clock for clock in clocks if clock["code"] == "complaint.confirm")


def test_an_urgent_case_is_texted_at_any_hour(office: Office) -> None:
    from gateway.messaging.models import Message

    filed = office.file(urgent=True)
    office.post(f"/cases/{filed.serial}/replies", {"text": "We are coming"})
    assert [message.urgent for message in office.rows(Message)] == [True]


@pytest.mark.parametrize(
    ("path", "body", "action"),
    [
        ("assign", {"department": "finance"}, "case.assigned"),
        ("notes", {"text": "A word"}, "case.noted"),
        ("replies", {"text": "A word"}, "case.replied"),
        ("transitions", {"to": "triage"}, "case.moved"),
    ],
)
def test_every_write_is_audited_without_its_words(office: Office, path: str, body: dict[str, str], action: str) -> None:
    from gateway.staff.models import AuditEntry

    filed = office.file()
    assert office.post(f"/cases/{filed.serial}/{path}", body).status_code in (200, 201)
    (entry,) = office.rows(AuditEntry, AuditEntry.staff_id.is_not(None))
    assert (entry.action, entry.subject) == (action, filed.serial)
    assert entry.data["event"] == str(office.events(filed.serial)[-1].id)
    assert "A word" not in str(entry.data)


def test_a_write_that_fails_leaves_no_trace(office: Office) -> None:
    filed = office.file()
    office.post(f"/cases/{filed.serial}/transitions", {"to": "confirmed"})
    office.post(f"/cases/{filed.serial}/assign", {"department": "nowhere"})
    assert office.audited() == []
    assert [event.kind for event in office.events(filed.serial)] == ["filed"]
