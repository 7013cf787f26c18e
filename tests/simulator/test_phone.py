"""The phone page in a real browser, as a person uses it."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from starlette.responses import Response

from tests.simulator.conftest import simulator_process
from tests.simulator.product import Product
from tests.simulator.test_nusantara import FLAGS as INDONESIA

pytestmark = pytest.mark.browser

NUMBERS = ("+254711000111", "+254733000222")
WIDE = {"width": 1280, "height": 800}
NARROW = {"width": 360, "height": 740}

Open = Callable[..., Page]


def complaint(fields: dict[str, str]) -> Response:
    """A service of three screens: choose, tell, done."""
    text = fields["text"]
    if not text:
        return Response("CON Baraza\n1. Make a complaint\n2. Ask", headers={"at-ussd-hop-metadata": "menu"})
    if text in ("1", "2"):
        return Response("CON Tell us what happened.\n0. Back", headers={"at-ussd-hop-metadata": "story"})
    return Response("END Thank you. Receipt: 4821-093-5570", headers={"at-ussd-hop-metadata": "sent"})


@pytest.fixture
def phone(browser: Browser, simulator: httpx.Client, product: Product) -> Iterator[Open]:
    """Opens the page; a word on the console or a request to another host fails the test."""
    product.screens = complaint
    words: list[str] = []
    contexts = []

    def open_page(size: dict[str, int] = WIDE, address: httpx.URL = simulator.base_url) -> Page:
        context = browser.new_context(viewport=size)  # type: ignore[arg-type]  # a width and a height
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("console", lambda message: words.append(message.text))
        page.on("pageerror", lambda error: words.append(str(error)))
        page.on("request", lambda request: None if request.url.startswith(str(address)) else words.append(request.url))
        page.goto(str(address))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert words == []


def screen(page: Page) -> Any:
    return expect(page.get_by_role("region", name="Screen"))


def keys(page: Page, typed: str) -> None:
    """Press keys of the keypad."""
    for key in typed:
        page.locator(f'[data-key="{key}"]').click()


def soft(page: Page, label: str) -> None:
    page.locator(".soft").get_by_role("button", name=label).click()


def text_to(simulator: httpx.Client, number: str, message: str, sender: str = "22384") -> None:
    form = {"username": "sandbox", "to": number, "message": message, "from": sender}
    simulator.post("/version1/messaging", data=form, headers={"apiKey": "k"}).raise_for_status()


def test_the_first_screen_invites_and_one_click_dials(phone: Open, product: Product) -> None:
    page = phone()
    screen(page).to_contain_text("Dial *384*1# and press the green key")
    page.get_by_role("button", name="Dial *384*1#").click()
    screen(page).to_contain_text("1. Make a complaint")
    assert product.seen("ussd")[0].fields["networkCode"] == "63902"


def test_a_complaint_with_the_keypad(phone: Open, product: Product) -> None:
    page = phone()
    keys(page, "*384*1#")
    expect(page.get_by_label("Number", exact=True)).to_have_value("*384*1#")
    page.get_by_role("button", name="Call", exact=True).last.click()
    screen(page).to_contain_text("Baraza")
    keys(page, "1")
    soft(page, "Send")
    screen(page).to_contain_text("Tell us what happened")
    keys(page, "62")  # M a
    page.wait_for_timeout(1100)  # or the next 2 would turn the a into b
    keys(page, "2")
    page.get_by_role("button", name="Clear").click()
    keys(page, "5444")  # j i
    page.locator('[data-key="5"]').click(delay=800)  # held: the digit
    expect(page.get_by_label("Reply")).to_have_value("Maji5")
    keys(page, "#2#7")  # capitals, then digits
    expect(page.get_by_label("Reply")).to_have_value("Maji5A7")
    soft(page, "Send")
    screen(page).to_contain_text("Thank you. Receipt: 4821-093-5570")
    assert product.seen("ussd")[-1].fields["text"] == "1*Maji5A7"
    soft(page, "OK")
    screen(page).to_contain_text("press the green key")


def test_a_complaint_with_the_keyboard(phone: Open, product: Product) -> None:
    page = phone()
    page.keyboard.type("*384*1#")
    page.keyboard.press("Enter")
    screen(page).to_contain_text("Baraza")
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    screen(page).to_contain_text("Tell us what happened")
    page.keyboard.type("Hakuna maji soookoni")
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    screen(page).to_contain_text("Thank you")
    assert product.seen("ussd")[-1].fields["text"] == "1*Hakuna maji soookon"
    assert product.wait_for("ussd-end")[0].fields["status"] == "Success"


def test_dialling_behind_the_code(phone: Open, product: Product) -> None:
    page = phone()
    page.keyboard.type("*384*1*1#")
    page.keyboard.press("Enter")
    screen(page).to_contain_text("Tell us what happened")
    assert product.seen("ussd")[0].fields["text"] == "1"
    page.keyboard.press("Escape")
    page.keyboard.type("*100#")
    page.keyboard.press("Enter")
    screen(page).to_contain_text("Invalid MMI code")
    assert len(product.seen("ussd")) == 1


def test_each_screen_is_measured_named_and_timed(phone: Open, product: Product) -> None:
    page = phone()
    page.get_by_role("button", name="Dial *384*1#").click()
    gauge = page.locator("#gauge")
    expect(gauge).to_contain_text("37 of 160 characters")
    expect(gauge).to_contain_text("menu")
    expect(gauge).to_contain_text(" ms")
    product.screens = lambda _: "CON " + "a" * 160
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    expect(gauge).to_contain_text("164 of 160 characters: 4 too many")
    expect(gauge).to_have_class("gauge bad")
    product.screens = lambda _: "CON ng\N{RIGHT SINGLE QUOTATION MARK}ombe"
    page.keyboard.press("Enter")
    expect(gauge).to_contain_text("11 of 80 characters with special letters")


def test_what_the_aggregator_saw(phone: Open, product: Product) -> None:
    page = phone()
    page.get_by_role("radio", name="Nafula").check()
    page.get_by_role("button", name="Dial *384*1#").click()
    screen(page).to_contain_text("1. Make a complaint")
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    screen(page).to_contain_text("Tell us what happened")
    page.get_by_role("button", name="End", exact=True).click()
    product.screens = lambda _: "Karibu"
    page.get_by_role("button", name="Dial *384*1#").click()
    screen(page).to_contain_text("Response should start with a CON or an END")
    lines = page.get_by_role("list", name="What the aggregator saw").get_by_role("listitem")
    expect(lines).to_have_count(5)
    expect(lines.nth(0)).to_contain_text("dialled → menu")
    expect(lines.nth(1)).to_contain_text("“1” → story")
    expect(lines.nth(2)).to_contain_text("hung upIncomplete")
    expect(lines.nth(3)).to_have_class("bad bad")
    expect(lines.nth(4)).to_contain_text("failedFailed")


def test_an_sms_arrives_is_read_answered_and_survives_a_reload(
    phone: Open, simulator: httpx.Client, product: Product
) -> None:
    page = phone()
    screen(page).to_contain_text("press the green key")
    text_to(simulator, NUMBERS[0], "Baraza 4821: there is an answer for you.")
    screen(page).to_contain_text("message received")
    expect(page.locator("#mail")).to_contain_text("unread")
    soft(page, "Show")
    screen(page).to_contain_text("Baraza 4821: there is an answer for you.")
    soft(page, "Reply")
    page.keyboard.type("4821 Asante sana")
    expect(page.locator("#count")).to_have_text("16/160 (1 SMS)")
    soft(page, "Send")
    sent = product.wait_for("sms")[0].fields
    assert (sent["from"], sent["to"], sent["text"]) == (NUMBERS[0], "22384", "4821 Asante sana")
    page.reload()
    soft(page, "Messages")
    screen(page).to_contain_text("4821 Asante sana")
    screen(page).to_contain_text("there is an answer for you")


def test_a_name_cannot_be_answered(phone: Open, simulator: httpx.Client) -> None:
    page = phone()
    screen(page).to_contain_text("press the green key")
    text_to(simulator, NUMBERS[0], "One way only", sender="BARAZA")
    soft(page, "Show")
    screen(page).to_contain_text("One way only")
    expect(page.locator("#label-left")).to_be_hidden()


def test_another_number_another_network_and_blocking(phone: Open, simulator: httpx.Client, product: Product) -> None:
    page = phone()
    page.get_by_role("textbox", name="Another number").fill("0110 000 222")
    page.get_by_label("Network", exact=True).select_option("63903")
    expect(page.locator("#carrier")).to_have_text("Airtel")
    page.get_by_role("button", name="Dial *384*1#").click()
    screen(page).to_contain_text("Baraza")
    fields = product.seen("ussd")[0].fields
    assert (fields["phoneNumber"], fields["networkCode"]) == ("+254110000222", "63903")
    page.get_by_role("checkbox", name="Block texts from 22384").check()
    assert product.wait_for("opt-out")[0].fields["phoneNumber"] == "+254110000222"
    page.get_by_role("checkbox", name="Block texts from 22384").uncheck()
    page.get_by_role("button", name="End", exact=True).click()


def test_an_open_session_survives_a_reload(phone: Open) -> None:
    page = phone()
    page.get_by_role("button", name="Dial *384*1#").click()
    screen(page).to_contain_text("1. Make a complaint")
    page.reload()
    screen(page).to_contain_text("1. Make a complaint")


def test_the_network_hangs_up_and_says_so(phone: Open, product: Product) -> None:
    with simulator_process(product.address, "--idle=1.5") as impatient:
        page = phone(address=impatient.base_url)
        page.get_by_role("button", name="Dial *384*1#").click()
        expect(page.locator("#ticking")).to_contain_text("The network hangs up in")
        screen(page).to_contain_text("no reply came in time")
        assert product.wait_for("ussd-end")[0].fields["status"] == "Incomplete"
        page.get_by_role("checkbox", name="Take my time").check()
        page.get_by_role("button", name="End", exact=True).click()
        page.get_by_role("button", name="Dial *384*1#").click()
        page.wait_for_timeout(2000)
        screen(page).to_contain_text("1. Make a complaint")
        page.close()


def walk(page: Page, simulator: httpx.Client) -> Iterator[str]:
    """Every kind of view, one after the other."""
    screen(page).to_contain_text("press the green key")
    yield "home"
    keys(page, "*384*1")
    yield "dial"
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Dial *384*1#").click()
    screen(page).to_contain_text("1. Make")
    yield "choice"
    page.locator("#entry").fill("1")
    soft(page, "Send")
    screen(page).to_contain_text("Tell us")
    yield "story"
    page.locator("#entry").fill("a" * 80)
    soft(page, "Send")
    screen(page).to_contain_text("Thank you")
    yield "end"
    soft(page, "OK")
    text_to(simulator, NUMBERS[0], "neno" * 60)
    screen(page).to_contain_text("received")
    yield "arrived"
    soft(page, "Show")
    yield "message"
    soft(page, "Back")
    yield "inbox"
    soft(page, "Back")
    soft(page, "Write")
    yield "write"


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
def test_nothing_scrolls_sideways_and_axe_finds_nothing(
    phone: Open, simulator: httpx.Client, size: dict[str, int]
) -> None:
    page = phone(size)
    for view in walk(page, simulator):
        assert page.evaluate("document.documentElement.scrollWidth") == size["width"], view
        assert page.evaluate(
            "document.getElementById('view').scrollWidth <= document.getElementById('view').clientWidth"
        )
        if size is WIDE or view in ("home", "inbox"):
            found = Axe().run(page).response["violations"]
            assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == [], view


def test_the_whole_phone_is_in_sight(phone: Open) -> None:
    for size in (NARROW, WIDE):
        box = phone(size).locator("#phone").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= size["height"]


def test_where_there_is_no_ussd_the_phone_texts_and_answers_a_menu_with_digits(phone: Open, product: Product) -> None:
    with simulator_process(product.address, *INDONESIA) as simulator:
        page = phone(address=simulator.base_url)
        screen(page).to_contain_text("Write MENU to 98765")
        expect(page.get_by_role("checkbox", name="Take my time")).to_be_hidden()
        page.get_by_role("button", name="Write MENU").click()
        expect(page.locator("#entry")).to_have_value("MENU")
        soft(page, "Send")
        assert product.wait_for("sms")[0].fields["message"] == "MENU"
        menu = "Baraza, Kota Madiun\n1. Buat pengaduan\n2. Minta informasi\nBalas dengan angka."
        form = {"username": "u", "password": "p", "msisdn": "6281234500111", "sender": "98765", "message": menu}
        assert simulator.post("/send", data=form).text.startswith("0|")
        soft(page, "OK")
        soft(page, "Messages")
        soft(page, "Open")
        screen(page).to_contain_text("1. Buat pengaduan")
        soft(page, "Reply")
        expect(page.locator("#mode")).to_have_text("123")
        keys(page, "2")
        soft(page, "Send")
        assert product.wait_for("sms", 2)[1].fields["message"] == "2"
        page.close()


def test_a_strict_policy_for_the_page(simulator: httpx.Client) -> None:
    page = simulator.get("/")
    assert page.headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
        "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    assert "style=" not in page.text
    assert "onclick" not in page.text
