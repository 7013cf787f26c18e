"""The HTTP style of Indonesian aggregators: what it posts, what it answers, and what may arrive in its name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.channels import CHANNELS, DECODERS, METHODS, channel_for
from gateway.channels import nusantara as nu
from gateway.channels.base import Fate, Inbound, Layer, Outcome, Report
from gateway.messaging.outcomes import Do, decide
from gateway.settings import Settings, SettingsError, load_settings
from tests.channels.provider import Says, closed_port, provider
from tests.channels.test_sending import settings as base_settings

ONE, TWO = "+6281234500111", "+6285733000222"


def settings(url: str | None, **changes: object) -> Settings:
    own: dict[str, object] = {
        "channel": "nusantara",
        "nusantara_url": url,
        "nusantara_user": "madiun",
        "nusantara_password": "rahasia",
        "nusantara_sender": "98765",
    }
    return base_settings(None, **(own | changes))


def make(url: str | None, **changes: object) -> nu.Nusantara:
    channel = channel_for(settings(url, **changes))
    assert isinstance(channel, nu.Nusantara)
    return channel


def test_each_number_is_a_call_of_its_own_without_its_plus() -> None:
    with provider(Says(200, "0|abc-1", "text/plain"), Says(200, "0|abc-2", "text/plain")) as told:
        outcomes = make(told.url + "/api/send").send("Halo & apa kabar", [ONE, TWO])
    assert outcomes == [
        Outcome(ONE, Layer.RECIPIENT, "accepted", "abc-1"),
        Outcome(TWO, Layer.RECIPIENT, "accepted", "abc-2"),
    ]
    assert told.paths == ["/api/send"] * 2
    assert told.heard[0] == {
        "username": "madiun",
        "password": "rahasia",
        "msisdn": "6281234500111",
        "sender": "98765",
        "message": "Halo & apa kabar",
        "apiKey": None,
    }
    assert len(told.connections) == 1


def test_texts_leave_in_gsm_7_whatever_an_officer_wrote() -> None:
    with provider(Says(200, "0|1", "text/plain")) as told:
        make(told.url).send("\u201cBesok\u201d \u2013 jam 9 \U0001f642 ng\u0169", [ONE])
    assert told.heard[0]["message"] == '"Besok" - jam 9 ? ngu'


ANSWERS = [
    (Says(200, "0|abc-1"), Layer.RECIPIENT, "accepted", "abc-1", Do.ACCEPT),
    (Says(200, "0"), Layer.RECIPIENT, "accepted", None, Do.ACCEPT),
    (Says(200, " 0: 77812 \n"), Layer.RECIPIENT, "accepted", "77812", Do.ACCEPT),
    (Says(200, '{"status": 0, "messageid": "abc-1"}'), Layer.RECIPIENT, "accepted", "abc-1", Do.ACCEPT),
    (Says(201, '{"status": "0", "messageid": 7}'), Layer.RECIPIENT, "accepted", "7", Do.ACCEPT),
    (Says(200, "1|wrong password"), Layer.RECIPIENT, "bad_key", None, Do.STOP),
    (Says(200, "2"), Layer.RECIPIENT, "bad_sender", None, Do.STOP),
    (Says(200, "3"), Layer.RECIPIENT, "invalid_number", None, Do.FINAL),
    (Says(200, "4"), Layer.RECIPIENT, "bad_text", None, Do.HOLD),
    (Says(200, "5 no credit"), Layer.RECIPIENT, "no_balance", None, Do.PAUSE),
    (Says(200, "6"), Layer.RECIPIENT, "too_fast", None, Do.RETRY),
    (Says(200, "7"), Layer.RECIPIENT, "blocked", None, Do.FINAL),
    (Says(200, "8"), Layer.RECIPIENT, "no_route", None, Do.FINAL),
    (Says(200, '{"status": 9, "messageid": "x"}'), Layer.RECIPIENT, "provider_error", None, Do.RETRY),
    # A number of another aggregator's list means nothing here: it may have been sent.
    (Says(200, "101|abc-1"), Layer.RECIPIENT, "result_101", None, Do.UNKNOWN),
    (Says(200, "1701"), Layer.RECIPIENT, "result_1701", None, Do.UNKNOWN),
    (Says(200, "<html>welcome</html>"), Layer.BODY, "unreadable", None, Do.UNKNOWN),
    (Says(200, ""), Layer.BODY, "unreadable", None, Do.UNKNOWN),
    (Says(200, "[0]"), Layer.BODY, "unreadable", None, Do.UNKNOWN),
    (Says(200, '{"status": null}'), Layer.BODY, "unreadable", None, Do.UNKNOWN),
    (Says(401), Layer.HTTP, "401", None, Do.STOP),
    (Says(503), Layer.HTTP, "503", None, Do.RETRY),
    (Says(302), Layer.HTTP, "302", None, Do.PAUSE),
    (Says(reset=True), Layer.TRANSPORT, "reset", None, Do.UNKNOWN),
]


@pytest.mark.parametrize(("says", "layer", "code", "provider_id", "do"), ANSWERS)
def test_what_the_provider_says_and_what_follows(
    says: Says, layer: Layer, code: str, provider_id: str | None, do: Do
) -> None:
    with provider(says) as told:
        (outcome,) = make(told.url).send("Halo", [ONE])
    assert (outcome.number, outcome.layer, outcome.code, outcome.provider_id) == (ONE, layer, code, provider_id)
    assert decide(outcome.layer, outcome.code).do is do


def test_nothing_left_and_silence_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    assert make(f"http://127.0.0.1:{closed_port()}").send("Halo", [ONE])[0].layer is Layer.CONNECT
    monkeypatch.setattr(nu, "TIMEOUT_S", (1, 0.2))
    with provider(Says(seconds=3)) as told:
        assert make(told.url).send("Halo", [ONE])[0].layer is Layer.TRANSPORT
    assert len(told.heard) == 1


@pytest.mark.parametrize("number", ["081234500111", "6281234500111", "+62", ONE + "\n", "", "BARAZA"])
def test_a_number_that_is_none_never_leaves_and_keeps_nobody_back(number: str) -> None:
    with provider(Says(200, "0|1")) as told:
        outcomes = make(told.url).send("Halo", [number, ONE])
    assert {outcome.number: outcome.code for outcome in outcomes} == {number: "malformed", ONE: "accepted"}
    assert len(told.heard) == 1


@pytest.mark.parametrize(("sender", "two_way"), [("98765", True), ("6281100022233", True), ("BARAZA", False)])
def test_only_a_number_can_be_answered(sender: str, two_way: bool) -> None:
    assert make("http://127.0.0.1:9", nusantara_sender=sender).two_way is two_way


def test_inbound_sms() -> None:
    body = b"messageid=mo-1&msisdn=6281234500111&to=98765&message=Jalan+rusak+%26+gelap&date=2026-11-21+15%3A00%3A00"
    assert nu.decode_inbound(body) == Inbound("mo-1", "6281234500111", "98765", "Jalan rusak & gelap", "", None)


@pytest.mark.parametrize(
    ("word", "fate"),
    [
        ("DELIVRD", Fate.DELIVERED),
        ("Delivered", Fate.DELIVERED),
        ("SENT", Fate.ON_THE_WAY),
        ("UNDELIV", Fate.FAILED),
        ("Undelivered", Fate.FAILED),
        ("REJECTD", Fate.FAILED),
        ("EXPIRED", Fate.EXPIRED),
        ("Terkirim", Fate.UNTOLD),
        ("", Fate.UNTOLD),
    ],
)
def test_status_words_of_a_report(word: str, fate: Fate) -> None:
    report = nu.decode_report(f"messageid=abc-1&msisdn=6281234500111&dlrstatus={word}&description=absent+x1".encode())
    assert report == Report("abc-1", word, fate, "absentx", "", "6281234500111")


FIELDS = st.sampled_from(["messageid", "msisdn", "to", "message", "dlrstatus", "description", "date"])


@given(
    st.one_of(st.binary(max_size=500), st.builds(lambda f, v: f.encode() + b"=" + v, FIELDS, st.binary(max_size=200)))
)
def test_nothing_that_arrives_raises(body: bytes) -> None:
    for decode in nu.DECODERS.values():
        decode(body)


def test_every_channel_is_named_by_the_setting_and_knows_its_callbacks() -> None:
    named = set(Settings.model_fields["channel"].annotation.__args__)  # type: ignore[union-attr]  # a Literal
    assert named == set(CHANNELS) == set(DECODERS) == set(METHODS)
    assert "ussd" not in DECODERS["nusantara"]


@pytest.mark.parametrize("missing", ["URL", "USER", "SENDER"])
def test_a_deployment_that_says_too_little_stops_with_one_line(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    given_ = {"URL": "http://x/", "USER": "u", "SENDER": "98765"}
    for name, value in given_.items():
        if name != missing:
            monkeypatch.setenv(f"BARAZA_NUSANTARA_{name}", value)
    known = base_settings(None).model_dump(include={"database_url", "redis_url"})
    secrets = {"callback_secrets": "s" * 32, "sealing_keys": "1:" + "a" * 43 + "=", "lookup_key": "a" * 43 + "="}
    with pytest.raises(SettingsError, match="BARAZA_CHANNEL=nusantara needs BARAZA_NUSANTARA_URL"):
        load_settings(channel="nusantara", **known, **secrets)
