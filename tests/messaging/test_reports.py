"""Delivery reports: early, late, twice, out of order, of nobody's; and the moves that they may not make."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest
import sqlalchemy as sa

from gateway.channels import africastalking as at
from gateway.channels.base import Fate, Layer, Outcome, Report
from gateway.intake import reports as intake
from gateway.intake.callbacks import taking_reports
from gateway.intake.models import DeliveryReport, SessionEnd
from gateway.messaging import reports, sweeping
from gateway.messaging.drain import drain
from gateway.messaging.states import FINAL, MOVES, State, allowed, sources
from gateway.residents.models import Resident
from tests.channels.provider import Says, provider, recipient, sent
from tests.loops import play_out
from tests.messaging.conftest import Desk, leave_leased

WORDS = {Fate.ON_THE_WAY: "Sent", Fate.DELIVERED: "Success", Fate.FAILED: "Failed", Fate.EXPIRED: "Expired"}


def report(desk: Desk, status: str, provider_id: str = "ATXid_1", number: str = "", reason: str = "") -> bool:
    """As the callback brings it."""
    told = Report(provider_id, status, at.FATES.get(status.lower(), Fate.UNTOLD), reason, "63902", number)
    return bool(report_together(desk, told))


def report_together(desk: Desk, *told: Report) -> int:
    with desk.context.work() as session:
        return intake.take_reports(session, told, channel=at.NAME, now=desk.clock.now(), vault=desk.context.vault)


def sent_message(desk: Desk, state: State, provider_id: str | None = "ATXid_1", **values: object) -> UUID:
    message = desk.owe(desk.resident())
    final = desk.clock.now() if state in FINAL else None
    if state is State.LEASED:
        leave_leased(desk, message, departed=False)
    stored = State.OWED if state is State.LEASED else state
    desk.set(
        message,
        state=stored,
        reason="before",
        provider_message_id=provider_id,
        sent_at=desk.clock.now(),
        final_at=final,
        **values,
    )
    return message


# What a report does in each state. A message owed again waits for its own send; a leased one for its own answer.
EXPECTED = {
    (state, fate): to
    if allowed(state, to) and not (state is State.OWED or (state, to) == (State.LEASED, State.ACCEPTED))
    else state
    for state in State
    for fate, to in reports.STATES.items()
}


def test_a_report_moves_a_message_only_along_the_table(desk: Desk) -> None:
    for number, ((state, fate), expected) in enumerate(EXPECTED.items()):
        message = sent_message(desk, state, f"ATXid_{number}")
        assert report(desk, WORDS[fate], f"ATXid_{number}")
        found = desk.message(message)
        assert desk.state(message)[0] == expected, f"{fate} while {state}"
        assert (found.reason == "before") is (expected is state)
        assert (found.final_at is not None) is (expected in FINAL)


@pytest.mark.parametrize("state", sorted(FINAL))
@pytest.mark.parametrize("to", State)
def test_a_final_state_never_moves(state: State, to: State) -> None:
    assert not allowed(state, to)


@pytest.mark.parametrize(("state", "to"), [(state, to) for state in State for to in State if to not in MOVES[state]])
def test_no_forbidden_move_is_a_source(state: State, to: State) -> None:
    assert state not in sources(to)


def test_the_forbidden_moves_that_would_lie() -> None:
    for state, to in [
        (State.OWED, State.ACCEPTED),
        (State.OWED, State.DELIVERED),
        (State.HELD, State.LEASED),
        (State.ACCEPTED, State.OWED),
        (State.ACCEPTED, State.LEASED),
        (State.ACCEPTED, State.SUPPRESSED),
        (State.UNKNOWN, State.LEASED),
        (State.UNKNOWN, State.SUPPRESSED),
    ]:
        assert not allowed(state, to), f"{state} must not become {to}"


def test_out_of_order_a_late_word_moves_nothing_back(desk: Desk) -> None:
    message = sent_message(desk, State.ACCEPTED)
    for status in ("Buffered", "Success", "Sent", "Failed", "Submitted", "Expired"):
        report(desk, status)
    assert desk.state(message) == ("delivered", "")
    with desk.context.work() as session:
        assert session.scalars(sa.select(DeliveryReport.message_id)).all() == [message] * 6


def test_twice_is_once(desk: Desk) -> None:
    message = sent_message(desk, State.ACCEPTED)
    assert [report(desk, "Success") for _ in range(3)] == [True, False, False]
    assert desk.state(message) == ("delivered", "")


def told(status: str, place: int, reason: str = "", number: str = "") -> Report:
    return Report(f"ATXid_{place}", status, at.FATES.get(status.lower(), Fate.UNTOLD), reason, "63902", number)


def test_together_they_do_what_each_would_do_alone(desk: Desk) -> None:
    first, second, third, waits, blocks = (
        sent_message(desk, state, f"ATXid_{place}")
        for place, state in enumerate(
            (State.ACCEPTED, State.UNKNOWN, State.ACCEPTED, State.OWED, State.ACCEPTED), start=1
        )
    )
    heard = [
        told("Success", 1),
        told("Sent", 2),
        told("Failed", 3, "DeliveryFailure"),
        told("Success", 4),
        told("Failed", 5, "UserInBlackList"),
        told("Failed", 1),
        told("Success", 1),  # twice
        told("Success", 9, number="+254799999999"),  # nobody's
        told("Success", 2),
        told("Success", 3),
    ]
    assert report_together(desk, *heard) == 9
    assert report_together(desk, *heard) == 0
    assert [desk.state(one) for one in (first, second, third, waits, blocks)] == [
        ("delivered", ""),
        ("delivered", ""),
        ("failed", "delivery_failure"),
        ("owed", "before"),
        ("failed", "user_in_black_list"),
    ]
    with desk.context.work() as session:
        kept = session.execute(sa.select(DeliveryReport.provider_message_id, DeliveryReport.message_id)).all()
        assert sorted(kept, key=str) == sorted(
            [("ATXid_1", first)] * 2
            + [("ATXid_2", second)] * 2
            + [("ATXid_3", third)] * 2
            + [("ATXid_4", waits), ("ATXid_5", blocks), ("ATXid_9", None)],
            key=str,
        )
        blocked = session.scalars(sa.select(Resident.id).where(Resident.unreachable_since.is_not(None))).all()
        assert blocked == [desk.message(blocks).resident_id]


def test_what_cannot_be_kept_keeps_no_other_from_it(desk: Desk) -> None:
    messages = [sent_message(desk, State.ACCEPTED, f"ATXid_{place}") for place in range(40)]
    commits = 0

    def counted(_: sa.Connection) -> None:
        nonlocal commits
        commits += 1

    answers: list[BaseException | None] = []

    async def bring() -> None:
        taking = taking_reports(desk.context, at.NAME)
        heard = [told("Success", place) for place in range(40)] + [told("word" * 20, 7)]
        answers.extend(await asyncio.gather(*(taking.add(one) for one in heard), return_exceptions=True))

    sa.event.listen(desk.context.engine, "commit", counted)
    play_out(bring)
    sa.event.remove(desk.context.engine, "commit", counted)
    assert answers[:40] == [None] * 40
    assert isinstance(answers[40], sa.exc.DataError)
    assert {desk.state(message) for message in messages} == {("delivered", "")}
    assert commits == 40  # the one that cannot be kept sends the others back, each to a transaction of its own

    sa.event.listen(desk.context.engine, "commit", counted)
    again = [told("Sent", place) for place in range(40)]

    async def bring_again() -> None:
        taking = taking_reports(desk.context, at.NAME)
        await asyncio.gather(*(taking.add(one) for one in again))

    play_out(bring_again)
    sa.event.remove(desk.context.engine, "commit", counted)
    assert commits <= 42, "what arrives together is committed together"


def test_an_unknown_word_is_kept_and_moves_nothing(desk: Desk) -> None:
    message = sent_message(desk, State.ACCEPTED)
    assert report(desk, "DeliveredToMoon")
    assert desk.state(message) == ("accepted", "before")
    with desk.context.work() as session:
        kept = session.scalars(sa.select(DeliveryReport)).one()
        assert (kept.status, kept.fate, kept.message_id) == ("DeliveredToMoon", "untold", message)


WHY_NOT = [
    ("Failed", "DeliveryFailure", ("failed", "delivery_failure")),
    ("Failed", "", ("failed", "failed")),
    ("AbsentSubscriber", "", ("failed", "absent_subscriber")),
    ("Rejected", "UserDoesNotExist", ("failed", "user_does_not_exist")),
    ("Expired", "", ("expired", "expired")),
]


def test_why_not(desk: Desk) -> None:
    for number, (status, reason, state) in enumerate(WHY_NOT):
        message = sent_message(desk, State.ACCEPTED, f"ATXid_{number}")
        report(desk, status, f"ATXid_{number}", reason=reason)
        assert desk.state(message) == state


def test_a_number_that_blocks_sms_is_marked_until_one_arrives(desk: Desk) -> None:
    message = sent_message(desk, State.ACCEPTED)
    resident = desk.message(message).resident_id

    def unreachable() -> bool:
        with desk.context.work() as session:
            return session.get_one(Resident, resident).unreachable_since is not None

    report(desk, "Failed", reason="UserInBlackList")
    assert unreachable()
    other = desk.owe(resident)
    desk.set(other, state="accepted", provider_message_id="ATXid_2")
    report(desk, "Success", "ATXid_2")
    assert not unreachable()


def test_a_report_that_came_before_the_call_returned_is_found_when_it_does(desk: Desk) -> None:
    message = desk.owe(desk.resident(number="+254711000111"))
    assert report(desk, "Success", "ATXid_0111")
    assert desk.state(message) == ("owed", "")
    with provider(Says(body=sent(recipient("+254711000111")))) as told:
        desk.drain(told.url)
    assert desk.state(message) == ("delivered", "")


def test_two_that_crossed_in_flight_meet_at_the_sweep(desk: Desk) -> None:
    report(desk, "Success")
    message = sent_message(desk, State.ACCEPTED)  # settled in a transaction that could not see the report
    with desk.context.work() as session:
        assert sweeping.sweep(session, desk.clock.now(), None).matched == 1
    assert desk.state(message) == ("delivered", "")


def test_a_call_that_broke_brings_no_id_and_its_report_is_known_by_its_number(desk: Desk) -> None:
    first, second = sent_message(desk, State.UNKNOWN, None), None
    resident = desk.message(first).resident_id
    desk.clock.pass_(seconds=1)
    second = desk.owe(resident)
    desk.set(second, state="unknown", sent_at=desk.clock.now())
    desk.clock.pass_(seconds=5)
    report(desk, "Success", "ATXid_9", number=desk.numbers[resident].replace("+", " "))
    with desk.context.work() as session:
        assert sweeping.sweep(session, desk.clock.now(), None).matched == 0  # it may still be another call's
    desk.clock.pass_(seconds=31)
    with desk.context.work() as session:
        assert sweeping.sweep(session, desk.clock.now(), None).matched == 1
    assert (desk.state(first), desk.state(second)) == (("delivered", ""), ("unknown", ""))
    assert desk.message(first).provider_message_id == "ATXid_9"


class Slow:
    """A channel whose provider delivers and reports within a second, and lets the call run out of time."""

    name, batch, two_way = "africastalking", 100, True

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def send(self, text: str, numbers: Sequence[str]) -> list[Outcome]:
        self._desk.clock.pass_(seconds=1)
        for number in numbers:
            report(self._desk, "Success", "ATXid_9", number=number)
        self._desk.clock.pass_(seconds=11)
        return [Outcome(number, Layer.TRANSPORT, "timeout") for number in numbers]


def test_a_report_that_came_before_the_call_ran_out_of_time_ends_the_doubt(desk: Desk) -> None:
    message = desk.owe(desk.resident())
    drain(desk.context, Slow(desk), "replies")
    assert desk.state(message) == ("unknown", "no_answer")
    desk.clock.pass_(minutes=20)
    with desk.context.work() as session:
        swept = sweeping.sweep(session, desk.clock.now(), None)
    assert (swept.matched, swept.sent_again) == (1, 0)
    assert desk.state(message) == ("delivered", "")


def test_a_report_of_nobodys_message_is_kept_and_disturbs_nothing(desk: Desk) -> None:
    message = sent_message(desk, State.UNKNOWN, None)
    desk.clock.pass_(seconds=5)
    report(desk, "Success", "ATXid_9", number="+254799999999")
    report(desk, "Success", "")
    desk.clock.pass_(seconds=31)
    with desk.context.work() as session:
        assert sweeping.sweep(session, desk.clock.now(), None).matched == 0
        assert session.scalar(sa.select(sa.func.count()).select_from(DeliveryReport)) == 2
    assert desk.state(message) == ("unknown", "before")


def test_an_opt_out_at_the_operator_counts_as_stop(desk: Desk) -> None:
    resident = desk.resident(number="+254711000111")
    with desk.context.work() as session:
        assert intake.take_opt_out(session, desk.context.vault, "+254711000111", now=desk.clock.now())
        assert not intake.take_opt_out(session, desk.context.vault, "+254799999999", now=desk.clock.now())
    desk.broadcast()
    assert desk.all() == []
    assert desk.state(desk.owe(resident)) == ("owed", "")


def test_the_end_of_a_session_is_kept_once(desk: Desk) -> None:
    for status, cost in (("Incomplete", "0.00"), ("Success", "KES 0.10")):
        ended = at.decode_end(f"sessionId=A&status={status}&cost={cost}&hopsCount=4&hopsMetadata=start|end".encode())
        with desk.context.work() as session:
            intake.take_session_end(session, ended, session_key=b"k" * 32, channel=at.NAME, now=desk.clock.now())
    with desk.context.work() as session:
        kept = session.scalars(sa.select(SessionEnd)).one()
        assert (kept.status, kept.cost, kept.hops, kept.last_screen) == ("Success", "KES 0.10", 4, "end")
