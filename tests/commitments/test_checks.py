"""Residents check what is claimed: agreeing to be asked, answering by SMS and menu, the floor, and what came of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from gateway.commitments import answerers, checks, stopping
from gateway.commitments.models import Commitment
from gateway.context import Context
from gateway.messaging.models import Message
from gateway.residents import service as residents
from gateway.residents.models import Consent
from gateway.staff.models import Staff
from tests.desk import Office
from tests.texting import Texter

PROMISE, HERE, FAR = "KEKAK0003", "1017", "1001"
QUESTION = {"en": "Is the borehole in Shirere working?", "sw": "Je, kisima cha Shirere kinafanya kazi?"}
DONE = {"en": "The pump was mended in May.", "sw": "Pampu ilitengenezwa Mei."}
ASKED = {"promise": PROMISE, "ward": HERE, "text": QUESTION}


def willing(context: Context, number: str, ward: str = HERE, language: str = "en") -> Texter:
    """A phone whose owner agreed to be asked about a ward."""
    with context.work() as session:
        resident = residents.keep(session, context.vault, number, language=language, now=context.clock.now())
        answerers.asked.agree(
            session,
            resident_id=resident,
            ward=ward,
            wording="May we ask you now and then?",
            language=language,
            channel="ussd",
            now=context.clock.now(),
            effect_key=None,
        )
    return Texter(context, number)


def claim(office: Office) -> None:
    with office.context.work() as session:
        session.execute(sa.update(Commitment).values(claim="complete"))


def ask(office: Office, **changes: Any) -> UUID:
    answer = office.post("/checks", ASKED | changes)
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["id"])


def counts(office: Office) -> dict[str, Any]:
    (found,) = office.get("/checks", "oversight")["items"]
    return {name: found[name] for name in ("open", "asked", "answered", "yes", "no", "unsure")}


HIDDEN = {"asked": None, "answered": None, "yes": None, "no": None, "unsure": None}


@pytest.mark.parametrize(("answers", "shown"), [(10, True), (9, False)])
def test_answers_are_shown_when_the_asking_is_over_and_the_floor_is_reached(
    office: Office, answers: int, shown: bool
) -> None:
    claim(office)
    phones = [willing(office.context, f"+2547110005{place:02}") for place in range(answers + 1)]
    elsewhere = willing(office.context, "+254711000599", FAR)
    check = ask(office)
    assert elsewhere.read() == []
    for place, phone in enumerate(phones):
        (question,) = phone.read()
        assert question.startswith(f"Baraza asks: {QUESTION['en']} SMS to 22384: 1 Yes, 2 No, 3 Do not know.")
        if place < answers:
            phone.text("2" if place else "1")
    assert phones[0].inbox[-1].startswith("Baraza: thank you, you answered 1.")
    assert phones[0].text("3")[0].startswith("Baraza: thank you, you answered 3.")  # corrects it
    assert counts(office) == {"open": True} | HIDDEN
    assert office.post(f"/checks/{check}/outcome", {"text": DONE}).status_code == 409
    assert office.post(f"/checks/{check}/close", None).status_code == 200
    told = {"asked": answers + 1, "answered": answers, "yes": 0, "no": answers - 1, "unsure": 1} if shown else HIDDEN
    assert counts(office) == {"open": False} | told
    assert not any("you answered" in text for text in phones[1].text("1"))  # too late
    assert office.post(f"/checks/{check}/outcome", {"text": DONE}).status_code == 200
    assert phones[0].read() == [
        "Baraza: you answered our question. The pump was mended in May. No more: send STOP to 22384"
    ]
    assert phones[-1].read() == []  # who did not answer is not told
    page = office.client.get(f"/commitments/{PROMISE}?lang=en").text
    assert ("11 residents of " in page and f"{answers - 1} no, 1 do not know" in page) is shown
    assert (DONE["en"] in page) is shown
    radio = office.client.get(f"/share/{PROMISE}/radio.txt?lang=en").text
    assert (f"{QUESTION['en']} 11 residents of" in radio) is shown
    assert office.post(f"/checks/{check}/outcome", {"text": DONE}).status_code == 409


def test_the_months_number_opt_out_and_start_hold(office: Office) -> None:
    claim(office)
    phone, stopped = (willing(office.context, f"+25471100060{place}") for place in range(2))
    stopped.text("STOP")
    for _ in range(3):
        ask(office)
    states = [(row.state, row.reason) for row in office.rows(Message, Message.template == "check")]
    assert states == [("owed", ""), ("owed", ""), ("suppressed", "monthly_cap")]
    assert len(phone.read()) == 2
    stopped.text("START")
    ask(office)
    assert any(text.startswith("Baraza asks") for text in stopped.read())


def test_a_named_digit_is_ours_while_a_screen_waits_too(office: Office) -> None:
    claim(office)
    phone = willing(office.context, "+254711000610")
    ask(office)
    phone.read()
    phone.text("MENU")
    assert phone.text("ANSWER 1")[0].startswith("Baraza: thank you, you answered 1.")
    assert phone.text("JIBU 2")[0].startswith("Baraza: thank you, you answered 2.")


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"ward": "nowhere"}, "body.ward"),
        ({"milestone": "M9"}, "body.milestone"),
        ({"promise": "KEKAK0001"}, "body.milestone"),
        ({"text": QUESTION | {"en": "x" * 101}}, "body.text.en"),
        ({"text": {"en": "Is it so?"}}, "body.text.sw"),
    ],
)
def test_what_cannot_be_asked(office: Office, changes: dict[str, Any], where: str) -> None:
    with office.context.work() as session:
        session.execute(sa.update(Commitment).where(Commitment.ogp_id == PROMISE).values(claim="limited"))
    answer = office.post("/checks", ASKED | changes)
    assert (answer.status_code, answer.json()["errors"][0]["where"]) == (422, where)


def test_to_many_it_waits_for_a_second_person(office: Office) -> None:
    claim(office)
    for place in range(3):
        willing(office.context, f"+25471100062{place}")
    about = office.context.pack.about
    small = about.model_copy(update={"limits": about.limits.model_copy(update={"approval_above": 2})})
    pack, now = replace(office.context.pack, about=small), office.context.clock.now()
    office.token("officer")
    (person,) = office.rows(Staff)
    with office.context.work() as session:
        counted = checks.rehearse(
            session, pack, office.context.settings, ogp_id=PROMISE, ward=HERE, text=QUESTION, now=now
        )
        assert (counted.recipients, counted.needs_second_person) == (3, True)
        check = checks.ask(session, pack, ogp_id=PROMISE, ward=HERE, text=QUESTION, staff=person, now=now)
    assert office.rows(Message) == []
    assert office.post("/checks/dry-run", ASKED, "oversight").json()["recipients"] == 3
    assert office.get("/checks")["items"][0]["carried"] == "draft"
    planned = office.get(f"/broadcasts/{check.broadcast_id}/dry-run")
    assert (planned["recipients"], planned["copies"][0]["text"][:13]) == (3, "Baraza asks: ")
    approved = office.post(f"/broadcasts/{check.broadcast_id}/approve", None, "supervisor").json()
    assert approved["recipients"] == 3


def test_what_waited_for_a_second_person_until_its_days_were_over_is_asked_no_more(office: Office) -> None:
    claim(office)
    willing(office.context, "+254711000621")
    about = office.context.pack.about
    small = about.model_copy(update={"limits": about.limits.model_copy(update={"approval_above": 0})})
    pack, now = replace(office.context.pack, about=small), office.context.clock.now()
    office.token("officer")
    (person,) = office.rows(Staff)
    then = now - timedelta(days=about.limits.question_days)
    with office.context.work() as session:
        check = checks.ask(session, pack, ogp_id=PROMISE, ward=HERE, text=QUESTION, staff=person, now=then)
    refused = office.post(f"/broadcasts/{check.broadcast_id}/approve", None, "supervisor")
    assert (refused.status_code, "its days are over" in refused.text) == (409, True)
    assert office.rows(Message) == []


def test_leaving_takes_the_consent_back_and_what_is_under_way(office: Office) -> None:
    claim(office)
    willing(office.context, "+254711000630")
    ask(office)
    (message,) = office.rows(Message)
    now = office.context.clock.now()
    with office.context.work() as session:
        answerers.asked.leave(session, resident_id=message.resident_id, now=now)
        stopping.start(session, message.resident_id)  # START brings back what STOP ended, nothing else
    with office.context.work() as session:
        assert answerers.asked.ward_of(session, message.resident_id) == ""
        assert checks.open_for(session, message.resident_id, now + timedelta(seconds=1)) is None
    assert [row.state for row in office.rows(Message)] == ["suppressed"]
    assert all(row.withdrawn_at for row in office.rows(Consent, Consent.kind == "ask"))
