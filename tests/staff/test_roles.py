"""Who may do what: every endpoint of the staff API by every role, and without a token."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid4

import pytest

from gateway.messaging.models import Broadcast
from gateway.staff.roles import Permission, Role
from tests.desk import Office

R = Permission

BROADCAST = {"kind": "notice", "topic": "KEKAK0001", "text": {"en": "Out.", "sw": "Tayari."}}

ENDPOINTS: list[tuple[str, str, Any, Permission]] = [
    ("GET", "/cases", None, R.READ_CASES),
    ("GET", "/cases/{serial}", None, R.READ_CASES),
    ("GET", "/cases/{serial}/timeline", None, R.READ_CASES),
    ("GET", "/cases/{serial}/clock", None, R.READ_CASES),
    ("POST", "/cases/{serial}/assign", {"department": "environment"}, R.ASSIGN),
    ("POST", "/cases/{serial}/notes", {"text": "A note"}, R.WRITE_NOTES),
    ("POST", "/cases/{serial}/replies", {"text": "An answer"}, R.REPLY),
    ("POST", "/cases/{serial}/transitions", {"to": "triage"}, R.MOVE),
    ("GET", "/messages?case={serial}", None, R.READ_MESSAGES),
    ("GET", "/messages/channel", None, R.READ_MESSAGES),
    ("GET", "/inbound", None, R.READ_STORIES),
    ("GET", "/commitments", None, R.READ_COMMITMENTS),
    ("GET", "/broadcasts", None, R.READ_MESSAGES),
    ("POST", "/broadcasts", BROADCAST, R.PUBLISH_UPDATES),
    ("GET", "/broadcasts/{draft}", None, R.READ_MESSAGES),
    ("GET", "/broadcasts/{draft}/dry-run", None, R.READ_MESSAGES),
    ("POST", "/broadcasts/{draft}/approve", None, R.PUBLISH_UPDATES),
    ("POST", "/broadcasts/{running}/pause", None, R.PUBLISH_UPDATES),
    ("POST", "/broadcasts/{paused}/resume", None, R.PUBLISH_UPDATES),
    ("POST", "/broadcasts/{running}/cancel", None, R.PUBLISH_UPDATES),
    ("POST", "/commitments/KEKAK0001/updates", {"text": {"en": "Out.", "sw": "Tayari."}}, R.PUBLISH_UPDATES),
]

MAY: dict[str, set[Permission]] = {
    "intake": {R.READ_CASES, R.READ_STORIES, R.WRITE_NOTES, R.ASSIGN, R.READ_MESSAGES, R.READ_COMMITMENTS},
    "officer": set(Permission),
    "focal": {R.READ_CASES, R.WRITE_NOTES, R.READ_COMMITMENTS},
    "supervisor": set(Permission),
    "oversight": {R.READ_CASES, R.READ_COMMITMENTS},
    "admin": {R.READ_COMMITMENTS},
}
"""Said once more here, by hand: a change of the table in the code must be meant."""


def a_broadcast(office: Office, status: str) -> UUID:
    with office.context.work() as session:
        row = Broadcast(
            kind="notice",
            topic="KEKAK0001",
            bodies=BROADCAST["text"],
            status=status,
            created_at=office.context.clock.now(),
        )
        session.add(row)
        session.flush()
        return row.id


@pytest.mark.parametrize("role", list(Role))
def test_each_role_does_what_its_table_says(office: Office, role: str) -> None:
    filed = office.file()
    office.change_case(filed.serial, department_code="environment")
    for method, path, body, needed in ENDPOINTS:
        office.change_case(filed.serial, status="received")
        places = {status: a_broadcast(office, status) for status in ("draft", "running", "paused")}
        answer = office.ask(method, path.format(serial=filed.serial, **places), role, json=body)
        said = (path, answer.status_code)
        if needed in MAY[role]:
            assert said in {(path, 200), (path, 201)}
        else:
            assert said == (path, 403)
            assert answer.json()["permission"] == needed


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nonsense", "Basic b2ZmaWNlcjpwYXNz", "Bearer é"])
def test_without_a_token_nothing_is_told(office: Office, header: str) -> None:
    filed = office.file()
    for method, path, body, _ in ENDPOINTS:
        address = f"/api/v1{path.format(serial=filed.serial, draft=uuid4(), running=uuid4(), paused=uuid4())}"
        headers = {b"Authorization": header.encode("latin-1")} if header else {}
        answer = office.client.request(method, address, json=body, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["code"] == "unauthorized"


def named(path: str) -> str:
    """The path as the document spells it."""
    plain = path.partition("?")[0].replace("KEKAK0001", "{ogp_id}")
    return re.sub(r"\{(draft|running|paused)\}", "{broadcast}", plain)


def test_every_route_of_the_api_is_in_the_table(office: Office) -> None:
    """A route that is added without a row above fails here; each must ask for a token."""
    document = office.client.get("/openapi.json").json()
    routes = {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, methods in document["paths"].items()
        if path.startswith("/api/")
        for method in methods
    }
    listed = {(method, named(path)) for method, path, _, _ in ENDPOINTS}
    assert routes == listed
    for path, methods in document["paths"].items():
        if path.startswith("/api/"):
            assert all(operation["security"] for operation in methods.values())
