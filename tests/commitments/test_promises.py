"""Promises: from the pack into the table, followed and left, and news of them owed to who follows."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.commitments import follows, history, service
from gateway.commitments.follows import Followed, Kind
from gateway.commitments.models import Commitment, CommitmentUpdate, Follow
from gateway.context import Context
from gateway.messaging.models import Broadcast, Message
from gateway.pack_load import load_pack
from gateway.residents import service as residents
from gateway.residents.models import Consent
from gateway.settings import Settings
from gateway.staff.models import AuditEntry
from tests.desk import Office

PROMISE = "KEKAK0003"
NEWS = {"en": "The Citizen Budget is out. Read it at the ward office.", "sw": "Bajeti ya Mwananchi imetolewa."}
WORDING = "We will SMS you when this promise changes"


def follow(
    session: Session, context: Context, number: str, *, language: str = "sw", ogp_id: str = PROMISE, key: bytes = b""
) -> Any:
    now = context.clock.now()
    resident = residents.keep(session, context.vault, number, language=language, now=now)
    follows.follow(
        session,
        Followed(Kind.PROMISE, ogp_id),
        resident_id=resident,
        wording=WORDING,
        language=language,
        channel="ussd",
        now=now,
        effect_key=key or f"{number}{ogp_id}".encode(),
    )
    return resident


def test_the_pack_is_loaded_once_and_keeps_what_was_said(context: Context, settings: Settings) -> None:
    assert load_pack(settings) == 4
    with context.work() as session:
        session.execute(sa.update(Commitment).values(claim="limited", judged="not_started", lead="Nobody"))
    assert load_pack(settings) == 4
    with context.work() as session:
        promises = service.list_commitments(session)
    assert [promise.ogp_id for promise in promises] == ["KEKAK0001", "KEKAK0002", "KEKAK0003", "KEKAK0004"]
    assert {promise.claim for promise in promises} == {"limited"}
    assert {promise.judged for promise in promises} == {"not_started"}
    assert promises[3].lead == "Nobody", "what was imported stays while the pack says nothing new"
    with context.work() as session:
        session.execute(sa.update(Commitment).values(from_pack=Commitment.from_pack.op("||")({"lead": "As before"})))
    assert load_pack(settings) == 4
    with context.work() as session:
        assert service.read_commitment(session, "KEKAK0004").lead == "Kakamega County Assembly"
        changed, *_ = history.changes(session, "KEKAK0004")
    told = {"before": "Nobody", "after": "Kakamega County Assembly"}
    assert (changed.kind, changed.data) == ("changed", {"fields": {"lead": told}})
    assert [promise.inferred for promise in promises] == [False, True, False, False]
    assert str(promises[0].ends_on) == "2027-06-30"


def test_following_twice_is_following_once_with_its_consent(session: Session, context: Context) -> None:
    resident = follow(session, context, "+254711000111", key=b"hop one")
    follow(session, context, "+254711000111", key=b"hop one")
    assert follows.followed_by(session, resident) == [Followed(Kind.PROMISE, PROMISE)]
    (consent,) = session.scalars(sa.select(Consent)).all()
    assert (consent.kind, consent.subject, consent.wording, consent.language) == ("follow", PROMISE, WORDING, "sw")


def test_leaving_one_takes_its_consent_back_and_leaves_the_other(session: Session, context: Context) -> None:
    resident = follow(session, context, "+254711000111")
    follow(session, context, "+254711000111", ogp_id="KEKAK0001")
    follows.unfollow(session, Followed(Kind.PROMISE, PROMISE), resident_id=resident, now=context.clock.now())
    assert follows.followed_by(session, resident) == [Followed(Kind.PROMISE, "KEKAK0001")]
    withdrawn = {consent.subject: consent.withdrawn_at is not None for consent in session.scalars(sa.select(Consent))}
    assert withdrawn == {PROMISE: True, "KEKAK0001": False}
    assert session.scalar(sa.select(Follow.ended_by).where(Follow.ogp_id == PROMISE)) == "menu"


def test_who_left_may_come_back(session: Session, context: Context) -> None:
    resident = follow(session, context, "+254711000111", key=b"one")
    follows.unfollow_all(session, resident_id=resident, now=context.clock.now())
    assert follows.followed_by(session, resident) == []
    follow(session, context, "+254711000111", key=b"two")
    assert follows.followed_by(session, resident) == [Followed(Kind.PROMISE, PROMISE)]


def test_what_a_small_screen_shows_of_a_promise(session: Session, context: Context) -> None:
    resident = follow(session, context, "+254711000111")
    facts = service.facts(session, PROMISE, resident, "sw")
    assert facts == {"claim": "no_report", "judged": "not_assessed", "followed": True, "latest": None}
    assert service.facts(session, "KEKAK0001", resident, "sw")["followed"] is False
    assert service.facts(session, PROMISE, None, "sw")["followed"] is False
    assert service.facts(session, "KEKAK9999", resident, "sw") == {}


def test_news_reach_every_follower_in_their_own_language(office: Office) -> None:
    with office.context.work() as session:
        swahili = follow(session, office.context, "+254711000111", language="sw")
        english = follow(session, office.context, "+254711000222", language="en")
        stopped = follow(session, office.context, "+254711000333")
        left = follow(session, office.context, "+254711000444")
        follow(session, office.context, "+254711000555", ogp_id="KEKAK0001")
        residents.stop_messages(session, stopped, everything=False, now=office.context.clock.now())
        follows.unfollow(session, Followed(Kind.PROMISE, PROMISE), resident_id=left, now=office.context.clock.now())
    answer = office.post(f"/commitments/{PROMISE}/updates", {"text": NEWS})
    assert answer.status_code == 201
    assert (answer.json()["text"], answer.json()["recipients"]) == (NEWS, 2)
    owed = {(message.resident_id, message.language, message.lane) for message in office.rows(Message)}
    assert owed == {(swahili, "sw", "broadcasts"), (english, "en", "broadcasts")}
    (broadcast,) = office.rows(Broadcast)
    assert broadcast.bodies == NEWS
    (entry,) = office.rows(AuditEntry, AuditEntry.staff_id.is_not(None))
    assert (entry.action, entry.subject) == ("commitment.update_published", PROMISE)
    with office.context.work() as session:
        latest = service.facts(session, PROMISE, swahili, "sw")["latest"]
    assert latest["text"] == NEWS["sw"]
    assert len(latest["date"]) == 10
    listed = {item["ogp_id"]: item["latest"] for item in office.get("/commitments")["items"]}
    assert listed[PROMISE]["text"] == NEWS
    assert listed["KEKAK0001"] is None


def test_news_under_one_key_are_published_once(office: Office) -> None:
    with office.context.work() as session:
        follow(session, office.context, "+254711000111")
    headers = {"Idempotency-Key": "budget"}
    answers = [office.post(f"/commitments/{PROMISE}/updates", {"text": NEWS}, headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len(office.rows(Message)) == 1
    assert len(office.rows(CommitmentUpdate)) == 1


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ({"en": "Only English"}, "body.text.sw", "missing"),
        (NEWS | {"fr": "Le budget"}, "body.text.fr", "no such language"),
        (NEWS | {"sw": "Bajeti imetolewa 🎉 ą"}, "body.text.sw", "🎉 ą"),
        (NEWS | {"en": "x" * 300}, "body.text.en", "3 SMS"),
        (NEWS | {"en": "x" * 450}, "body.text.en", "450 characters"),
    ],
)
def test_news_that_do_not_fit_name_language_and_fault(
    office: Office, text: dict[str, str], where: str, words: str
) -> None:
    answer = office.post(f"/commitments/{PROMISE}/updates", {"text": text})
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert fault["where"] == where
    assert words in fault["message"]
    assert office.rows(CommitmentUpdate) == office.rows(Message) == []


def test_typographic_characters_are_made_plain(office: Office) -> None:
    text = NEWS | {"en": "\u201cCitizen Budget\u201d \u2013 it\u2019s out"}
    answer = office.post(f"/commitments/{PROMISE}/updates", {"text": text})
    assert answer.json()["text"]["en"] == '"Citizen Budget" - it\'s out'


@pytest.mark.parametrize(
    ("ogp_id", "body", "status"),
    [
        ("KEKAK9999", {"text": NEWS}, 404),
        (PROMISE, {}, 422),
        (PROMISE, {"text": {}}, 422),
        (PROMISE, NEWS, 422),
        (PROMISE, {"text": {"E\x00": "x"}}, 422),
        (PROMISE, {"text": NEWS | {"en": None}}, 422),
    ],
)
def test_news_of_nothing_are_refused(office: Office, ogp_id: str, body: dict[str, Any], status: int) -> None:
    assert office.post(f"/commitments/{ogp_id}/updates", body).status_code == status
