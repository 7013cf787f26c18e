"""Lists and single cases: filters, pages, what each role sees, and how many queries that costs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.cases import queries
from gateway.cases.schemas import CaseFilter
from gateway.staff.models import Staff
from gateway.words import ENGLISH, Words
from tests.desk import STORY, Office


@pytest.fixture
def filed(office: Office) -> dict[str, str]:
    """Four cases that differ in everything a list filters by; serials by name."""
    cases = {
        "water": office.file(),
        "request": office.file(kind="information", category="new", story="The Citizen Budget", ward="", area=""),
        "other ward": office.file(number="+254722000222", ward="1018"),
        "no number": office.file(number=None, category="POOR"),
    }
    office.change_case(cases["other ward"].serial, department_code="environment", status="in_progress")
    office.token("supervisor")
    office.post(f"/cases/{cases['no number'].serial}/assign", {"assignee": "supervisor@kakamega.example"})
    return {name: case.serial for name, case in cases.items()}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["no number", "other ward", "request", "water"]),
        ({"status": "received"}, ["request", "water"]),
        ({"status": "assigned"}, ["no number"]),
        ({"kind": "information"}, ["request"]),
        ({"kind": "feedback"}, []),
        ({"category": "POOR"}, ["no number"]),
        ({"ward": "1018"}, ["other ward"]),
        ({"department": "environment"}, ["other ward"]),
        ({"assignee": "SUPERVISOR@kakamega.example"}, ["no number"]),
        ({"status": "received", "kind": "complaint"}, ["water"]),
        ({"q": "nothing like it"}, []),
        ({"status": "", "kind": "information", "ward": "", "q": "", "cursor": "", "limit": ""}, ["request"]),
    ],
)
def test_a_list_is_narrowed(office: Office, filed: dict[str, str], asked: dict[str, str], expected: list[str]) -> None:
    items = office.get("/cases", params=asked)["items"]
    assert [item["serial"] for item in items] == [filed[name] for name in expected]
    assert all("story" not in item for item in items)


def test_a_case_is_found_by_what_a_resident_reads_out(office: Office) -> None:
    case, _other = office.file(), office.file()
    four, three, last = case.receipt[:4], case.receipt[4:7], case.receipt[7:]
    for q in (case.serial, case.serial.lower(), case.receipt, f"{four}-{three}-{last}", f"{four} {three} {last}"):
        assert [item["serial"] for item in office.get("/cases", params={"q": q})["items"]] == [case.serial]
    assert case.serial in [item["serial"] for item in office.get("/cases", params={"q": four})["items"]]


def test_pages_hold_every_case_once_while_more_arrive(office: Office) -> None:
    serials = [office.file().serial for _ in range(7)]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = office.get("/cases", params={"limit": 3} | ({"cursor": cursor} if cursor else {}))
        seen += [item["serial"] for item in page["items"]]
        office.file()
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == serials[::-1]


NEVER_LONG = {
    "/api/v1/todo": "a line for each reason",
    "/api/v1/lists": "lists that one person keeps",
    "/api/v1/channels": "aggregators",
    "/api/v1/canned-replies": "a file of the pack",
    "/api/v1/cases/{serial}/conflicts": "one for each of ours that a case names",
    "/api/v1/me/logins": "one's own of the last weeks",
    "/api/v1/settings": "one for each setting there is",
}
"""Lists without a cursor, and why they need none."""

OF_PROMISES = {"commitments", "plan", "progress"}
"""Routes about promises: there are a few in a plan, and what belongs to each is few."""


def test_every_list_of_the_desk_that_may_grow_is_read_in_pages(office: Office) -> None:
    document = office.client.get("/openapi.json").json()
    whole = set()
    for path, methods in document["paths"].items():
        asked = methods.get("get", {})
        body = asked.get("responses", {}).get("200", {}).get("content", {}).get("application/json", {})
        answer = document["components"]["schemas"].get(body.get("schema", {}).get("$ref", "").rpartition("/")[2], {})
        listed = {"items", "members"} & set(answer.get("properties", {}))
        paged = "cursor" in {one["name"] for one in asked.get("parameters", ())}
        if path.startswith("/api/") and listed and not paged and not OF_PROMISES & set(asked["tags"]):
            whole.add(path)
    assert whole == set(NEVER_LONG)


def test_what_goes_with_a_case_is_read_in_pages(office: Office) -> None:
    serial = office.file().serial
    office.post(f"/cases/{serial}/assign", {"department": "environment"})
    made: dict[str, list[str]] = {"letters": [], "findings": [], "attachments": []}
    for number in range(3):
        for kind, body in (
            ("letters", {"kind": "notice", "text": f"Letter {number}"}),
            ("findings", {"text": f"Finding {number}", "adverse": False}),
        ):
            made[kind].append(office.post(f"/cases/{serial}/{kind}", body).json()["id"])
        named = {"X-File-Name": "notes.txt"}
        put = office.ask("POST", f"/cases/{serial}/attachments", content=f"Notes {number}", headers=named)
        made["attachments"].append(put.json()["id"])
    for kind, ids in made.items():
        first = office.get(f"/cases/{serial}/{kind}", params={"limit": 2})
        last = office.get(f"/cases/{serial}/{kind}", params={"limit": 2, "cursor": first["next_cursor"]})
        assert [one["id"] for one in first["items"] + last["items"]] == ids, kind
        assert last["next_cursor"] is None


@pytest.mark.parametrize("limit", [0, 201, -1, 10**30, "ten"])
def test_a_limit_that_is_none_is_refused(office: Office, limit: object) -> None:
    assert office.ask("GET", "/cases", params={"limit": str(limit)}).status_code == 422


@pytest.mark.parametrize("cursor", ["x", "!!", "a" * 22 + "=", "A" * 65, "%00"])
def test_a_cursor_that_is_none_is_refused(office: Office, cursor: str) -> None:
    answer = office.ask("GET", "/cases", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


SEES = {
    "intake": ({"water", "request", "other ward", "no number"}, True),
    "officer": ({"water", "request", "other ward", "no number"}, True),
    "supervisor": ({"water", "request", "other ward", "no number"}, True),
    "oversight": ({"water", "request", "other ward", "no number"}, False),
    "focal": ({"other ward"}, False),
}
"""Which cases each role sees, and whether with the story."""


@pytest.mark.parametrize("role", SEES)
def test_each_role_sees_its_cases(office: Office, filed: dict[str, str], role: str) -> None:
    visible, with_story = SEES[role]
    listed = {item["serial"] for item in office.get("/cases", role)["items"]}
    assert listed == {filed[name] for name in visible}
    for name, serial in filed.items():
        for path in ("", "/timeline", "/clock"):
            answer = office.ask("GET", f"/cases/{serial}{path}", role)
            assert answer.status_code == (200 if name in visible else 404)
            assert with_story or STORY not in answer.text
    shown = office.get(f"/cases/{filed['other ward']}", role)["story"]
    assert shown == (STORY if with_story else None)


def test_an_administrator_sees_no_case(office: Office, filed: dict[str, str]) -> None:
    assert office.ask("GET", "/cases", "admin").status_code == 403
    assert office.ask("GET", f"/cases/{filed['water']}", "admin").status_code == 403


def test_who_may_read_the_words_of_an_event(office: Office, filed: dict[str, str]) -> None:
    serial = filed["other ward"]
    office.post(f"/cases/{serial}/notes", {"text": "Inside the office"})
    office.post(f"/cases/{serial}/notes", {"text": "From the department"}, "focal")
    office.post(f"/cases/{serial}/replies", {"text": "To the resident"})
    said = {
        role: [event["text"] for event in office.get(f"/cases/{serial}/timeline", role)["items"] if event["text"]]
        for role in SEES
    }
    everything = ["Inside the office", "From the department", "To the resident"]
    assert said["intake"] == said["officer"] == said["supervisor"] == everything
    assert said["focal"] == ["From the department"]
    assert said["oversight"] == []


def test_a_timeline_tells_the_story_of_a_case(office: Office) -> None:
    serial = office.file().serial
    office.post(f"/cases/{serial}/transitions", {"to": "triage"})
    office.post(f"/cases/{serial}/assign", {"department": "environment"})
    office.post(f"/cases/{serial}/notes", {"text": "Called them"})
    office.post(f"/cases/{serial}/replies", {"text": "We asked the water office"})
    first = office.get(f"/cases/{serial}/timeline", params={"limit": 3})
    rest = office.get(f"/cases/{serial}/timeline", params={"cursor": first["next_cursor"]})
    assert [event["sentence"] for event in first["items"] + rest["items"]] == [
        "The resident filed this complaint by USSD.",
        'Achieng Otieno moved the case from "received" to "in triage".',
        "Achieng Otieno assigned the case to Environment, Water, Natural Resources and Climate Change.",
        "Achieng Otieno wrote a note.",
        "Achieng Otieno answered the resident.",
    ]
    assert rest["next_cursor"] is None


@contextmanager
def counted(engine: sa.Engine | type[sa.Engine]) -> Iterator[list[str]]:
    statements: list[str] = []

    def count(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "session_paths" not in statement:  # written every ten seconds, whatever is asked
            statements.append(statement)

    sa.event.listen(engine, "before_cursor_execute", count)
    yield statements
    sa.event.remove(engine, "before_cursor_execute", count)


def test_a_page_costs_the_same_queries_however_long(office: Office) -> None:
    context = office.context
    office.token("officer")

    def cost() -> int:
        with counted(context.engine) as statements, context.work() as session:
            officer = session.scalars(sa.select(Staff).where(Staff.role == "officer")).one()
            rows = queries.list_cases(session, context.vault, officer, CaseFilter(), after=None, limit=200)
            for row in rows:
                queries.line(context.pack, context.vault, officer, row)
            case = rows[0][0]
            events = queries.timeline(session, officer, case, after=None, limit=200)
            queries.told(session, context.vault, Words(context.pack, ENGLISH), officer, case, events)
        return len(statements)

    serial = office.file().serial
    few = cost()
    for number in range(12):
        office.post(
            f"/cases/{serial}/notes", {"text": f"Note {number}"}, role="supervisor" if number % 2 else "officer"
        )
    for _ in range(5):
        office.file()
    assert cost() == few == 4
