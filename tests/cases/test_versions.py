"""Two people on one case, and one request sent twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from gateway.cases.models import IdempotencyKey
from tests.desk import Office


@pytest.mark.parametrize("how", ["header", "body"])
def test_what_was_read_before_a_change_cannot_overwrite_it(office: Office, how: str) -> None:
    filed = office.file()
    etag = office.ask("GET", f"/cases/{filed.serial}").headers["etag"]
    office.post(f"/cases/{filed.serial}/notes", {"text": "Somebody was faster"})
    headers = {"If-Match": etag} if how == "header" else {}
    body = {"text": "Too late"} | ({"version": 1} if how == "body" else {})
    answer = office.post(f"/cases/{filed.serial}/replies", body, headers=headers)
    assert (answer.status_code, answer.json()["code"], answer.json()["version"]) == (409, "version_conflict", 2)
    assert office.owed() == []
    assert office.post(f"/cases/{filed.serial}/replies", body | {"version": 2}).status_code == 201


def test_without_a_version_two_at_once_follow_each_other(office: Office) -> None:
    filed = office.file()
    office.token("officer")
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda n: office.post(f"/cases/{filed.serial}/notes", {"text": f"Note {n}"}), range(6)))
    assert [answer.status_code for answer in answers] == [201] * 6
    assert sorted(answer.json()["version"] for answer in answers) == [2, 3, 4, 5, 6, 7]


def keyed(office: Office, serial: str, key: str, text: str = "Once", role: str = "officer") -> httpx.Response:
    return office.post(f"/cases/{serial}/replies", {"text": text}, role, headers={"Idempotency-Key": key})


def test_the_same_request_under_the_same_key_is_one_reply(office: Office) -> None:
    filed = office.file()
    first, again = keyed(office, filed.serial, "k1"), keyed(office, filed.serial, "k1")
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert first.headers["etag"] == again.headers["etag"] == '"2"'
    assert len(office.owed()) == 1
    assert office.audited() == ["case.replied"]


def test_another_request_under_the_same_key_is_refused(office: Office) -> None:
    filed = office.file()
    keyed(office, filed.serial, "k1")
    other = keyed(office, filed.serial, "k1", text="Twice")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert len(office.owed()) == 1


def test_keys_belong_to_who_sent_them(office: Office) -> None:
    filed = office.file()
    assert keyed(office, filed.serial, "k1").status_code == 201
    assert keyed(office, filed.serial, "k1", role="supervisor").status_code == 201
    assert len(office.owed()) == 2


def test_eight_at_once_under_one_key_are_one_reply(office: Office) -> None:
    filed = office.file()
    office.token("officer")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: keyed(office, filed.serial, "k1"), range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert len(office.owed()) == 1
    assert [event.kind for event in office.events(filed.serial)] == ["filed", "replied"]


def test_a_write_that_failed_may_be_tried_again_under_its_key(office: Office) -> None:
    filed = office.file()
    headers = {"Idempotency-Key": "k1"}
    move = {"to": "in_progress"}
    assert office.post(f"/cases/{filed.serial}/transitions", move, headers=headers).status_code == 409
    office.change_case(filed.serial, status="assigned")
    assert office.post(f"/cases/{filed.serial}/transitions", move, headers=headers).status_code == 200


def test_a_kept_answer_is_sealed(office: Office) -> None:
    filed = office.file()
    keyed(office, filed.serial, "k1", text="Our words")
    with office.context.work() as session:
        (row,) = session.query(IdempotencyKey).all()
    assert b"Our words" not in row.response_sealed
    assert b"Our words" not in row.request_digest


@pytest.mark.parametrize("key", ["", "x" * 129, "two words", "naïve"])
def test_a_key_that_is_none_is_refused(office: Office, key: str) -> None:
    filed = office.file()
    headers = {b"Idempotency-Key": key.encode("latin-1")}
    assert office.post(f"/cases/{filed.serial}/notes", {"text": "x"}, headers=headers).status_code == 422
