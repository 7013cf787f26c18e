"""Each fault of the table in the simulator's README, met through the SDK."""

import time
from typing import Any

import httpx
import pytest
import requests
from africastalking.Service import AfricasTalkingException

from tests.simulator.product import Product
from tests.simulator.test_sms import ATIENO, WEKESA, PointedElsewhere, listed, sdk, send

__all__ = ["sdk"]


def plan(simulator: httpx.Client, *faults: dict[str, Any], seed: int | None = None) -> None:
    simulator.post("/_faults", json={"faults": list(faults), "seed": seed}).raise_for_status()


def texts_on(simulator: httpx.Client, number: str) -> list[str]:
    return [text["body"] for text in simulator.get("/_phone", params={"number": number}).json()["texts"]]


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        ({"kind": "status", "status": 429, "body": "slow down"}, AfricasTalkingException, "slow down"),
        ({"kind": "status", "status": 500}, AfricasTalkingException, "error 500"),
        ({"kind": "status", "status": 401}, AfricasTalkingException, "The supplied authentication is invalid"),
        ({"kind": "reset"}, requests.exceptions.ConnectionError, "reset by peer"),
    ],
)
def test_a_call_that_fails_is_not_accepted(
    sdk: PointedElsewhere, simulator: httpx.Client, fault: dict[str, Any], error: type[Exception], words: str
) -> None:
    plan(simulator, fault)
    with pytest.raises(error, match=words):
        send(sdk)
    assert listed(simulator) == []
    assert send(sdk)["Recipients"][0]["statusCode"] == 101


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "reset", "accepted": True}, requests.exceptions.ConnectionError),
        ({"kind": "timeout_after_accept", "seconds": 2}, requests.exceptions.ReadTimeout),
    ],
)
def test_a_call_may_fail_and_yet_be_accepted(
    sdk: PointedElsewhere, simulator: httpx.Client, product: Product, fault: dict[str, Any], error: type[Exception]
) -> None:
    plan(simulator, fault)
    with pytest.raises(error):
        sdk.send("Habari", [ATIENO], timeout=(1, 0.5))
    assert len(listed(simulator)) == 1
    product.wait_for("delivery")


def test_a_refused_connection_is_refused_for_a_while(sdk: PointedElsewhere, simulator: httpx.Client) -> None:
    plan(simulator, {"kind": "refuse", "seconds": 0.5})
    time.sleep(0.2)
    with pytest.raises(requests.exceptions.ConnectionError, match="refused"):
        send(sdk)
    time.sleep(0.6)
    assert send(sdk)["Recipients"][0]["statusCode"] == 101


def test_a_slow_call_is_accepted_late(sdk: PointedElsewhere, simulator: httpx.Client) -> None:
    plan(simulator, {"kind": "slow", "seconds": 0.4})
    started = time.monotonic()
    assert send(sdk)["Recipients"][0]["statusCode"] == 101
    assert time.monotonic() - started > 0.4


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"kind": "no_recipients"}, "Sent to 0/1 Total Cost: 0"),
        ({"kind": "invalid_sender"}, "InvalidSenderId"),
    ],
)
def test_an_answer_may_name_no_recipients(
    sdk: PointedElsewhere, simulator: httpx.Client, fault: dict[str, Any], message: str
) -> None:
    plan(simulator, fault)
    assert send(sdk) == {"Message": message, "Recipients": []}
    assert listed(simulator) == []


def test_a_wrong_content_type_makes_the_sdk_return_a_string(sdk: PointedElsewhere, simulator: httpx.Client) -> None:
    plan(simulator, {"kind": "wrong_content_type"})
    assert isinstance(sdk.send("Habari", [ATIENO]), str)
    assert len(listed(simulator)) == 1


@pytest.mark.parametrize(
    ("code", "status", "kept"),
    [
        (100, "Success", 1),
        (102, "Success", 1),
        (401, "RiskHold", 0),
        (402, "InvalidSenderId", 0),
        (404, "UnsupportedNumberType", 0),
        (405, "InsufficientBalance", 0),
        (407, "CouldNotRoute", 0),
        (409, "DoNotDisturbRejection", 0),
        (500, "InternalServerError", 0),
        (501, "GatewayError", 0),
        (502, "RejectedByGateway", 0),
    ],
)
def test_a_recipient_gets_any_code(
    sdk: PointedElsewhere, simulator: httpx.Client, code: int, status: str, kept: int
) -> None:
    plan(simulator, {"kind": "recipient_code", "code": code, "number": ATIENO})
    codes = {r["number"]: (r["statusCode"], r["status"]) for r in send(sdk, to=[ATIENO, WEKESA])["Recipients"]}
    assert codes == {ATIENO: (code, status), WEKESA: (101, "Success")}
    assert len(listed(simulator, number=ATIENO)) == kept


@pytest.mark.parametrize(
    ("fault", "statuses"),
    [
        ({"kind": "report_double", "times": 3}, ["Success", "Success", "Success"]),
        ({"kind": "report_reorder"}, ["Success", "Sent"]),
        ({"kind": "report_status", "status": "Rejected"}, ["Rejected"]),
        ({"kind": "report_status", "status": "Teleported"}, ["Teleported"]),
        ({"kind": "report_lost"}, []),
        ({"kind": "reports_off"}, []),
        ({"kind": "report_late", "seconds": 0.3}, ["Success"]),
    ],
)
def test_reports_go_astray(
    sdk: PointedElsewhere, simulator: httpx.Client, product: Product, fault: dict[str, Any], statuses: list[str]
) -> None:
    plan(simulator, fault)
    send(sdk)
    if fault["kind"] == "report_late":
        time.sleep(0.2)
        assert product.seen("delivery") == []
    time.sleep(0.5)
    assert [report.fields["status"] for report in product.seen("delivery")] == statuses


def test_a_failed_report_gives_its_reason_and_the_handset_nothing(
    sdk: PointedElsewhere, simulator: httpx.Client, product: Product
) -> None:
    plan(simulator, {"kind": "report_status", "status": "Failed", "reason": "UserInBlackList"})
    send(sdk, "never seen")
    assert product.wait_for("delivery")[0].fields["failureReason"] == "UserInBlackList"
    assert "never seen" not in texts_on(simulator, ATIENO)


def test_an_inbound_sms_is_repeated_though_it_was_answered(simulator: httpx.Client, product: Product) -> None:
    plan(simulator, {"kind": "inbound_repeat", "times": 3})
    simulator.post("/_sms", json={"from": ATIENO, "text": "HALI"})
    assert len({post.fields["id"] for post in product.wait_for("sms", 3)}) == 1


def test_faults_are_used_up_in_order(sdk: PointedElsewhere, simulator: httpx.Client) -> None:
    plan(
        simulator,
        {"kind": "status", "status": 500, "body": "first", "count": 2},
        {"kind": "status", "status": 429, "body": "second", "count": None},
    )
    met = []
    for _ in range(4):
        with pytest.raises(AfricasTalkingException) as error:
            send(sdk)
        met.append(str(error.value))
    assert met == ["first", "first", "second", "second"]
    left = simulator.get("/_faults").json()["faults"]
    assert [(fault["body"], fault["count"]) for fault in left] == [("second", None)]


def test_a_probability_falls_the_same_way_with_the_same_seed(sdk: PointedElsewhere, simulator: httpx.Client) -> None:
    def run() -> list[int]:
        plan(simulator, {"kind": "recipient_code", "code": 501, "count": None, "probability": 0.5}, seed=7)
        return [send(sdk)["Recipients"][0]["statusCode"] for _ in range(12)]

    first = run()
    assert first == run()
    assert set(first) == {101, 501}
