"""A promise at the desk through three roles, in a real browser: the institution, the supervisor, the monitor."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from gateway.commitments import plan
from gateway.commitments.progress_models import Indicator, Milestone
from gateway.staff.models import Staff
from tests.console.conftest import SignIn
from tests.console.test_a_day import fits
from tests.desk import Office

pytestmark = pytest.mark.browser

PROMISE = "KEKAK0002"


def prepare(office: Office) -> None:
    """A milestone and an indicator, and the focal person in the institution that leads."""
    with office.context.work() as session:
        session.execute(sa.update(Staff).where(Staff.role == "focal").values(department_code="environment"))
        hand = plan.Hand(session, office.context.clock.now())
        step = {"position": 0, "output": {"en": "2,000 trees by the river"}, "due_on": date(2027, 6, 30)}
        plan.put(hand, Milestone, PROMISE, "trees", step)
        plan.put(hand, Indicator, PROMISE, "planted", {"position": 0, "name": {"en": "Trees"}, "unit": "trees"})


def open_details(page: Page, summary: str) -> None:
    page.get_by_text(summary, exact=True).click()


def test_a_report_an_audit_and_an_answer_through_three_roles(office: Office, sign_in: SignIn) -> None:
    prepare(office)
    address = f"/console/promises/{PROMISE}"
    focal = sign_in("focal", width=360)
    focal.get_by_role("link", name="Promises", exact=True).click()
    fits(focal)
    focal.goto(address)
    fits(focal)
    focal.get_by_label("How far the whole promise is").select_option("substantial")
    trees = focal.get_by_role("group", name="Milestone trees: 2,000 trees by the river")
    trees.get_by_label("State").select_option("complete")
    focal.get_by_label("What was done").fill("All trees are planted")
    planted = focal.get_by_role("group", name="Trees", exact=True)
    planted.get_by_label("Value, in trees").fill("2000")
    focal.get_by_role("button", name="Send the report").click()
    expect(focal.get_by_role("alert")).to_contain_text("This cannot be taken as it is. (readings)")
    expect(focal.get_by_label("What was done")).to_have_value("All trees are planted")
    planted.get_by_label("On which day").fill("2026-01-31")
    focal.get_by_role("button", name="Send the report").click()
    expect(focal.get_by_text("internal, not published")).to_be_visible()

    supervisor = sign_in("supervisor", language="sw")
    supervisor.goto("/console/promises")
    fits(supervisor)
    supervisor.get_by_role("link", name="Ripoti ya kuchapisha au kurudisha").click()
    supervisor.locator("summary", has_text="Chapisha ripoti ya").click()
    fits(supervisor)
    supervisor.get_by_role("button", name="Chapisha ripoti").click()
    expect(supervisor.get_by_text("imechapishwa", exact=True)).to_be_visible()
    supervisor.locator("summary", has_text="Unganisha aina").click()
    supervisor.locator("select[name=category]").select_option("DELAY")
    supervisor.get_by_role("button", name="Unganisha").click()
    expect(supervisor.get_by_role("listitem").filter(has_text="Kuchelewa/hawajibu")).to_be_visible()

    monitor = sign_in("oversight")
    monitor.goto("/console/promises")
    expect(monitor.get_by_role("link", name="A claim that nobody has looked at")).to_have_count(2)
    monitor.goto(address)
    monitor.locator("summary", has_text="Audit the claim on milestone trees").click()
    audit = monitor.locator("details[open]")
    audit.get_by_label("It holds, or what holds instead").select_option("limited")
    audit.get_by_label("What you found").fill("Half of them are dry")
    fits(monitor)
    audit.get_by_role("button", name="Publish the audit").click()
    expect(monitor.get_by_text("Half of them are dry")).to_be_visible()
    open_details(monitor, "Judge the promise")
    judge = monitor.locator("details[open]")
    judge.get_by_label("On the scale of the Open Government Partnership").select_option("limited")
    judge.get_by_label("Reasons").fill("Half of it can be seen")
    judge.get_by_role("button", name="Publish the judgement").click()
    open_details(monitor, "Ask an institution")
    monitor.get_by_label("Question; it is public at once").fill("Who waters them?")
    monitor.get_by_label("To be answered by").fill("2099-01-31")
    monitor.get_by_role("button", name="Ask", exact=True).click()
    expect(monitor.get_by_text("Who waters them?")).to_be_visible()

    focal.goto(address)
    focal.get_by_label("Your answer; it is public at once").fill("The forest guards")
    focal.get_by_role("button", name="Answer the monitor").click()
    expect(focal.get_by_text("The forest guards")).to_be_visible()
    fits(focal)
    found = office.get(f"/commitments/{PROMISE}")
    assert (found["claim"], found["judged"]) == ("substantial", "limited")
    assert found["queries"][0]["answer"] == "The forest guards"
    assert [one["category"] for one in office.get(f"/commitments/{PROMISE}/links")["items"]] == ["DELAY"]
    expect(focal.get_by_role("button", name="Publish the report")).to_have_count(0)
