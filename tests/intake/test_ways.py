"""Hops lost on the way, codes dialled, numbers remembered or let go: the ways beside the straight one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa

from gateway.cases.models import Case
from gateway.commitments.models import Follow
from gateway.context import Context
from gateway.intake.models import Draft, InboundMessage
from gateway.messaging.models import Message
from gateway.residents.models import Consent, Resident
from gateway.staff import service as staff
from gateway.timing import Clock
from tests.intake.test_hops import COMPLAINT, count
from tests.web import Handset
from worker.tasks import expire_drafts, mention_drafts

GAPS = [
    pytest.param(["", "1"], "1*1*0", "menu", id="two answers on choice screens"),
    pytest.param(["", "1"], "1*1*2*1", "privacy", id="never an answer to privacy unseen"),
    pytest.param(["", "1", "1*1", "1*1*2", "1*1*2*1"], "1*1*2*1*4*6*Water*1", "confirm", id="a story takes the rest"),
    pytest.param(["", "1"], "1*4*1*1", "promises", id="a list is shown before it is answered"),
    pytest.param(["", "1", "1*4"], "1*4*1*1", "promise", id="two answers on lists that were shown"),
    pytest.param(["", "1", "1*4", "1*4*1"], "1*4*1*1*1", "follow", id="never a yes to following unseen"),
    pytest.param(["", "1"], "1*3*1", "cases", id="my cases are shown before one is chosen"),
]


@pytest.mark.parametrize(("heard", "text", "shown"), GAPS)
def test_a_hop_lost_on_the_way(handset: Handset, context: Context, heard: list[str], text: str, shown: str) -> None:
    for earlier in heard:
        handset.hop(earlier)
    handset.hop(text)
    assert handset.name == shown
    again = handset.screen
    assert handset.hop(text) == again
    assert (count(context, Case), count(context, Follow)) == (0, 0)


def test_a_late_hop_gets_its_own_answer_and_changes_nothing(handset: Handset) -> None:
    handset.hop("")
    handset.hop("1*1*2")
    privacy = handset.name
    handset.hop("1*1")
    assert handset.name == "kind"
    handset.hop("1*1*2")
    assert handset.name == privacy == "privacy"


@pytest.mark.parametrize("answer", [" 1 ", "01", "1.", "english", "ENGLISH"])
def test_numbers_and_words_are_both_taken(handset: Handset, answer: str) -> None:
    handset.dial()
    handset.type(answer)
    assert handset.name == "menu"
    assert handset.type("1", "rudi").startswith("CON Baraza, Kakamega County")


def test_a_code_begins_an_errand(handset: Handset, context: Context) -> None:
    handset.hop("77")
    assert handset.name == "lang"
    handset.hop("77*2")
    assert handset.name == "promises"
    handset.session = "ATUid_another"
    handset.hop("11")
    assert handset.name == "lang"
    handset.hop("11*1")
    assert handset.name == "kind"


def test_a_place_in_the_menu_is_no_code(handset: Handset) -> None:
    handset.hop("1*1*1*1*4*6*Water*1")
    assert handset.name == "privacy"


def test_a_repeat_complainant_files_in_six_hops(handset: Handset, context: Context) -> None:
    handset.dial()
    handset.type("1", "5", "2", "1", "4", "6", "1")  # settings, my ward: Lurambi, Shirere, agreed
    with context.work() as session:
        assert session.scalars(sa.select(Resident.ward_code)).one() == "1014"
        assert "ward" in set(session.scalars(sa.select(Consent.kind)))
    handset.dial()
    assert handset.type("1", "2", "1", "Dry again", "1").startswith("END Thank you")
    with context.work() as session:
        assert session.scalars(sa.select(Case.ward_code)).one() == "1014"


@pytest.mark.parametrize(("language", "told"), [("1", "Our SMS do not reach you."), ("2", "SMS zetu hazikufikii.")])
def test_whom_sms_do_not_reach_reads_so_at_the_next_dial(
    handset: Handset, context: Context, language: str, told: str
) -> None:
    handset.dial()
    handset.type(language, *COMPLAINT[1:])
    assert told not in handset.dial()
    with context.work() as session:  # as the aggregator's answer 406 does
        session.execute(sa.update(Resident).values(unreachable_since=context.clock.now()))
    shown = handset.dial()
    assert shown.startswith(f"CON {told}\n1. ")
    assert handset.name == "menu"
    assert handset.type("3").count(told) == 0, "said once, in the way of nothing"
    with context.work() as session:
        session.execute(sa.update(Resident).values(unreachable_since=None))
    assert told not in handset.dial()


def test_a_number_let_go_after_the_story_leaves_no_trace(handset: Handset, context: Context) -> None:
    handset.dial()
    handset.type(*COMPLAINT[:-1])
    assert count(context, Resident) == 1
    handset.type("3", "2", "3")  # change, who may know my number, not kept
    assert handset.name == "confirm"
    assert count(context, Resident) == 0
    assert handset.type("1").startswith("CON Sent. Write this down")
    with context.work() as session:
        assert session.scalars(sa.select(Case.resident_id)).one() is None
        assert session.scalars(sa.select(Draft.resident_id)).one() is None


def test_a_number_with_other_cases_is_kept_when_one_case_lets_it_go(handset: Handset, context: Context) -> None:
    handset.dial()
    handset.type(*COMPLAINT)
    handset.dial()
    handset.type(*COMPLAINT[1:-1], "3", "2", "3", "1")
    assert (count(context, Resident), count(context, Case)) == (1, 2)


def test_two_sessions_that_resume_one_draft_file_one_case(handset: Handset, context: Context) -> None:
    handset.dial()
    handset.type(*COMPLAINT[:-1])
    first, second = Handset("x", "y"), Handset("x", "y")
    for phone in (first, second):
        phone.http = handset.http
        phone.dial()
        phone.type("1")
        assert phone.name == "confirm"
    one, two = first.type("1"), second.type("1")
    assert one == two
    assert count(context, Case) == 1


LONG = "The water point at Shirere market has been dry for three weeks and nobody"
"""As long as a handset lets through: more is asked for."""


def test_a_long_story_is_finished_by_sms_and_sent_from_the_menu_only(handset: Handset, context: Context) -> None:
    handset.dial()
    handset.type(*COMPLAINT[:6], LONG)
    assert handset.name == "story.more"
    assert handset.type("3").startswith("END Saved, NOT sent yet. SMS the rest to 22384.")
    handset.sms("from the water office answers the phone.")
    handset.sms("Please send somebody.")
    assert count(context, Case) == 0
    with context.work() as session:
        assert session.scalars(sa.select(Message.template)).all() == ["draft_added"]
    handset.dial()
    handset.type("1", "1")
    assert handset.name == "confirm"
    handset.type("1")
    with context.work() as session:
        case = session.scalars(sa.select(Case)).one()
        assert context.vault.sealer.open(case.story_sealed, f"cases.story:{case.id}") == (
            f"{LONG} from the water office answers the phone. Please send somebody."
        )
    handset.sms("One more thing")  # the draft is sent: words join the case now
    with context.work() as session:
        assert session.scalars(sa.select(InboundMessage.disposition).order_by(InboundMessage.id)).all() == [
            "draft",
            "draft",
            "case",
        ]


@pytest.mark.parametrize("privacy", ["2", "3"])
def test_who_wants_no_sms_cannot_finish_by_sms(handset: Handset, privacy: str) -> None:
    handset.dial()
    handset.type(*COMPLAINT[:3], privacy, *COMPLAINT[4:6], LONG)
    assert handset.name == "story.more"
    assert "SMS" not in handset.screen


@pytest.mark.parametrize(("privacy", "mentions"), [("1", 1), ("2", 0), ("3", 0)])
def test_a_draft_left_alone_is_mentioned_once_and_only_to_who_wants_sms(
    handset: Handset, context: Context, privacy: str, mentions: int
) -> None:
    handset.dial()
    handset.type(*COMPLAINT[:3], privacy, *COMPLAINT[4:-1])
    mention_drafts(context)
    assert count(context, Message) == 0
    later = replace(context, clock=Clock(timedelta(hours=3)))
    for _ in range(2):
        mention_drafts(later)
    with context.work() as session:
        assert session.scalars(sa.select(Message.template)).all() == ["unfinished"] * mentions


def test_a_draft_past_its_time_is_gone(handset: Handset, context: Context) -> None:
    handset.dial()
    handset.type(*COMPLAINT[:-1])
    expire_drafts(replace(context, clock=Clock(timedelta(days=6))))
    assert count(context, Draft) == 1
    expire_drafts(replace(context, clock=Clock(timedelta(days=8))))
    assert count(context, Draft) == 0


def test_asking_for_sms_takes_back_an_earlier_stop_all_for_cases_only(handset: Handset, context: Context) -> None:
    handset.sms("STOP ALL")
    handset.dial()
    handset.type(*COMPLAINT[1:])
    with context.work() as session:
        assert session.execute(sa.select(Message.state).where(Message.template == "receipt")).scalar_one() == "owed"
        resident = session.scalars(sa.select(Resident)).one()
        assert resident.stopped_all_at is None
        assert resident.stopped_broadcasts_at is not None


def test_the_reason_of_a_move_is_read_under_my_cases(handset: Handset, context: Context) -> None:
    handset.dial()
    handset.type(*COMPLAINT)
    with context.work() as session:
        staff.add_staff(session, email="o@k.example", name="O", role="officer", now=context.clock.now())
        token = staff.issue_token(session, context.vault, email="o@k.example", now=context.clock.now())
        serial = session.scalars(sa.select(Case.serial)).one()
    root = str(handset.http.base_url).partition("/channels")[0]
    moved = httpx.post(
        f"{root}/api/v1/cases/{serial}/transitions",
        json={"to": "rejected", "reason": "A land matter: the court has it. You can go to CAJ."},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert moved.status_code == 200, moved.text
    handset.dial()
    assert "answer to read" in handset.type("3")
    assert "the court has it" in handset.type("1", "1").replace("\n", " ")
    handset.dial()
    assert "not taken up" in handset.type("3")
