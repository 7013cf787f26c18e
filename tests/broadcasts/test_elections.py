"""An election period begins while news of a promise are on their way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from gateway.broadcasts import service
from gateway.channels.africastalking import AfricasTalking
from gateway.channels.base import Outcome
from gateway.context import Context
from gateway.errors import TransitionNotAllowed
from gateway.messaging import sweeping
from gateway.messaging.drain import drain
from gateway.pack.promises import Election
from gateway.staff.models import AuditEntry
from tests.broadcasts.conftest import NEWS, Desk
from tests.channels.provider import Provider, Says, provider, recipient, sent
from tests.messaging.conftest import Hand
from worker import tasks

PEOPLE = 4


class UntilMidnight(AfricasTalking):
    """The real channel, one number a call; after its second call it is tomorrow."""

    batch = 1
    calls = 0

    def __init__(self, context: Context, hand: Hand, url: str) -> None:
        super().__init__(context.settings.model_copy(update={"africastalking_url": url}))
        self.hand = hand

    def send(self, text: str, numbers: Sequence[str]) -> list[Outcome]:
        said = super().send(text, numbers)
        self.calls += 1
        if self.calls == 2:
            self.hand.pass_(days=1)
        return said


def heard(told: Provider) -> tuple[int, int]:
    """How many were texted news, and a notice."""
    news = sum(NEWS["sw"] in form["message"] for form in told.heard)
    return news, len(told.heard) - news


def test_news_stop_in_the_middle_and_only_staff_let_them_go_on_when_it_is_over(
    desk: Desk, following: Callable[..., UUID]
) -> None:
    hand = Hand(desk.now)
    tomorrow = desk.now.astimezone(desk.pack.about.zone).date() + timedelta(days=1)
    told = {"name": {"en": "An election"}, "confirmed": False, "confidence": "U", "source": "A test"}
    period = Election.model_validate(told | {"from": tomorrow, "until": tomorrow + timedelta(days=1)})
    desk.pack = replace(desk.pack, elections=(period,))
    desk.context = replace(desk.context, clock=hand, pack=desk.pack)  # type: ignore[arg-type]  # it tells `now`
    for _ in range(PEOPLE):
        following()
    news, notice, paused = (
        desk.draft("update"),
        desk.draft("notice", text={"en": "Closed.", "sw": "Tumefunga."}),
        desk.draft("update"),
    )
    for broadcast in (news, notice, paused):
        desk.approve(broadcast, desk.other)
    desk.move(service.pause, paused)
    numbers = [f"+2547110{number:05}" for number in range(1, PEOPLE + 1)]
    with provider(Says(body=sent(*(recipient(number, messageId="None") for number in numbers)))) as told_to:
        channel = UntilMidnight(desk.context, hand, told_to.url)
        drain(desk.context, channel, "broadcasts")
        tasks.sweep(desk.context)  # a day later leases are long over
        drain(desk.context, channel, "broadcasts")
        # Nothing is paused yet: what was in the worker's hands stayed all the same, and a notice is no claim.
        assert heard(told_to) == (2, PEOPLE)
        assert desk.states(news) == [("accepted", "sent")] * 2 + [("owed", "")] * 2
        with desk.context.work() as session:
            assert sweeping.due_lanes(session, hand.now(), election=True) == []

        tasks.tend_broadcasts(desk.context)
        tasks.tend_broadcasts(desk.context)
        for broadcast in (news, paused):
            row = desk.read(broadcast)
            assert (row.status, row.paused_because) == ("paused", "election_period")
            with pytest.raises(TransitionNotAllowed):
                desk.move(service.resume, broadcast)
        assert desk.states(news) == [("accepted", "sent")] * 2 + [("held", "broadcast_paused")] * 2
        by_itself = desk.office.rows(AuditEntry, AuditEntry.action == "broadcast.paused", AuditEntry.staff_id.is_(None))
        assert [entry.data for entry in by_itself] == [
            {"reason": "election_period", "was": "running"},
            {"reason": "election_period", "was": "paused"},
        ]
        assert desk.office.get(f"/broadcasts/{news}")["paused_because"] == "election_period"
        waits = desk.office.get("/progress/todo", "supervisor")["items"]
        assert [one["about"] for one in waits if one["what"] == "resting"] == [str(news), str(paused)]

        hand.pass_(days=2)
        tasks.tend_broadcasts(desk.context)
        tasks.sweep(desk.context)
        drain(desk.context, channel, "broadcasts")
        assert heard(told_to) == (2, PEOPLE)
        desk.move(service.resume, news)
        drain(desk.context, channel, "broadcasts")
        assert heard(told_to) == (PEOPLE, PEOPLE)
    assert (desk.read(news).paused_because, desk.read(paused).status) == ("", "paused")
