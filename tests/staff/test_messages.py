"""What was sent about a case, and what strangers sent in: over the API, never with a number."""

from __future__ import annotations

from decimal import Decimal

import pytest
import sqlalchemy as sa

from gateway.channels.africastalking import AfricasTalking
from gateway.channels.base import Money
from gateway.ids import new_id
from gateway.intake.models import InboundMessage
from gateway.messaging import channel
from gateway.messaging import service as messaging
from gateway.messaging.drain import drain
from gateway.messaging.models import ChannelState, Message
from gateway.messaging.outcomes import DECISIONS, Do
from gateway.residents.models import Resident
from gateway.staff.models import AuditEntry
from tests.channels.provider import Says, provider, recipient, sent
from tests.desk import NUMBER, Office


def test_an_officer_sees_what_was_sent_and_never_to_whom(office: Office) -> None:
    filed, other = office.file(), office.file()
    office.post(f"/cases/{filed.serial}/replies", {"text": "An answer"})
    office.post(f"/cases/{filed.serial}/transitions", {"to": "rejected", "reason": "Not ours"})
    office.post(f"/cases/{other.serial}/replies", {"text": "Another"})
    answer = office.ask("GET", "/messages", params={"case": filed.serial})
    assert [(item["template"], item["state"], item["language"]) for item in answer.json()["items"]] == [
        ("moved", "owed", "sw"),
        ("reply", "owed", "sw"),
    ]
    assert {"segments", "cost", "currency", "reason", "owed_at", "sent_at", "final_at"} <= set(
        answer.json()["items"][0]
    )
    assert NUMBER[-9:] not in answer.text


def test_messages_come_in_pages(office: Office) -> None:
    filed = office.file()
    for number in range(3):
        office.post(f"/cases/{filed.serial}/replies", {"text": f"Answer {number}"})
    first = office.get("/messages", params={"case": filed.serial, "limit": 2})
    rest = office.get("/messages", params={"case": filed.serial, "limit": 2, "cursor": first["next_cursor"]})
    seen = [item["id"] for item in first["items"] + rest["items"]]
    assert seen == [str(message.id) for message in office.rows(Message)][::-1]
    assert rest["next_cursor"] is None


def test_messages_are_found_by_what_they_are_and_counted_by_state(office: Office) -> None:
    filed, other = office.file(), office.file()
    office.post(f"/cases/{filed.serial}/replies", {"text": "An answer"})
    office.post(f"/cases/{other.serial}/transitions", {"to": "rejected", "reason": "Not ours"})
    with office.context.work() as session:
        broadcast = messaging.owe_broadcast(
            session,
            kind="notice",
            topic="KEKAK0001",
            bodies={"en": "Hearing"},
            audience=sa.select(Resident.id),
            created_by=None,
            now=office.context.clock.now(),
        )
        session.execute(sa.update(Message).where(Message.template == "reply").values(state="failed", reason="no_route"))

    def found(**asked: object) -> list[tuple[str, str | None]]:
        return [(item["template"], item["case"]) for item in office.get("/messages", params=asked)["items"]]

    reply, moved, update = ("reply", filed.serial), ("moved", other.serial), ("update", None)
    assert found() == [update, moved, reply]
    assert found(state="failed") == found(reason="no_route") == found(template="reply") == [reply]
    assert found(lane="broadcasts") == found(broadcast=str(broadcast)) == [update]
    assert found(case=other.serial, state="failed") == []
    assert office.get("/messages", params={"totals": True, "limit": 1})["totals"] == {"failed": 1, "owed": 2}
    assert office.get("/messages")["totals"] is None
    assert office.ask("GET", "/messages?case=KAK-2026-999999").status_code == 404


def test_what_the_aggregator_holds_is_sent_again_or_given_up_by_staff(office: Office) -> None:
    filed, other = office.file(), office.file()
    for serial in (filed.serial, other.serial):
        office.post(f"/cases/{serial}/replies", {"text": "An answer"})
    says = [Says(body=sent(recipient(NUMBER, 401, status="RiskHold", messageId=f"ATXid_{n}"))) for n in (0, 1)]
    with provider(*says) as told:
        settings = office.context.settings.model_copy(update={"africastalking_url": told.url})
        drain(office.context, AfricasTalking(settings), "replies")
        again, never = [item["id"] for item in office.get("/messages", params={"reason": "risk_hold"})["items"]]
        why = {"reason": "They let it go"}
        assert office.post(f"/messages/{again}/release", why, "intake").status_code == 403
        office.token("supervisor")
        marked = {"person": "officer@kakamega.example", "reason": "The story names them"}
        assert office.post(f"/cases/{other.serial}/conflicts", marked, "supervisor").status_code in (200, 201)
        assert office.post(f"/messages/{again}/release", why).status_code == 404, "their case is hidden from them"
        released = office.post(f"/messages/{again}/release", why, "supervisor").json()
        assert (released["state"], released["reason"], released["possible_repeat"]) == ("owed", "released", True)
        ended = office.post(f"/messages/{never}/give-up", why).json()
        assert (ended["state"], ended["reason"], ended["waits_for_staff"]) == ("suppressed", "given_up", False)
        for path in (f"/messages/{again}/give-up", f"/messages/{never}/release"):
            assert office.post(path, why, "supervisor").status_code == 409
        told.says[:] = [Says(body=sent(recipient(NUMBER, messageId="ATXid_2")))]
        drain(office.context, AfricasTalking(settings), "replies")
    (row,) = office.rows(Message, Message.state == "accepted")
    assert (str(row.id), row.provider_message_id) == (again, "ATXid_2")
    assert {"message.released", "message.given_up"} <= set(office.audited())
    counted = office.client.get("/metrics").text
    assert 'baraza_messages_total{lane="replies",reason="given_up",state="suppressed"} 1.0' in counted


@pytest.mark.parametrize(("left", "low"), [(None, False), ("999.5", True), ("1000", False)])
def test_staff_are_warned_when_the_balance_is_low(office: Office, left: str | None, low: bool) -> None:
    now = office.context.clock.now()
    with office.context.work() as session:
        if left is not None:
            channel.note_balance(session, Money(Decimal(left), "KES"), warning=Decimal(1000), now=now)
    (told,) = office.get("/channels")["items"]
    assert (told["channel"], told["stopped"], told["balance_low"]) == ("africastalking", "", low)
    assert told["balance"] is None if left is None else Decimal(told["balance"]) == Decimal(left)


def stranger_writes(office: Office, text: str, disposition: str = "triage") -> None:
    row = new_id()
    with office.context.work() as session:
        session.add(
            InboundMessage(
                id=row,
                channel="africastalking",
                provider_id=str(row),
                resident_id=office.resident(session, NUMBER),
                to_code="22384",
                text_sealed=office.context.vault.sealer.seal(text, f"inbound_messages.text:{row}"),
                received_at=office.context.clock.now(),
                disposition=disposition,
            )
        )


def test_the_sms_of_strangers_wait_in_triage_and_reading_them_is_audited(office: Office) -> None:
    stranger_writes(office, "There is no water in Shirere")
    stranger_writes(office, "HALI", disposition="command")
    answer = office.ask("GET", "/inbound?disposition=triage", "intake")
    (item,) = answer.json()["items"]
    assert (item["text"], item["disposition"], item["case"]) == ("There is no water in Shirere", "triage", None)
    assert NUMBER[-9:] not in answer.text
    (entry,) = office.rows(AuditEntry, AuditEntry.action == "inbound.read")
    assert (entry.data["count"], entry.data["newest"]) == (1, item["id"])
    assert "water" not in str(entry.data)


def test_looking_at_an_empty_list_is_no_reading(office: Office) -> None:
    assert office.get("/inbound")["items"] == []
    assert office.audited() == []


def test_staff_see_why_nothing_goes_out_and_let_it_go_on(office: Office) -> None:
    now = office.context.clock.now()
    with office.context.work() as session:
        session.add(ChannelState(channel="africastalking", stopped_reason="bad_key", changed_at=now))
    (told,) = office.get("/channels")["items"]
    assert told["stopped"] == "bad_key"
    assert "refuses our API key" in told["trouble"]
    mended = {"reason": "The new API key is in place"}
    assert office.post("/channels/africastalking/resume", {"reason": " "}, "supervisor").status_code == 422
    assert office.post("/channels/nusantara/resume", mended, "supervisor").status_code == 404
    assert office.post("/channels/africastalking/resume", mended, "officer").status_code == 403
    assert office.get("/channels")["items"][0]["stopped"] == "bad_key"

    resumed = office.post("/channels/africastalking/resume", mended, "supervisor")
    assert (resumed.status_code, resumed.json()["stopped"], resumed.json()["trouble"]) == (200, "", "")
    (entry,) = office.rows(AuditEntry, AuditEntry.action == "channel.resumed")
    assert (entry.subject, entry.data) == ("africastalking", {"reason": "bad_key", "why": mended["reason"]})
    assert office.post("/channels/africastalking/resume", mended, "supervisor").status_code == 200
    assert office.audited().count("channel.resumed") == 1, "it had not stopped"


def test_every_reason_to_stop_or_rest_is_told_in_words() -> None:
    reasons = {one.reason for one in DECISIONS.values() if one.do in (Do.STOP, Do.PAUSE) or one.rest}
    assert reasons == set(channel.TROUBLES)
