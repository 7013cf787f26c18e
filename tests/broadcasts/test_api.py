"""A broadcast over the staff API: planned, approved, watched; and news of a promise, which are one call."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from gateway.broadcasts.planning import DryRun, dry_run
from gateway.broadcasts.progress import progress_of
from gateway.commitments import service as commitments
from gateway.messaging.models import Message
from gateway.settings import Settings
from tests.broadcasts.conftest import NEWS, PROMISE, Desk
from tests.desk import Office

NOTICE = {"kind": "notice", "topic": PROMISE, "text": NEWS}
LONG = {"en": "word " * 40, "sw": NEWS["sw"]}


def drafted(office: Office, **changes: object) -> str:
    answer = office.post("/broadcasts", NOTICE | changes)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_what_the_dry_run_says_is_what_is_owed(office: Office, following: Callable[..., UUID]) -> None:
    following(language="en"), following(language="en"), following()
    following(stopped_broadcasts_at=office.context.clock.now())
    broadcast = drafted(office, text=LONG)
    said = office.get(f"/broadcasts/{broadcast}/dry-run")
    assert (said["agreed"], said["stopped"], said["capped"], said["recipients"]) == (4, 1, 0, 3)
    copies = {copy["language"]: (copy["recipients"], copy["segments"]) for copy in said["copies"]}
    assert copies == {"en": (2, 2), "sw": (1, 1)}
    assert said["copies"][0]["text"].endswith("No more: send STOP to 22384")
    assert said["segments"] == 5
    assert (said["cost"]["amount"], said["cost"]["currency"], said["cost"]["confirmed"]) == ("4.00", "KES", False)
    assert (said["minutes"], said["quiet_hours"], said["needs_second_person"]) == (1, None, False)
    assert office.rows(Message) == []

    answer = office.post(f"/broadcasts/{broadcast}/approve", None)
    assert (answer.status_code, answer.json()["status"]) == (200, "running")
    assert answer.json()["recipients"] == said["recipients"] == len(office.rows(Message))
    assert answer.json()["progress"]["states"] == {"owed": 3}


def planned(desk: Desk, now: datetime, **settings: object) -> DryRun:
    changed: Settings = desk.context.settings.model_copy(update={"quiet_hours": "on"} | settings)
    with desk.context.work() as session:
        return dry_run(session, desk.pack, changed, desk.read(desk.draft()), now)


def nairobi(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 20, hour - 3, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "starts", "interrupted"),
    [
        (nairobi(12), nairobi(12), None),
        (nairobi(18, 59), nairobi(18, 59), nairobi(19)),
        (nairobi(20), datetime(2026, 11, 21, 4, tzinfo=UTC), None),
        (nairobi(5), nairobi(7), None),
    ],
)
def test_the_dry_run_tells_what_quiet_hours_do(
    desk: Desk, following: Callable[..., UUID], now: datetime, starts: datetime, interrupted: datetime | None
) -> None:
    for _ in range(2):
        following()
    plan = planned(desk, now, segments_per_second=0.02)
    assert (plan.starts_at, plan.crosses) == (starts, interrupted)
    assert plan.minutes == math.ceil(plan.segments / 0.02 / 60) == 2


def test_a_broadcast_from_draft_to_cancelled(office: Office, following: Callable[..., UUID]) -> None:
    following()
    broadcast = drafted(office)
    steps = ["approve", "pause", "resume", "cancel"]
    seen = [office.post(f"/broadcasts/{broadcast}/{step}", None).json()["status"] for step in steps]
    assert seen == ["running", "paused", "running", "cancelled"]
    again = office.post(f"/broadcasts/{broadcast}/resume", None)
    assert (again.status_code, again.json()["code"]) == (409, "transition_not_allowed")
    report = office.get(f"/broadcasts/{broadcast}")
    assert report["progress"]["states"] == {"suppressed": 1}
    assert report["progress"]["reasons"] == {"suppressed": {"cancelled": 1}}
    assert (report["created_by"], report["approved_by"]) == ("officer@kakamega.example", "officer@kakamega.example")
    assert office.audited() == [
        "broadcast.drafted",
        "broadcast.approved",
        "broadcast.paused",
        "broadcast.resumed",
        "broadcast.cancelled",
    ]
    assert office.ask("GET", f"/broadcasts/{broadcast}/dry-run").status_code == 409


def test_an_approval_under_one_key_owes_once(office: Office, following: Callable[..., UUID]) -> None:
    following()
    broadcast = drafted(office)
    headers = {"Idempotency-Key": "once"}
    answers = [office.post(f"/broadcasts/{broadcast}/approve", None, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert len(office.rows(Message)) == 1


def test_lists_come_in_pages_and_by_status(office: Office) -> None:
    made = [drafted(office) for _ in range(3)]
    office.post(f"/broadcasts/{made[0]}/cancel", None)
    first = office.get("/broadcasts", params={"limit": 2})
    rest = office.get("/broadcasts", params={"limit": 2, "cursor": first["next_cursor"]})
    assert [item["id"] for item in first["items"] + rest["items"]] == made[::-1]
    assert [item["id"] for item in office.get("/broadcasts?status=cancelled")["items"]] == made[:1]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"topic": "KEKAK9999"}, 422),
        ({"kind": "advert"}, 422),
        ({"text": {"en": "Only English"}}, 422),
        ({"text": NEWS | {"en": "x" * 300}}, 422),
        ({"place": "1017"}, 422),
    ],
)
def test_what_cannot_be_sent_is_no_draft(office: Office, changes: dict[str, object], status: int) -> None:
    assert office.post("/broadcasts", NOTICE | changes).status_code == status
    assert office.get("/broadcasts")["items"] == []


def test_what_is_not_there_is_404(office: Office) -> None:
    assert office.ask("GET", f"/broadcasts/{uuid4()}").status_code == 404
    assert office.post(f"/broadcasts/{uuid4()}/pause", None).status_code == 404


def test_progress_counts_what_happened_and_what_it_cost(desk: Desk, following: Callable[..., UUID]) -> None:
    for _ in range(2):
        following()
    broadcast, other = desk.draft(), desk.draft()
    desk.approve(broadcast)
    one, two = desk.office.rows(Message)
    with desk.context.work() as session:
        spent = {"segments": 2, "cost": Decimal("1.6"), "currency": "KES"}
        for row, state, reason in ((one, "delivered", ""), (two, "failed", "no_route")):
            session.execute(sa.update(Message).where(Message.id == row.id).values(state=state, reason=reason, **spent))
        each = progress_of(session, [broadcast, other])
    found, nothing = each[broadcast], each[other]
    assert (nothing.states, nothing.segments, nothing.costs) == ({}, 0, {})
    assert found.states == {"delivered": 1, "failed": 1}
    assert found.reasons == {"failed": {"no_route": 1}}
    assert (found.segments, found.costs) == (4, {"KES": Decimal("3.2")})


def test_news_to_a_few_go_straight_out(office: Office, following: Callable[..., UUID]) -> None:
    following()
    answer = office.post(f"/commitments/{PROMISE}/updates", {"text": NEWS}).json()
    assert (answer["recipients"], answer["broadcast"]["status"]) == (1, "running")
    assert office.get(f"/broadcasts/{answer['broadcast']['id']}")["progress"]["states"] == {"owed": 1}


def test_news_to_many_are_published_and_their_sms_wait_for_a_second_person(
    desk: Desk, following: Callable[..., UUID]
) -> None:
    for _ in range(3):
        following()
    with desk.context.work() as session:
        update = commitments.publish(session, desk.pack, ogp_id=PROMISE, text=NEWS, staff=desk.author, now=desk.now)
    assert desk.office.get("/commitments")["items"][2]["latest"]["text"] == NEWS
    assert (desk.read(update.broadcast_id).status, desk.states(update.broadcast_id)) == ("draft", [])
    desk.approve(update.broadcast_id, desk.other)
    assert desk.states(update.broadcast_id) == [("owed", "")] * 3
    with desk.context.work() as session:
        assert len(commitments.updates_of(session, PROMISE)) == 1
