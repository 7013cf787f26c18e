"""Once a month: one text to each follower who chose so, about what had news and was not told them at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from gateway.commitments import digests, follows, stopping
from gateway.commitments.follows import Followed, Kind
from gateway.commitments.models import FollowDigest
from gateway.messaging.models import Broadcast, Message
from gateway.pack.promises import Election
from tests.desk import Office

BUDGET, CLIMATE, FORUMS = "KEKAK0003", "KEKAK0002", "KEKAK0001"
HERE, FAR = "1017", "1001"
NEWS = {"en": "It is done.", "sw": "Imekamilika."}

FOLLOWING: dict[str, list[Followed]] = {
    "one": [Followed(Kind.PROMISE, BUDGET, monthly=True)],
    "same by area": [Followed(Kind.AREA, "budget", monthly=True)],
    "here": [Followed(Kind.WARD, HERE, monthly=True)],
    "far": [Followed(Kind.WARD, FAR, monthly=True)],
    "told at once": [Followed(Kind.PROMISE, BUDGET), Followed(Kind.AREA, "budget", monthly=True)],
    "both": [Followed(Kind.PROMISE, BUDGET), Followed(Kind.WARD, HERE, monthly=True)],
    "quiet": [Followed(Kind.PROMISE, FORUMS, monthly=True)],
    "stopped": [Followed(Kind.PROMISE, BUDGET, monthly=True)],
}


@pytest.fixture
def people(office: Office) -> dict[str, UUID]:
    now = office.context.clock.now()
    with office.context.work() as session:
        found = {name: office.resident(session, f"+25471100040{place}") for place, name in enumerate(FOLLOWING)}
        for name, ways in FOLLOWING.items():
            for what in ways:
                follows.follow(
                    session,
                    what,
                    resident_id=found[name],
                    wording="We SMS you its news",
                    language="sw",
                    channel="ussd",
                    now=now,
                    effect_key=None,
                )
        stopping.stop(session, found["stopped"], everything=False, now=now)
    for ogp_id, places in ((BUDGET, []), (BUDGET, []), (CLIMATE, [HERE])):
        answer = office.post(f"/commitments/{ogp_id}/updates", {"text": NEWS, "places": places})
        assert answer.status_code == 201, answer.text
    return found


def owe(office: Office, day: int, **changes: Any) -> int | None:
    now = office.context.clock.now().astimezone(UTC)
    # The day of next month: all news of this test are behind it.
    then = datetime(now.year + now.month // 12, now.month % 12 + 1, day, 9, tzinfo=UTC)
    with office.context.work() as session:
        return digests.owe(session, replace(office.context.pack, **changes), then)


def texts(office: Office, people: dict[str, UUID]) -> dict[str, str]:
    """What each was owed as a digest, in Kiswahili."""
    bodies = {row.id: row.bodies for row in office.rows(Broadcast, Broadcast.kind == follows.DIGEST)}
    names = {resident: name for name, resident in people.items()}
    owed = office.rows(Message, Message.broadcast_id.in_(bodies))
    assert len({row.resident_id for row in owed}) == len(owed)
    return {names[row.resident_id]: bodies[row.broadcast_id][row.language] for row in owed}


def test_each_hears_once_of_what_they_follow_and_were_not_told(office: Office, people: dict[str, UUID]) -> None:
    assert owe(office, 1) == 5
    assert owe(office, 2) is None
    told = texts(office, people)
    budget, climate = "Bajeti wazi na habari", "Mabadiliko ya tabianchi"
    assert {name: (budget in text, climate in text) for name, text in told.items()} == {
        "one": (True, False),
        "same by area": (True, False),
        "here": (True, True),
        "far": (True, False),
        "both": (False, True),
    }
    assert told["here"].endswith("Kuzisoma, piga *384*1#, chagua Ahadi za kaunti.")
    assert len(office.rows(Broadcast, Broadcast.kind == follows.DIGEST)) == 3  # one for each set of promises
    with office.context.work() as session:
        follows.unfollow_all(session, resident_id=people["one"], now=office.context.clock.now())
    (theirs,) = office.rows(Message, Message.resident_id == people["one"])
    assert (theirs.state, theirs.reason) == ("suppressed", "withdrawn")


def test_it_waits_for_the_packs_day_and_for_the_end_of_an_election(office: Office, people: dict[str, UUID]) -> None:
    about = office.context.pack.about
    late = about.model_copy(update={"limits": about.limits.model_copy(update={"digest_day": 5})})
    assert owe(office, 4, about=late) is None
    days = {"from": date(2020, 1, 1), "until": date(2099, 1, 1)}
    told = {"name": {"en": "Election"}, "confirmed": False, "confidence": "L", "source": "a test"}
    period = Election.model_validate(days | told)
    assert owe(office, 6, about=late, elections=(period,)) is None
    assert owe(office, 6, about=late) == 5
    with office.context.work() as session:
        assert session.query(FollowDigest).one().recipients == 5


def test_a_long_list_of_promises_still_fits(office: Office) -> None:
    pack = office.context.pack
    many = tuple(replace(pack.guide.promises[0], ogp_id=f"KEKAK{number:04}") for number in range(1, 30))
    crowded = replace(pack, guide=replace(pack.guide, promises=many))
    said = digests.text(crowded, [promise.ogp_id for promise in many], "sw")
    assert " na " in said
    assert "zaidi" in said
    assert len(said) < 320
