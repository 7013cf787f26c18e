"""The menus by SMS: texts come slowly, twice, too early or in parts, and some people are not to be remembered."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from gateway.cases.models import Case
from gateway.context import Context
from gateway.ids import new_id
from gateway.intake.models import Conversation, DeliveryReport, Draft, InboundMessage
from gateway.intake.words import starter
from gateway.messaging import service as messaging
from gateway.messaging.models import Message, ProviderCall
from gateway.residents.models import Resident
from gateway.timing import Clock
from tests.intake.test_hops import count
from tests.intake.test_sms import words_in_cases
from tests.texting import Texter
from tests.web import Handset
from worker.tasks import forget_conversations

NUMBER = "+254711000111"
TO_STORY = ("MENU", "1", "1", "2", "1", "4", "6")
"""English, a complaint, poor service, SMS me, Lurambi, Shirere."""


@pytest.fixture
def phone(context: Context) -> Texter:
    return Texter(context, NUMBER)


def dispositions(context: Context) -> list[str]:
    with context.work() as session:
        return list(session.scalars(sa.select(InboundMessage.disposition).order_by(InboundMessage.id)))


def story_of_the_case(context: Context) -> str:
    with context.work() as session:
        case = session.scalars(sa.select(Case)).one()
        return context.vault.sealer.open(case.story_sealed, f"cases.story:{case.id}")


def test_a_complaint_from_first_word_to_receipt(phone: Texter, context: Context) -> None:
    (welcome,) = phone.text("Menu")
    assert (
        welcome
        == "Karibu! Welcome!\nBaraza, Kaunti ya Kakamega\nChagua lugha / Choose language\n1. English\n2. Kiswahili"
    )
    (menu,) = phone.text("1")
    assert menu.startswith("Baraza, Kakamega County\n1. Make a complaint")
    assert menu.endswith("\nAnswer with a number.")
    for answer in TO_STORY[2:]:
        (screen,) = phone.text(answer)
    assert screen.startswith("Tell us what happened")
    assert not screen.endswith("number.")
    (check,) = phone.text("Water point dry")
    assert '"Water point dry"' in check
    (receipt,) = phone.text("1")
    assert re.match(r"Baraza: thank you, we have your message. Keep this: \d{4}-\d{3}-\d{4}", receipt)
    assert story_of_the_case(context) == "Water point dry"
    assert (count(context, Conversation), count(context, Draft)) == (0, 1)
    assert dispositions(context) == ["menu"] * 9


@pytest.mark.parametrize("typed", ["0", "rudi", "back"])
def test_the_keys_work_as_on_a_phone(phone: Texter, typed: str) -> None:
    for answer in TO_STORY[:4]:
        phone.text(answer)
    assert phone.text(typed)[0].startswith("What went wrong?")
    assert phone.text("00")[0].startswith("Baraza, Kakamega County")
    assert phone.text("77")[0].startswith("Not on the list. Try again.")


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("MENU", ("menu", "")),
        (" menu. ", ("menu", "")),
        ("Menyu!", ("menu", "")),
        ("MENU 1", ("menu", "1")),
        ("fuatilia", ("follow", "")),
        ("menu ya leo", None),
        ("The menu", None),
        ("", None),
    ],
)
def test_a_word_begins_only_as_the_whole_text(context: Context, text: str, begins: tuple[str, str] | None) -> None:
    assert starter(text, context.pack.guide.words) == begins


def test_a_word_may_lead_to_an_errand_of_its_own(phone: Texter) -> None:
    phone.text("FOLLOW")
    assert phone.text("1")[0].startswith("Follow what by SMS?")


def test_a_command_wins_and_leaves_the_dialogue_where_it_stands(phone: Texter, context: Context) -> None:
    for answer in TO_STORY:
        phone.text(answer)
    assert phone.text("STATUS")[0].startswith("Baraza: we have nothing sent")
    assert phone.text("HELP")[0].startswith("Baraza: to complain")
    assert phone.text("STOP")[0].startswith("Stopped")
    assert '"Dark street"' in phone.text("Dark street")[0]
    phone.text("1")
    assert story_of_the_case(context) == "Dark street"


def test_who_stopped_all_sms_is_still_answered_where_they_ask(phone: Texter) -> None:
    phone.text("STOP ALL")
    assert phone.text("MENU")[0].startswith("Karibu! Welcome!")


def test_a_text_brought_twice_is_one_answer(phone: Texter, handset: Handset, context: Context) -> None:
    phone.text("MENU")
    for _ in range(3):
        assert handset.sms("1", "mo-77").status_code == 200
    assert [text[:23] for text in phone.read()] == ["Baraza, Kakamega County"]
    assert dispositions(context) == ["menu", "menu"]


def test_four_texts_at_once_are_heard_one_after_the_other(phone: Texter, handset: Handset, context: Context) -> None:
    for answer in TO_STORY:
        phone.text(answer)
    parts = ["The lights of Shirere market", "are dark since June and", "nobody answers", "at the office"]
    with ThreadPoolExecutor(4) as pool:
        assert {answer.status_code for answer in pool.map(handset.sms, parts)} == {200}
    assert len(phone.read()) == 1, "a screen that nobody saw gives way to the next"
    phone.text("1")
    told = story_of_the_case(context)
    assert all(part in told for part in parts)


def test_a_digit_cannot_answer_a_screen_that_has_not_left(phone: Texter, handset: Handset, context: Context) -> None:
    for answer in TO_STORY[:3]:
        phone.text(answer)
    handset.sms("2")
    handset.sms("3")  # typed before the screen that asks who may know the number was sent
    assert [text[:31] for text in phone.read()] == ["Who may know your phone number?"]
    assert dispositions(context)[-2:] == ["menu", "early"]


def test_a_handset_may_be_faster_than_the_answer_of_the_aggregator(
    phone: Texter, handset: Handset, context: Context
) -> None:
    for answer in TO_STORY[:3]:
        phone.text(answer)
    handset.sms("2")
    with context.work() as session:
        message = session.scalars(sa.select(Message).order_by(Message.id.desc()).limit(1)).one()
        now = context.clock.now()
        session.add(ProviderCall(id=new_id(), message_ids=[message.id], leased_until=now, left_at=now))
    handset.sms("1")
    assert phone.read()[-1].startswith("Sub-county?"), "it was on its way: this may well be its answer"


def test_more_words_at_the_check_join_the_story(phone: Texter, context: Context) -> None:
    for answer in TO_STORY:
        phone.text(answer)
    phone.text("The pump is dry")
    assert '"The pump is dry since May"' in phone.text("since May")[0]
    phone.text("1")
    assert story_of_the_case(context) == "The pump is dry since May"


def test_an_unfinished_conversation_is_offered_again(phone: Texter, context: Context, handset: Handset) -> None:
    for answer in (*TO_STORY, "The pump is dry"):
        phone.text(answer)
    assert phone.text("MENU")[0].startswith("You did not finish last time.")
    assert '"The pump is dry"' in phone.text("1")[0]
    handset.number = NUMBER
    assert handset.dial().startswith("CON You did not finish last time."), "and by dialling as well"


def test_answers_are_read_page_by_page(phone: Texter, context: Context) -> None:
    for answer in (*TO_STORY, "The pump is dry", "1"):
        phone.text(answer)
    phone.text("MENU")
    assert re.match(r"My cases\n1\. \d{4}, .*: received\n2\. Use a receipt", phone.text("3")[0])
    (case,) = phone.text("1")
    assert "1. Add words" in case


def test_a_list_means_what_it_showed_although_a_case_was_filed_since(phone: Texter, context: Context) -> None:
    for answer in (*TO_STORY, "The pump is dry", "1", "MENU"):
        phone.text(answer)
    listed = phone.text("3")[0]
    old = re.findall(r"1\. (\d{4})", listed)[0]
    with context.work() as session:
        copy = session.scalars(sa.select(Case)).one()
        values = {column.name: getattr(copy, column.name) for column in Case.__table__.columns}
        new = {"id": new_id(), "reference": "9999", "serial": "x", "receipt_lookup": b"x"}
        session.execute(sa.insert(Case).values(**{**values, **new, "effect_key": None}))
    assert phone.text("1")[0].startswith(old)


LETS_GO = ("MENU", "1", "1", "2", "3", "4", "6", "My name is nobody", "1")
"""A complaint whose number is not kept."""


def test_who_is_not_kept_leaves_nothing_but_the_receipt(phone: Texter, context: Context) -> None:
    help_ = [phone.text(answer) for answer in (*LETS_GO[:4], "4")][-1][0]
    assert "3: deleted once sent; we cannot reach you." in help_
    phone.text("0")
    for answer in LETS_GO[4:]:
        (last,) = phone.text(answer)
    receipt = re.findall(r"\d{4}-\d{3}-\d{4}", last)[0]
    assert last.startswith(f"Sent. Keep this receipt: {receipt}. We now delete your number and your SMS here")
    forget_conversations(context)
    assert [count(context, table) for table in (Resident, Message, Conversation)] == [0, 0, 0]
    with context.work() as session:
        assert set(session.execute(sa.select(InboundMessage.resident_id, InboundMessage.text_sealed)).all()) == {
            (None, b"")
        }
        assert session.scalars(sa.select(Case.privacy)).one() == "not_kept"
    assert set(dispositions(context)) == {"erased"}, "no list of texts shows them any more"
    phone.text("MENU")
    for answer in ("1", "3", "1"):
        phone.text(answer)
    assert phone.text(receipt)[0].startswith(receipt)


def test_a_story_that_the_network_brought_twice_is_forgotten_twice(
    phone: Texter, handset: Handset, context: Context
) -> None:
    for answer in LETS_GO[:-2]:
        phone.text(answer)
    for _ in range(2):
        handset.sms(LETS_GO[-2])
    phone.read()
    phone.text(LETS_GO[-1])
    assert dispositions(context)[-3:] == ["menu", "ignored", "menu"]
    forget_conversations(context)
    assert count(context, Resident) == 0
    with context.work() as session:
        kept = sa.select(InboundMessage.resident_id, InboundMessage.text_sealed, InboundMessage.content_digest)
        assert set(session.execute(kept).all()) == {(None, b"", None)}


def test_nothing_is_forgotten_before_the_receipt_has_left(phone: Texter, handset: Handset, context: Context) -> None:
    for answer in LETS_GO[:-1]:
        phone.text(answer)
    handset.sms(LETS_GO[-1])
    forget_conversations(context)
    assert count(context, Resident) == 1
    assert len(phone.read()) == 1
    forget_conversations(context)
    assert count(context, Resident) == 0


def test_a_report_that_came_is_forgotten_too_and_one_that_comes_late_finds_nobody(
    phone: Texter, handset: Handset, context: Context
) -> None:
    for answer in LETS_GO:
        phone.text(answer)
    with context.work() as session:
        for message in session.scalars(sa.select(Message)):
            message.provider_message_id = f"p-{message.id}"
        late = f"p-{message.id}"
    handset.http.post("/delivery", data={"id": late, "status": "Sent", "phoneNumber": NUMBER})
    forget_conversations(context)
    handset.http.post("/delivery", data={"id": late, "status": "Success", "phoneNumber": NUMBER})
    assert count(context, Resident) == 0
    with context.work() as session:
        kept = session.execute(sa.select(DeliveryReport.message_id, DeliveryReport.resident_id)).all()
    assert [tuple(row) for row in kept] == [(None, None)] * 2


def test_not_kept_forgets_only_what_belongs_to_it(phone: Texter, context: Context) -> None:
    for answer in (*TO_STORY, "The pump is dry", "1"):
        phone.text(answer)
    for answer in ("MENU", *LETS_GO[2:]):  # the language is known by now
        phone.text(answer)
    forget_conversations(context)
    with context.work() as session:
        told = [context.vault.sealer.open(row.text_sealed, f"inbound_messages.text:{row.id}") if row.text_sealed else ""
                for row in session.scalars(sa.select(InboundMessage).order_by(InboundMessage.id))]  # fmt: skip
        templates = set(session.scalars(sa.select(Message.template)))
    assert told == [*TO_STORY, "The pump is dry", "1", *[""] * 8]
    assert templates == {"screen", "receipt"}
    assert count(context, Resident) == 1


def later(context: Context, hours: float) -> Context:
    return replace(context, clock=Clock(timedelta(hours=hours)))


def test_a_conversation_waits_for_hours_and_no_longer(phone: Texter, context: Context) -> None:
    for answer in TO_STORY:
        phone.text(answer)
    forget_conversations(later(context, 23))
    assert count(context, Conversation) == 1
    forget_conversations(later(context, 25))
    assert count(context, Conversation) == 0
    assert phone.text("The pump is dry")[0].startswith("Baraza: thank you, we have your SMS.")


def test_an_unfinished_conversation_of_who_is_not_kept_is_forgotten_with_all_its_words(
    phone: Texter, context: Context
) -> None:
    for answer in LETS_GO[:-1]:
        phone.text(answer)
    forget_conversations(later(context, 25))
    assert [count(context, table) for table in (Resident, Message, Conversation)] == [0, 0, 0]


def test_a_menu_that_changed_is_never_misread(phone: Texter, context: Context) -> None:
    for answer in TO_STORY[:3]:
        phone.text(answer)
    with context.work() as session:
        session.execute(sa.update(Conversation).values(version="older"))
    assert phone.text("2")[0].startswith("Our menu has just changed.")
    assert count(context, Conversation) == 0


def test_what_cannot_be_done_is_said(phone: Texter, context: Context) -> None:
    for answer in (*TO_STORY, "The pump is dry", "1", "MENU", "3", "1"):
        phone.text(answer)
    assert phone.text("2")[0].startswith("Withdraw it?")
    with context.work() as session:
        session.execute(sa.update(Case).values(status="confirmed"))
    assert phone.text("1")[0].startswith("Sorry, we could not save it. It was NOT sent.")


def test_words_go_to_the_case_we_wrote_about_last_unless_the_menu_asks_for_some(
    phone: Texter, context: Context
) -> None:
    for answer in (*TO_STORY, "The pump is dry", "1"):
        phone.text(answer)
    with context.work() as session:
        case = session.scalars(sa.select(Case)).one()
    phone.text("MENU")
    assert phone.text("thank you")[0].startswith("Not on the list.")
    tell(context, case)
    phone.read()
    assert phone.text("thank you")[0].startswith(f"Baraza {case.reference}: we have added your words.")
    assert phone.text(f"{case.reference} once more") == []
    assert words_in_cases(context) == [(case.reference, "thank you"), (case.reference, "once more")]


def tell(context: Context, case: Case, template: str = "reply") -> None:
    """A text about a case is owed, as the desk owes it."""
    with context.work() as session:
        messaging.owe(
            session,
            context.vault,
            resident_id=case.resident_id,
            template=template,
            values={"ref": case.reference},
            language="en",
            now=context.clock.now(),
            case_id=case.id,
        )


def test_whose_language_is_only_guessed_is_asked(phone: Texter) -> None:
    assert phone.text("Maji hakuna")[0].startswith("Baraza: thank you"), "answered in the pack's first language"
    assert phone.text("MENYU")[0].startswith("Karibu! Welcome!")
    assert phone.text("2")[0].startswith("Baraza, Kaunti ya Kakamega")


def test_a_stranger_is_told_how_to_begin_where_there_is_something_to_dial(phone: Texter) -> None:
    assert phone.text("Hello?")[0].startswith("Baraza: thank you, we have your SMS. To complain")
