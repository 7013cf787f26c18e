"""A worker killed between any two steps of a call: nothing is stuck, nothing is lost, nothing doubled in silence."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from gateway.channels.africastalking import AfricasTalking
from gateway.channels.base import Fate, Report
from gateway.context import Context
from gateway.intake import reports as intake
from gateway.messaging import drain as draining
from gateway.messaging import sending, settling, sweeping
from gateway.messaging.outcomes import UNKNOWN_LIMIT
from gateway.settings import Settings
from tests.channels.provider import Provider, Says, provider, recipient, sent
from tests.messaging.conftest import Desk, Hand
from tests.worker.conftest import eventually

NUMBERS = [f"+25471100020{place}" for place in range(3)]
"""Three people, each with a text of their own: three calls, and the worker dies in the second."""


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _at_turn(turn: int, verb: Callable[..., Any], *, after: bool) -> Callable[..., Any]:
    """`verb`, in whose so manieth turn the process dies: before it does its work, or after."""
    turns = 0

    def dying(*args: Any, **options: Any) -> Any:
        nonlocal turns
        turns += 1
        if turns == turn and not after:
            _die()
        done = verb(*args, **options)
        if turns == turn:
            _die()
        return done

    return dying


SENT = "the provider has it"

STEPS: dict[str, tuple[Any, str, int, bool]] = {
    "claimed, not committed": (sending, "claim", 1, True),
    "listed, nothing dated": (sending, "depart", 1, False),
    "the first answer not written, the second call not dated": (sending, "depart", 2, False),
    "the second call dated, not committed": (sending, "depart", 2, True),
    "dated, not sent": (AfricasTalking, "send", 2, False),
    SENT: (AfricasTalking, "send", 2, True),
    "its answer about to be written": (settling, "settle", 2, False),
    "its answer written, not committed": (settling, "settle", 2, True),
    "all written": (draining._Drain, "report", 1, False),
}
"""Where the process dies: whose function, at which turn, before its work or after."""

REACHED = {
    "claimed, not committed": 0,
    "listed, nothing dated": 0,
    "the first answer not written, the second call not dated": 1,
    "the second call dated, not committed": 1,
    "dated, not sent": 1,
    SENT: 2,
    "its answer about to be written": 2,
    "its answer written, not committed": 2,
    "all written": 3,
}
"""How many texts the dead worker had handed over."""

LEFT: dict[str, dict[str, int]] = {
    "claimed, not committed": {"owed": 3},
    "listed, nothing dated": {"owed": 3},
    "the first answer not written, the second call not dated": {"unknown": 1, "owed": 2},
    "the second call dated, not committed": {"unknown": 1, "owed": 2},
    "dated, not sent": {"accepted": 1, "unknown": 1, "owed": 1},
    SENT: {"accepted": 1, "unknown": 1, "owed": 1},
    "its answer about to be written": {"accepted": 1, "unknown": 1, "owed": 1},
    "its answer written, not committed": {"accepted": 1, "unknown": 1, "owed": 1},
    "all written": {"accepted": 3},
}
"""What the sweep makes of it: never more than one call of unknown fate."""


def _doomed(settings: Settings, clock: Hand, lane: str, step: str) -> None:
    """A worker's job, in a process of its own, that dies at a step."""
    whose, name, turn, after = STEPS[step]
    setattr(whose, name, _at_turn(turn, getattr(whose, name), after=after))
    context = Context.make(settings)
    object.__setattr__(context, "clock", clock)
    draining.drain(context, AfricasTalking(settings), lane)


def kill_at(desk: Desk, told: Provider, lane: str, step: str) -> None:
    settings = desk.context.settings.model_copy(update={"africastalking_url": told.url})
    desk.context.engine.dispose()  # connections do not survive a fork
    process = multiprocessing.get_context("fork").Process(target=_doomed, args=(settings, desk.clock, lane, step))
    process.start()
    process.join(20)
    assert process.exitcode == -signal.SIGKILL


def three_owed(desk: Desk, lane: str) -> list[UUID]:
    for number in NUMBERS:
        resident = desk.resident(number=number)
        if lane == "replies":
            desk.owe(resident, ref=number[-4:])
        else:
            desk.broadcast({"en": f"News {number[-1]}."}, audience=sa.select(sa.literal(resident)))
    return [message.id for message in desk.all()]


def sweep(desk: Desk, **span: float) -> None:
    desk.clock.pass_(**span)
    with desk.context.work() as session:
        sweeping.sweep(session, desk.clock.now(), None)


def states(desk: Desk) -> Counter[str]:
    return Counter(desk.state(message.id)[0] for message in desk.all())


def heard(told: Provider) -> Counter[str]:
    return Counter(form["to"] for form in told.heard)


@pytest.mark.parametrize(
    ("step", "lane"), [*((step, "replies") for step in STEPS), ("dated, not sent", "broadcasts"), (SENT, "broadcasts")]
)
def test_whatever_the_step_nothing_is_stuck_lost_or_doubled_in_silence(desk: Desk, step: str, lane: str) -> None:
    three_owed(desk, lane)
    with provider(Says(body=sent(*map(recipient, NUMBERS)))) as told:
        kill_at(desk, told, lane, step)
        assert sum(heard(told).values()) == REACHED[step]
        in_hand = 3 - LEFT[step].get("accepted", 0) if desk.calls() else 0
        assert states(desk)["leased"] == in_hand
        sweep(desk, seconds=61)
        assert states(desk) == LEFT[step]
        assert desk.calls() == 0
        desk.drain(told.url, lane)
        assert states(desk)["owed"] == 0
        assert set(heard(told).values()) <= {1}, "so far nobody has a text twice"
        sweep(desk, seconds=UNKNOWN_LIMIT.total_seconds())  # no report ever came
        desk.drain(told.url, lane)
    _nothing_in_silence(desk, told, lane)


def _nothing_in_silence(desk: Desk, told: Provider, lane: str) -> None:
    """Each has its text once; whose did not leave, or came twice, is listed or marked."""
    rows = desk.all()
    assert desk.calls() == 0
    assert {row.state for row in rows} <= {"accepted", "unknown"}
    for row in rows:
        times = heard(told)[desk.numbers[row.resident_id]]
        if lane == "replies":  # the doubt costs at most one text more, and it is marked
            assert row.state == "accepted"
            assert 1 <= times <= 1 + row.possible_repeat
        else:  # a broadcast is not sent again: it stays listed
            assert not row.possible_repeat
            assert times == 1 if row.state == "accepted" else times <= 1


@pytest.mark.parametrize("lane", ["replies", "broadcasts"])
def test_the_report_of_a_call_whose_worker_died_ends_the_doubt(desk: Desk, lane: str) -> None:
    three_owed(desk, lane)
    with provider(Says(body=sent(*map(recipient, NUMBERS)))) as told:
        kill_at(desk, told, lane, SENT)
        sweep(desk, seconds=61)
        (doubted,) = [row for row in desk.all() if row.state == "unknown"]
        number = desk.numbers[doubted.resident_id]
        report = Report("ATXid_9", "Success", Fate.DELIVERED, "", "63902", number)
        with desk.context.work() as session:
            intake.take_reports(
                session, [report], channel="africastalking", now=desk.clock.now(), vault=desk.context.vault
            )
        sweep(desk, seconds=31)
        assert desk.state(doubted.id) == ("delivered", "")
        sweep(desk, hours=1)
        desk.drain(told.url, lane)
    assert heard(told) == dict.fromkeys(NUMBERS, 1)


AT_THE_GATE = "(SELECT pg_advisory_xact_lock_shared(4)::text) IS NOT NULL"
"""Waits within a statement, when its snapshot is taken and before it locks its first row."""


def claim(desk: Desk) -> list[UUID]:
    vault, guide, now = desk.context.vault, desk.context.pack.guide, desk.clock.now()
    with desk.context.work() as session:
        calls = sending.claim(session, vault, guide, "replies", limit=2, batch=100, now=now)
    return [UUID(one) for call in calls for one in call.message_ids]


def test_a_claim_that_looked_before_another_committed_takes_nothing_twice(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The late worker's statement has begun, another claims and commits, and only then does the late one lock rows."""
    for number in NUMBERS:
        desk.owe(desk.resident(number=number))
    with desk.context.engine.connect() as gate, ThreadPoolExecutor(1) as pool:
        gate.execute(sa.text("SELECT pg_advisory_lock(4)"))
        monkeypatch.setattr(sending, "_TAKE", sending._TAKE.where(sa.text(AT_THE_GATE)))
        late = pool.submit(claim, desk)
        eventually(lambda: gate.scalar(sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted AND objid = 4")))
        monkeypatch.undo()
        first = claim(desk)
        gate.execute(sa.text("SELECT pg_advisory_unlock(4)"))
        rest = late.result(20)
    assert (len(first), len(rest)) == (2, 1)
    assert not set(first) & set(rest)


def test_workers_that_race_send_each_text_once(desk: Desk) -> None:
    people = [desk.resident() for _ in range(120)]
    for person in people:
        desk.owe(person, "help")
    numbers = [desk.numbers[person] for person in people]
    with provider(Says(body=sent(*map(recipient, numbers)))) as told, ThreadPoolExecutor(4) as pool:
        for racing in [pool.submit(desk.drain, told.url) for _ in range(4)]:
            racing.result(30)
    assert Counter(one for form in told.heard for one in form["to"].split(",")) == dict.fromkeys(numbers, 1)
    assert states(desk) == {"accepted": 120}
