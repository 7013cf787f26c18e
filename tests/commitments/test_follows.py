"""Following a promise, an area or a ward: whom news reach, once; STOP and START; the words of the SMS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.commitments import follows, stopping
from gateway.commitments.follows import Followed, Kind
from gateway.commitments.models import Follow
from gateway.context import Context
from gateway.intake.following import named
from gateway.intake.words import Command
from gateway.messaging.models import Message
from gateway.residents.models import Consent, Resident
from tests.desk import Office
from tests.texting import Texter

PROMISE, OTHER = "KEKAK0003", "KEKAK0002"
HERE, NEAR, FAR = "1017", "1016", "1001"
NEWS = {"en": "The Citizen Budget is out.", "sw": "Bajeti ya Mwananchi imetolewa."}

WAYS: dict[str, list[Followed]] = {
    "promise": [Followed(Kind.PROMISE, PROMISE)],
    "area": [Followed(Kind.AREA, "budget")],
    "here": [Followed(Kind.WARD, HERE)],
    "far": [Followed(Kind.WARD, FAR)],
    "all ways": [Followed(Kind.PROMISE, PROMISE), Followed(Kind.AREA, "budget"), Followed(Kind.WARD, HERE)],
    "monthly": [Followed(Kind.PROMISE, PROMISE, monthly=True), Followed(Kind.WARD, HERE, monthly=True)],
    "both": [Followed(Kind.PROMISE, PROMISE, monthly=True), Followed(Kind.AREA, "budget")],
    "other": [Followed(Kind.PROMISE, OTHER), Followed(Kind.AREA, "climate")],
}


def follow(context: Context, session: Session, resident: UUID, what: Followed) -> None:
    follows.follow(
        session,
        what,
        resident_id=resident,
        wording="We SMS you its news",
        language="sw",
        channel="ussd",
        now=context.clock.now(),
        effect_key=None,
    )


@pytest.fixture
def people(office: Office) -> dict[str, UUID]:
    with office.context.work() as session:
        found = {name: office.resident(session, f"+25471100030{place}") for place, name in enumerate(WAYS)}
        for name, ways in WAYS.items():
            for what in ways:
                follow(office.context, session, found[name], what)
    return found


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([], {"promise", "area", "here", "far", "all ways", "both"}),
        ([HERE], {"promise", "area", "here", "all ways", "both"}),
        ([NEAR], {"promise", "area", "all ways", "both"}),
        (["203"], {"promise", "area", "here", "all ways", "both"}),
    ],
)
def test_news_reach_everybody_who_follows_in_whichever_way_once(
    office: Office, people: dict[str, UUID], places: list[str], expected: set[str]
) -> None:
    answer = office.post(f"/commitments/{PROMISE}/updates", {"text": NEWS, "places": places})
    assert answer.status_code == 201, answer.text
    got = [message.resident_id for message in office.rows(Message)]
    assert sorted(got) == sorted(people[name] for name in expected)
    assert answer.json()["recipients"] == len(expected)
    wards = answer.json()["places"]
    assert wards == (sorted(wards) if places != ["203"] else sorted({*wards, HERE}))


def test_a_place_that_is_none_is_refused(office: Office) -> None:
    answer = office.post(f"/commitments/{PROMISE}/updates", {"text": NEWS, "places": ["nowhere"]})
    assert (answer.status_code, answer.json()["errors"][0]["where"]) == (422, "body.places")


def test_opt_out_and_the_months_number_hold_for_who_follows_an_area_or_a_ward(
    office: Office, people: dict[str, UUID]
) -> None:
    with office.context.work() as session:
        stopping.stop(session, people["area"], everything=False, now=office.context.clock.now())
    cap = office.context.pack.about.limits.follow_sms_a_month
    for _ in range(cap + 1):
        assert office.post(f"/commitments/{PROMISE}/updates", {"text": NEWS}).status_code == 201
    rows = office.rows(Message, Message.resident_id == people["here"])
    assert [row.state for row in rows] == ["owed"] * cap + ["suppressed"]
    assert rows[-1].reason == "monthly_cap"
    assert office.rows(Message, Message.resident_id == people["area"]) == []


def test_who_leaves_one_way_still_hears_by_another(office: Office, people: dict[str, UUID]) -> None:
    office.post(f"/commitments/{PROMISE}/updates", {"text": NEWS})
    one = people["all ways"]
    for what, state in zip(WAYS["all ways"], ("owed", "owed", "suppressed"), strict=True):
        with office.context.work() as session:
            follows.unfollow(session, what, resident_id=one, now=office.context.clock.now())
        assert [row.state for row in office.rows(Message, Message.resident_id == one)] == [state]


def known(session: Session, resident: UUID) -> list[Followed]:
    return follows.followed_by(session, resident)


def test_stop_ends_all_and_start_brings_all_back_as_they_were(session: Session, context: Context) -> None:
    resident = make(session, context)
    ways = [Followed(Kind.PROMISE, OTHER, monthly=True), *WAYS["all ways"]]
    for _ in range(2):  # a second STOP after following anew: two rows of one thing, and one comes back
        for what in ways:
            follow(context, session, resident, what)
        stopping.stop(session, resident, everything=False, now=context.clock.now())
        assert known(session, resident) == []
    stopping.start(session, resident)
    assert sorted(known(session, resident), key=str) == sorted(ways, key=str)


def make(session: Session, context: Context) -> UUID:
    resident = Resident(number_lookup=b"n", number_sealed=b"", language="sw")
    session.add(resident)
    session.flush()
    return resident.id


def test_one_ward_takes_the_place_of_another_and_what_was_left_by_menu_stays_left(
    session: Session, context: Context
) -> None:
    resident, now = make(session, context), context.clock.now
    for what in (Followed(Kind.WARD, HERE), Followed(Kind.AREA, "budget"), Followed(Kind.WARD, FAR, monthly=True)):
        follow(context, session, resident, what)
    assert known(session, resident) == [Followed(Kind.AREA, "budget"), Followed(Kind.WARD, FAR, monthly=True)]
    follows.unfollow(session, Followed(Kind.AREA, "budget"), resident_id=resident, now=now())
    stopping.stop(session, resident, everything=False, now=now())
    stopping.start(session, resident)
    assert known(session, resident) == [Followed(Kind.WARD, FAR, monthly=True)]
    consents = session.execute(sa.select(Consent.kind, Consent.subject, Consent.withdrawn_at.is_(None)))
    assert {tuple(row) for row in consents} == {
        ("follow_ward", HERE, False),
        ("follow_area", "budget", False),
        ("follow_ward", FAR, True),
    }


NAMED: list[tuple[str, Any]] = [
    ("FOLLOW 3", (Command.FOLLOW, "en", Followed(Kind.PROMISE, "KEKAK0003"))),
    ("fuatilia 0003.", (Command.FOLLOW, "sw", Followed(Kind.PROMISE, "KEKAK0003"))),
    ("Follow KEKAK0001", (Command.FOLLOW, "en", Followed(Kind.PROMISE, "KEKAK0001"))),
    ("FUATILIA Mabadiliko ya Tabianchi", (Command.FOLLOW, "sw", Followed(Kind.AREA, "climate"))),
    ("follow climate", (Command.FOLLOW, "en", Followed(Kind.AREA, "climate"))),
    ("JIONDOE budget", (Command.UNFOLLOW, "sw", Followed(Kind.AREA, "budget"))),
    ("unfollow 2", (Command.UNFOLLOW, "en", Followed(Kind.PROMISE, "KEKAK0002"))),
    ("Follow Shirere", (Command.FOLLOW, "en", Followed(Kind.WARD, "1017"))),
    ("FOLLOW", None),
    ("follow 9", None),
    ("Follow up on my complaint", None),
    ("following 3", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "expected"), NAMED)
def test_what_a_text_names(context: Context, text: str, expected: Any) -> None:
    found = named(context.pack.guide, text)
    if expected is not None and expected[2].kind is Kind.WARD:
        assert found is not None
        place = context.pack.guide.ward(found[2].code)
        assert place is not None
        assert place[1].name == "Shirere"
    else:
        assert found == expected


@pytest.fixture
def phone(context: Context) -> Callable[[str], list[str]]:
    return Texter(context, "+254711000377").text


def test_follow_by_a_word_keeps_the_words_it_was_told(phone: Callable[[str], list[str]], context: Context) -> None:
    (said,) = phone("FUATILIA 3")
    assert said.startswith("Baraza: unafuatilia Bajeti wazi na habari.")
    with context.work() as session:
        assert session.scalars(sa.select(Consent.wording)).all() == [said]
    phone("FOLLOW climate")
    assert phone("STOP")[0].startswith("Tumeacha")
    assert phone("JIONDOE 3")[0].startswith("Baraza: hufuatilii tena Bajeti wazi")
    assert phone("FUATILIA 1")[0].startswith("Baraza: unafuatilia Ushiriki wa umma.")  # undoes the STOP for promises
    with context.work() as session:
        assert session.scalars(sa.select(Follow.ogp_id).where(follows.OPEN)).all() == ["KEKAK0001"]
        assert session.scalars(sa.select(Resident.stopped_broadcasts_at)).one() is None


def test_unfollow_alone_asks_which_only_where_there_is_a_choice(phone: Callable[[str], list[str]]) -> None:
    phone("FOLLOW 3")
    assert phone("UNFOLLOW")[0].startswith("Baraza: you no longer follow any county promise")
    for text in ("FOLLOW 3", "FOLLOW climate", "FOLLOW 1"):
        phone(text)
    (asked,) = phone("UNFOLLOW")
    lines = ["You follow these. Stop which?", "1. Public participation", "2. Open budget, information", "3. Area"]
    assert asked.startswith("\n".join(lines))
    assert phone("3")[0].startswith("You follow it no more.")
    assert phone("UNFOLLOW")[0].count("\n") == asked.count("\n") - 1
    assert phone("3")[0].startswith("You follow no promise any more.")
    assert phone("UNFOLLOW ALL")[0].startswith("Baraza: you no longer follow any county promise")


def test_who_follows_many_promises_gets_so_many_texts_a_month_of_all_together(office: Office) -> None:
    with office.context.work() as session:
        resident = office.resident(session, "+254711000379")
        for promise in office.context.pack.guide.promises:
            follow(office.context, session, resident, Followed(Kind.PROMISE, promise.ogp_id))
    for promise in office.context.pack.guide.promises:
        for _ in range(2):  # no more than of one promise is allowed
            office.post(f"/commitments/{promise.ogp_id}/updates", {"text": NEWS})
    states = [(row.state, row.reason) for row in office.rows(Message, Message.resident_id == resident)]
    assert states == [("owed", "")] * 6 + [("suppressed", "monthly_cap")] * 2
