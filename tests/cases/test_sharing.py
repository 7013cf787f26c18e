"""Who may know what of a case: conflicts of interest, the department's part, labels, and the number."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.staff.models import AuditEntry, Staff, StaffToken
from tests.desk import NUMBER, STORY, Office

WHY = "They are named in the story"


def at_environment(office: Office) -> str:
    """A case that the officer has and that lies with the department of the environment."""
    serial = office.file().serial
    office.post(f"/cases/{serial}/assign", {"department": "environment"})
    office.post(f"/cases/{serial}/assign", {"assignee": "officer@kakamega.example"})
    return serial


def status(office: Office, serial: str, role: str) -> int:
    return office.ask("GET", f"/cases/{serial}", role).status_code


def test_a_department_reads_the_officers_words_and_the_residents_only_when_released(office: Office) -> None:
    serial = at_environment(office)
    office.post(f"/cases/{serial}/summary", {"text": "A borehole has been dry for months."})
    seen = office.get(f"/cases/{serial}", "focal")
    assert (seen["story"], seen["summary"]) == (None, "A borehole has been dry for months.")
    released = office.post(f"/cases/{serial}/release", {"reason": "They must find the borehole"})
    assert (released.status_code, released.json()["released_to"]) == (200, "environment")
    assert office.get(f"/cases/{serial}", "focal")["story"] == STORY
    assert office.post(f"/cases/{serial}/withhold", {"reason": "It names a neighbour"}).status_code == 200
    seen = office.get(f"/cases/{serial}", "focal")
    assert (seen["story"], seen["released_to"]) == (None, None)
    kinds = [event["kind"] for event in office.get(f"/cases/{serial}/timeline", "focal")["items"]]
    assert kinds == ["filed", "assigned", "assigned", "summarised", "words_released", "words_withheld"]
    assert office.audited()[-3:] == ["case.summarised", "case.words_released", "case.words_withheld"]
    assert office.get(f"/cases/{serial}", "oversight")["summary"] is None


def test_a_release_is_for_one_department_and_for_words_written_by_then(office: Office) -> None:
    from gateway.cases import voice

    serial = at_environment(office)
    office.post(f"/cases/{serial}/release", {"reason": "They must find the borehole"})
    with office.context.work() as session:
        case = office.events(serial)[0].case_id
        voice.resident_wrote(
            session,
            office.context.vault,
            case_id=case,
            holder=voice.Holder(office.resident(session, NUMBER)),
            text="My neighbour saw it",
            language="sw",
            channel="ussd",
            now=office.context.clock.now(),
        )
    words = [event["text"] for event in office.get(f"/cases/{serial}/timeline", "focal")["items"]]
    assert "My neighbour saw it" not in words
    office.post(f"/cases/{serial}/release", {"reason": "The new words too"})
    words = [event["text"] for event in office.get(f"/cases/{serial}/timeline", "focal")["items"]]
    assert "My neighbour saw it" in words
    office.post(f"/cases/{serial}/assign", {"department": "finance"})
    assert office.get(f"/cases/{serial}")["released_to"] is None
    office.post(f"/cases/{serial}/assign", {"department": "environment"})
    assert office.get(f"/cases/{serial}", "focal")["story"] is None


def test_only_the_cases_officer_releases(office: Office) -> None:
    serial = office.file().serial
    office.token("supervisor")
    none = office.post(f"/cases/{serial}/release", {"reason": "Nobody has it"}, "supervisor")
    assert (none.status_code, none.json()["field"]) == (422, "department")
    office.post(f"/cases/{serial}/assign", {"department": "environment"})
    assert office.post(f"/cases/{serial}/release", {"reason": "Not my case"}).status_code == 403
    assert office.post(f"/cases/{serial}/summary", {"text": "Not my case"}).status_code == 403
    assert office.post(f"/cases/{serial}/release", {"reason": "I oversee it"}, "supervisor").status_code == 200


def test_outside_the_office_a_resident_has_another_label_in_each_case(office: Office) -> None:
    serials = [at_environment(office) for _ in range(4)]
    inside = {office.get(f"/cases/{serial}")["resident"] for serial in serials}
    outside = {office.get(f"/cases/{serial}", "focal")["resident"] for serial in serials}
    assert len(inside) == 1
    assert len(outside) > 1
    assert all(label.startswith("resident ") for label in inside | outside)
    assert {line["reference"] for line in office.get("/cases", "focal")["items"]} == {None}


def test_a_case_that_names_an_officer_goes_to_the_supervisor(office: Office) -> None:
    serial = at_environment(office)
    for role in ("intake", "supervisor", "oversight"):
        office.token(role)
    marked = office.post(f"/cases/{serial}/conflicts", {"person": "officer@kakamega.example", "reason": WHY}, "intake")
    assert (marked.status_code, marked.json()["about"]) == (201, "person")
    assert status(office, serial, "officer") == 404
    assert office.get("/cases")["items"] == []
    assert office.get("/messages", params={})["items"] == []
    assert {role: status(office, serial, role) for role in ("intake", "supervisor", "oversight", "focal")} == {
        "intake": 200,
        "supervisor": 200,
        "oversight": 200,
        "focal": 200,
    }
    case = office.get(f"/cases/{serial}", "supervisor")
    assert case["assignee"] == "supervisor@kakamega.example"
    back = office.post(f"/cases/{serial}/assign", {"assignee": "officer@kakamega.example"}, "supervisor")
    assert (back.status_code, back.json()["field"]) == (422, "assignee")
    told = office.ask("GET", f"/cases/{serial}/timeline", "focal").text
    assert "conflict" not in told, "a department is not told whom of the office a case names"
    lifted = office.post(
        f"/cases/{serial}/conflicts/{marked.json()['id']}/lift", {"reason": "Another person"}, "supervisor"
    )
    assert lifted.status_code == 200
    assert status(office, serial, "officer") == 200


def test_a_case_that_names_a_superior_is_hidden_from_who_answers_to_them(office: Office) -> None:
    serial = office.file().serial
    for role in ("officer", "intake", "supervisor"):
        office.token(role)
    with office.context.work() as session:
        boss = sa.select(Staff.id).where(Staff.role == "supervisor").scalar_subquery()
        session.execute(sa.update(Staff).where(Staff.role == "officer").values(superior_id=boss))
    assert (
        office.post(
            f"/cases/{serial}/conflicts", {"person": "supervisor@kakamega.example", "reason": WHY}, "intake"
        ).status_code
        == 201
    )
    found = {role: status(office, serial, role) for role in ("officer", "supervisor", "intake")}
    assert found == {"officer": 404, "supervisor": 404, "intake": 200}
    assert office.get(f"/cases/{serial}", "intake")["assignee"] is None, "nobody may have it yet"


def test_a_case_that_names_a_department_leaves_it(office: Office) -> None:
    serial = at_environment(office)
    office.token("supervisor")
    assert status(office, serial, "focal") == 200
    office.post(f"/cases/{serial}/conflicts", {"department": "environment", "reason": WHY})
    assert status(office, serial, "focal") == 404
    assert office.get(f"/cases/{serial}")["department"] is None
    again = office.post(f"/cases/{serial}/assign", {"department": "environment"})
    assert (again.status_code, again.json()["field"]) == (422, "department")


def test_a_case_about_the_office_itself_is_seen_by_supervisor_and_oversight_alone(office: Office) -> None:
    serial = at_environment(office)
    office.token("supervisor")
    marked = office.post(f"/cases/{serial}/conflicts", {"department": "ombudsman", "reason": WHY})
    assert marked.json()["about"] == "office"
    assert marked.json()["goes_to"] == "Commission on Administrative Justice"
    found = {role: status(office, serial, role) for role in ("intake", "officer", "supervisor", "oversight")}
    assert found == {"intake": 404, "officer": 404, "supervisor": 200, "oversight": 200}
    for path in ("notes", "replies", "identity"):
        body = {"text": "A word"} if path != "identity" else {"reason": WHY}
        assert office.post(f"/cases/{serial}/{path}", body).status_code == 404


def test_a_number_is_seen_for_a_reason_that_stays(office: Office) -> None:
    filed, unknown = office.file(), office.file(number=None)
    assert office.post(f"/cases/{filed.serial}/identity", {"reason": "  "}).status_code == 422
    answer = office.post(f"/cases/{filed.serial}/identity", {"reason": "To find the place together"})
    assert answer.json()["number"] == NUMBER
    assert answer.headers["cache-control"] == "no-store"
    (entry,) = office.rows(AuditEntry, AuditEntry.action == "case.identity_seen")
    assert (entry.subject, NUMBER[4:] in str(entry.data)) == (filed.serial, False)
    seen = office.get(f"/cases/{filed.serial}/timeline")["items"][-1]
    assert (seen["text"], seen["by"]) == ("To find the place together", "Achieng Otieno")
    assert office.post(f"/cases/{unknown.serial}/identity", {"reason": "To call them"}).status_code == 404
    assert office.post(f"/cases/{filed.serial}/identity", {"reason": "To call"}, "intake").status_code == 403
    with office.context.work() as session:
        session.execute(sa.update(StaffToken).values(proved_at=None))
    stale = office.post(f"/cases/{filed.serial}/identity", {"reason": "To call them"})
    assert (stale.status_code, stale.json()["code"]) == (403, "proof_needed")
