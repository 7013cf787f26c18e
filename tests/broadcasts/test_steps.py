"""From draft to done: which moves there are, who may approve, and what each does to the messages."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from gateway.broadcasts import service
from gateway.broadcasts.states import MOVES, Status, check_move
from gateway.commitments.models import CommitmentUpdate
from gateway.errors import Invalid, NotFound, SecondPersonNeeded, TransitionNotAllowed
from gateway.messaging.models import Broadcast, Message, ProviderCall
from tests.broadcasts.conftest import NEWS, Desk

FORBIDDEN = [(current, to) for current in Status for to in Status if to not in MOVES[current]]

VERBS: dict[str, tuple[Callable[..., Broadcast], set[Status]]] = {
    "pause": (service.pause, {Status.RUNNING}),
    "resume": (service.resume, {Status.PAUSED}),
    "cancel": (service.cancel, {Status.DRAFT, Status.ADDING, Status.RUNNING, Status.PAUSED}),
}
"""Each verb and the statuses it may start from."""


@pytest.mark.parametrize(("current", "to"), FORBIDDEN)
def test_what_may_not_follow_is_refused(current: Status, to: Status) -> None:
    with pytest.raises(TransitionNotAllowed):
        check_move(current, to)


def test_what_is_over_stays_over() -> None:
    assert [status for status in Status if not MOVES[status]] == [Status.CANCELLED, Status.DONE]


def put(desk: Desk, broadcast: UUID, status: Status) -> None:
    with desk.context.work() as session:
        session.execute(sa.update(Broadcast).where(Broadcast.id == broadcast).values(status=status))


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("verb", list(VERBS))
def test_a_verb_starts_where_it_may_and_nowhere_else(desk: Desk, verb: str, status: Status) -> None:
    broadcast = desk.draft()
    put(desk, broadcast, status)
    do, allowed = VERBS[verb]
    if status in allowed:
        desk.move(do, broadcast)
        return
    with pytest.raises(TransitionNotAllowed):
        desk.move(do, broadcast)
    assert desk.read(broadcast).status == status


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.DRAFT])
def test_only_a_draft_is_approved(desk: Desk, following: Callable[..., UUID], status: Status) -> None:
    following()
    broadcast = desk.draft()
    put(desk, broadcast, status)
    with pytest.raises(TransitionNotAllowed):
        desk.approve(broadcast, desk.other)
    assert desk.office.rows(Message) == []


def test_a_draft_texts_nobody(desk: Desk, following: Callable[..., UUID]) -> None:
    following()
    broadcast = desk.draft()
    assert (desk.read(broadcast).status, desk.states(broadcast)) == ("draft", [])


def test_what_is_not_there(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.move(service.pause, uuid4())
    with pytest.raises(NotFound):
        desk.approve(uuid4())


def test_a_text_about_no_promise_is_refused(desk: Desk) -> None:
    with pytest.raises(Invalid), desk.context.work() as session:
        service.draft(session, desk.pack, kind="notice", topic="KEKAK9999", text=NEWS, staff=desk.author, now=desk.now)


def test_the_author_approves_a_small_one_and_a_second_person_a_big_one(
    desk: Desk, following: Callable[..., UUID]
) -> None:
    for _ in range(2):
        following()
    small = desk.draft()
    desk.approve(small)
    assert desk.read(small).status == "running"
    following()
    big = desk.draft()
    with pytest.raises(SecondPersonNeeded) as refused:
        desk.approve(big)
    assert refused.value.members == {"above": 2}
    assert (desk.read(big).status, desk.states(big)) == ("draft", [])
    desk.approve(big, desk.other)
    row = desk.read(big)
    assert (row.status, row.created_by, row.approved_by) == ("running", desk.author.id, desk.other.id)
    assert (row.recipients, desk.states(big)) == (3, [("owed", "")] * 3)
    assert desk.office.audited().count("broadcast.approved") == 2


def test_who_opted_out_does_not_count_towards_an_approval(desk: Desk, following: Callable[..., UUID]) -> None:
    following()
    full = following()
    following(stopped_broadcasts_at=desk.now)
    following(stopped_all_at=desk.now)
    for _ in range(2):  # the pack's number a month
        desk.approve(desk.draft())
    with desk.context.work() as session:
        session.execute(
            sa.update(Message).where(Message.resident_id != full).values(state="suppressed", final_at=desk.now)
        )
    last = desk.draft()
    desk.approve(last)
    assert desk.states(last) == [("owed", ""), ("suppressed", "monthly_cap")]
    assert desk.read(last).recipients == 1


@pytest.mark.parametrize(("kind", "published"), [("update", 1), ("notice", 0)])
def test_news_are_published_when_they_go_out_and_a_notice_never(desk: Desk, kind: str, published: int) -> None:
    broadcast = desk.draft(kind)
    assert desk.office.rows(CommitmentUpdate) == []
    desk.approve(broadcast)
    assert len(desk.office.rows(CommitmentUpdate)) == published


def test_a_pause_holds_what_has_not_left_and_a_resume_owes_it_again(desk: Desk, following: Callable[..., UUID]) -> None:
    for _ in range(2):
        following()
    broadcast = desk.draft()
    desk.approve(broadcast)
    desk.move(service.pause, broadcast)
    assert desk.states(broadcast) == [("held", "broadcast_paused")] * 2
    desk.tend(broadcast)
    assert desk.read(broadcast).status == "paused"
    desk.move(service.resume, broadcast)
    assert desk.states(broadcast) == [("owed", "")] * 2


def test_a_cancel_suppresses_what_has_not_left_and_leaves_what_has(
    desk: Desk, following: Callable[..., UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        following()
    broadcast = desk.draft()
    desk.approve(broadcast)
    gone, other = desk.office.rows(Message)
    with desk.context.work() as session:
        session.add(ProviderCall(message_ids=[gone.id], leased_until=desk.now, left_at=desk.now))
    desk.move(service.cancel, broadcast)
    assert desk.states(broadcast) == [("leased", ""), ("suppressed", "cancelled")]
    assert desk.read(broadcast).finished_at is None
    with desk.context.work() as session:
        session.execute(sa.update(Message).where(Message.id == gone.id).values(state="accepted"))
        session.execute(sa.delete(ProviderCall))
    desk.tend(broadcast)
    row = desk.read(broadcast)
    assert (row.status, row.finished_at is not None) == ("cancelled", True)
    assert desk.states(broadcast) == [("accepted", ""), ("suppressed", "cancelled")]
    assert other.id != gone.id


def test_many_are_moved_in_parts(desk: Desk, following: Callable[..., UUID], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "AT_ONCE", 1)
    for _ in range(2):
        following()
    broadcast = desk.draft()
    desk.approve(broadcast)
    desk.move(service.cancel, broadcast)
    assert desk.states(broadcast) == [("owed", ""), ("suppressed", "cancelled")]
    while desk.tend(broadcast):
        pass
    assert desk.states(broadcast) == [("suppressed", "cancelled")] * 2
    assert desk.read(broadcast).finished_at is not None


STILL_GOING = [("owed", ""), ("held", "quiet_hours")]
OVER = [("accepted", "sent"), ("unknown", "no_answer"), ("failed", "no_route"), ("held", "risk_hold")]


@pytest.mark.parametrize(("state", "reason"), STILL_GOING + OVER)
def test_it_is_done_when_nothing_is_left_to_send(
    desk: Desk, following: Callable[..., UUID], state: str, reason: str
) -> None:
    following()
    broadcast = desk.draft()
    desk.approve(broadcast)
    with desk.context.work() as session:
        session.execute(sa.update(Message).values(state=state, reason=reason))
    desk.tend(broadcast)
    assert desk.read(broadcast).status == ("running" if (state, reason) in STILL_GOING else "done")


def test_a_text_to_nobody_is_done_at_once(desk: Desk) -> None:
    broadcast = desk.draft()
    desk.approve(broadcast)
    desk.tend(broadcast)
    assert (desk.read(broadcast).status, desk.read(broadcast).recipients) == ("done", 0)
