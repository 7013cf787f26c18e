"""What Africa's Talking posts, and what else may arrive in its name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.channels import africastalking as at
from gateway.channels.base import Fate, Hop, Inbound, OptOut, Report, SessionEnded

NUMBER = "+254711000111"


def test_first_hop_as_it_was_captured() -> None:
    body = (
        b"phoneNumber=%2B254711000111&serviceCode=%2A384%2A44135%23&text=&"
        b"sessionId=ATUid_7c898d72eb11f723ed8ea05ef232f279&networkCode=99999"
    )
    assert at.decode_ussd(body) == Hop("ATUid_7c898d72eb11f723ed8ea05ef232f279", NUMBER, "99999", "*384*44135#", "")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"text=1*2*maji+safi", "1*2*maji safi"),
        (b"text=1*2%2Athree", "1*2*three"),
        (b"text=5+%26+6%2B1%23", "5 & 6+1#"),
        (b"text=ng%27ombe+%E2%80%99", "ng'ombe \u2019"),
        (b"text=%zz%4", "%zz%4"),
        (b"text=%ff%fe", "\ufffd\ufffd"),
        (b"text=\xff", "\ufffd"),
        (b"text=a%00b", "ab"),
        (b"text=1&text=1*2", "1*2"),
        (b"text", ""),
        (b"", ""),
        (b"unknown=1&&=&text=1", "1"),
        (b"text=" + b"x" * 7000, "x" * 7000),
    ],
)
def test_text_of_a_hop(body: bytes, text: str) -> None:
    assert at.decode_ussd(body).text == text


@pytest.mark.parametrize(
    ("sent", "number"),
    [
        (b"%2B254711000111", NUMBER),
        (b"+254711000111", NUMBER),
        (b"254711000111", "254711000111"),
        (b"0711000111", "0711000111"),
        (b"+++254711000111+", NUMBER),
        (b"", ""),
        (b"7" * 500, "7" * 32),
    ],
)
def test_a_number_comes_as_it_was_sent_with_its_plus_mended(sent: bytes, number: str) -> None:
    assert at.decode_ussd(b"phoneNumber=" + sent).number == number


@pytest.mark.parametrize(
    ("sent", "network"), [(b"63902", "63902"), (b"777", "777"), (b"", ""), (b"x+254711000111", "")]
)
def test_a_network_code_never_seen_is_kept_and_words_are_not(sent: bytes, network: str) -> None:
    assert at.decode_ussd(b"networkCode=" + sent).network == network


def test_session_end_keeps_no_word_that_was_typed_or_shown() -> None:
    body = (
        b"date=2026-09-29+10%3A11%3A12&sessionId=ATUid_1&serviceCode=%2A384%2A44135%23&networkCode=99999&"
        b"phoneNumber=%2B254711000111&status=Incomplete&cost=0.00&durationInMillis=46000&hopsCount=4&"
        b"hopsMetadata=start%7Ccategory&input=1*2*siri&lastAppResponse=CON+siri&errorMessage=siri"
    )
    ended = at.decode_end(body)
    assert ended == SessionEnded("ATUid_1", NUMBER, "99999", "Incomplete", "0.00", 46000, 4, "category")
    assert "siri" not in repr(ended)


@pytest.mark.parametrize(
    ("field", "kept"),
    [
        (b"cost=KES+0.10", ("KES 0.10", None, "")),
        (b"cost=0", ("0", None, "")),
        (b"cost=call+0711000111", ("", None, "")),
        (b"durationInMillis=12.5", ("", None, "")),
        (b"durationInMillis=99999999999999", ("", None, "")),
        (b"durationInMillis=-1", ("", None, "")),
        (b"hopsMetadata=a%7Cb.c-d_1", ("", None, "b.c-d_1")),
        (b"hopsMetadata=0711000111", ("", None, "")),
        (b"hopsMetadata=a+b", ("", None, "")),
    ],
)
def test_odd_fields_of_a_session_end(field: bytes, kept: tuple[str, int | None, str]) -> None:
    ended = at.decode_end(field)
    assert (ended.cost, ended.duration_ms, ended.last_screen) == kept


def test_inbound_sms() -> None:
    body = (
        b"linkId=03090445075804249226&text=MAJI+Hakuna+maji+Kawangware&to=21512&id=ec9adc86-51d5-4bc8&"
        b"date=2017-05-03T06%3A04%3A45Z&from=%2B254791541111"
    )
    sent_at = datetime(2017, 5, 3, 6, 4, 45, tzinfo=UTC)
    assert at.decode_inbound(body) == Inbound(
        "ec9adc86-51d5-4bc8", "+254791541111", "21512", "MAJI Hakuna maji Kawangware", "", sent_at
    )


@pytest.mark.parametrize(
    ("date", "moment"),
    [
        (b"2017-05-03+06:04:45", datetime(2017, 5, 3, 6, 4, 45, tzinfo=UTC)),
        (b"2017-05-03T06:04:45.445Z", datetime(2017, 5, 3, 6, 4, 45, 445000, tzinfo=UTC)),
        (b"2017-05-03T09:04:45%2B03:00", datetime(2017, 5, 3, 6, 4, 45, tzinfo=UTC)),
        (b"0001-01-01T00:00:00%2B14:00", None),
        (b"yesterday", None),
        (b"", None),
    ],
)
def test_dates_of_an_inbound_sms(date: bytes, moment: datetime | None) -> None:
    assert at.decode_inbound(b"date=" + date).sent_at == moment


@pytest.mark.parametrize(
    ("word", "fate"),
    [
        ("Sent", Fate.ON_THE_WAY),
        ("Submitted", Fate.ON_THE_WAY),
        ("Buffered", Fate.ON_THE_WAY),
        ("Success", Fate.DELIVERED),
        ("SUCCESS", Fate.DELIVERED),
        ("success", Fate.DELIVERED),
        ("Failed", Fate.FAILED),
        ("Rejected", Fate.FAILED),
        ("AbsentSubscriber", Fate.FAILED),
        ("absentsubscriber", Fate.FAILED),
        ("Expired", Fate.EXPIRED),
        ("DeliveredToMoon", Fate.UNTOLD),
        ("", Fate.UNTOLD),
    ],
)
def test_status_words(word: str, fate: Fate) -> None:
    report = at.decode_report(f"id=ATXid_1&status={word}&phoneNumber=%2B254711000111".encode())
    assert (report.status, report.fate) == (word, fate)


def test_delivery_report_as_it_was_captured() -> None:
    body = (
        b"phoneNumber=%2B254700000000&failureReason=DeliveryFailure&retryCount=0&id=ATXid_8c&status=Failed&"
        b"networkCode=63902"
    )
    assert at.decode_report(body) == Report(
        "ATXid_8c", "Failed", Fate.FAILED, "DeliveryFailure", "63902", "+254700000000"
    )


def test_words_of_a_report_hold_letters_only_because_they_are_kept_in_the_clear() -> None:
    report = at.decode_report(b"status=call%2B254711000111&failureReason=0711000111+x&networkCode=%2B254711000111")
    assert (report.status, report.reason, report.network) == ("call", "x", "")
    assert len(at.decode_report(b"status=" + b"x" * 500).status) == 48


def test_opt_out() -> None:
    assert at.decode_opt_out(b"senderId=GOVTEST&phoneNumber=%2B254711000111") == OptOut(NUMBER)


FIELDS = st.sampled_from(
    [
        "sessionId",
        "phoneNumber",
        "networkCode",
        "text",
        "status",
        "id",
        "date",
        "cost",
        "durationInMillis",
        "hopsMetadata",
    ]
)


@given(
    st.one_of(st.binary(max_size=500), st.builds(lambda f, v: f.encode() + b"=" + v, FIELDS, st.binary(max_size=200)))
)
def test_nothing_that_arrives_raises(body: bytes) -> None:
    for decode in (at.decode_ussd, at.decode_end, at.decode_inbound, at.decode_report, at.decode_opt_out):
        decode(body)
