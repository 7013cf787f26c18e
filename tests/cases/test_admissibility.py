"""Is it ours: the sheet, what the pack's rules make of it, and a file that moves only with its resident's consent."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.cases.models import CaseEvent
from tests.conftest import SECRET
from tests.desk import Office
from tests.web import Handset

HAND_OVER = {"office": "caj", "reference": "CAJ/12/2026", "reason": "It is about a national office."}


def test_a_sheet_is_kept_and_only_proposes(office: Office) -> None:
    serial = office.file().serial
    assert office.get(f"/cases/{serial}/admissibility")["ticks"] is None
    ticks = {"whose": "national", "office_asked": False, "months_old": 7}
    filled = office.post(f"/cases/{serial}/admissibility", ticks).json()
    assert [(rule["code"], rule["decides"]) for rule in filled["fitting"]] == [("national", True), ("not_asked", False)]
    assert not any(rule["confirmed"] for rule in filled["rules"]), "the county has confirmed none"
    again = office.get(f"/cases/{serial}/admissibility")
    assert (again["ticks"]["whose"], again["ticks"]["in_court"], again["ticks"]["months_old"]) == ("national", None, 7)
    assert office.get(f"/cases/{serial}")["status"] == "received"


def test_who_is_turned_away_reads_why_in_their_language_and_decides_about_the_file(
    office: Office, address: str
) -> None:
    filed = office.file(language="sw")
    serial = filed.serial
    turned = office.post(f"/cases/{serial}/not-ours", {"rule": "national", "ask": True})
    assert (turned.json()["status"], turned.json()["consent"]) == ("rejected", "asked")
    assert [template for template, _, _ in office.owed()] == ["moved", "question"]
    letter = office.get(f"/cases/{serial}/not-ours")["letter"]
    assert letter["text"].startswith("Hatuwezi kulishughulikia hili. Inahusu afisi ya serikali kuu")
    assert "Tume ya Haki ya Utawala (CAJ): 0800 221 349" in letter["text"]
    assert (letter["language"], letter["office"]) == ("sw", "Tume ya Haki ya Utawala (CAJ)")
    (paper,) = office.get(f"/cases/{serial}/letters")["items"]
    assert (paper["id"], paper["kind"], paper["text"]) == (letter["paper"], "not_ours", letter["text"])
    assert (paper["number"], letter["paper_number"]) == (None, None), "it wants signing"
    refused = office.post(f"/cases/{serial}/referral", HAND_OVER)
    assert (refused.status_code, refused.json()["code"]) == (409, "consent_needed")

    phone = Handset(address, SECRET)
    phone.dial()
    question = phone.type("3", "1", "1")
    assert "Tupitishe ulichoandika kwa: Tume ya Haki ya Utawala (CAJ)? Hawatapata nambari yako." in question
    assert "Asante" in phone.type("1")
    (agreed,) = office.rows(CaseEvent, CaseEvent.kind == "consent")
    words = office.context.vault.sealer.open(agreed.text_sealed, f"case_events.text:{agreed.id}")
    assert words in question, "kept as it was shown"
    (duty,) = office.get("/duties")["items"]
    assert (duty["kind"], duty["data"]) == ("consent", {"given": True})

    other = office.post(f"/cases/{serial}/referral", HAND_OVER | {"office": "eacc"})
    assert other.json()["code"] == "consent_needed", "consent is for one office"
    gone = office.post(f"/cases/{serial}/referral", HAND_OVER).json()
    assert (gone["status"], gone["refer_to"], gone["consent"]) == ("referred", "caj", "given")
    assert office.get("/duties")["items"] == []
    moved = office.rows(CaseEvent, CaseEvent.data["to"].astext == "referred")[0].data
    assert (moved["office"], moved["reference"], moved["file"]) == ("caj", "CAJ/12/2026", True)
    phone.dial()
    assert filed.receipt[:4] in phone.type("3"), "still visible to its resident"


def test_consent_given_in_speech_is_kept_with_its_wording(office: Office) -> None:
    serial = office.file(None).serial
    said = {"office": "caj", "given": True, "how": "spoken", "wording": "Tupitishe faili yako kwa CAJ?"}
    assert office.post(f"/cases/{serial}/consents", said).json()["consent"] == "given"
    event = office.get(f"/cases/{serial}/timeline")["items"][-1]
    assert event["text"] == said["wording"]
    assert event["sentence"].endswith("agreed that the file goes to Commission on Administrative Justice, in speech.")
    assert office.post(f"/cases/{serial}/referral", HAND_OVER).json()["status"] == "referred"
    assert office.post(f"/cases/{serial}/consents/ask", {"office": "nowhere"}).status_code == 422


def test_no_way_of_moving_a_file_goes_past_its_resident(office: Office) -> None:
    lead, member = office.file().serial, office.file("+254722000222").serial
    out = {"to": "referred", "office": "caj", "reason": "It is theirs"}
    yes = {"given": True, "how": "spoken", "wording": "May we pass it on?"}
    assert office.post(f"/cases/{member}/merge", {"lead": lead}).status_code == 200
    assert office.post(f"/cases/{lead}/transitions", out).json()["code"] == "consent_needed"
    assert office.post(f"/cases/{lead}/consents", yes | {"office": "ipoa"}).json()["consent"] == "given"
    turned = office.post(f"/cases/{lead}/not-ours", {"rule": "national"}).json()
    assert (turned["refer_to"], turned["consent"]) == ("caj", None), "what was said of one office counts for no other"
    assert office.post(f"/cases/{lead}/transitions", {"to": "referred", "reason": "So"}).json()["status"] == 409

    other = office.file().serial
    assert office.post(f"/cases/{other}/merge", {"lead": office.file().serial}).status_code == 200
    lead = office.get(f"/cases/{other}/merged")["lead"]
    assert office.post(f"/cases/{other}/consents", yes | {"office": "ipoa"}).status_code == 200
    assert office.post(f"/cases/{lead}/consents", yes | {"office": "caj"}).status_code == 200
    assert office.post(f"/cases/{lead}/transitions", out).json()["status"] == "referred"
    stays = office.get(f"/cases/{other}")
    assert (stays["status"], stays["merged"], stays["consent"]) == ("received", False, "given"), "that file stays here"


def test_an_answer_counts_only_for_the_office_that_the_screen_named(office: Office, address: str) -> None:
    serial = office.file(language="en").serial
    office.post(f"/cases/{serial}/consents/ask", {"office": "caj"})
    phone = Handset(address, SECRET)
    phone.dial()
    assert "Commission on Administrative Justice" in phone.type("3", "1", "1")
    office.post(f"/cases/{serial}/consents/ask", {"office": "ipoa"})
    again = phone.type("1")
    named = "pass what you wrote to: Independent Policing Oversight"
    assert again.startswith(f"CON The office has changed. May we {named}"), again
    assert (phone.name, phone.hop(phone.text)) == ("case.consent", again), "a hop sent again is told the same"
    assert office.get(f"/cases/{serial}")["consent"] == "asked", "the question stays open"
    assert office.rows(CaseEvent, CaseEvent.kind == "consent") == []
    assert "It stays with us." in phone.type("98", "2")
    (said,) = office.rows(CaseEvent, CaseEvent.kind == "consent")
    assert (said.data["office"], said.data["given"]) == ("ipoa", False)
    words = office.context.vault.sealer.open(said.text_sealed, f"case_events.text:{said.id}")
    assert words.startswith("May we"), "the question alone is kept"
    assert words in again

    office.post(f"/cases/{serial}/consents/ask", {"office": "ipoa"})
    phone.dial()
    assert "Independent Policing" in phone.type("3", "1", "1")
    assert office.post(f"/cases/{serial}/not-ours", {"rule": "national"}).json()["consent"] is None
    assert "There is no question for you now." in phone.type("1"), "it was taken back"
    assert len(office.rows(CaseEvent, CaseEvent.kind == "consent")) == 1


def test_advice_turns_nobody_away(office: Office) -> None:
    serial = office.file().serial
    for rule in ("not_asked", "made_up"):
        assert office.post(f"/cases/{serial}/not-ours", {"rule": rule}).status_code == 422
    assert office.get(f"/cases/{serial}/not-ours") == {"letter": None}
    assert office.rows(CaseEvent, sa.literal(value=True), CaseEvent.kind == "moved") == []
