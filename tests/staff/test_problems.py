"""Errors over HTTP: one shape (RFC 9457), nothing of the request echoed, nothing of the inside told."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from gateway.cases import queries
from tests.desk import Office

SECRET_WORDS = "my neighbour beat me, call 0711000111"


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"{not json", "application/json"),
        (b'{"text": "\xff\xfe"}', "application/json"),
        (b'{"text": "my neighbour"', "application/json"),
        (b"[]", "application/json"),
        (b"null", "application/json"),
        (b'"text"', "application/json"),
        (b"", "application/json"),
        (b'{"text": 1}', "application/json"),
        (b'{"text": null}', "application/json"),
        (b'{"text": ""}', "application/json"),
        (b'{"text": "  "}', "application/json"),
        (b'{"text": "a\\u0000b"}', "application/json"),
        (b'{"text": "\\ud800"}', "application/json"),
        (b'{"text": "x", "my neighbour beat me": 1}', "application/json"),
        (b'{"text": "x", "version": 100000000000000000000000}', "application/json"),
        (b'{"text": "x", "version": 0}', "application/json"),
        (b'{"text": "x", "version": 1.5}', "application/json"),
        (b"text=x", "application/x-www-form-urlencoded"),
        (b'{"text": "x"}', "text/plain"),
        (b'{"text": "' + b"x" * 20_000 + b'"}', "application/json"),
        (b"[" * 5000, "application/json"),
    ],
)
def test_a_body_that_cannot_be_taken_is_a_422(office: Office, content: bytes, content_type: str) -> None:
    filed = office.file()
    headers = {"Content-Type": content_type}
    answer = office.ask("POST", f"/cases/{filed.serial}/notes", content=content, headers=headers)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["code"], problem["type"], problem["status"]) == ("invalid", "urn:baraza:problem:invalid", 422)
    assert "neighbour" not in answer.text


@pytest.mark.parametrize(
    ("path", "options"),
    [
        ("/cases", {"params": {"status": SECRET_WORDS}}),
        ("/cases", {"params": {"q": "x" * 65 + SECRET_WORDS}}),
        ("/cases", {"params": {"limit": SECRET_WORDS}}),
        ("/cases", {"params": {"satus": "received"}}),
        ("/cases", {"params": {SECRET_WORDS: "x"}}),
        ("/cases?q=%00", {}),
        ("/cases?assignee=%00", {}),
        ("/cases/%00", {}),
        ("/messages?state=whatever", {}),
        ("/messages?case=%00", {}),
        ("/inbound?disposition=whatever", {}),
    ],
)
def test_a_query_that_cannot_be_taken_is_a_422_without_an_echo(
    office: Office, path: str, options: dict[str, Any]
) -> None:
    answer = office.ask("GET", path, **options)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["where"]
    assert "neighbour" not in answer.text
    assert "0711" not in answer.text


def test_a_parameter_given_twice_is_refused(office: Office) -> None:
    assert office.ask("GET", "/cases?status=received&status=triage").status_code == 422


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/cases/KAK-2026-999999", 404, "not_found"),
        ("GET", "/messages?case=KAK-2026-999999", 404, "not_found"),
        ("GET", "/nowhere", 404, "not_found"),
        ("DELETE", "/cases", 405, "method_not_allowed"),
        ("PATCH", "/cases/KAK-2026-999999", 405, "method_not_allowed"),
    ],
)
def test_what_is_not_there(office: Office, method: str, path: str, status: int, code: str) -> None:
    answer = office.ask(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    if status == 405:
        assert answer.headers["allow"]


def test_a_fault_of_ours_tells_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError(SECRET_WORDS)

    monkeypatch.setattr(queries, "list_cases", broken)
    answer = office.ask("GET", "/cases")
    assert (answer.status_code, answer.json()["code"]) == (500, "error")
    assert "neighbour" not in answer.text


@pytest.mark.parametrize("fault", [exc.TimeoutError(), exc.OperationalError("SELECT 1", {}, Exception(SECRET_WORDS))])
def test_a_store_that_is_away_is_a_503(office: Office, monkeypatch: pytest.MonkeyPatch, fault: Exception) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise fault

    monkeypatch.setattr(queries, "list_cases", broken)
    answer = office.ask("GET", "/cases")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert "neighbour" not in answer.text


def test_a_commit_that_fails_is_never_answered_as_done(office: Office, owner: sa.Engine) -> None:
    """The answer waits for the commit: a deferred constraint breaks it after all was written."""
    filed = office.file()
    office.token("officer")
    with owner.begin() as connection:
        connection.execute(
            sa.text(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'refused at commit'; END $$"
            )
        )
        connection.execute(
            sa.text(
                "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON case_events "
                "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()"
            )
        )
    try:
        answer = office.post(f"/cases/{filed.serial}/notes", {"text": "Never kept"})
    finally:
        with owner.begin() as connection:
            connection.execute(sa.text("DROP FUNCTION refuse CASCADE"))
    assert answer.status_code == 500
    assert [event.kind for event in office.events(filed.serial)] == ["filed"]
    assert office.audited() == []
