"""The desk asks residents, opens a scorecard and collects ideas, in a real browser, with a place to score."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from gateway.broadcasts import service as broadcasts
from gateway.commitments.asking_models import Check, CheckAnswer
from gateway.commitments.models import Commitment
from gateway.commitments.progress_models import Milestone
from gateway.commitments.scoring_models import Score
from gateway.commitments.watch_models import CommitmentLink, Proposal
from gateway.context import Context
from gateway.ids import new_id
from gateway.messaging.models import Broadcast, Message
from gateway.settings import Settings
from tests.broadcasts.conftest import follower
from tests.commitments.test_checks import willing
from tests.conftest import Stores
from tests.console.conftest import SignIn
from tests.console.test_a_day import fits
from tests.desk import Office
from tests.public.test_heard import facility_settings
from tests.web import serve

pytestmark = pytest.mark.browser

PROMISE = "KEKAK0002"
ASKED = f"/console/promises/{PROMISE}/asked"
WARD = "1017"


@pytest.fixture
def settings(stores: Stores, tmp_path: Path) -> Settings:
    return facility_settings(stores, tmp_path, approval_above=5)


@pytest.fixture
def office(context: Context) -> Iterator[Office]:
    with serve(context.settings) as address, httpx.Client(base_url=address, timeout=20) as client:
        yield Office(context, client)


def claim(office: Office) -> None:
    with office.context.work() as session:
        session.execute(sa.update(Commitment).where(Commitment.ogp_id == PROMISE).values(claim="complete"))


def write_question(page: Page, text: str) -> None:
    page.locator("select[name=ward]").select_option(WARD)
    page.locator("textarea[name='text.en']").last.fill(text)
    page.locator("textarea[name='text.sw']").last.fill("Je, kisima kinafanya kazi?")


def test_a_question_from_its_count_to_what_came_of_it(office: Office, sign_in: SignIn) -> None:
    claim(office)
    phones = [willing(office.context, f"+2547110007{place:02}", WARD) for place in range(12)]
    monitor = sign_in("oversight", width=360)
    monitor.goto(ASKED)
    write_question(monitor, "Is the borehole working?")
    monitor.get_by_role("button", name="Count first").click()
    expect(monitor.get_by_role("status")).to_contain_text("12 of 12 who agreed")
    expect(monitor.get_by_role("status")).to_contain_text("whoever wrote it cannot approve it")
    fits(monitor)
    assert office.rows(Check) == []
    monitor.get_by_role("button", name="Ask them").click()
    expect(monitor.get_by_text("waits for an approval")).to_be_visible()
    expect(monitor.get_by_role("button", name="Approve and ask")).to_have_count(0)
    assert office.rows(Message) == []

    supervisor = sign_in("supervisor", language="sw")
    supervisor.get_by_role("link", name="Ujumbe kwa wakazi wa kuidhinisha").click()
    fits(supervisor)
    supervisor.get_by_role("button", name="Idhinisha na uulize").click()
    expect(supervisor.get_by_text("linaulizwa")).to_be_visible()
    (check,) = office.rows(Check)
    now = office.context.clock.now()
    with office.context.work() as session:  # as the clock does with what goes to many
        broadcasts.add_recipients(session, office.context.pack, broadcast=check.broadcast_id, now=now)
    people = [message.resident_id for message in office.rows(Message, Message.template == "check")]
    with office.context.work() as session:
        session.add_all(
            CheckAnswer(check_id=check.id, resident_id=one, answer=1 if place < 3 else 2, answered_at=now)
            for place, one in enumerate(people)
        )

    monitor.goto(ASKED)
    expect(monitor.get_by_text("until then nobody sees one")).to_be_visible()
    monitor.get_by_role("button", name="End the asking now").click()
    expect(monitor.get_by_text("12 were asked, 12 answered.")).to_be_visible()
    expect(monitor.locator(".answers")).to_contain_text("9")
    monitor.locator("summary", has_text="You said, we did").click()
    fits(monitor)
    monitor.locator("details[open] textarea[name='text.en']").fill("The pump was mended in May.")
    monitor.locator("details[open] textarea[name='text.sw']").fill("Pampu ilitengenezwa Mei.")
    monitor.get_by_role("button", name="Tell them").click()
    expect(monitor.get_by_text("The pump was mended in May.")).to_be_visible()
    # What came of it goes to many too: it waits on the first page of who may approve it.
    assert [one["what"] for one in office.get("/progress/todo")["items"]] == ["approve"]
    expect(monitor.get_by_text("waits for an approval")).to_be_visible()
    supervisor.goto(ASKED)
    supervisor.get_by_role("button", name="Idhinisha na uwaambie").click()
    expect(supervisor.get_by_role("button", name="Idhinisha na uwaambie")).to_have_count(0)
    assert office.get("/progress/todo")["items"] == []
    assert office.get("/checks")["items"][0]["outcome_carried"] == "adding"
    assert "Is the borehole working" in phones[0].read()[0]


def test_texts_to_many_and_texts_held_back_are_decided_on_at_the_desk(office: Office, sign_in: SignIn) -> None:
    for place in range(6):
        follower(office.context, f"+2547110009{place:02}")
    officer = sign_in("officer", width=360)
    officer.goto("/console/promises/KEKAK0003")
    officer.locator("summary", has_text="Publish news for followers").click()
    officer.get_by_label("The news, in English").fill("The forum dates are out.")
    officer.get_by_label("The news, in Kiswahili").fill("Tarehe za vikao zimetoka.")
    fits(officer)
    officer.get_by_role("button", name="Publish the news").click()
    officer.goto("/console/texts")
    fits(officer)
    expect(officer.get_by_text("Would be sent to")).to_have_count(0)  # readers are counted for one, when asked to
    expect(officer.get_by_role("button", name="Approve and send")).to_have_count(0)
    officer.get_by_role("link", name="Count its readers, then decide").click()
    expect(officer.get_by_text("6 of 6 who agreed")).to_be_visible()
    expect(officer.get_by_text("whoever wrote it cannot approve it")).to_be_visible()
    expect(officer.get_by_role("button", name="Approve and send")).to_have_count(0)
    fits(officer)

    supervisor = sign_in("supervisor")
    supervisor.goto("/console")
    supervisor.get_by_role("link", name="News to followers to approve KEKAK0003").click()
    expect(supervisor.get_by_text("The forum dates are out.")).to_be_visible()
    fits(supervisor)
    supervisor.get_by_role("button", name="Approve and send").click()
    (news,) = office.rows(Broadcast)
    with office.context.work() as session:  # as the clock does with what goes to many, and with an election
        broadcasts.add_recipients(session, office.context.pack, broadcast=news.id, now=office.context.clock.now())
    with office.context.work() as session:
        session.execute(sa.update(Broadcast).values(status="paused", paused_because="election_period"))
    supervisor.goto("/console")
    supervisor.get_by_role("link", name="News that an election period stopped").click()
    expect(supervisor.get_by_text("An election period stopped it.")).to_be_visible()
    fits(supervisor)
    supervisor.goto("/console/texts")
    expect(supervisor.get_by_text("Owed to 6 people.")).to_be_visible()
    supervisor.get_by_role("button", name="Let it go on").click()
    expect(supervisor.get_by_text("goes out", exact=True)).to_be_visible()
    assert [row.status for row in office.rows(Broadcast)] == ["running"]

    one = office.rows(Message)[0].id
    with office.context.work() as session:
        session.execute(sa.update(Message).where(Message.id == one).values(state="held", reason="risk_hold"))
    officer.goto("/console")
    officer.get_by_role("link", name="Texts held back, to decide on").click()
    officer.get_by_text("Send it again, or give it up").click()
    officer.get_by_label("Reason").fill("The aggregator lifted it")
    fits(officer)
    officer.get_by_role("button", name="Send again").click()
    expect(officer.get_by_text("None waits.")).to_be_visible()
    assert [(row.state, row.reason) for row in office.rows(Message, Message.id == one)] == [("owed", "released")]
    assert {"broadcast.approved", "broadcast.resumed", "message.released"} <= set(office.audited())


def test_a_scorecard_from_its_digits_to_milestones(office: Office, sign_in: SignIn) -> None:
    supervisor = sign_in("supervisor", width=360)
    supervisor.goto("/console/scorecards")
    supervisor.locator("summary", has_text="Name a place").click()
    supervisor.get_by_label("Name, English").fill("Second Dispensary")
    supervisor.get_by_label("Name, Kiswahili").fill("Zahanati ya Pili")
    supervisor.locator("select[name=kind]").select_option("health")
    supervisor.locator("select[name=ward]").select_option(WARD)
    fits(supervisor)
    supervisor.get_by_role("button", name="Name the place").click()
    expect(supervisor.locator("#places li")).to_have_count(2)
    supervisor.get_by_text("Correct the name").click()
    supervisor.get_by_role("textbox", name="Name, English").first.fill("Second Health Post")
    fits(supervisor)
    supervisor.get_by_role("button", name="Correct it").click()
    supervisor.get_by_role("button", name="Retire Second Health Post").click()
    expect(supervisor.locator("#places")).to_contain_text("retired on")
    fits(supervisor)
    officer = sign_in("officer", width=360)
    officer.goto("/console/scorecards")
    fits(officer)
    expect(officer.locator("select[name=facility] option")).to_have_count(2)  # "choose", and the one not retired
    officer.locator("select[name=facility]").select_option("invented")
    officer.get_by_label("For how many days").fill("7")
    officer.get_by_role("button", name="Open the round").click()
    digits = officer.get_by_role("status").locator(".digits").inner_text()
    assert len(digits) == 6
    fits(officer)
    (one,) = office.get("/scorecards")["items"]
    with office.context.work() as session:
        for side, mark in (("residents", 2), ("staff", 4)):
            session.add_all(
                Score(round_id=one["id"], voter=new_id().bytes, side=side, marks=[mark, mark, mark, mark, 3])
                for _ in range(10)
            )
    officer.goto("/console/scorecards")
    assert digits not in officer.content()
    expect(officer.locator("svg.gaps")).to_have_count(0)
    officer.get_by_role("button", name="End the round now").click()
    expect(officer.locator("svg.gaps")).to_be_visible()
    expect(officer.get_by_text("Staff of the place: 10")).to_be_visible()
    officer.get_by_text("As a table").click()
    expect(officer.get_by_role("row", name="You are treated with respect")).to_contain_text("242")
    officer.get_by_text("The plan that was agreed on").click()
    officer.locator("select[name=promise]").select_option(PROMISE)
    step = officer.get_by_role("group", name="Step 1")
    step.get_by_label("English").fill("A second nurse")
    step.get_by_label("Until which day").fill("2027-03-31")
    fits(officer)
    officer.get_by_role("button", name="Make them milestones").click()
    expect(officer.get_by_text("A second nurse")).to_be_visible()
    (milestone,) = office.rows(Milestone)
    assert (milestone.ogp_id, milestone.origin, str(milestone.due_on)) == (PROMISE, "scorecard", "2027-03-31")


def test_an_idea_is_collected_by_one_and_published_by_another_and_a_link_is_ended(
    office: Office, sign_in: SignIn
) -> None:
    officer = sign_in("officer")
    officer.goto("/console/proposals")
    officer.get_by_label("The idea in a line, English").fill("A roof over the market")
    officer.get_by_label("Ward, if it is about one").select_option(WARD)
    officer.get_by_role("button", name="Keep the idea").click()
    expect(officer.get_by_text("internal, to be decided on")).to_be_visible()
    expect(officer.get_by_role("button", name="Publish")).to_have_count(0)
    fits(officer)
    officer.goto(f"/console/promises/{PROMISE}")
    officer.locator("summary", has_text="Link a kind").click()
    officer.locator("select[name=category]").select_option("DELAY")
    officer.get_by_role("button", name="Link it").click()
    fits(officer)
    officer.get_by_role("button", name="End the link: Delay").click()
    expect(officer.get_by_role("button", name="End the link")).to_have_count(0)
    (link,) = office.rows(CommitmentLink)
    assert link.ended_at is not None

    supervisor = sign_in("supervisor", width=360, language="sw")
    supervisor.get_by_role("link", name="Wazo la kuchapisha au kukataa").click()
    supervisor.get_by_text("Likatae, kwa sababu").click()
    fits(supervisor)
    supervisor.get_by_role("button", name="Chapisha: A roof").click()
    supervisor.get_by_text("Onyesha limekubaliwa").click()
    supervisor.get_by_role("button", name="Limekubaliwa").click()
    expect(supervisor.get_by_role("alert")).to_contain_text("Taja ahadi, au eleza limekubaliwa wapi.")
    supervisor.get_by_label("Katika ahadi gani").select_option(PROMISE)
    fits(supervisor)
    supervisor.get_by_role("button", name="Limekubaliwa").click()
    expect(supervisor.get_by_text("Limekubaliwa katika")).to_be_visible()
    (idea,) = office.rows(Proposal)
    assert (idea.status, idea.taken_up_in) == ("taken_up", PROMISE)
    assert office.get("/progress/todo", "supervisor")["items"] == []
