"""USSD sessions as the product sees them."""

import re
import time
from typing import Any

import httpx
import pytest
from starlette.responses import Response

from tests.simulator.conftest import simulator_process
from tests.simulator.product import Product

ATIENO = "+254711000111"


def dial(simulator: httpx.Client, code: str = "*384*1#", number: str = ATIENO, **more: Any) -> dict[str, Any]:
    shown: dict[str, Any] = simulator.post("/_ussd/dial", json={"number": number, "code": code, **more}).json()
    return shown


def answer(simulator: httpx.Client, shown: dict[str, Any], reply: str) -> dict[str, Any]:
    json = {"session": shown["session"], "input": reply}
    again: dict[str, Any] = simulator.post("/_ussd/answer", json=json).raise_for_status().json()
    return again


def texts(product: Product) -> list[str]:
    return [post.fields["text"] for post in product.seen("ussd")]


def test_the_first_hop_is_posted_as_the_aggregator_posts_it(simulator: httpx.Client, product: Product) -> None:
    shown = dial(simulator, network="63903")
    [hop] = product.seen("ussd")
    assert hop.raw == (
        f"phoneNumber=%2B254711000111&serviceCode=%2A384%2A1%23&text=&sessionId={shown['session']}&networkCode=63903"
    )
    assert hop.headers["user-agent"] == "at-ussd-api/1.0"
    assert hop.headers["content-type"] == "application/x-www-form-urlencoded; charset=UTF-8"
    assert re.fullmatch("ATUid_[0-9a-f]{32}", shown["session"])
    assert (shown["text"], shown["open"], shown["characters"]) == ("You typed: ", True, 15)


def test_replies_pile_up_with_stars(simulator: httpx.Client, product: Product) -> None:
    shown = dial(simulator)
    for reply in ("1", "maji * safi & bure", "", "0"):
        shown = answer(simulator, shown, reply)
    assert texts(product) == ["", "1", "1*maji * safi & bure", "1*maji * safi & bure*", "1*maji * safi & bure**0"]


@pytest.mark.parametrize(
    ("dialled", "code", "text"),
    [
        ("*384*1#", "*384*1#", ""),
        ("*384*1*77#", "*384*1#", "77"),
        ("*384*1*2*3#", "*384*1#", "2*3"),
        ("*384*10#", "*384*10#", ""),
        ("*100#", "*100#", ""),
    ],
)
def test_what_is_dialled_behind_the_code_is_the_first_text(
    simulator: httpx.Client, product: Product, dialled: str, code: str, text: str
) -> None:
    shown = dial(simulator, dialled)
    answer(simulator, shown, "5")
    first, second = product.seen("ussd")
    assert (first.fields["serviceCode"], first.fields["text"]) == (code, text)
    assert second.fields["text"] == (f"{text}*5" if text else "5")


def test_the_screens_name_comes_back_on_the_next_hop(simulator: httpx.Client, product: Product) -> None:
    def screens(fields: dict[str, str]) -> Response:
        name = {"": "menu", "1": "no|pipes"}.get(fields["text"], "story")
        return Response("CON x", headers={"at-ussd-hop-metadata": name})

    product.screens = screens
    shown = dial(simulator)
    assert shown["screen"] == "menu"
    assert answer(simulator, shown, "1")["screen"] == ""
    assert answer(simulator, shown, "2")["screen"] == "story"
    assert [hop.headers.get("at-ussd-hop-metadata") for hop in product.seen("ussd")] == [None, "menu", "menu"]
    simulator.post("/_ussd/hang-up", json={"session": shown["session"]})
    assert product.wait_for("ussd-end")[0].fields["hopsMetadata"] == "menu|story"


def test_end_closes_the_session_and_tells_the_product(simulator: httpx.Client, product: Product) -> None:
    product.screens = lambda fields: "END Asante." if fields["text"] else "CON Karibu"
    shown = answer(simulator, dial(simulator), "1")
    assert (shown["open"], shown["text"]) == (False, "Asante.")
    event = product.wait_for("ussd-end")[0].fields
    assert event.pop("durationInMillis").isdigit()
    assert len(event.pop("date")) == len("2026-11-21 09:00:00")
    assert event == {
        "sessionId": shown["session"],
        "serviceCode": "*384*1#",
        "networkCode": "63902",
        "phoneNumber": ATIENO,
        "status": "Success",
        "cost": "0.00",
        "hopsCount": "2",
        "hopsMetadata": "",
        "input": "1",
        "lastAppResponse": "END Asante.",
    }
    json = {"session": shown["session"], "input": "1"}
    assert simulator.post("/_ussd/answer", json=json).status_code == 409


@pytest.mark.parametrize(
    ("reply", "text", "error"),
    [
        ("Karibu", "Response should start with a CON or an END", "Response should start with a CON or an END"),
        (" CON Karibu", "Response should start with a CON or an END", "Response should start with a CON or an END"),
        ('"CON Karibu"', "Response should start with a CON or an END", "Response should start with a CON or an END"),
        ("", "Response should start with a CON or an END", "Response should start with a CON or an END"),
        (
            Response("CON x", status_code=404),
            "Response should start with a CON or an END",
            "Response should start with a CON or an END",
        ),
        (
            Response("CON x", status_code=503),
            "We are currently experiencing technical problems. Please try again later.",
            "Received unexpected response code: 503 <none>",
        ),
    ],
)
def test_a_wrong_answer_ends_the_session_as_failed(
    simulator: httpx.Client, product: Product, reply: str | Response, text: str, error: str
) -> None:
    product.screens = lambda _: reply
    shown = dial(simulator)
    assert (shown["open"], shown["text"], shown["error"]) == (False, text, error)
    event = product.wait_for("ussd-end")[0].fields
    assert (event["status"], event["errorMessage"]) == ("Failed", error)


def test_hanging_up_is_incomplete(simulator: httpx.Client, product: Product) -> None:
    shown = dial(simulator)
    assert simulator.post("/_ussd/hang-up", json={"session": shown["session"]}).status_code == 204
    assert product.wait_for("ussd-end")[0].fields["status"] == "Incomplete"
    assert simulator.post("/_ussd/hang-up", json={"session": "ATUid_unknown"}).status_code == 404


def test_dialling_again_hangs_up_the_open_session(simulator: httpx.Client, product: Product) -> None:
    first, second = dial(simulator), dial(simulator)
    assert first["session"] != second["session"]
    assert product.wait_for("ussd-end")[0].fields["sessionId"] == first["session"]


def test_the_network_does_not_wait_for_ever(product: Product) -> None:
    with simulator_process(product.address, "--idle=2", "--session=4", "--app-timeout=2") as simulator:
        assert dial(simulator)["expires_in"] == pytest.approx(2)
        assert product.wait_for("ussd-end")[0].fields["status"] == "Incomplete"
        shown = dial(simulator)
        for _ in range(4):
            time.sleep(0.7)
            shown = answer(simulator, shown, "1")
        product.wait_for("ussd-end", 2)  # 4 s in all, though each reply came in time
        assert dial(simulator, patient=True)["expires_in"] > 60

        def dawdle(_: dict[str, str]) -> str:
            time.sleep(3)
            return "CON late"

        product.screens = dawdle
        late = dial(simulator, number="+254722000333")
        assert (late["open"], late["status"], late["error"]) == (False, None, "No response from the application")


def test_a_hop_can_be_replayed(simulator: httpx.Client, product: Product) -> None:
    shown = dial(simulator)
    answer(simulator, shown, "1")
    again = simulator.post("/_ussd/replay", json={"session": shown["session"], "text": "1*0*9"}).json()
    assert again["text"] == "You typed: 1*0*9"
    assert answer(simulator, shown, "2")["text"] == "You typed: 1*2"


@pytest.mark.parametrize(
    ("body", "characters", "limit", "too_long"),
    [
        ("CON " + "a" * 156, 160, 160, False),
        ("CON " + "a" * 157, 161, 160, True),
        ("CON " + "ŋ" * 76, 80, 80, False),
        ("CON " + "ŋ" * 77, 81, 80, True),
    ],
)
def test_a_screen_is_measured_with_its_prefix(
    simulator: httpx.Client, product: Product, body: str, characters: int, limit: int, too_long: bool
) -> None:
    product.screens = lambda _: body
    shown = dial(simulator)
    assert (shown["characters"], shown["limit"], shown["too_long"]) == (characters, limit, too_long)
