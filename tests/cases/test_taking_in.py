"""Any channel, one queue: what staff type in, and the calls that residents asked for."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.cases.records import Callback
from gateway.residents.models import Consent, Resident
from gateway.staff.models import AuditEntry
from tests.conftest import SECRET
from tests.desk import NUMBER, Office
from tests.web import Handset

ASKED = "We keep your number to tell you what becomes of it. Only the Ombudsman's staff see it."
WALK_IN: dict[str, Any] = {
    "channel": "walk_in",
    "kind": "complaint",
    "category": "DELAY",
    "ward": "1017",
    "story": "The land office lost my file twice",
    "language": "sw",
    "number": "0711 000 111",
    "consent": {"wording": ASKED, "accepted": True},
    "read_back": True,
}


def typed(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in (WALK_IN | changes).items() if value is not None}


def test_a_walk_in_is_a_case_like_any_other(office: Office) -> None:
    answer = office.post("/cases", typed(), "intake", headers={"Idempotency-Key": "slip-1"})
    assert (answer.status_code, answer.json()["privacy"]) == (201, "sms")
    again = office.post("/cases", typed(), "intake", headers={"Idempotency-Key": "slip-1"})
    assert again.json() == answer.json()
    case = office.get(f"/cases/{answer.json()['serial']}")
    assert (case["channel"], case["area"]["code"], case["story"]) == ("walk_in", "203", WALK_IN["story"])
    assert office.owed() == [("receipt", "sw", {"receipt": answer.json()["receipt"]})]
    (resident,) = office.rows(Resident)
    (consent,) = office.rows(Consent)
    assert (consent.resident_id, consent.wording) == (resident.id, ASKED)
    events = office.get(f"/cases/{case['serial']}/timeline")["items"]
    assert [event["sentence"] for event in events] == [
        "The resident filed this complaint at the office.",
        "Achieng Otieno typed it in (at the office).",
    ]
    assert events[1]["text"] == ASKED
    assert len(office.get("/cases", params={"q": answer.json()["receipt"]})["items"]) == 1
    slip = answer.json()["slip"].splitlines()
    assert (slip[0], slip[1]) == ("Baraza, Kaunti ya Kakamega", answer.json()["receipt"])
    assert "*384*1#" in slip[3]
    assert WALK_IN["story"] not in answer.text


@pytest.mark.parametrize(
    ("changes", "privacy", "texts"),
    [
        ({"phone": "helper"}, "not_kept", 0),
        ({"phone": "helper", "sms": True}, "sms", 1),
        ({"sms": False}, "no_sms", 0),
        ({"number": None}, "not_kept", 0),
        ({"number": None, "channel": "letter", "consent": None, "read_back": False}, "not_kept", 0),
        ({"channel": "baraza", "read_back": False}, "sms", 1),
    ],
)
def test_whose_phone_it_is_decides_what_is_kept_and_texted(
    office: Office, changes: dict[str, Any], privacy: str, texts: int
) -> None:
    answer = office.post("/cases", typed(**changes), "intake")
    assert (answer.status_code, answer.json()["privacy"]) == (201, privacy)
    assert len(office.owed()) == texts
    assert len(office.rows(Resident)) == (0 if privacy == "not_kept" else 1)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"category": "nothing"}, "category"),
        ({"category": "new"}, "category"),
        ({"ward": "9999"}, "ward"),
        ({"language": "luy"}, "language"),
        ({"read_back": False}, "read_back"),
        ({"consent": None}, "consent"),
        ({"channel": "letter", "consent": None}, "consent"),
        ({"number": "22384"}, "number"),
    ],
)
def test_what_cannot_be_filed_is_named_and_not_repeated(office: Office, changes: dict[str, Any], field: str) -> None:
    answer = office.post("/cases", typed(**changes), "intake")
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert WALK_IN["story"] not in answer.text
    assert office.get("/cases")["items"] == []


def test_who_asks_to_be_called_is_called_and_forgotten(office: Office, address: str) -> None:
    phone = Handset(address, SECRET)
    phone.dial()
    phone.type("1", "5", "6", "1", "1", "2")
    (call,) = office.get("/callbacks", "intake")["items"]
    assert (call["language"], call["hours"], call["tries"]) == ("sw", "morning", 0)
    phone.type("1", "6", "1", "3", "1")
    (call,) = office.get("/callbacks", "intake")["items"]
    assert (call["language"], call["hours"]) == ("en", "evening"), "asked again, it is the same call"
    assert office.rows(Callback)[0].wording.startswith("To call you we keep your number")
    assert office.post(f"/callbacks/{call['id']}/number", {"reason": "Call 0711000111"}).status_code == 422
    seen = office.post(f"/callbacks/{call['id']}/number", {"reason": "They asked for a call"})
    assert (seen.json(), seen.headers["cache-control"]) == ({"number": NUMBER}, "no-store")
    (entry,) = office.rows(AuditEntry, AuditEntry.action == "callback.number_seen")
    assert entry.data == {"reason": "They asked for a call"}
    tried = office.post(f"/callbacks/{call['id']}/outcome", {"outcome": "no_answer"}).json()
    assert (tried["tries"], tried["closed_at"]) == (1, None)
    over = office.post(f"/callbacks/{call['id']}/outcome", {"outcome": "reached"}).json()
    assert (over["tries"], over["outcome"]) == (2, "reached")
    assert office.rows(Resident) == [], "the number was kept for the call alone"
    assert office.get("/callbacks", "intake")["items"] == []
    assert [row["id"] for row in office.get("/callbacks", "intake", params={"closed": "true"})["items"]] == [call["id"]]
    assert office.post(f"/callbacks/{call['id']}/number", {"reason": "Once more"}).status_code == 422


def test_a_call_can_be_taken_back_and_a_number_needed_elsewhere_stays(office: Office, address: str) -> None:
    office.file()
    phone = Handset(address, SECRET)
    phone.dial()
    phone.type("5", "6", "1", "4", "1", "1", "6", "1", "5")
    (call,) = office.rows(Callback)
    assert (call.outcome, call.resident_id) == ("cancelled", None)
    assert len(office.rows(Resident)) == 1
