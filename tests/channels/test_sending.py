"""What the channel makes of what the provider does, over real HTTP and through the real SDK."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
import requests
from africastalking.SMS import SMSService

from gateway.channels import africastalking as at
from gateway.channels import channel_for
from gateway.channels.base import Layer, Outcome
from gateway.settings import Settings
from tests.channels.provider import Says, closed_port, provider, recipient, sent

ONE, TWO = "+254711000111", "+254733000222"


def settings(url: str | None, **changes: object) -> Settings:
    values: dict[str, object] = {
        "database_url": "postgresql://nowhere/none",
        "redis_url": "redis://nowhere/0",
        "callback_secrets": "s" * 32,
        "sealing_keys": "1:" + "a" * 43 + "=",
        "lookup_key": "a" * 43 + "=",
        "africastalking_api_key": "key",
        "africastalking_url": url,
    }
    return Settings(**(values | changes))  # type: ignore[arg-type]  # checked by pydantic


def make(url: str | None, **changes: object) -> at.AfricasTalking:
    return at.AfricasTalking(settings(url, **changes))


def test_a_text_reaches_the_provider_and_the_answer_is_read_by_number() -> None:
    answer = sent(recipient(TWO, 102, cost="KES 1.6000"), recipient(ONE))
    with provider(Says(body=answer)) as told:
        outcomes = make(told.url, africastalking_from="22384").send("Habari & karibu", [ONE, TWO])
    assert outcomes == [
        Outcome(ONE, Layer.RECIPIENT, "101", "ATXid_0111", Decimal("0.8000"), "KES"),
        Outcome(TWO, Layer.RECIPIENT, "102", "ATXid_0222", Decimal("1.6000"), "KES"),
    ]
    assert told.paths == ["/version1/messaging"]
    assert told.heard == [
        {
            "username": "sandbox",
            "to": f"{ONE},{TWO}",
            "message": "Habari & karibu",
            "bulkSMSMode": "1",
            "from": "22384",
            "apiKey": "key",
        }
    ]


def test_no_sender_is_named_where_none_is_set() -> None:
    with provider(Says(body=sent(recipient(ONE)))) as told:
        make(told.url).send("Habari", [ONE])
    assert "from" not in told.heard[0]


def test_calls_share_a_connection() -> None:
    with provider(Says(body=sent(recipient(ONE)))) as told:
        channel = make(told.url)
        for _ in range(5):
            channel.send("Habari", [ONE])
    assert len(told.heard) == 5
    assert len(told.connections) == 1


@pytest.mark.parametrize(
    ("says", "layer", "code"),
    [
        (Says(status=401, body="The supplied authentication is invalid"), Layer.HTTP, "401"),
        (Says(status=429), Layer.HTTP, "429"),
        (Says(status=500, body="<html>"), Layer.HTTP, "500"),
        (Says(status=503), Layer.HTTP, "503"),
        (Says(status=302), Layer.HTTP, "302"),
        (Says(status=400), Layer.HTTP, "400"),
        (Says(reset=True), Layer.TRANSPORT, "reset"),
        (Says(body="<html>welcome</html>"), Layer.BODY, "not_json"),
        (Says(body=""), Layer.BODY, "not_json"),
        (Says(body=sent(message="InvalidSenderId")), Layer.BODY, "InvalidSenderId"),
        (Says(body=sent(message="Sent to 0/1 Total Cost: 0")), Layer.BODY, "SenttoTotalCost"),
        (Says(body=sent(recipient(TWO))), Layer.BODY, "missing"),
        (Says(body="[]"), Layer.BODY, "empty"),
        (Says(body="null"), Layer.BODY, "empty"),
        (Says(body='{"SMSMessageData": null}'), Layer.BODY, "empty"),
        (Says(body='{"SMSMessageData": {"Recipients": {"0": 1}}}'), Layer.BODY, "empty"),
        (Says(body='{"SMSMessageData": {"Recipients": [null, 3]}}'), Layer.BODY, "empty"),
        (Says(body=sent({"number": ONE})), Layer.RECIPIENT, ""),
        (Says(body=sent(recipient(ONE, 406, messageId="None", cost="0"))), Layer.RECIPIENT, "406"),
        (Says(body=sent({**recipient(ONE), "statusCode": "101"})), Layer.RECIPIENT, "101"),
        (Says(body=sent(recipient(ONE.strip("+")))), Layer.RECIPIENT, "101"),
        (Says(body=sent(recipient(ONE)), content_type="application/json; charset=utf-8"), Layer.RECIPIENT, "101"),
        (Says(body=sent(recipient(ONE)), content_type="text/plain"), Layer.RECIPIENT, "101"),
        (Says(status=200, body=sent(recipient(ONE))), Layer.RECIPIENT, "101"),
    ],
)
def test_what_the_provider_says(says: Says, layer: Layer, code: str) -> None:
    with provider(says) as told:
        (outcome,) = make(told.url).send("Habari", [ONE])
    assert (outcome.number, outcome.layer, outcome.code) == (ONE, layer, code)


@pytest.mark.parametrize(
    ("changes", "provider_id", "cost"),
    [
        ({}, "ATXid_0111", Decimal("0.8000")),
        ({"messageId": "None"}, None, Decimal("0.8000")),
        ({"messageId": None}, None, Decimal("0.8000")),
        ({"messageId": "x" * 500}, "x" * 128, Decimal("0.8000")),
        ({"cost": "0"}, "ATXid_0111", None),
        ({"cost": None}, "ATXid_0111", None),
        ({"cost": "KES 1e9"}, "ATXid_0111", None),
        ({"cost": "KES 12"}, "ATXid_0111", Decimal(12)),
        ({"cost": "free"}, "ATXid_0111", None),
    ],
)
def test_ids_and_costs(changes: dict[str, object], provider_id: str | None, cost: Decimal | None) -> None:
    with provider(Says(body=sent(recipient(ONE) | changes))) as told:
        (outcome,) = make(told.url).send("Habari", [ONE])
    assert (outcome.provider_id, outcome.cost) == (provider_id, cost)


def test_refused_is_told_from_sent() -> None:
    (outcome,) = make(f"http://127.0.0.1:{closed_port()}").send("Habari", [ONE])
    assert (outcome.layer, outcome.code) == (Layer.CONNECT, "refused")


def test_a_name_that_does_not_resolve_left_nothing() -> None:
    (outcome,) = make("http://nowhere.invalid").send("Habari", [ONE])
    assert outcome.layer == Layer.CONNECT


def test_an_address_that_is_none_left_nothing() -> None:
    (outcome,) = make("ftp:nowhere").send("Habari", [ONE])
    assert (outcome.layer, outcome.code) == (Layer.CONNECT, "address")


def test_silence_after_sending_may_mean_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(at, "DEFAULT_TIMEOUT_S", (1, 0.2))
    with provider(Says(seconds=3)) as told:
        (outcome,) = make(told.url).send("Habari", [ONE])
    assert (outcome.layer, outcome.code) == (Layer.TRANSPORT, "timeout")
    assert len(told.heard) == 1


@pytest.mark.parametrize(
    "number",
    ["0711000111", "254711000111", "+2541", "+" + "2" * 24, ONE + "\n", "+٢٥٤٧١١٠٠٠١١١", "", "+", "+0711000111"],
)
def test_a_number_that_is_none_never_leaves_and_keeps_nobody_back(number: str) -> None:
    with provider(Says(body=sent(recipient(ONE)))) as told:
        outcomes = make(told.url).send("Habari", [number, ONE])
    assert {o.number: o.code for o in outcomes} == {number: "malformed", ONE: "101"}
    assert told.heard[0]["to"] == ONE


def test_no_good_number_makes_no_call() -> None:
    with provider(Says()) as told:
        make(told.url).send("Habari", ["x"])
    assert told.heard == []


@pytest.mark.parametrize(
    ("sender", "two_way"), [("22384", True), ("", False), ("BARAZA", False), ("254711000111", False)]
)
def test_only_a_code_can_be_answered(sender: str, two_way: bool) -> None:
    assert make(None, africastalking_from=sender).two_way is two_way


def test_no_error_holds_a_number() -> None:
    with provider(Says(status=400, body=f"bad number {ONE}")) as told:
        service = at.Service("sandbox", "key", told.url)
        with pytest.raises(at.Refused) as raised:
            service.send("Habari", [ONE])
    assert ONE not in str(raised.value)
    assert raised.value.status == 400


@pytest.mark.parametrize(
    ("username", "address", "base"),
    [
        ("sandbox", None, "https://api.sandbox.africastalking.com/version1"),
        ("kakamega", None, "https://api.africastalking.com/version1"),
        ("sandbox", "http://127.0.0.1:9/", "http://127.0.0.1:9/version1"),
    ],
)
def test_private_names_of_the_pinned_sdk_are_still_there(username: str, address: str | None, base: str) -> None:
    assert at.Service(username, "key", address)._make_url("/messaging") == base + "/messaging"
    assert issubclass(at.Service, SMSService)
    assert isinstance(at.Service(username, "key", address)._http, requests.Session)


def test_the_registry_gives_the_channel() -> None:
    channel = channel_for(settings(None))
    assert (channel.name, channel.batch) == ("africastalking", 100)


def test_an_answer_may_be_any_json() -> None:
    for answer in ("{}", "[]", '"x"', "3", "null", '{"SMSMessageData": {"Message": 7, "Recipients": null}}'):
        assert [o.layer for o in at.read(json.loads(answer), [ONE])] == [Layer.BODY]
