"""A day at the desk, in a real browser: an officer's morning, a supervisor, a focal person, two on one case."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from gateway.cases import voice
from gateway.cases import waiting as reasons
from gateway.cases.models import Case
from gateway.staff import practice
from gateway.staff.roles import Role
from tests.console.conftest import SignIn
from tests.desk import NUMBER, STORY, Office

pytestmark = pytest.mark.browser

OFFICER, SUPERVISOR = practice.email_of(Role.OFFICER), practice.email_of(Role.SUPERVISOR)


TOO_WIDE = """width => [...document.querySelectorAll('main *, header *')]
    .filter(one => one.getBoundingClientRect().right > width).map(one => one.outerHTML.slice(0, 120))"""
"""What reaches over the right edge."""


def fits(page: Page) -> None:
    """Nothing scrolls sideways, and the rules of accessibility find nothing."""
    width = page.viewport_size["width"] if page.viewport_size else 0
    wide = page.evaluate(TOO_WIDE, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{page.url} scrolls sideways: {wide}"
    found = Axe().run(page)
    assert found.violations_count == 0, f"{page.url}: {found.generate_report()}"


def resident_says(office: Office, serial: str, *, solved: str) -> None:
    (case,) = office.rows(Case, Case.serial == serial)
    with office.context.work() as session:
        now, holder = office.context.clock.now(), voice.Holder(case.resident_id)
        voice.answer_solved(session, office.context.pack, case_id=case.id, holder=holder, solved=solved, now=now)


def do(page: Page, summary: str) -> None:
    """Open one of the things to do, unless it is open."""
    details = page.locator("details", has=page.get_by_text(summary, exact=True))
    if details.get_attribute("open") is None:
        page.get_by_text(summary, exact=True).click()


def test_an_officers_morning(office: Office, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reasons, "MOST", 4)
    serials = [office.file().serial for _ in range(5)]
    page = sign_in("officer")
    waiting = page.get_by_role("region", name="New, nobody has it")
    expect(waiting.get_by_role("heading")).to_contain_text("4+")
    expect(waiting.get_by_role("link", name="All 4+, oldest first")).to_be_visible()
    expect(waiting.get_by_role("listitem")).to_have_count(5)
    assert serials[0] in waiting.get_by_role("listitem").first.inner_text(), "the oldest comes first"

    page.get_by_role("link", name="Cases", exact=True).click()
    page.wait_for_url("**/console/cases")
    page.keyboard.press("j")
    page.keyboard.press("j")
    focused = page.evaluate("document.activeElement.textContent")
    assert serials[3] in focused, "the list is newest first"
    for serial in serials:
        page.get_by_label(f"Choose {serial}").check()
    page.get_by_label("Give the chosen ones to").select_option(f"person:{OFFICER}")
    page.get_by_role("button", name="Assign").click()
    expect(page.locator(".status.assigned")).to_have_count(5)

    page.get_by_role("link", name=serials[0]).click()
    expect(page.locator(".story")).to_have_text(STORY)
    page.get_by_label("Begin with").select_option("looking_into_it")
    expect(page.get_by_label("Answer the resident")).to_have_value(re.compile("^Asante. Tumeiomba afisi"))
    assert "(1 SMS)" in page.get_by_label("Begin with").locator("option[value=come_in]").inner_text()
    page.get_by_label("Answer the resident").fill("The pump is being repaired. Maji yatarudi.")
    expect(page.get_by_text("42 characters: 1 SMS")).to_be_visible()
    page.get_by_label("Answer the resident").fill(
        "The pump is being repaired. Maji yatarudi. “Asante” kwa kusubiri" * 2
    )
    expect(page.get_by_text("128 characters: 2 SMS")).to_be_visible()
    page.get_by_label("Answer the resident").fill("The pump is being repaired. Maji yatarudi.")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.locator(".talk .staff")).to_contain_text("The pump is being repaired")
    expect(page.locator(".timeline")).to_contain_text("Demo Officer answered the resident.")
    do(page, "Move it on")
    page.locator("#do-move [name=to]").select_option("resolved")
    page.locator("#do-move [name=reason]").fill("Water runs again since this morning")
    page.get_by_role("button", name="Move it").click()
    expect(page.locator(".title .status")).to_have_text("resolved")
    assert [owed[0] for owed in office.owed()][-2:] == ["reply", "solved"]

    page.goto("/console")
    resident_says(office, serials[0], solved="no")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    again = page.get_by_role("region", name="Not solved, says the resident")
    expect(again.get_by_role("listitem")).to_contain_text(serials[0])


def test_two_people_on_one_case_lose_no_word(office: Office, sign_in: SignIn) -> None:
    serial = office.file().serial
    page, other = sign_in("officer", scripts=False), sign_in("supervisor")
    for window in (page, other):
        window.goto(f"/console/cases/{serial}")
    page.get_by_label("Begin with").select_option("need_more")
    page.get_by_role("button", name="Put it in").click()
    expect(page.get_by_label("Answer the resident")).to_have_value(re.compile("^Ili tuendelee tunahitaji"))
    do(other, "Write a note")
    other.get_by_label("Note; the resident never sees it").fill("I called the water office")
    other.get_by_role("button", name="Keep the note").click()
    expect(other.locator(".timeline")).to_contain_text("I called the water office")
    page.get_by_label("Answer the resident").fill("We shall call the water office")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody changed this while you were writing")
    expect(page.locator(".timeline")).to_contain_text("I called the water office")
    assert [event.kind for event in office.events(serial)] == ["filed", "noted"]
    page.get_by_role("button", name="Send the answer").click()
    assert [event.kind for event in office.events(serial)] == ["filed", "noted", "replied"]
    other.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(other.get_by_role("status")).to_contain_text("Something changed here.")


def test_a_supervisor_sees_a_number_for_a_reason_and_a_lost_proof_asks_again(office: Office, sign_in: SignIn) -> None:
    serial = office.file().serial
    page = sign_in("supervisor")
    page.goto(f"/console/cases/{serial}")
    assert NUMBER not in page.content()
    page.get_by_role("link", name="Reveal the number").click()
    page.get_by_label("Why do you need it?").fill("She asked to be called back")
    page.get_by_role("button", name="Reveal the number").click()
    expect(page.locator(".number")).to_have_text(NUMBER)
    page.get_by_role("link", name="Back to the case").click()
    expect(page.locator(".timeline")).to_contain_text("She asked to be called back")
    with office.context.work() as session:
        session.connection().exec_driver_sql("UPDATE staff_sessions SET proved_at = proved_at - interval '1 hour'")
    page.get_by_role("link", name="Reveal the number").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Once more, to be sure it is you")


def test_a_focal_person_sees_what_is_theirs_and_no_words_of_residents(office: Office, sign_in: SignIn) -> None:
    theirs, others = office.file().serial, office.file(number="+254722000222").serial
    department = practice.department_of(office.context.pack)
    office.change_case(theirs, department_code=department, status="assigned")
    page = sign_in("focal", width=360)
    expect(page.get_by_text("Nothing is waiting.")).to_be_visible()
    page.goto("/console/cases?status=assigned")
    page.get_by_label("Keep this list as").fill("Ours")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("list", name="Your lists").get_by_role("link", name="Ours")).to_have_attribute(
        "href", "/console/cases?status=assigned"
    )
    expect(page.locator(".case")).to_have_count(1)
    page.get_by_role("link", name=theirs).click()
    assert STORY not in page.content()
    expect(page.get_by_text("stay inside the Ombudsman's office")).to_be_visible()
    expect(page.get_by_role("button", name="Send the answer")).to_have_count(0)
    fits(page)
    answer = page.goto(f"/console/cases/{others}")
    assert answer
    assert answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such page, or it is not yours to see.")
    expect(page.get_by_role("link", name="Cases", exact=True)).to_be_visible()


@pytest.mark.parametrize(("width", "language"), [(360, "sw"), (1280, "en")])
def test_every_page_fits_and_can_be_read_by_ear(office: Office, sign_in: SignIn, width: int, language: str) -> None:
    serial = office.file().serial
    office.file(kind="information", category="new", urgent=True)
    page = sign_in("officer", width=width, language=language)
    office.post(f"/cases/{serial}/notes", {"text": "A note " * 30})
    office.post(f"/cases/{serial}/replies", {"text": "An answer"})
    for path in (
        "",
        "/cases?status=received",
        f"/cases/{serial}",
        f"/cases/{serial}/identity",
        "/account",
        "/cases/X",
        "/no",
    ):
        page.goto(f"/console{path}")
        assert page.locator("html").get_attribute("lang") == language
        fits(page)
    page.context.clear_cookies()
    page.goto("/console")
    assert re.search("/console/sign-in", page.url)
    fits(page)
