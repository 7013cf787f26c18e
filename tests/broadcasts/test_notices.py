"""Notices by place, language and topic: to who agreed to them, counted beforehand, and never to who left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from gateway.broadcasts import readers, service
from gateway.broadcasts.models import NoticeReader
from gateway.commitments import follows, stopping
from gateway.commitments.follows import Followed, Kind
from gateway.errors import TransitionNotAllowed
from gateway.messaging import audience
from gateway.messaging.models import Message, ProviderCall
from gateway.residents.models import Consent
from gateway.staff.models import AuditEntry
from tests.broadcasts.conftest import NEWS, PROMISE, Desk, follower
from tests.desk import Office
from worker import tasks


@pytest.fixture
def ward(office: Office) -> dict[str, str]:
    """Codes by a name of ours: a ward, another of the same sub-county, one elsewhere, and the sub-county."""
    one, other = office.context.pack.guide.areas[3], office.context.pack.guide.areas[0]
    return {"here": one.wards[0].code, "near": one.wards[1].code, "far": other.wards[0].code, "area": one.code}


def reads(office: Office, resident: UUID, ward: str) -> UUID:
    with office.context.work() as session:
        readers.notices.agree(
            session,
            resident_id=resident,
            ward=ward,
            wording=f"May we keep your ward, {ward}?",
            language="en",
            channel="ussd",
            now=office.context.clock.now(),
            effect_key=None,
        )
    return resident


@pytest.fixture
def people(office: Office, ward: dict[str, str]) -> dict[str, UUID]:
    """Who reads notices where, in which language, and who follows the promise."""
    context = office.context
    with context.work() as session:
        found = {
            name: office.resident(session, f"+25471100020{place}", language)
            for place, (name, language) in enumerate(
                [("here sw", "sw"), ("here en", "en"), ("near sw", "sw"), ("far sw", "sw"), ("nobody", "sw")]
            )
        }
        office.resident(session, "+254711000299")
    for name in ("here sw", "here en", "near sw", "far sw"):
        reads(office, found[name], ward[name.split()[0]])
    found["here follower"] = reads(office, follower(context, "+254711000210"), ward["here"])
    found["follower"] = follower(context, "+254711000211")
    return found


AUDIENCES: list[tuple[dict[str, Any], set[str]]] = [
    ({}, {"here sw", "here en", "near sw", "far sw", "here follower"}),
    ({"places": ["here"]}, {"here sw", "here en", "here follower"}),
    ({"places": ["area"]}, {"here sw", "here en", "near sw", "here follower"}),
    ({"places": ["near", "far"]}, {"near sw", "far sw"}),
    ({"languages": ["en"], "text": {"en": NEWS["en"]}}, {"here en"}),
    ({"places": ["here"], "languages": ["sw"], "text": {"sw": NEWS["sw"]}}, {"here sw", "here follower"}),
    ({"topic": PROMISE}, {"here follower", "follower"}),
    ({"topic": PROMISE, "places": ["area"]}, {"here follower"}),
    ({"topic": PROMISE, "places": ["far"]}, set()),
]


@pytest.mark.parametrize(("asked", "expected"), AUDIENCES)
def test_it_reaches_who_agreed_and_was_asked_for(
    office: Office, people: dict[str, UUID], ward: dict[str, str], asked: dict[str, Any], expected: set[str]
) -> None:
    body = {"kind": "notice", "text": NEWS} | asked
    body["places"] = [ward[name] for name in asked.get("places", [])]
    answer = office.post("/broadcasts", body)
    assert answer.status_code == 201, answer.text
    draft = answer.json()
    planned = office.get(f"/broadcasts/{draft['id']}/dry-run")
    assert (planned["agreed"], planned["recipients"]) == (len(expected), len(expected))
    approved = office.post(f"/broadcasts/{draft['id']}/approve", None).json()
    assert (approved["status"], approved["recipients"]) == ("running", len(expected))
    got = {message.resident_id: message.language for message in office.rows(Message)}
    assert set(got) == {people[name] for name in expected}
    assert got.get(people["here en"], "en") == "en"
    assert got.get(people["here sw"], "sw") == "sw"


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"places": ["nowhere"]}, "body.places"),
        ({"languages": ["luy"], "text": {"en": "Out."}}, "body.languages"),
        ({"kind": "update"}, "body.topic"),
        ({"kind": "update", "topic": PROMISE, "languages": ["en"], "text": {"en": "Out."}}, "body.kind"),
        ({"topic": "KEKAK9999"}, "body.topic"),
    ],
)
def test_an_audience_that_cannot_be_is_no_draft(office: Office, changes: dict[str, Any], where: str) -> None:
    answer = office.post("/broadcasts", {"kind": "notice", "text": NEWS} | changes)
    assert (answer.status_code, answer.json()["errors"][0]["where"]) == (422, where), answer.text
    assert office.get("/broadcasts")["items"] == []


def notice(desk: Desk, **asked: Any) -> UUID:
    with desk.context.work() as session:
        row = service.draft(session, desk.pack, kind="notice", text=NEWS, staff=desk.author, now=desk.now, **asked)
        return row.id


def ward_now(office: Office, resident: UUID) -> str:
    with office.context.work() as session:
        return readers.notices.ward_of(session, resident)


def test_a_new_ward_takes_the_place_of_the_old_and_both_consents_are_kept(
    office: Office, people: dict[str, UUID], ward: dict[str, str]
) -> None:
    one = people["here sw"]
    reads(office, one, ward["far"])
    assert ward_now(office, one) == ward["far"]
    consents = office.rows(Consent, Consent.resident_id == one)
    assert [(row.subject, row.withdrawn_at is None) for row in consents] == [(ward["here"], False), (ward["far"], True)]
    assert consents[1].wording == f"May we keep your ward, {ward['far']}?"
    with office.context.work() as session:
        readers.notices.leave(session, resident_id=one, now=office.context.clock.now())
    assert ward_now(office, one) == ""
    assert all(row.withdrawn_at for row in office.rows(Consent, Consent.resident_id == one))


def test_stop_ends_notices_and_only_start_or_a_new_consent_brings_them_back(
    office: Office, people: dict[str, UUID], ward: dict[str, str]
) -> None:
    one, now = people["here sw"], office.context.clock.now()
    with office.context.work() as session:
        stopping.stop(session, one, everything=False, now=now)
    assert ward_now(office, one) == ""
    with office.context.work() as session:
        stopping.start(session, one)
    assert ward_now(office, one) == ward["here"]
    with office.context.work() as session:
        readers.notices.leave(session, resident_id=one, now=now)
        stopping.stop(session, one, everything=True, now=now)
        stopping.start(session, one)
    assert ward_now(office, one) == "", "left by menu: no START brings it back"
    assert len(office.rows(NoticeReader, NoticeReader.resident_id == one)) == 1


def test_who_leaves_a_promise_or_notices_gets_no_more_of_what_is_under_way(desk: Desk, people: dict[str, UUID]) -> None:
    to_followers, to_readers = desk.draft(), notice(desk)
    for broadcast in (to_followers, to_readers):
        desk.approve(broadcast, desk.other)
    theirs = sa.select(Message.id).where(Message.resident_id == people["here follower"])
    with desk.context.work() as session:
        held = list(session.scalars(theirs.where(Message.broadcast_id == to_readers)))
        session.add(ProviderCall(message_ids=held, leased_until=desk.now + timedelta(minutes=1)))
    with desk.context.work() as session:
        follows.unfollow(session, Followed(Kind.PROMISE, PROMISE), resident_id=people["here follower"], now=desk.now)
        readers.notices.leave(session, resident_id=people["here follower"], now=desk.now)
    rows = desk.office.rows(Message, Message.resident_id == people["here follower"])
    assert [(row.state, row.reason, row.withdrawn) for row in rows] == [
        ("suppressed", "withdrawn", False),
        ("owed", "", True),
    ]
    others = desk.office.rows(Message, Message.resident_id != people["here follower"])
    assert {row.state for row in others} == {"owed"}


def test_a_month_has_so_many_notices(desk: Desk, people: dict[str, UUID]) -> None:
    cap = desk.pack.about.limits.notice_sms_a_month
    for _ in range(cap):
        desk.approve(notice(desk), desk.other)
    last = notice(desk)
    desk.approve(last, desk.other)
    assert desk.states(last) == [("suppressed", "monthly_cap")] * 5
    assert desk.read(last).recipients == 0


def test_an_approval_is_quick_and_the_clock_adds_the_recipients_once(
    desk: Desk, following: Callable[..., UUID]
) -> None:
    for _ in range(3):
        following()
    broadcast = desk.draft()
    desk.decide(broadcast, desk.other)
    row = desk.read(broadcast)
    assert (row.status, row.recipients, row.approved_by, desk.states(broadcast)) == ("adding", 0, desk.other.id, [])
    with pytest.raises(TransitionNotAllowed):
        desk.move(service.pause, broadcast)
    with desk.context.work() as session:
        assert service.add_recipients(session, desk.pack, broadcast, desk.now)
        session.rollback()  # as a kill before the commit leaves it
    assert (desk.read(broadcast).status, desk.states(broadcast)) == ("adding", [])

    with desk.context.work() as session:
        assert service.add_recipients(session, desk.pack, broadcast, desk.now)
        with desk.context.work() as second:
            assert not service.add_recipients(second, desk.pack, broadcast, desk.now), "one process at a time"
    tasks.add_recipients(desk.context)
    assert (desk.read(broadcast).status, desk.read(broadcast).recipients) == ("running", 3)
    assert desk.states(broadcast) == [("owed", "")] * 3
    (started,) = desk.office.rows(AuditEntry, AuditEntry.action == "broadcast.started")
    assert (started.staff_id, started.data) == (None, {"recipients": 3})


def test_who_leaves_while_the_recipients_are_added_is_left_out(
    desk: Desk, following: Callable[..., UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = following()
    for _ in range(2):
        following()
    broadcast, really = desk.draft(), audience.owe_all
    desk.decide(broadcast, desk.other)

    def slowly(*arguments: Any) -> int:
        added = really(*arguments)
        with desk.context.work() as session:
            follows.unfollow(session, Followed(Kind.PROMISE, PROMISE), resident_id=one, now=desk.now)
        return added

    monkeypatch.setattr(service, "owe_all", slowly)
    tasks.add_recipients(desk.context)
    assert desk.read(broadcast).recipients == 2
    (left,) = desk.office.rows(Message, Message.resident_id == one)
    assert (left.state, left.reason) == ("suppressed", "withdrawn")


@pytest.mark.deep
def test_a_first_big_notice_is_added_in_seconds_though_postgres_has_counted_nothing_yet(desk: Desk) -> None:
    with desk.context.work() as session:
        session.execute(
            sa.text("""
                INSERT INTO residents (id, number_lookup, number_sealed, language, created_at)
                SELECT gen_random_uuid(), decode(lpad(to_hex(place), 64, '0'), 'hex'), 'none', 'en', now()
                FROM generate_series(1, 20000) AS place
            """)
        )
        session.execute(
            sa.text("""
                INSERT INTO notice_readers (id, resident_id, ward_code, since, channel)
                SELECT gen_random_uuid(), id, 'ward', now(), 'ussd' FROM residents WHERE number_sealed = 'none'
            """)
        )
    broadcast = notice(desk)
    desk.decide(broadcast, desk.other)
    tasks.add_recipients(desk.context)
    assert (desk.read(broadcast).status, desk.read(broadcast).recipients) == ("running", 20_000)


def test_a_cancel_while_they_are_added_takes_them_back(
    desk: Desk, following: Callable[..., UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        following()
    broadcast, really = desk.draft(), audience.owe_all
    desk.decide(broadcast, desk.other)

    def cancelled_after(*arguments: Any) -> int:
        added = really(*arguments)
        desk.move(service.cancel, broadcast)  # it does not wait for the adding
        return added

    monkeypatch.setattr(service, "owe_all", cancelled_after)
    tasks.add_recipients(desk.context)
    assert (desk.read(broadcast).status, desk.states(broadcast)) == ("cancelled", [])
    assert desk.read(broadcast).finished_at is not None
