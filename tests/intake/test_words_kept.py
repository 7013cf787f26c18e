"""No word is lost, whichever way a resident goes with it: back to the menus, into another session, into an SMS."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.cases.models import Case
from gateway.context import Context
from gateway.intake.models import Draft
from gateway.residents.models import Resident
from tests.intake.test_sms import words_in_cases
from tests.web import Handset

TO_THE_STORY = ("1", "1", "2", "1", "4", "6")
"""English, complaint, poor service, Ombudsman only with SMS, Lurambi, Shirere."""
LONG = "The nurse asked for money at the gate, and nobody wrote down that we had come."


def stories(context: Context) -> list[str]:
    with context.work() as session:
        cases = session.scalars(sa.select(Case).order_by(Case.id)).all()
        return [context.vault.sealer.open(case.story_sealed, f"cases.story:{case.id}") for case in cases]


def test_who_begins_anew_finds_the_first_words_again(handset: Handset, context: Context) -> None:
    handset.dial()
    handset.type(*TO_THE_STORY, "Water point dry", "00", *TO_THE_STORY[1:], "Road washed away", "00")
    handset.type("2", "1", "1", "The budget of my ward")
    handset.hop(handset.text)
    assert handset.type("1").startswith("END ")
    for left in ("Road washed away", "Water point dry"):
        assert "You did not finish last time." in handset.dial()
        assert f'"{left}"' in handset.type("1")
        assert handset.type("1").startswith("END ")
    assert handset.dial().startswith("CON Baraza")
    assert stories(context) == ["The budget of my ward", "Road washed away", "Water point dry"]


def test_a_case_without_a_number_is_not_tied_to_one_by_what_is_typed_after_it(
    handset: Handset, context: Context
) -> None:
    handset.dial()
    handset.type("1", "1", "2", "3", "4", "6", "Water point dry", "1")
    assert handset.name == "receipt.write"
    handset.type("00", *TO_THE_STORY[1:], "Road washed away")
    with context.work() as session:
        ways = session.execute(sa.select(Draft.case_id).where(Draft.resident_id.is_not(None))).all()
        assert [tuple(way) for way in ways] == [(None,)]


def test_texts_join_a_draft_that_was_taken_up_again(handset: Handset, context: Context) -> None:
    handset.dial()
    handset.type(*TO_THE_STORY, LONG)
    assert handset.name == "story.more"
    handset.dial()
    handset.type("1", "3")
    assert handset.name == "end.bysms"
    handset.sms("It was on Friday.")
    handset.dial()
    handset.type("1", "1", "1")
    assert handset.name == "end.receipt"
    assert stories(context) == [f"{LONG} It was on Friday."]


def test_a_text_that_comes_while_its_draft_is_checked_joins_the_case(handset: Handset, context: Context) -> None:
    handset.dial()
    handset.type(*TO_THE_STORY, LONG, "3")
    handset.sms("It was on Friday.")
    handset.dial()
    handset.type("1", "2", "Her name is on the list.")
    handset.sms("And on Saturday again.")  # slower than its writer
    handset.type("1")
    assert handset.name == "end.receipt"
    assert stories(context) == [f"{LONG} It was on Friday. Her name is on the list."]
    assert [words for _, words in words_in_cases(context)] == ["And on Saturday again."]
    assert handset.dial().startswith("CON Baraza")


def test_a_draft_that_is_taken_up_and_then_not_to_be_kept_is_nobodys(handset: Handset, context: Context) -> None:
    handset.dial()
    handset.type(*TO_THE_STORY, "Water point dry")
    handset.dial()
    handset.type("1", "3", "2", "3")
    assert handset.name == "confirm"
    with context.work() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Resident)) == 0
        assert session.scalars(sa.select(Draft.resident_id)).all() == [None]
    handset.type("1", "1")
    assert handset.dial().startswith("CON Karibu!")
    assert stories(context) == ["Water point dry"]


def test_words_typed_where_a_number_was_asked_after_a_story_belong_to_it(handset: Handset, context: Context) -> None:
    handset.dial()
    handset.type(*TO_THE_STORY, LONG)
    handset.type("She wanted 200*300 shillings")
    assert handset.name == "confirm"
    handset.type("on Friday")
    assert (handset.name, "...on Friday" in handset.screen or "on Friday" in handset.screen) == ("confirm", True)
    handset.type("9", "send")
    assert handset.name == "end.receipt"
    assert stories(context) == [f"{LONG} She wanted 200*300 shillings on Friday"]


def test_who_goes_back_to_the_story_reads_that_it_would_be_replaced(handset: Handset, context: Context) -> None:
    handset.dial()
    handset.type(*TO_THE_STORY, "Water point dry", "0")
    assert (handset.name, "It takes the place of all that you wrote before." in handset.screen) == ("story", True)
    handset.type("0", "6")
    assert '"Water point dry"' in handset.screen
    with context.work() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Resident)) == 1
