"""The stand-in seen through the official SDK: sending, refusing, reporting, receiving."""

import time
from typing import Any

import httpx
import pytest
import requests
from africastalking.Service import AfricasTalkingException
from africastalking.SMS import SMSService

from tests.simulator.conftest import settled
from tests.simulator.product import Product

ATIENO = "+254711000111"
WEKESA = "+254733000222"


class PointedElsewhere(SMSService):  # type: ignore[misc]  # the SDK carries no types
    """The SDK with another root address; it has no setting for one."""

    def __init__(self, root: str, api_key: str = "key") -> None:
        self._root = root
        super().__init__("sandbox", api_key)

    def _init_service(self) -> None:
        super()._init_service()
        self._baseUrl = self._contentUrl = f"{self._root}/version1"


@pytest.fixture
def sdk(simulator: httpx.Client) -> PointedElsewhere:
    return PointedElsewhere(str(simulator.base_url).rstrip("/"))


def send(sdk: PointedElsewhere, text: str = "Habari", to: list[str] | None = None) -> dict[str, Any]:
    answer: dict[str, Any] = sdk.send(text, to or [ATIENO], sender_id="22384")
    data: dict[str, Any] = answer["SMSMessageData"]
    return data


def listed(simulator: httpx.Client, **query: str) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = simulator.get("/_messages", params=query).json()
    return messages


def test_an_accepted_message_is_answered_as_the_aggregator_does(sdk: PointedElsewhere) -> None:
    data = send(sdk, "Habari yako")
    message_id = data["Recipients"][0].pop("messageId")
    assert message_id.startswith("ATXid_")
    assert data == {
        "Message": "Sent to 1/1 Total Cost: KES 0.8000",
        "Recipients": [{"statusCode": 101, "number": ATIENO, "status": "Success", "cost": "KES 0.8000"}],
    }


def test_a_report_follows_and_the_message_is_listed(
    sdk: PointedElsewhere, simulator: httpx.Client, product: Product
) -> None:
    message_id = send(sdk)["Recipients"][0]["messageId"]
    report = product.wait_for("delivery")[0]
    assert report.fields == {
        "id": message_id,
        "status": "Success",
        "phoneNumber": ATIENO,
        "networkCode": "63902",
        "retryCount": "0",
    }
    assert report.headers["content-type"] == "application/x-www-form-urlencoded"
    settled(simulator)
    [message] = listed(simulator)
    assert message.pop("at").endswith("Z")
    assert message == {
        "id": message_id,
        "to": ATIENO,
        "from": "22384",
        "text": "Habari",
        "segments": 1,
        "encoding": "gsm7",
        "status": "Success",
        "reports": [{"status": "Success", "answered": 200}],
    }


def test_parts_cost(sdk: PointedElsewhere) -> None:
    data = send(sdk, "ŋ" * 71, [ATIENO, WEKESA])
    assert data["Message"] == "Sent to 2/2 Total Cost: KES 3.2000"
    assert [recipient["cost"] for recipient in data["Recipients"]] == ["KES 1.6000"] * 2


def test_each_recipient_has_its_own_fate(sdk: PointedElsewhere, simulator: httpx.Client, product: Product) -> None:
    simulator.post("/_opt-out", json={"number": WEKESA})
    assert product.seen("opt-out")[0].fields == {"senderId": "22384", "phoneNumber": WEKESA}
    data = send(sdk, to=[ATIENO, WEKESA, "+2541"])
    simulator.post("/_opt-in", json={"number": WEKESA})
    assert data["Message"] == "Sent to 1/3 Total Cost: KES 0.8000"
    assert [(r["statusCode"], r["status"]) for r in data["Recipients"]] == [
        (101, "Success"),
        (406, "UserInBlacklist"),
        (403, "InvalidPhoneNumber"),
    ]
    assert [r["messageId"] for r in data["Recipients"][1:]] == ["None", "None"]
    assert [message["to"] for message in listed(simulator)] == [ATIENO]


def test_a_thousand_recipients_in_one_call(sdk: PointedElsewhere, simulator: httpx.Client) -> None:
    simulator.post("/_faults", json={"faults": [{"kind": "reports_off"}]})
    started = time.monotonic()
    data = send(sdk, to=[f"+254712{index:06}" for index in range(1000)])
    assert time.monotonic() - started < 2
    assert data["Message"] == "Sent to 1000/1000 Total Cost: KES 800.0000"
    assert simulator.get("/_counters").json()["accepted"] == 1000


def test_messages_are_listed_by_number_and_time_and_forgotten(sdk: PointedElsewhere, simulator: httpx.Client) -> None:
    send(sdk, "one")
    first = listed(simulator)[0]["at"]
    time.sleep(0.01)
    send(sdk, "two", [WEKESA])
    assert [m["text"] for m in listed(simulator, number=WEKESA)] == ["two"]
    assert [m["text"] for m in listed(simulator, since=first)] == ["two"]
    assert simulator.delete("/_messages").status_code == 204
    assert listed(simulator) == []
    assert simulator.get("/_counters").json()["calls"] == 0


def test_a_missing_key_is_refused_in_plain_text(simulator: httpx.Client) -> None:
    keyless = PointedElsewhere(str(simulator.base_url).rstrip("/"), api_key="")
    with pytest.raises(AfricasTalkingException, match=r"^The supplied authentication is invalid$"):
        send(keyless)
    form = {"username": "sandbox", "to": ATIENO, "message": "x"}
    answer = simulator.post("/version1/messaging", data=form)
    assert (answer.status_code, answer.headers["content-type"]) == (401, "text/plain; charset=utf-8")


def test_success_is_201_with_a_bare_content_type(simulator: httpx.Client) -> None:
    form = {"username": "sandbox", "to": ATIENO, "message": "x"}
    answer = simulator.post("/version1/messaging", data=form, headers={"apiKey": "k"})
    assert (answer.status_code, answer.headers["content-type"]) == (201, "application/json")


def test_the_balance_falls(sdk: PointedElsewhere, simulator: httpx.Client) -> None:
    def balance() -> float:
        answer = simulator.get("/version1/user", params={"username": "sandbox"}, headers={"apiKey": "k"}).json()
        return float(answer["UserData"]["balance"].removeprefix("KES "))

    before = balance()
    send(sdk)
    assert balance() == pytest.approx(before - 0.8)


def test_a_report_comes_again_until_it_is_answered_with_200(sdk: PointedElsewhere, product: Product) -> None:
    product.answers = [500, 404]
    send(sdk)
    reports = product.wait_for("delivery", 3)
    assert len({report.raw for report in reports}) == 1


def test_an_sms_from_a_handset_comes_again_until_it_is_answered_with_200(
    simulator: httpx.Client, product: Product
) -> None:
    product.answers = [503]
    answer = simulator.post("/_sms", json={"from": ATIENO, "to": "22384", "text": "Maji & barabara"}).json()
    assert answer["answered"] == 503
    first, second = product.wait_for("sms", 2)
    assert first.raw == second.raw
    assert set(first.fields) == {"linkId", "text", "to", "id", "date", "from", "networkCode"}
    assert (first.fields["id"], first.fields["text"], first.fields["from"]) == (answer["id"], "Maji & barabara", ATIENO)
    assert "from=%2B254711000111" in first.raw


def test_fields_that_are_missing_or_unknown_are_named(simulator: httpx.Client) -> None:
    assert simulator.post("/_sms", json={"from": ATIENO}).status_code == 422
    assert simulator.post("/_faults", json={"faults": [{"kind": "earthquake"}]}).status_code == 422
    assert simulator.post("/_faults", json={"faults": [{"kind": "status", "status": 200}]}).status_code == 422
    body = b"x" * 2_000_001
    assert simulator.post("/version1/messaging", content=body, headers={"apiKey": "k"}).status_code == 413
    with pytest.raises(requests.exceptions.HTTPError):
        requests.get(f"{simulator.base_url!s}/static/..%2Fsettings.py", timeout=5).raise_for_status()
