"""From owed to handed over: real rows, the real SDK, a provider that does as the test says."""

from __future__ import annotations

import threading
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.messaging import drain as draining
from gateway.messaging import sending, service
from gateway.messaging.models import ProviderCall
from gateway.messaging.states import State
from gateway.residents import service as residents
from gateway.residents.models import Resident
from gateway.residents.sealing import Lookup, Sealer, Vault
from tests.channels.provider import Provider, Says, closed_port, provider, recipient, sent
from tests.messaging.conftest import Desk


def accepting(*numbers: str, code: int = 101, **changes: object) -> Says:
    return Says(body=sent(*(recipient(number, code) | changes for number in numbers)))


def one_owed(desk: Desk, **options: Any) -> tuple[UUID, str]:
    resident = desk.resident()
    return desk.owe(resident, **options), desk.numbers[resident]


def drained(desk: Desk, says: Says, **options: Any) -> tuple[UUID, Provider]:
    """One reply owed and one run against a provider that says this."""
    message, number = one_owed(desk, **options)
    if "+" not in says.body and says.status == 201 and says.body == "{}":
        says = replace(says, body=sent(recipient(number)))
    with provider(says) as told:
        desk.drain(told.url)
    return message, told


def test_a_reply_goes_out_in_the_residents_language_and_is_written_down(desk: Desk) -> None:
    resident = desk.resident(number="+254711000111")
    message = desk.owe(resident, language="sw")
    with provider(accepting("+254711000111")) as told:
        assert desk.drain(told.url) is False
    assert told.heard[0]["message"].startswith("Baraza 4821: kuna jibu lako")
    assert told.heard[0]["to"] == "+254711000111"
    row = desk.message(message)
    assert (row.state, row.reason, row.provider_message_id) == ("accepted", "sent", "ATXid_0111")
    assert (row.segments, row.cost, row.currency, row.attempts) == (1, Decimal("0.8000"), "KES", 1)
    assert row.sent_at == desk.clock.now()
    assert desk.calls() == 0


def test_equal_texts_share_a_call_and_a_batch_is_never_exceeded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.channels.africastalking.AfricasTalking.batch", 3)
    people = [desk.resident() for _ in range(7)] + [desk.resident("sw") for _ in range(2)]
    desk.broadcast({"en": "Hearing on 3 December.", "sw": "Kikao 3 Desemba."})
    with provider(accepting(*(desk.numbers[person] for person in people))) as told:
        desk.drain(told.url, "broadcasts")
    assert sorted(len(form["to"].split(",")) for form in told.heard) == [1, 2, 3, 3]
    assert sorted(number for form in told.heard for number in form["to"].split(",")) == sorted(desk.numbers.values())
    assert {row.state for row in desk.all()} == {"accepted"}


def test_one_resident_is_never_twice_in_one_call(desk: Desk) -> None:
    resident = desk.resident()
    desk.owe(resident, "stop"), desk.owe(resident, "stop")
    with provider(accepting(desk.numbers[resident], messageId="None")) as told:
        desk.drain(told.url)
    assert [form["to"] for form in told.heard] == [desk.numbers[resident]] * 2


@pytest.mark.parametrize(
    ("code", "state", "reason"),
    [
        (100, "accepted", "processed"),
        (102, "accepted", "queued"),
        (401, "held", "risk_hold"),
        (403, "failed", "invalid_number"),
        (406, "failed", "unreachable_by_sms"),
        (500, "owed", "provider_error"),
        (502, "owed", "rejected_by_gateway"),
        (777, "unknown", "unclear_answer"),
    ],
)
def test_what_is_said_of_a_recipient(desk: Desk, code: int, state: str, reason: str) -> None:
    message, number = one_owed(desk)
    with provider(accepting(number, code=code)) as told:
        desk.drain(told.url)
        desk.drain(told.url)
    row = desk.message(message)
    assert (row.state, row.reason) == (state, reason)
    assert len(told.heard) == 1
    assert row.possible_repeat is (code == 500)
    assert (row.final_at is not None) is (state == "failed")
    with desk.context.work() as session:
        assert (session.get_one(Resident, row.resident_id).unreachable_since is not None) is (code == 406)


def test_mixed_answers_find_each_their_message(desk: Desk) -> None:
    people = [desk.resident() for _ in range(4)]
    messages = {desk.numbers[person]: desk.owe(person, "help") for person in people}
    codes = dict(zip(messages, (101, 403, 502, None), strict=True))
    rows = [recipient(number, code) for number, code in reversed(codes.items()) if code]
    with provider(Says(body=sent(*rows))) as told:
        desk.drain(told.url)
    assert [desk.state(message)[0] for message in messages.values()] == ["accepted", "failed", "owed", "unknown"]


def test_nothing_left_is_tried_again_a_little_later_and_not_for_ever(desk: Desk) -> None:
    message, number = one_owed(desk)
    url = f"http://127.0.0.1:{closed_port()}"
    desk.drain(url)
    row = desk.message(message)
    assert (row.state, row.reason, row.attempts, row.possible_repeat) == ("owed", "no_connection", 1, False)
    assert row.not_before > desk.clock.now()
    desk.clock.pass_(minutes=1)
    with provider(accepting(number)) as told:
        desk.drain(told.url)
    assert desk.state(message) == ("accepted", "sent")
    last, _ = one_owed(desk)
    desk.set(last, attempts=59)
    desk.drain(url)
    assert desk.state(last) == ("failed", "no_connection")


def test_a_channel_that_does_not_answer_rests_and_is_not_hammered(desk: Desk) -> None:
    for _ in range(3):
        desk.owe(desk.resident(), "moved", ref=f"48{desk.people:02}", status="assigned")
    desk.drain(f"http://127.0.0.1:{closed_port()}")
    assert sorted(row.attempts for row in desk.all()) == [0, 0, 1]
    assert {row.state for row in desk.all()} == {"owed"}
    channel = desk.channel()
    assert channel is not None
    assert channel.paused_until > desk.clock.now()


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        (Says(status=401, body="no"), "bad_key"),
        (Says(body=sent(message="InvalidSenderId")), "bad_sender"),
    ],
)
def test_a_wrong_setting_stops_the_channel_and_loses_nothing(desk: Desk, says: Says, reason: str) -> None:
    message, _ = drained(desk, says)
    assert desk.state(message) == ("owed", reason)
    channel = desk.channel()
    assert channel is not None
    assert channel.stopped_reason == reason
    desk.clock.pass_(days=3)
    with provider(Says()) as told:
        desk.drain(told.url)
        assert told.heard == []
        with desk.context.work() as session:
            service.resume_channel(session, "africastalking", desk.clock.now())
        told.says = [accepting(*desk.numbers.values())]
        desk.drain(told.url)
    assert desk.state(message) == ("accepted", "sent")


def test_once_staff_let_the_channel_go_on_nothing_waits(desk: Desk) -> None:
    message, number = one_owed(desk)
    with provider(accepting(number, code=405), accepting(number)) as told:
        desk.drain(told.url)
        with desk.context.work() as session:
            service.resume_channel(session, "africastalking", desk.clock.now())
        desk.drain(told.url)
    assert desk.state(message)[0] == "accepted"


def test_no_balance_pauses_the_channel_and_goes_on_by_itself(desk: Desk) -> None:
    message, number = one_owed(desk)
    with provider(accepting(number, code=405), accepting(number)) as told:
        desk.drain(told.url)
        assert desk.state(message) == ("owed", "no_balance")
        desk.drain(told.url)
        assert len(told.heard) == 1
        desk.clock.pass_(minutes=5, seconds=1)
        desk.drain(told.url)
    assert desk.state(message) == ("accepted", "sent")


def test_silence_may_mean_sent_and_nothing_is_sent_again(desk: Desk) -> None:
    message, told = drained(desk, Says(reset=True))
    assert desk.state(message) == ("unknown", "no_answer")
    with provider(Says()) as again:
        desk.clock.pass_(minutes=5)
        desk.drain(again.url)
    assert again.heard == []
    assert len(told.heard) == 1


def test_an_error_of_the_provider_is_a_possible_repeat(desk: Desk) -> None:
    message, _ = drained(desk, Says(status=503))
    row = desk.message(message)
    assert (row.state, row.reason, row.possible_repeat) == ("owed", "provider_error", True)


def test_an_id_given_twice_costs_a_match_and_no_message(desk: Desk) -> None:
    people = [desk.resident(), desk.resident()]
    messages = [desk.owe(person, "help") for person in people]
    with provider(accepting(*(desk.numbers[person] for person in people), messageId="ATXid_same")) as told:
        desk.drain(told.url)
    assert [desk.state(message) for message in messages] == [("accepted", "sent")] * 2


def test_a_stop_between_owing_and_sending_counts(desk: Desk) -> None:
    all_stopped, promises_stopped = desk.resident(), desk.resident()
    answer, confirmed = desk.owe(all_stopped), desk.owe(all_stopped, "stopall")
    still = desk.owe(promises_stopped)
    desk.broadcast(audience=sa.select(Resident.id).where(Resident.id == promises_stopped))
    news = desk.all()[-1].id
    with desk.context.work() as session:
        residents.stop_messages(session, all_stopped, everything=True, now=desk.clock.now())
        residents.stop_messages(session, promises_stopped, everything=False, now=desk.clock.now())
    with provider(accepting(*desk.numbers.values(), messageId="None")) as told:
        desk.drain(told.url)
        desk.drain(told.url, "broadcasts")
    assert desk.state(answer) == desk.state(news) == ("suppressed", "stopped")
    assert desk.state(confirmed)[0] == desk.state(still)[0] == "accepted"
    assert len(told.heard) == 2


def test_what_cannot_be_opened_is_held_for_staff_and_keeps_nobody_back(desk: Desk) -> None:
    sealed_elsewhere, good = desk.resident(), desk.resident()
    other = Vault(Sealer({1: b"x" * 32}), Lookup(b"y" * 32))
    lost = desk.owe(sealed_elsewhere, "help")
    unreadable, fine = desk.owe(good), desk.owe(good, "help")
    desk.set(unreadable, params_sealed=service.seal_params(other, unreadable, {"ref": "1"}))
    with desk.context.work() as session:
        session.execute(
            sa.update(Resident)
            .where(Resident.id == sealed_elsewhere)
            .values(number_sealed=other.sealer.seal("+1", "elsewhere"))
        )
    with provider(accepting(desk.numbers[good])) as told:
        desk.drain(told.url)
    assert desk.state(lost) == desk.state(unreadable) == ("held", "unreadable")
    assert desk.state(fine)[0] == "accepted"


def test_oldest_first_and_nothing_before_its_time(desk: Desk) -> None:
    later, first = one_owed(desk)[0], one_owed(desk)[0]
    desk.set(first, not_before=desk.clock.now().replace(hour=8))
    desk.set(one_owed(desk)[0], not_before=desk.clock.now().replace(hour=10))
    assert claim(desk, limit=1) == [first]
    assert claim(desk, limit=9) == [later]
    assert claim(desk, limit=9) == []


def claim(desk: Desk, limit: int, session: Session | None = None) -> list[UUID]:
    """What a worker gets that claims so many."""
    if session is None:
        with desk.context.work() as session:
            return claim(desk, limit, session)
    vault, guide = desk.context.vault, desk.context.pack.guide
    calls = sending.claim(session, vault, guide, "replies", limit=limit, batch=100, now=desk.clock.now())
    return [UUID(one) for call in calls for one in call.message_ids]


def test_two_workers_never_claim_the_same(desk: Desk) -> None:
    for _ in range(60):
        desk.owe(desk.resident())
    got: list[list[UUID]] = []
    ready = threading.Barrier(4)

    def work() -> None:
        with desk.context.work() as session:
            ready.wait(10)
            got.append(claim(desk, 20, session))
            ready.wait(10)  # nobody commits before everybody has claimed

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    claimed = [one for part in got for one in part]
    assert len(claimed) == len(set(claimed)) == 60


def test_when_the_time_is_over_the_rest_is_owed_again(desk: Desk) -> None:
    for number in range(3):
        desk.owe(desk.resident(), "moved", ref=f"{number:04}", status="assigned")
    with provider(Says(body=sent(*map(recipient, desk.numbers.values())), seconds=0.4)) as told:
        assert desk.drain(told.url, seconds=0.2) is True
    assert sorted(row.state for row in desk.all()) == ["accepted", "owed", "owed"]
    assert len(told.heard) == 1


def test_the_call_is_written_down_before_it_leaves(desk: Desk) -> None:
    message, _ = one_owed(desk)
    seen: list[tuple[list[UUID], str]] = []

    class Watching:
        name, batch, two_way = "africastalking", 100, True

        def send(self, text: str, numbers: object) -> list[object]:
            with desk.context.work() as session:
                listed = session.scalars(sa.select(ProviderCall)).all()
                seen.extend((call.message_ids, desk.state(message)[0]) for call in listed)
            raise KeyboardInterrupt  # the worker dies here

    with pytest.raises(KeyboardInterrupt):
        draining.drain(desk.context, Watching(), "replies")  # type: ignore[arg-type]  # dies before it answers
    assert seen == [([message], "leased")]
    assert desk.calls() == 1


def test_in_quiet_hours_only_what_is_urgent_goes_out(quiet_desk: Desk) -> None:
    desk = quiet_desk
    desk.clock.pass_(hours=9)  # 21:00 in Nairobi
    answer = desk.owe(desk.resident())
    receipt = desk.owe(desk.resident(), "receipt", receipt="4821-093-5570")
    danger = desk.owe(desk.resident(), urgent=True)
    desk.broadcast(audience=sa.select(Resident.id).limit(1))
    with provider(accepting(*desk.numbers.values())) as told:
        desk.drain(told.url)
        desk.drain(told.url, "broadcasts")
    assert desk.state(answer) == ("held", "quiet_hours")
    assert {desk.state(receipt)[0], desk.state(danger)[0]} == {"accepted"}
    assert desk.state(desk.all()[-1].id) == ("held", "quiet_hours")
    opening = desk.clock.now().replace(hour=4) + (desk.clock.now().replace(day=21) - desk.clock.now())
    waits = {row.lane: (row.not_before - opening).total_seconds() for row in desk.all() if row.state == State.HELD}
    assert 0 <= waits["replies"] <= 600
    assert 0 <= waits["broadcasts"] <= 3600
