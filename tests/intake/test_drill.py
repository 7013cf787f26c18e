"""What networks were seen to do to USSD sessions, each played once: the resident always reads a valid screen, nothing
is filed twice and nothing is filed wrongly.

Operators that send only the last input: Africa's Talking documents the whole text of a session at each hop and that is
what Baraza decodes. Where only the last input comes, every hop is read as an answer to the first screen: the resident
goes no further than one screen, nothing is ever filed and no words are ever kept, which is tested below. A channel
whose aggregator works so joins the inputs in its own decoding; nothing else has to change.
"""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import sqlalchemy as sa

from gateway.cases.models import Case, CaseEvent
from gateway.context import Context
from gateway.intake.models import Draft
from gateway.messaging.models import Message
from gateway.residents.models import Resident
from menus import gsm7
from tests.conftest import SECRET
from tests.intake.test_hops import COMPLAINT, count, hops_of
from tests.web import Handset

HOPS = hops_of(COMPLAINT)


def rows(context: Context) -> tuple[int, ...]:
    """Cases, their events, messages owed, residents, drafts."""
    return tuple(count(context, model) for model in (Case, CaseEvent, Message, Resident, Draft))


FILED_ONCE = (1, 1, 1, 1, 1)
NOTHING = (0, 0, 0, 0, 0)


def is_shown(handset: Handset) -> bool:
    shown = handset.screen[4:]
    return not gsm7.foreign(shown) and 0 < gsm7.length(shown) <= 156


def test_a_session_that_starts_twice(handset: Handset, context: Context) -> None:
    """Safaricom's own interface was seen to send the first request again (vumi's transport has a case for it)."""
    first = handset.dial()
    assert handset.hop("") == first
    handset.type("1")
    assert handset.hop("") == first, "also when it comes late"
    handset.text = "1"
    handset.type(*COMPLAINT[1:])
    assert handset.name == "end.receipt"
    assert rows(context) == FILED_ONCE


def test_two_starts_of_two_sessions_at_once_are_two_sessions(handset: Handset, address: str, context: Context) -> None:
    other = Handset(address, SECRET, handset.number)
    with ThreadPoolExecutor(2) as two:
        list(two.map(lambda phone: phone.dial(), (handset, other)))
    for answer in COMPLAINT:
        with ThreadPoolExecutor(2) as two:
            list(two.map(lambda phone, typed=answer: phone.type(typed), (handset, other)))
    assert (handset.name, other.name) == ("end.receipt", "end.receipt")
    assert handset.screen != other.screen
    assert rows(context) == (2, 2, 2, 1, 2)


@pytest.mark.parametrize("words", ["Maji hakuna hapa Shirere", "1", "*", ""])
def test_an_operator_that_sends_only_the_last_input_files_nothing(
    handset: Handset, context: Context, words: str
) -> None:
    seen = set()
    for text in ("", *COMPLAINT[:-2], words, "1", "1", "00", "0", words, "98"):
        handset.hop(text)
        assert is_shown(handset)
        assert handset.screen.startswith("CON ")
        seen.add(handset.name)
    assert seen <= {"lang", "menu"}, "no further than one answer"
    assert rows(context) == NOTHING


def test_an_operator_that_sends_only_the_last_input_to_a_known_caller(handset: Handset, context: Context) -> None:
    """The main menu comes first then; still no answer reaches a second screen."""
    handset.dial()
    handset.type(*COMPLAINT)
    handset.dial()
    seen = set()
    for text in ("1", "2", "Maji tena", "1", "3", "1", "1"):
        handset.hop(text)
        assert is_shown(handset)
        seen.add(handset.name)
    assert seen <= {"menu", "kind", "info.kind", "cases"}
    assert rows(context) == FILED_ONCE


def test_every_hop_comes_twice_and_once_more_at_the_end(handset: Handset, context: Context) -> None:
    handset.session = "ATUid_twice"
    first = {}
    for text in HOPS:
        first[text] = handset.hop(text)
        assert handset.hop(text) == first[text]
    for text in random.Random(7).sample(HOPS, len(HOPS)):
        assert handset.hop(text) == first[text]
    assert rows(context) == FILED_ONCE


def test_an_answer_lost_on_its_way_back_is_got_by_sending_again(handset: Handset, context: Context) -> None:
    """The gateway did its work, the resident never saw it: the same hop again shows the same receipt."""
    handset.dial()
    handset.type(*COMPLAINT[:-1])
    hurried = httpx.Client(base_url=handset.http.base_url, timeout=httpx.Timeout(5.0, read=0.001))
    with pytest.raises(httpx.ReadTimeout):
        hurried.post("/ussd", data=form(handset, HOPS[-1]))
    shown = handset.type(COMPLAINT[-1])
    assert handset.name == "end.receipt"
    assert handset.hop(handset.text) == shown
    assert rows(context) == FILED_ONCE


def form(handset: Handset, text: str) -> dict[str, str]:
    return {
        "sessionId": handset.session,
        "phoneNumber": handset.number,
        "networkCode": "63902",
        "serviceCode": "*384*1#",
        "text": text,
    }


@pytest.mark.parametrize("lost", range(1, len(HOPS) - 1))
def test_a_hop_that_never_arrives_costs_at_most_one_answer(handset: Handset, context: Context, lost: int) -> None:
    """The next one brings two answers: what must not be crossed unseen is shown, and the resident goes on there."""
    handset.dial()
    handset.type(*COMPLAINT[: lost - 1])
    handset.text = HOPS[lost + 1]
    handset.hop(handset.text)
    assert is_shown(handset)
    assert rows(context)[0] == 0
    go_on(handset)
    assert handset.name == "end.receipt"
    with context.work() as session:
        case = session.scalars(sa.select(Case)).one()
        assert context.vault.sealer.open(case.story_sealed, f"cases.story:{case.id}").startswith("Water point dry")
        assert (case.category, case.privacy) == ("POOR", "sms")


ANSWERS = dict(
    zip(
        ("lang", "menu", "kind", "privacy", "subcounty", "ward", "story", "confirm"),
        COMPLAINT,
        strict=True,
    )
)


def go_on(handset: Handset) -> None:
    """Answer what is shown until the session ends, as a resident would."""
    for _ in range(len(HOPS)):
        if handset.screen.startswith("END"):
            return
        handset.type(ANSWERS[handset.name])


def test_hops_that_overtake_each_other_change_nothing(handset: Handset, context: Context) -> None:
    """The network holds a hop back and delivers it after those that follow it."""
    handset.session = "ATUid_late"
    for text in ("", "1", "1*1*2", "1*1", "1*1*2*1", "1*1*2*1*4", *HOPS[6:]):
        handset.hop(text)
        assert is_shown(handset)
    assert handset.name == "end.receipt"
    handset.hop("1*1")
    assert handset.name == "kind"
    assert rows(context) == FILED_ONCE


def test_a_session_id_used_again_after_the_end_says_that_the_call_is_over(handset: Handset, context: Context) -> None:
    """The id of an ended session goes on: it is over. A real new dial carries a new id, and begins anew."""
    handset.dial()
    ended = handset.type(*COMPLAINT)
    handset.type("1")
    assert handset.name == "end.closed"
    assert handset.hop("*".join(COMPLAINT)) == ended
    first = handset.hop("")
    assert "Choose language" in first, "the first screen of the session that was, as it was"
    assert rows(context) == FILED_ONCE
    assert "Make a complaint" in handset.dial()


def test_a_session_id_used_again_by_another_number_is_another_session(
    handset: Handset, address: str, context: Context
) -> None:
    handset.dial()
    handset.type(*COMPLAINT)
    other = Handset(address, SECRET, "+254733000333")
    other.session = handset.session
    for text in HOPS:
        other.hop(text)
    assert other.name == "end.receipt"
    assert other.screen != handset.screen
    with context.work() as session:
        assert len(set(session.scalars(sa.select(Case.resident_id)))) == 2


def test_texts_of_two_sessions_mixed_hop_by_hop(handset: Handset, address: str, context: Context) -> None:
    other = Handset(address, SECRET, "+254733000333")
    theirs = [*COMPLAINT[:6], "Barabara imeharibika", "1"]
    handset.dial()
    other.dial()
    for mine, yours in zip(COMPLAINT, theirs, strict=True):
        handset.type(mine)
        other.type(yours)
    with context.work() as session:
        told = {
            context.vault.sealer.open(row.number_sealed, f"residents.number:{row.id}"): context.vault.sealer.open(
                row.story_sealed, f"cases.story:{row.case_id}"
            )
            for row in session.execute(
                sa.select(Resident.id, Resident.number_sealed, Case.id.label("case_id"), Case.story_sealed).join(
                    Case, Case.resident_id == Resident.id
                )
            )
        }
    assert told == {handset.number: "Water point dry", other.number: "Barabara imeharibika"}
