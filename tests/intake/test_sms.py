"""What residents text: commands, answers, words for a case, and a stranger's first words."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from gateway.cases.models import Case, CaseEvent
from gateway.cases.states import Status
from gateway.commitments.models import Follow
from gateway.context import Context
from gateway.intake.models import InboundMessage
from gateway.intake.words import Command, command, named_case, solved
from gateway.messaging.models import Message
from gateway.messaging.service import owe
from gateway.residents.models import Resident
from tests.intake.test_hops import COMPLAINT
from tests.web import Handset


def owed(context: Context) -> list[str]:
    """Templates of the messages owed, in order."""
    with context.work() as session:
        return list(session.scalars(sa.select(Message.template).order_by(Message.id)))


def dispositions(context: Context) -> list[str]:
    with context.work() as session:
        return list(session.scalars(sa.select(InboundMessage.disposition).order_by(InboundMessage.id)))


def words_in_cases(context: Context) -> list[tuple[str, str]]:
    """(four digits, words) of what residents added."""
    with context.work() as session:
        rows = session.execute(
            sa.select(Case.reference, CaseEvent.id, CaseEvent.text_sealed, CaseEvent.channel)
            .join(Case, Case.id == CaseEvent.case_id)
            .where(CaseEvent.kind == "resident_wrote")
            .order_by(CaseEvent.id)
        ).all()
        assert {row.channel for row in rows} <= {"sms"}, "how it came, not who carried it"
        return [
            (row.reference, context.vault.sealer.open(row.text_sealed, f"case_events.text:{row.id}")) for row in rows
        ]


def references(context: Context) -> list[str]:
    with context.work() as session:
        return list(session.scalars(sa.select(Case.reference).order_by(Case.id)))


def resolve(context: Context, reference: str) -> None:
    """The desk says that a case is done, and the question whether it is reaches the resident."""
    now = context.clock.now()
    with context.work() as session:
        case = session.scalars(sa.select(Case).where(Case.reference == reference)).one()
        case.status = Status.RESOLVED
        owe(
            session,
            context.vault,
            resident_id=case.resident_id,
            template="solved",
            values={"ref": reference},
            language="en",
            now=now,
            case_id=case.id,
        )
    deliver(context)


def deliver(context: Context) -> None:
    """Everything owed arrives now."""
    now = context.clock.now()
    with context.work() as session:
        session.execute(
            sa.update(Message).where(Message.state == "owed").values(state="delivered", sent_at=now, final_at=now)
        )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("STATUS", (Command.STATUS, "en")),
        (" hali. ", (Command.STATUS, "sw")),
        ("Acha", (Command.STOP, "sw")),
        ("SIMAMISHA!", (Command.STOP, "sw")),
        ("stop  all", (Command.STOP_ALL, "en")),
        ("ACHA ZOTE", (Command.STOP_ALL, "sw")),
        ("anza", (Command.START, "sw")),
        ("MSAADA?", (Command.HELP, "sw")),
        ("jiondoe", (Command.UNFOLLOW, "sw")),
        ("stop the dumping", None),
        ("please stop", None),
        ("help me with water", None),
        ("", None),
    ],
)
def test_a_command_is_the_whole_message(text: str, expected: tuple[Command, str] | None) -> None:
    assert command(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4821 it is worse", ("4821", "it is worse")),
        ("4821: 1", ("4821", "1")),
        ("4821", ("4821", "")),
        ("1 4821", ("4821", "1")),
        ("3 No, 4821.", ("4821", "3 No")),
        ("48215 words", None),
        ("1 48215", None),
        ("14821", None),
        ("since 2024 nothing", None),
        ("nothing since 2024", None),
    ],
)
def test_a_text_names_a_case_before_its_words_or_after_an_answer(text: str, expected: tuple[str, str] | None) -> None:
    assert named_case(text) == expected


def test_only_a_bare_digit_answers_the_question() -> None:
    assert [solved(text) for text in ("1", " 2. ", "3", "4", "1 but late")] == ["yes", "partly", "no", None, None]


def test_a_stranger_is_kept_in_triage_and_told_once_how_to_file(handset: Handset, context: Context) -> None:
    for text in ("The road is bad", "Hello?", "Anybody?"):
        assert handset.sms(text).status_code == 200
    assert dispositions(context) == ["triage"] * 3
    assert owed(context) == ["stranger"]
    with context.work() as session:
        row = session.scalars(sa.select(InboundMessage).order_by(InboundMessage.id)).first()
        assert row is not None
        assert b"road" not in row.text_sealed
        assert context.vault.sealer.open(row.text_sealed, f"inbound_messages.text:{row.id}") == "The road is bad"


def test_the_same_sms_brought_again_is_one_sms(handset: Handset, context: Context) -> None:
    for _ in range(3):
        assert handset.sms("The road is bad", "at-id-1").status_code == 200
    assert dispositions(context) == ["triage"]
    assert owed(context) == ["stranger"]


def test_words_join_the_case_they_name_else_the_one_last_written_about(handset: Handset, context: Context) -> None:
    handset.dial()
    handset.type(*COMPLAINT)
    handset.dial()
    handset.type(*COMPLAINT[1:])  # the language is remembered now
    first, second = references(context)
    handset.sms(f"{first} the pump is still dry")
    handset.sms("and the second one too")
    handset.sms("9999 is what my meter reads")
    assert words_in_cases(context) == [
        (first, "the pump is still dry"),
        (first, "and the second one too"),
        (first, "9999 is what my meter reads"),
    ]
    assert owed(context) == ["receipt", "receipt", "added"]
    assert second != first


def test_four_digits_do_nothing_from_another_number(handset: Handset, context: Context) -> None:
    handset.dial()
    handset.type(*COMPLAINT)
    handset.number = "+254733000333"
    handset.sms(f"{references(context)[0]} this is not my case")
    assert words_in_cases(context) == []
    assert dispositions(context) == ["triage"]


def test_the_resident_says_not_solved_and_corrects_it(handset: Handset, context: Context) -> None:
    handset.dial()
    handset.type(*COMPLAINT)
    (reference,) = references(context)
    resolve(context, reference)
    statuses = []
    for answer in ("3", "2", f"{reference} 1"):
        handset.sms(answer)
        with context.work() as session:
            statuses.append(session.scalars(sa.select(Case.status)).one())
    assert statuses == ["reopened", "confirmed", "confirmed"]
    assert owed(context) == ["receipt", "solved", "solved3", "solved2", "solved1"]


def test_stop_ends_follows_and_start_brings_them_back(handset: Handset, context: Context) -> None:
    handset.dial()
    handset.type("1", "4", "1", "1", "1")
    with context.work() as session:
        assert session.scalars(sa.select(Follow.until)).all() == [None]
    handset.sms("STOP")
    with context.work() as session:
        assert session.scalars(sa.select(Follow.until)).one() is not None
        resident = session.scalars(sa.select(Resident)).one()
        assert resident.stopped_broadcasts_at is not None
        assert resident.stopped_all_at is None
    handset.sms("ACHA ZOTE")
    with context.work() as session:
        assert session.scalars(sa.select(Resident.stopped_all_at)).one() is not None
    handset.sms("ANZA")
    with context.work() as session:
        assert session.scalars(sa.select(Follow.until)).all() == [None]
        assert session.execute(sa.select(Resident.stopped_all_at, Resident.stopped_broadcasts_at)).one() == (None, None)
    assert owed(context)[-3:] == ["stop", "stopall", "start"]


def test_status_tells_digits_date_and_state_never_the_matter(handset: Handset, context: Context) -> None:
    handset.sms("HALI")
    assert owed(context) == ["nocase"]
    handset.dial()
    handset.type(*COMPLAINT[1:] if "Language" not in handset.screen else COMPLAINT)
    assert handset.sms("STATUS").status_code == 200
    assert owed(context)[-1] == "status"


@pytest.mark.parametrize("sender", ["SAFARICOM", "22384", "+2541"])
def test_a_machine_is_never_answered(handset: Handset, context: Context, sender: str) -> None:
    handset.number = sender
    assert handset.sms("You have won").status_code == 200
    assert (dispositions(context), owed(context)) == (["ignored"], [])
