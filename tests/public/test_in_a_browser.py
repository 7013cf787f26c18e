"""The public pages in a real browser: read without scripts, at 360 pixels and at a desk, by ear as by eye."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.desk import Office
from tests.public.figures import publish_made_figures

pytestmark = pytest.mark.browser

PAGES = [
    "/",
    "/commitments",
    "/commitments/KEKAK0003",
    "/commitments/KEKAK9999",
    "/statistics",
    "/open-data/",
    "/share",
]


@pytest.mark.parametrize("width", [360, 1200])
def test_pages_fit_and_can_be_read_by_ear(office: Office, browser: Browser, width: int) -> None:
    news = {"en": "The Citizen Budget is out.", "sw": "Bajeti ya Mwananchi imetolewa."}
    office.post("/commitments/KEKAK0003/updates", {"text": news})
    publish_made_figures(office.context)
    # The checker is a script, and the page's own policy would keep it out.
    page = browser.new_page(viewport={"width": width, "height": 780}, bypass_csp=True)
    for language in ("en", "sw"):
        for path in PAGES:
            page.goto(str(office.client.base_url.join(f"{path}?lang={language}")))
            for table in page.locator("details").all():
                table.evaluate("one => { one.open = true }")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page scrolls sideways"
            found = Axe().run(page)
            assert found.violations_count == 0, found.generate_report()
    page.close()


def test_a_reader_finds_a_promise_without_scripts(office: Office, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 780})
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(str(office.client.base_url))
    page.get_by_role("link", name="Kiswahili").click()
    page.get_by_role("navigation", name="Kurasa").get_by_role("link", name="Ahadi").click()
    page.get_by_role("link", name="Bajeti wazi na habari").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Bajeti wazi na habari"
    assert all(url.startswith(str(office.client.base_url)) for url in asked)
    context.close()


def test_the_api_docs_draw_under_their_policy(office: Office, browser: Browser) -> None:
    page = browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(str(office.client.base_url.join("/docs")), timeout=60_000)
    page.locator("[data-tag=cases]").click(timeout=60_000)
    page.get_by_text("/api/v1/cases", exact=True).first.wait_for(timeout=60_000)
    assert complaints == []
    page.close()
