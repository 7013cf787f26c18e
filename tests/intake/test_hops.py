"""The hop on real stores: what a resident typed is acted on once, whatever the network does with the hops."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import sqlalchemy as sa

from gateway.cases.models import Case, CaseEvent
from gateway.context import Context
from gateway.intake.models import Draft
from gateway.messaging.models import Message
from gateway.residents.models import Consent, Resident
from tests.conftest import SECRET
from tests.web import Handset, serve

COMPLAINT = ["1", "1", "2", "1", "4", "6", "Water point dry", "1"]
"""English, complaint, poor service, Ombudsman only with SMS, Lurambi, Shirere, the story, send."""


def count(context: Context, model: type) -> int:
    with context.work() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def hops_of(answers: list[str]) -> list[str]:
    """The cumulative texts of a session, the dial first."""
    return ["", *("*".join(answers[: n + 1]) for n in range(len(answers)))]


def test_a_complaint_takes_nine_hops_and_is_sealed(handset: Handset, context: Context) -> None:
    handset.dial()
    ended = handset.type(*COMPLAINT)
    assert ended.startswith("END ")
    assert len(hops_of(COMPLAINT)) == 9
    with context.work() as session:
        case = session.scalars(sa.select(Case)).one()
        assert (case.kind, case.ward_code, case.area_code, case.privacy) == ("complaint", "1014", "202", "sms")
        receipt = context.vault.sealer.open(case.receipt_sealed, f"cases.receipt:{case.id}")
        assert f"{receipt[:4]}-{receipt[4:7]}-{receipt[7:]}" in ended
        assert context.vault.sealer.open(case.story_sealed, f"cases.story:{case.id}") == "Water point dry"
        assert b"Water" not in case.story_sealed
        owed = session.scalars(sa.select(Message)).one()
        assert (owed.template, owed.state, owed.lane, owed.case_id) == ("receipt", "owed", "replies", case.id)
        consent = session.scalars(sa.select(Consent)).one()
        assert (consent.kind, consent.subject, consent.language) == ("number", "sms", "en")
        told = [(event.kind, event.channel) for event in session.scalars(sa.select(CaseEvent))]
        assert (told, case.channel, owed.channel) == ([("filed", "ussd")], "ussd", "africastalking")


def test_every_earlier_hop_sent_again_gets_its_first_answer(handset: Handset, context: Context) -> None:
    handset.dial()
    first = {text: handset.hop(text) for text in hops_of(COMPLAINT)}
    for text in [*reversed(hops_of(COMPLAINT)), *hops_of(COMPLAINT)]:
        assert handset.hop(text) == first[text]
    assert (count(context, Case), count(context, Message), count(context, CaseEvent)) == (1, 1, 1)


def test_four_copies_of_every_hop_at_once_get_one_answer(handset: Handset, context: Context) -> None:
    handset.session = "ATUid_copies"
    with ThreadPoolExecutor(4) as four:
        for text in hops_of(COMPLAINT):
            phones = [Handset(str(handset.http.base_url).partition("/channels")[0], SECRET) for _ in range(4)]
            for phone in phones:
                phone.session = handset.session
            answers = set(four.map(lambda phone, text=text: phone.hop(text), phones))
            assert len(answers) == 1, text
    assert (count(context, Case), count(context, Message), count(context, Resident)) == (1, 1, 1)


@pytest.mark.parametrize("lost_before", range(1, 9))
def test_a_session_that_valkey_lost_goes_on(handset: Handset, context: Context, lost_before: int) -> None:
    texts = hops_of(COMPLAINT)
    handset.dial()
    for position, text in enumerate(texts):
        if position == lost_before:
            context.valkey.flushall()
        handset.hop(text)
    assert handset.screen.startswith("END "), handset.screen
    assert count(context, Case) == 1
    first = handset.screen
    context.valkey.flushall()
    assert handset.hop(texts[-1]) == first
    assert count(context, Case) == 1


def test_a_session_nobody_has_seen_never_crosses_the_privacy_screen(handset: Handset, context: Context) -> None:
    handset.hop("*".join(COMPLAINT))
    assert handset.name.endswith("privacy")
    assert count(context, Case) == 0


def test_a_star_in_a_story_stays_in_it(handset: Handset, context: Context) -> None:
    handset.dial()
    handset.type("1", "1", "2", "1", "4", "6", "Pump 2*3 inch * broken *", "1")
    with context.work() as session:
        case = session.scalars(sa.select(Case)).one()
        assert context.vault.sealer.open(case.story_sealed, f"cases.story:{case.id}") == "Pump 2*3 inch * broken *"


def test_a_story_typed_is_a_draft_before_the_next_screen_and_is_offered_again(
    handset: Handset, context: Context
) -> None:
    handset.dial()
    handset.type("1", "1", "2", "1", "4", "6", "Water point dry")
    with context.work() as session:
        draft = session.scalars(sa.select(Draft)).one()
        assert draft.status == "open"
        assert draft.resident_id is not None
    assert "You did not finish last time." in handset.dial()
    handset.type("1", "1")
    assert handset.screen.startswith("END "), handset.screen
    assert count(context, Case) == 1
    assert "You did not finish" not in handset.dial()


def test_a_dial_sent_again_elsewhere_gets_its_first_answer(handset: Handset, context: Context) -> None:
    """Another process, that looks the caller up anew, says what the first said; and all go on from that."""
    first = handset.dial()
    with serve(context.settings) as address:
        other = Handset(address, SECRET)
        other.dial()
        assert other.type(*COMPLAINT).startswith("END "), "the caller is known by now, and has a case"
        assert other.dial() != first
        other.session = handset.session
        assert other.hop("") == first
        assert other.hop("1") == handset.hop("1")
        assert other.name == "menu"


def test_a_number_that_is_not_kept_leaves_no_resident(handset: Handset, context: Context) -> None:
    handset.dial()
    written = handset.type("1", "1", "2", "3", "4", "6", "Water point dry", "1")
    assert written.startswith("CON ")
    assert handset.name == "receipt.write"
    assert handset.type("1").startswith("END ")
    assert (count(context, Resident), count(context, Message), count(context, Case)) == (0, 0, 1)


def test_a_commit_that_fails_says_so_and_keeps_nothing(handset: Handset, context: Context, owner: sa.Engine) -> None:
    handset.dial()
    handset.type(*COMPLAINT[:-1])
    with owner.begin() as connection:
        connection.execute(
            sa.text(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
                "'BEGIN RAISE EXCEPTION ''refused at commit''; END'"
            )
        )
        connection.execute(
            sa.text(
                "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON cases DEFERRABLE INITIALLY DEFERRED "
                "FOR EACH ROW EXECUTE FUNCTION refuse()"
            )
        )
    try:
        handset.type("1")
        assert handset.screen.startswith("END Sorry, we could not save it. It was NOT sent.")
        assert (count(context, Case), count(context, Message)) == (0, 0)
    finally:
        with owner.begin() as connection:
            connection.execute(sa.text("DROP TRIGGER refuse ON cases"))
            connection.execute(sa.text("DROP FUNCTION refuse()"))
    # Nothing is wedged: the very same hop, sent again, files the case.
    assert handset.hop(handset.text).startswith("END Thank you")
    assert count(context, Case) == 1


def test_a_receipt_that_is_taken_is_drawn_again(
    handset: Handset, address: str, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    lots = iter([7, 7, 7, 8])  # the second case draws what the first one has, twice
    monkeypatch.setattr("gateway.cases.filing.secrets.randbelow", lambda _: next(lots))
    handset.dial()
    assert handset.type(*COMPLAINT).startswith("END Thank you")
    neighbour = Handset(address, SECRET, number="+254722000333")
    neighbour.dial()
    assert neighbour.type(*COMPLAINT).startswith("END Thank you")
    assert (count(context, Case), next(lots, None)) == (2, None)
    assert neighbour.hop(neighbour.text) == neighbour.screen


def test_the_same_session_id_from_another_number_is_another_session(handset: Handset, address: str) -> None:
    handset.dial()
    handset.type("1", "1", "2", "1")
    other = Handset(address, SECRET, "+254722000222")
    other.session = handset.session
    other.hop("")
    assert other.name == "lang"


ODD_BODIES = [
    pytest.param(b"", id="empty"),
    pytest.param(b"text=", id="only a text"),
    pytest.param(b"sessionId=a&phoneNumber=254711000111&serviceCode=%2A384%2A1%23&text=", id="no plus"),
    pytest.param(b"sessionId=a&phoneNumber=+254711000111&networkCode=1&text=1&more=x", id="unknown field and network"),
    pytest.param(b"sessionId=a&phoneNumber=%2B999&serviceCode=*1%23&text=1*2*%F0%9F%98%80", id="odd number, emoji"),
    pytest.param(b"text=%ff%fe&sessionId=%00&phoneNumber=%00", id="broken bytes"),
    pytest.param(b"sessionId=a&phoneNumber=x&text=" + b"1*" * 3000, id="hundreds of answers"),
    pytest.param(b"sessionId=a&phoneNumber=x&text=" + b"x" * 9000, id="too large"),
    pytest.param(b'{"json": true}', id="json"),
]


@pytest.mark.parametrize("body", ODD_BODIES)
def test_whatever_arrives_is_answered(handset: Handset, body: bytes) -> None:
    answer = handset.http.post("/ussd", content=body, headers={"content-type": "application/x-www-form-urlencoded"})
    assert answer.status_code == 200
    assert answer.text[:4] in {"CON ", "END "}
    assert len(answer.text) <= 160


def test_a_wrong_secret_is_404_everywhere(address: str) -> None:
    stranger = Handset(address, "w" * 40)
    for path in ("/ussd", "/ussd-end", "/sms", "/delivery", "/opt-out"):
        assert stranger.http.post(path, data={"text": ""}).status_code == 404


def test_each_hop_is_counted_by_its_screen_and_timed(handset: Handset, address: str) -> None:
    def counted() -> tuple[float, float, float]:
        text = httpx.get(f"{address.partition('/channels')[0]}/metrics").text
        told = dict(line.rsplit(" ", 1) for line in text.splitlines() if line.startswith("baraza_hop"))
        names = ('baraza_hops_total{screen="menu"}', 'baraza_hop_seconds_bucket{le="+Inf"}', "baraza_hop_seconds_count")
        screens, bucket, count = (float(told.get(name, 0)) for name in names)
        return screens, bucket, count

    menu, bucket, hops = counted()
    handset.dial()
    handset.type("1")
    assert counted() == (menu + 1, bucket + 2, hops + 2)
