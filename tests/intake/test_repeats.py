"""No storm starts here: equal texts within seconds are one, a machine is answered so often, a sender's name never."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from gateway.channels.base import Inbound
from gateway.context import Context
from gateway.intake import sms
from gateway.intake.models import InboundMessage
from gateway.messaging.models import Message, ProviderCall
from gateway.messaging.service import STORM

NOON = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
NUMBER = "+254711000111"


@dataclass
class Line:
    """A handset that texts, and our queue behind it."""

    context: Context
    now: datetime = NOON
    texts: int = 0

    def text(self, words: str, number: str = NUMBER) -> None:
        self.texts += 1
        self.hear(words, number, f"id-{self.texts}")

    def hear(self, words: str, number: str, provider_id: str) -> None:
        context = self.context
        inbound = Inbound(provider_id, number, "22384", words, "63902", self.now)
        with context.work() as session:
            sms.receive(session, context.vault, context.pack, inbound, channel="africastalking", now=self.now)

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def send(self) -> None:
        """What is owed leaves now."""
        with self.context.work() as session:
            session.execute(
                sa.update(Message).where(Message.state == "owed").values(state="accepted", sent_at=self.now)
            )

    def owed(self) -> list[tuple[str, str]]:
        with self.context.work() as session:
            rows = session.execute(sa.select(Message.template, Message.state).order_by(Message.id))
            return [(row.template, row.state) for row in rows]

    def kept(self) -> list[str]:
        with self.context.work() as session:
            return list(session.scalars(sa.select(InboundMessage.disposition).order_by(InboundMessage.id)))


@pytest.fixture
def line(context: Context) -> Line:
    return Line(context)


def test_the_same_words_within_seconds_are_answered_once_and_kept_twice(line: Line) -> None:
    line.text("STATUS")
    line.wait(3)
    line.text("status ")
    assert line.owed() == [("nocase", "owed")]
    assert line.kept() == ["command", "ignored"]


def test_after_a_reply_of_ours_the_same_words_are_meant_again(line: Line) -> None:
    line.text("STATUS")
    line.wait(2)
    line.send()
    line.wait(2)
    line.text("STATUS")
    assert line.owed() == [("nocase", "accepted"), ("nocase", "owed")]


def test_a_reply_counts_from_when_it_left_not_from_the_providers_answer(line: Line) -> None:
    line.text("STATUS")
    line.wait(2)
    with line.context.work() as session:
        reply = session.scalars(sa.select(Message.id)).one()
        until = line.now + timedelta(seconds=60)
        session.add(ProviderCall(message_ids=[reply], leased_until=until, left_at=line.now))
    line.wait(1)
    line.text("STATUS")
    assert line.kept() == ["command", "command"]


@pytest.mark.parametrize(
    ("between", "seconds", "answers"), [("", 31, 2), ("", 29, 1), ("HELP", 2, 3), ("from another phone", 2, 2)]
)
def test_later_or_after_other_words_or_from_another_it_is_another_text(
    line: Line, between: str, seconds: float, answers: int
) -> None:
    line.text("STATUS")
    line.wait(seconds)
    if between == "HELP":
        line.text("HELP")
    line.text("STATUS", "+254711000222" if between == "from another phone" else NUMBER)
    assert len(line.owed()) == answers


def test_copies_that_come_at_the_same_moment_are_one(line: Line) -> None:
    line.text("HELP", NUMBER)
    line.wait(60)
    copies = [threading.Thread(target=line.hear, args=("STATUS", NUMBER, f"copy-{number}")) for number in range(6)]
    for copy in copies:
        copy.start()
    for copy in copies:
        copy.join()
    assert line.owed() == [("help", "owed"), ("nocase", "owed")]
    assert sorted(line.kept()) == ["command"] * 2 + ["ignored"] * 5


def test_two_machines_do_not_answer_each_other_for_ever(line: Line) -> None:
    for _ in range(STORM + 5):
        line.text("STATUS")
        line.wait(1)
        line.send()
        line.wait(1)
    states = [state for _, state in line.owed()]
    # With no answer in between, the rest are the same text once more.
    assert states == ["accepted"] * STORM + ["suppressed"]
    assert line.kept().count("ignored") == 4


@pytest.mark.parametrize("sender", ["22384", "SAFARICOM", "40404", "M-PESA", ""])
def test_a_short_code_or_a_name_is_kept_and_never_answered(line: Line, sender: str) -> None:
    for words in ("STATUS", "HELP", "Dear customer"):
        line.text(words, sender)
    assert line.owed() == []
    assert line.kept() == ["ignored"] * 3
