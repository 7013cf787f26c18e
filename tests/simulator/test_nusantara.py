"""The second stand-in: a call a text, result codes, reports and texts as Indonesian aggregators bring them; a phone."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.simulator.conftest import settled, simulator_process
from tests.simulator.product import Product

SRI = "+6281234500111"
FLAGS = ("--protocol=nusantara", "--country=ID", "--ussd-code=", "--sms-code=98765", "--sms-word=MENU")


@pytest.fixture(scope="module")
def _nusantara(_product: Product) -> Iterator[httpx.Client]:
    with simulator_process(_product.address, *FLAGS) as client:
        yield client


@pytest.fixture
def nusantara(_nusantara: httpx.Client, product: Product) -> Iterator[httpx.Client]:
    yield _nusantara
    _nusantara.post("/_faults", json={"faults": []})
    _nusantara.post("/_opt-in", json={"number": SRI})
    settled(_nusantara)
    _nusantara.delete("/_messages")


def send(client: httpx.Client, **changes: str) -> str:
    form = {"username": "u", "password": "p", "msisdn": SRI[1:], "sender": "98765", "message": "Halo"} | changes
    answer = client.post("/send", data=form)
    assert answer.status_code == 200
    return answer.text


def test_a_text_is_accepted_delivered_and_reported_on(nusantara: httpx.Client, product: Product) -> None:
    code, _, message_id = send(nusantara).partition("|")
    assert code == "0"
    report = product.wait_for("delivery")[0].fields
    assert report.pop("date")
    assert report == {
        "messageid": message_id,
        "msisdn": SRI[1:],
        "sender": "98765",
        "dlrstatus": "DELIVRD",
        "description": "",
    }
    [message] = nusantara.get("/_messages", params={"number": SRI}).json()
    assert (message["to"], message["text"], message["segments"]) == (SRI, "Halo", 1)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"password": ""}, "1"),
        ({"sender": ""}, "2"),
        ({"msisdn": "081234500111"}, "3"),
        ({"msisdn": "254711000111"}, "3"),
        ({"message": ""}, "4"),
    ],
)
def test_what_is_refused(nusantara: httpx.Client, changes: dict[str, str], code: str) -> None:
    assert send(nusantara, **changes) == code


def test_a_call_may_be_a_query(nusantara: httpx.Client) -> None:
    query = {"username": "u", "password": "p", "msisdn": SRI[1:], "sender": "98765", "message": "Halo"}
    assert nusantara.get("/send", params=query).text.startswith("0|")


def test_who_blocks_the_sender_gets_nothing_and_nobody_is_told(nusantara: httpx.Client, product: Product) -> None:
    assert nusantara.post("/_opt-out", json={"number": SRI}).json() == {"answered": None}
    assert send(nusantara) == "7"
    assert product.posted == []


def test_a_handset_texts_the_product(nusantara: httpx.Client, product: Product) -> None:
    assert nusantara.post("/_sms", json={"from": SRI, "text": "MENU"}).json()["answered"] == 200
    (post,) = product.seen("sms")
    assert post.fields.pop("date")
    assert post.fields.pop("messageid")
    assert post.fields == {"msisdn": SRI[1:], "to": "98765", "message": "MENU"}


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        ({"kind": "invalid_sender"}, "2"),
        ({"kind": "recipient_code", "code": 5}, "5"),
        ({"kind": "no_recipients"}, ""),
    ],
)
def test_faults_of_a_call(nusantara: httpx.Client, fault: dict[str, object], answer: str) -> None:
    nusantara.post("/_faults", json={"faults": [fault]})
    assert send(nusantara) == answer
    assert send(nusantara).startswith("0|")


def test_an_answer_may_be_json(nusantara: httpx.Client) -> None:
    nusantara.post("/_faults", json={"faults": [{"kind": "wrong_content_type"}]})
    answer = nusantara.post(
        "/send", data={"username": "u", "password": "p", "msisdn": SRI[1:], "sender": "98765", "message": "Halo"}
    ).json()
    assert (answer["status"], bool(answer["messageid"])) == (0, True)


def test_reports_are_lost_and_spelled_in_their_own_words(nusantara: httpx.Client, product: Product) -> None:
    faults = [{"kind": "report_lost"}, {"kind": "report_status", "status": "Failed", "reason": "absent"}]
    nusantara.post("/_faults", json={"faults": faults})
    send(nusantara)
    send(nusantara)
    fields = product.wait_for("delivery")[0].fields
    assert (fields["dlrstatus"], fields["description"]) == ("UNDELIV", "absent")
    assert len(nusantara.get("/_phone", params={"number": SRI}).json()["texts"]) >= 1


def test_the_connection_breaks_after_the_text_left(nusantara: httpx.Client) -> None:
    nusantara.post("/_faults", json={"faults": [{"kind": "reset", "accepted": True}]})
    with pytest.raises(httpx.HTTPError):
        send(nusantara)
    assert len(nusantara.get("/_messages").json()) == 1
