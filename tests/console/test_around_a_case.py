"""What goes with a case, in a real browser: letters, inquiries, calls, files; and nothing that was written is lost."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from gateway.cases import duties, files
from gateway.cases.models import Case
from gateway.intake import calling
from gateway.messaging.models import Message
from gateway.staff import practice
from gateway.staff.models import StaffSession
from gateway.staff.roles import Role
from gateway.staff.service import active_account
from tests.console.conftest import SignIn, digits
from tests.console.test_a_day import do, fits, resident_says
from tests.desk import NUMBER, Office

pytestmark = pytest.mark.browser

OTHER = "+254722000222"


def fill(page: Page, form: str, button: str, **fields: str) -> None:
    """Write into a form of the page, and send it."""
    within = page.locator(f"#do-{form}")
    for name, value in fields.items():
        field = within.locator(f"[name='{name}']")
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    within.get_by_role("button", name=button).click()


def test_what_is_not_ours_is_turned_away_with_a_letter(office: Office, sign_in: SignIn) -> None:
    serial = office.file().serial
    page = sign_in("officer")
    page.goto(f"/console/cases/{serial}/ours")
    fits(page)
    fill(page, "sheet", "Keep the sheet", whose="police", months_old="2")
    rule = page.locator("#do-not-ours [name=rule] option:checked")
    expect(page.get_by_text("By this rule it may be turned away").first).to_be_visible()
    assert rule.get_attribute("value"), "the rule that decides is the proposal"
    fill(page, "not-ours", "Turn it away", words="We are sorry.")
    expect(page.locator(".title .status")).to_have_text("not taken up")
    expect(page.locator("main")).to_contain_text("We are sorry.")
    do(page, "Write down what the resident said")
    fill(page, "consent", "Keep it", office="ipoa", given="true", wording="May we send it to them?")
    expect(page.get_by_text("The resident agreed.")).to_be_visible()
    page.get_by_role("link", name="The letter, to sign and print").click()
    expect(page.locator(".letter")).to_contain_text("Not ours")
    page.get_by_role("button", name="Sign it").click()
    expect(page.locator(".letter")).to_contain_text("KAK/OMB/")


def test_a_letter_is_signed_answered_on_paper_and_followed_by_a_finding(office: Office, sign_in: SignIn) -> None:
    serial = office.file().serial
    office.change_case(serial, department_code="environment", status="in_progress")
    page = sign_in("officer", width=360)
    page.goto(f"/console/cases/{serial}/letters")
    do(page, "Write a letter")
    fill(page, "letter", "Prepare it", kind="notice", text="Please explain why the borehole is dry.")
    page.get_by_role("button", name="Sign it").click()
    letter = page.locator(".letter").first
    expect(letter).to_contain_text("answer by")
    paper = page.request.get(letter.get_by_role("link", name="Print (PDF)").get_attribute("href") or "")
    assert paper.body().startswith(b"%PDF-")
    do(page, "File the answer")
    day = page.locator("[name=on]").get_attribute("max") or ""
    letter.locator("[name=by]").fill("Chief Officer")
    letter.locator("[name=on]").fill(day)
    letter.locator("[name=text]").fill("The pump is ordered.")
    letter.get_by_role("button", name="File it").click()
    expect(page.locator(".letter").first).to_contain_text("answered on")
    do(page, "Write down a finding")
    fill(page, "finding", "Keep the finding", text="The pump was not serviced.", adverse="true")
    expect(page.get_by_role("alert")).to_contain_text("right to reply")
    fill(page, "finding", "Keep the finding", adverse="false")
    do(page, "Recommend something")
    form = page.locator("form[id^=do-recommend]")
    form.locator("[name=due_on]").fill("2099-01-31")
    form.locator("[name=text]").fill("Service the pumps twice a year.")
    form.get_by_role("button", name="Recommend it").click()
    do(page, "What became of it")
    form = page.locator("form[id^=do-outcome]")
    form.locator("[name=outcome]").select_option("partly")
    form.locator("[name=text]").fill("One of two was serviced.")
    form.get_by_role("button", name="Keep it").click()
    expect(page.locator(".tag.over")).to_have_text("carried out in part")
    fits(page)


def test_an_inquiry_tells_all_and_closes_with_its_report(office: Office, sign_in: SignIn) -> None:
    serials = [office.file().serial, office.file(OTHER).serial, office.file("+254733000333").serial]
    page = sign_in("officer")
    page.goto(f"/console/cases/{serials[2]}/others")
    fill(page, "merge", "Merge", lead=serials[1])
    expect(page.locator("main")).to_contain_text("It is worked on with")
    page.get_by_role("link", name="Inquiries", exact=True).click()
    page.get_by_label("Title, for the office alone").fill("Dry boreholes of Shirere")
    page.get_by_role("button", name="Open it").click()
    fill(page, "put-in", "Put in", cases=f"{serials[0]}, {serials[1].lower()}")
    expect(page.locator(".case")).to_have_count(2)
    fill(page, "put-in", "Put in", cases="KAK-2020-999999")
    expect(page.get_by_role("alert")).to_contain_text("no such page")
    fill(page, "plan", "Keep the plan", plan="See the pumps on Tuesday")
    fill(page, "update", "Tell them all", **{"text.sw": "Tunaenda Jumanne.", "text.en": "We go on Tuesday."})
    assert [owed[0] for owed in office.owed()].count("reply") == 3, "of the merged case too"
    fits(page)
    do(page, "What its residents read of it")
    told = {"text.sw": "Pampu mbili zilikuwa mbovu.", "text.en": "Two pumps were broken."}
    fill(page, "close", "Close with this report", report="Two pumps were broken.", **told)
    expect(page.locator(".title .status")).to_have_text("closed")
    page.get_by_role("link", name="What came of it, to print").click()
    expect(page.locator("main")).to_contain_text("resolved: 0 of 2")
    fits(page)
    with office.context.work() as session:
        data = {"count": 9, "usual": 1.5, "days": 7}
        duties.notice(session, duties.Kind.SPIKE, "ward:1017", office.context.clock.now(), data)
    page.goto("/console/inquiries")
    fits(page)
    page.get_by_role("region", name="Many cases at once").get_by_role("link").click()
    expect(page.locator(".case")).to_have_count(3)


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("sw", 360)])
def test_who_is_away_says_so_and_hands_over(office: Office, sign_in: SignIn, language: str, width: int) -> None:
    serial = office.file().serial
    page = sign_in("supervisor", width=width, language=language)
    officer = practice.email_of(Role.OFFICER)
    with office.context.work() as session:
        person = active_account(session, officer).id
    office.change_case(serial, assignee_id=person, status="assigned")
    page.goto("/console")
    page.get_by_role("link", name=re.compile("^(Days away|Siku za kutokuwepo)$")).click()
    today = office.context.clock.now().astimezone(office.context.pack.about.zone).date()
    form = page.locator("#do-plan")
    form.locator("[name=person]").select_option(officer)
    form.locator("[name=from_day]").fill(str(today))
    form.locator("[name=until_day]").fill(str(today + timedelta(days=9)))
    form.get_by_role("button").click()
    fits(page)
    away = page.locator("article")
    away.locator("summary").click()
    fits(page)
    away.locator("[name=to]").select_option(practice.email_of(Role.SUPERVISOR))
    away.locator("form[id^=do-hand-over] button").click()
    expect(page.locator("article summary")).to_have_count(0)
    assert office.get(f"/cases/{serial}")["assignee"] == practice.email_of(Role.SUPERVISOR)
    page.locator("form[id^=do-cancel] button").click()
    expect(page.locator("article")).to_have_count(0)


def test_people_are_taken_in_called_and_files_taken_away(office: Office, sign_in: SignIn) -> None:
    with office.context.work() as session:
        calling.ask(
            session,
            resident=office.resident(session, OTHER),
            language="sw",
            hours="any",
            wording="-",
            channel="ussd",
            now=office.context.clock.now(),
        )
    page = sign_in("officer")
    page.get_by_role("link", name="To be called").click()
    fits(page)
    page.get_by_role("link", name="Reveal the number").click()
    page.get_by_label("Why do you need it?").fill("To call her back")
    page.get_by_role("button", name="Reveal the number").click()
    expect(page.locator(".number")).to_have_text(OTHER)
    page.get_by_label("How the call went").select_option("reached")
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_text("Nobody waits for a call")).to_be_visible()

    page.goto("/console/take-in")
    told = {"channel": "walk_in", "category": "DELAY", "language": "sw", "story": "They send me away each day"}
    fill(page, "take-in", "File the case", **told)
    expect(page.get_by_role("alert")).to_contain_text("Read it back")
    assert page.locator("[name=story]").input_value() == told["story"]
    assert page.locator("[name=wording]").input_value().startswith("Nimekusomea"), "read aloud in the person's language"
    page.get_by_label("I read back what I typed").check()
    page.get_by_label("The person agreed").check()
    page.get_by_role("button", name="File the case").click()
    receipt = page.locator(".number").inner_text()
    assert re.fullmatch(r"\d{4}-\d{3}-\d{4}", receipt)
    fits(page)
    page.emulate_media(media="print")
    printed = page.locator("body").inner_text().strip()
    mark, _, printed = printed.partition("\n")
    assert mark.startswith("Demonstration."), "the one thing that is not the person's own"
    assert printed.strip() == page.locator(".paper").inner_text().strip(), "no serial, and nothing of the desk"
    assert receipt in printed
    page.emulate_media(media="screen")
    page.get_by_role("link", name="To the case").click()
    do(page, "Put a file with the case")
    chosen, large = page.locator("[name=file]"), b" " * (files.MOST + 1)
    chosen.set_input_files({"name": "large.txt", "mimeType": "text/plain", "buffer": large})
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.get_by_role("button", name="Keep the file").click()
    assert "larger than 5 MB" in chosen.evaluate("field => field.validationMessage")
    chosen.set_input_files({"name": "slip.txt", "mimeType": "text/plain", "buffer": b"a slip"})
    page.get_by_role("button", name="Keep the file").click()
    kept = page.get_by_role("link", name="slip.txt")
    expect(kept).to_be_visible()
    assert sent.count("POST") == 1, "what is too large is not sent at all"
    assert page.request.get(kept.get_attribute("href") or "").body() == b"a slip"
    bundle = page.get_by_role("link", name="The whole case as a PDF").get_attribute("href") or ""
    assert page.request.get(bundle).body().startswith(b"%PDF-")
    page.get_by_role("link", name="Files", exact=True).click()
    fits(page)
    lists = page.request.get("/console/take-away/cases?status=&kind=&department=&format=csv").text()
    assert "walk_in" in lists
    assert receipt not in lists
    page.goto("/console/digest")
    fits(page)


def test_nothing_written_is_lost_when_the_session_ends(office: Office, sign_in: SignIn) -> None:
    serial = office.file().serial
    page = sign_in("officer")
    page.goto(f"/console/cases/{serial}")
    page.get_by_label("Answer the resident").fill("I called the water office, and they said")
    with office.context.work() as session:
        session.execute(sa.update(StaffSession).values(ended_at=office.context.clock.now()))
    page.get_by_role("button", name="Send the answer").click()
    page.locator("input[name=email]").fill(practice.email_of(Role.OFFICER))
    page.locator("input[name=password]").fill(practice.PASSWORD)
    page.locator("main button").click()
    page.locator("input[name=code]").fill(digits(office, "officer", later=1))
    page.locator("main button").click()
    expect(page.get_by_role("alert")).to_contain_text("Your words are kept here")
    expect(page.get_by_label("Answer the resident")).to_have_value("I called the water office, and they said")
    assert [event.kind for event in office.events(serial)] == ["filed"]
    page.get_by_role("button", name="Send the answer").click()
    expect(page.locator(".talk .staff")).to_contain_text("I called the water office")


def test_a_supervisors_escalation(office: Office, sign_in: SignIn) -> None:
    """Not solved climbs; the supervisor is told, writes to the next authority, and sees to who may know."""
    serial, other = office.file().serial, office.file(OTHER).serial
    office.change_case(serial, department_code="environment", status="in_progress")
    office.post(f"/cases/{serial}/transitions", {"to": "resolved", "reason": "They say it is done"})
    resident_says(office, serial, solved="no")
    page = sign_in("supervisor")
    notices = page.get_by_role("region", name="Notices")
    expect(notices).to_contain_text("it climbed a rung")
    fits(page)
    notices.get_by_role("link", name=serial).first.click()
    expect(page.locator(".timeline")).to_contain_text("County Secretary")
    page.get_by_role("link", name="Letters, findings").click()
    do(page, "Write a letter")
    fill(page, "letter", "Prepare it", kind="step_up", text="The department says it is done, and it is not.")
    page.get_by_role("button", name="Sign it").click()
    expect(page.locator(".letter")).to_contain_text("The County Secretary")
    page.goto("/console")
    for _ in range(page.get_by_role("button", name="Done").count()):
        page.get_by_role("button", name="Done").first.click()
    expect(page.get_by_role("region", name="Notices")).to_have_count(0)

    page.goto(f"/console/cases/{other}/access")
    fits(page)
    do(page, "Record whom it names")
    fill(page, "conflict", "Hide it", whom=f"person:{practice.email_of(Role.OFFICER)}", reason="It names her")
    expect(page.locator(".letter")).to_contain_text(practice.email_of(Role.OFFICER))
    page.get_by_role("button", name="The resident says they are punished").click()
    expect(page.get_by_text("Only a supervisor sees this case.")).to_be_visible()
    (case,) = office.rows(Case, Case.serial == other)
    assert case.reprisal_at is not None
    officer = sign_in("officer")
    answer = officer.goto(f"/console/cases/{other}")
    assert answer
    assert answer.status == 404
    assert NUMBER not in officer.content()


def test_a_focal_person_asks_for_a_call(office: Office, sign_in: SignIn) -> None:
    serial = office.file().serial
    office.change_case(serial, department_code=practice.department_of(office.context.pack), status="assigned")
    page = sign_in("focal", width=360)
    page.goto(f"/console/cases/{serial}")
    do(page, "Ask for the number, or for a call")
    fill(page, "ask-identity", "Ask", reason="We cannot find the borehole")
    page = sign_in("officer")
    expect(page.locator(".counts .identity")).to_contain_text("1")
    fits(page)


def test_a_category_is_put_right_and_a_held_text_sent_again(office: Office, sign_in: SignIn) -> None:
    serial = office.file().serial
    office.post(f"/cases/{serial}/replies", {"text": "We come on Monday."})
    with office.context.work() as session:
        session.execute(sa.update(Message).values(state="held", reason="risk_hold"))
    page = sign_in("officer")
    page.goto(f"/console/cases/{serial}")
    do(page, "Put the category right")
    do(page, "Send it again, or give it up")
    fits(page)
    page.locator("form[action$='send-again'] [name=reason]").fill("They let it go")
    page.get_by_role("button", name="Send again").click()
    expect(page.locator(".texts")).to_contain_text("to be sent")
    do(page, "Put the category right")
    fill(page, "category", "Put it there", category="UNCLEAR", reason="Only letters")
    expect(page.locator(".title")).to_contain_text("Not understood")
    expect(page.locator(".talk")).to_contain_text("Only letters")
    do(page, "Life or liberty is at stake")
    fill(page, "urgency", "Mark it urgent", reason="A son is held")
    expect(page.locator(".title .tag.hot")).to_have_text("urgent")
    do(page, "It is not urgent after all")
    expect(page.get_by_text("Which place of service it is about")).to_have_count(0)
    clinic = {"name": {"en": "Shirere dispensary", "sw": "Zahanati ya Shirere"}, "kind": "health", "ward": "1017"}
    code = office.post("/facilities", clinic, "supervisor").json()["code"]
    page.reload()
    do(page, "Which place of service it is about")
    fits(page)
    fill(page, "facility", "Keep the place", facility=code)
    expect(page.locator(".facts")).to_contain_text("Shirere dispensary")
    office.post(f"/facilities/{code}/retire", {}, "supervisor")
    page.reload()
    do(page, "Which place of service it is about")
    expect(page.locator("#do-facility [name=facility]")).to_have_value(code)
    fill(page, "facility", "Keep the place", facility="")
    expect(page.locator(".facts")).not_to_contain_text("Shirere dispensary")
    page.goto("/console")
    advice = page.get_by_text("Read, decide whether it is ours")
    expect(advice).to_be_visible()
    reader = sign_in("oversight")
    expect(reader.get_by_role("heading", name="New, nobody has it")).to_be_visible()
    expect(reader.get_by_text("Read, decide whether it is ours")).to_have_count(0)
