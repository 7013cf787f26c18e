"""Which question a bare digit answers, told as what arrived on a phone and what its owner sent back."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from gateway.cases.filing import Filing, file_case
from gateway.cases.models import Case
from gateway.cases.states import Status
from gateway.context import Context
from gateway.messaging.models import Message
from gateway.messaging.service import owe
from gateway.residents import service as residents
from tests.intake.test_conversations import phone  # noqa: F401  # a fixture
from tests.intake.test_sms import words_in_cases
from tests.texting import Texter

NUMBER = "+254711000111"
A_CASE = Filing(
    kind="complaint",
    category="DELAY",
    privacy="sms",
    story="Water",
    language="en",
    channel="africastalking",
    resident=None,
    area="202",
    ward="1017",
)


class Desk:
    """Two cases of one resident, A and B, and what the desk says of them."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.cases: dict[str, Case] = {}
        for name in "AB":
            with context.work() as session:
                now = context.clock.now()
                resident = residents.keep(session, context.vault, NUMBER, language="en", now=now)
                filing = Filing(**{**{f: getattr(A_CASE, f) for f in A_CASE.__slots__}, "resident": resident})
                filed = file_case(session, context.vault, filing, pack=context.pack, effect_key=None, now=now)
                self.cases[name] = session.get_one(Case, filed.id)

    def resolve(self, name: str, state: str = "delivered", *, ago: timedelta = timedelta()) -> None:
        """A case is done; the question about it is in `state`, since so long."""
        case, then = self.cases[name], self.context.clock.now() - ago
        with self.context.work() as session:
            session.execute(sa.update(Case).where(Case.id == case.id).values(status=Status.RESOLVED))
            message = owe(
                session,
                self.context.vault,
                resident_id=case.resident_id,
                template="solved",
                values={"ref": case.reference},
                language="en",
                now=then,
                case_id=case.id,
            )
            left = then if state not in ("owed", "held") else None
            final = then if state == "delivered" else None
            values = {"state": state, "sent_at": left, "final_at": final}
            session.execute(sa.update(Message).where(Message.id == message).values(values))

    def close(self, name: str) -> None:
        with self.context.work() as session:
            of_case = Case.id == self.cases[name].id
            session.execute(sa.update(Case).where(of_case).values(status=Status.CLOSED_UNCONFIRMED))

    def stands(self) -> dict[str, str]:
        with self.context.work() as session:
            return {name: session.get_one(Case, case.id).status for name, case in self.cases.items()}

    def told(self, text: str) -> str:
        """`text` with {A} and {B} for the four digits of the cases."""
        return text.format(**{name: case.reference for name, case in self.cases.items()})


@pytest.fixture
def desk(context: Context) -> Desk:
    return Desk(context)


DAY = timedelta(days=1)

# What happened before, what is sent, and what comes of it: the statuses of A and B, and how the answer begins.
STORIES = [
    pytest.param([("A", "delivered", 0 * DAY)], "3", "reopened received", "Baraza {A}: you answered 3", id="delivered"),
    pytest.param(
        [("A", "accepted", DAY)], "1", "confirmed received", "Baraza {A}: you answered 1", id="sent, never reported on"
    ),
    pytest.param([("A", "unknown", DAY)], "2", "confirmed received", "Baraza {A}: you answered 2", id="perhaps sent"),
    pytest.param([("A", "held", 0 * DAY)], "1", "resolved received", "", id="held until morning: nothing was asked"),
    pytest.param([("A", "owed", 0 * DAY)], "1", "resolved received", "", id="not sent yet"),
    pytest.param([("A", "failed", 0 * DAY)], "1", "resolved received", "", id="never arrived"),
    pytest.param(
        [("A", "delivered", 6.9 * DAY)], "1", "confirmed received", "Baraza {A}: you answered 1", id="six days later"
    ),
    pytest.param([("A", "delivered", 7.1 * DAY)], "1", "resolved received", "", id="after seven days it is a word"),
    pytest.param(
        [("A", "delivered", 8 * DAY)],
        "{A} 1",
        "confirmed received",
        "Baraza {A}: you answered 1",
        id="after seven days by its name",
    ),
    pytest.param(
        [("A", "delivered", DAY), ("B", "delivered", 0 * DAY)],
        "1",
        "resolved resolved",
        "Baraza: more than one question waits for you. Answer again and name the one you mean:\n{B} 1\n{A} 1",
        id="two open questions",
    ),
    pytest.param(
        [("A", "delivered", DAY), ("B", "delivered", 0 * DAY)],
        "{A} 1",
        "confirmed resolved",
        "Baraza {A}: you answered 1",
        id="two open questions, one named",
    ),
    pytest.param(
        [("A", "delivered", DAY), ("B", "held", 0 * DAY)],
        "3",
        "reopened resolved",
        "Baraza {A}: you answered 3",
        id="the second was not delivered",
    ),
    pytest.param(
        [("A", "delivered", 8 * DAY), ("B", "delivered", DAY)],
        "3",
        "resolved reopened",
        "Baraza {B}: you answered 3",
        id="the first is too old",
    ),
    pytest.param([("A", "delivered", DAY)], "4", "resolved received", "", id="not among the answers"),
    pytest.param([("A", "delivered", DAY)], "{A} 03)", "reopened received", "Baraza {A}: you answered 3", id="03)"),
    pytest.param(
        [("A", "delivered", DAY), ("B", "delivered", 0 * DAY)],
        "1 {A}",
        "confirmed resolved",
        "Baraza {A}: you answered 1",
        id="the answer before the case it is for",
    ),
    pytest.param([("A", "delivered", DAY)], "Ndiyo.", "confirmed received", "Baraza {A}: you answered 1", id="a word"),
    pytest.param([("A", "delivered", DAY)], "2 Partly", "confirmed received", "Baraza {A}: you answered 2", id="both"),
    pytest.param([("A", "delivered", DAY)], "1 no", "resolved received", "", id="at odds with itself"),
    pytest.param([("A", "delivered", 8 * DAY)], "No", "resolved received", "", id="a word after seven days"),
    pytest.param(
        [("A", "delivered", DAY), ("B", "delivered", 0 * DAY)],
        "No",
        "resolved resolved",
        "Baraza: more than one question waits for you. Answer again and name the one you mean:\n{B} 3\n{A} 3",
        id="two open questions and a word",
    ),
    pytest.param([("A", "delivered", DAY)], "1 but late", "resolved received", "", id="a digit with words"),
]


@pytest.mark.parametrize(("before", "sent", "stands", "answer"), STORIES)
def test_a_bare_digit(
    phone: Texter,  # noqa: F811
    desk: Desk,
    before: list[tuple[str, str, timedelta]],
    sent: str,
    stands: str,
    answer: str,
) -> None:
    for name, state, ago in before:
        desk.resolve(name, state, ago=ago)
    phone.post(NUMBER, desk.told(sent))
    owed = [text for text in phone.read() if "we are told this is done" not in text]
    assert " ".join(desk.stands().values()) == stands
    if answer:
        assert len(owed) == 1
        assert owed[0].startswith(desk.told(answer))
    else:
        assert [words for _, words in words_in_cases(desk.context)] == [sent], "kept as words"


def test_an_answer_is_corrected_until_something_new_is_asked(phone: Texter, desk: Desk) -> None:  # noqa: F811
    desk.resolve("A")
    assert "Mistake? SMS 1 or 2 to 22384" in phone.text("3")[0]
    phone.text("No")  # people also just say so: it is kept as words
    assert desk.stands()["A"] == "reopened"
    assert phone.text("1")[0].startswith(desk.told("Baraza {A}: you answered 1"))
    desk.resolve("B")
    assert phone.text("3")[0].startswith(desk.told("Baraza {B}: you answered 3")), "the new question has the digit"
    assert phone.text(desk.told("{A} 2"))[0].startswith(desk.told("Baraza {A}: you answered 2"))
    assert desk.stands() == {"A": "confirmed", "B": "reopened"}


def test_after_one_of_two_is_answered_by_name_the_other_is_not_taken_for_a_correction(
    phone: Texter,  # noqa: F811
    desk: Desk,
) -> None:
    desk.resolve("A", ago=DAY)
    desk.resolve("B")
    phone.text(desk.told("{A} 3"))
    assert phone.text("1")[0].endswith(desk.told("{A} 1\n{B} 1")), "it could be either: name it"
    assert desk.stands() == {"A": "reopened", "B": "resolved"}


def test_resolved_again_after_an_answer_it_is_asked_again_before_it_counts(
    phone: Texter,  # noqa: F811
    desk: Desk,
) -> None:
    desk.resolve("A")
    phone.text("3")
    desk.resolve("A", "held")
    phone.post(NUMBER, "1")
    assert desk.stands()["A"] == "resolved"


def test_a_question_that_is_closed_takes_no_digit(phone: Texter, desk: Desk) -> None:  # noqa: F811
    desk.resolve("A")
    desk.close("A")
    phone.text("1")
    assert desk.stands()["A"] == "closed_unconfirmed"


def test_the_menu_that_was_asked_for_last_takes_the_digit(phone: Texter, desk: Desk) -> None:  # noqa: F811
    desk.resolve("A", ago=timedelta(minutes=1))
    phone.text("MENU")
    assert phone.text("1")[0].startswith("What went wrong?")
    assert phone.text(desk.told("{A} 3"))[0].startswith(desk.told("Baraza {A}: you answered 3"))
    assert phone.text("2")[0].startswith(desk.told("Baraza: more than one question waits")), "menu, or a correction"


def test_a_question_that_comes_into_an_open_menu_makes_two(phone: Texter, desk: Desk) -> None:  # noqa: F811
    phone.text("MENU")
    desk.resolve("A")
    assert phone.text("1")[0].endswith(desk.told("{A} 1\nMENU 1"))
    assert desk.stands()["A"] == "resolved"
    assert phone.text("MENU 1")[0].startswith("What went wrong?")
    assert phone.text("5")[0].startswith("Who may know your phone number?"), "no answer to a case: the menu's"


def test_words_are_asked_for_and_a_digit_comes(phone: Texter, desk: Desk) -> None:  # noqa: F811
    for answer in ("MENU", "1", "1", "1", "4", "6"):
        phone.text(answer)
    desk.resolve("A")
    assert phone.text("3")[0].startswith(desk.told("Baraza {A}: you answered 3"))
    assert '"The pump"' in phone.text("The pump")[0]
