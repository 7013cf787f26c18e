"""Scorecards and ideas in public: both sides beside each other from the floor on, ideas once they are published."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from gateway.commitments import scorecards
from gateway.commitments.scorecards import Step
from gateway.commitments.scoring_models import Score, ScoreRound
from gateway.context import Context
from gateway.ids import new_id
from gateway.pack import Pack
from gateway.pack.loading import PACKS
from gateway.settings import Settings
from gateway.staff.models import Staff
from tests.commitments.test_scorecards import FACILITIES
from tests.conftest import Stores, make_settings
from tests.desk import Office
from tests.public.test_pages import Seen, read
from tests.web import serve

PROMISE = "KEKAK0003"
IDEA = {
    "title": {"en": "A roof over the market", "sw": "Paa la soko"},
    "text": {"en": "Traders sit in the rain."},
    "said_by": "residents",
    "ward": "1017",
    "source": "Told by Mama Atieno",
}


def facility_settings(stores: Stores, tmp_path: Path, **limits: int) -> Settings:
    """Settings on the pack with a place that is invented for these tests, and other limits."""
    folder = tmp_path / "kakamega"
    shutil.copytree(PACKS / "kakamega", folder)
    (folder / "facilities.toml").write_text(FACILITIES, encoding="utf-8")
    about = (folder / "pack.toml").read_text(encoding="utf-8")
    for name, limit in limits.items():
        about, times = re.subn(rf"^{name} = \d+", f"{name} = {limit}", about, flags=re.MULTILINE)
        assert times == 1, name
    (folder / "pack.toml").write_text(about, encoding="utf-8")
    return make_settings(stores, pack=str(folder))


@pytest.fixture
def settings(stores: Stores, tmp_path: Path) -> Settings:
    return facility_settings(stores, tmp_path)


@pytest.fixture
def pack(context: Context) -> Pack:
    return context.pack


@pytest.fixture
def office(context: Context) -> Iterator[Office]:
    with serve(context.settings) as address, httpx.Client(base_url=address, timeout=20) as client:
        yield Office(context, client)


def scored(office: Office, pack: Pack, *, residents: int, staff: int, plan: bool = False) -> UUID:
    """A round that is over: so many on each side, residents 2 of 5, staff 4 of 5."""
    office.token("officer")
    (person,) = office.rows(Staff, Staff.role == "officer")
    context, now = office.context, office.context.clock.now()
    with context.work() as session:
        one, _ = scorecards.open_round(session, context.vault, pack, facility="invented", days=7, staff=person, now=now)
        for side, many, mark in (("residents", residents, 2), ("staff", staff, 4)):
            marks = [mark, mark, mark, mark, 3]
            session.add_all(Score(round_id=one.id, voter=new_id().bytes, side=side, marks=marks) for _ in range(many))
        session.flush()
        scorecards.close(session, one.id, staff=person, now=now)
        if plan:
            steps = [Step({"en": "A second nurse", "sw": "Muuguzi wa pili"}, date(2027, 3, 31))]
            scorecards.agree_plan(session, one.id, ogp_id=PROMISE, steps=steps, staff=person, now=now)
        return one.id


def test_a_side_is_shown_from_the_floor_on_as_over_the_api(office: Office, pack: Pack) -> None:
    page = "/scorecards?lang=en"
    assert "No place has been scored yet." in read(office, page).text
    scored(office, pack, residents=9, staff=9)
    hidden = office.client.get(page).text
    assert "too few to show anything" in hidden
    assert 'class="ours"' not in hidden
    scored(office, pack, residents=10, staff=9)
    half = read(office, page).text
    assert "Residents (10)" in half
    assert "Staff of the place (" not in half
    assert "too few to show their side" in half
    scored(office, pack, residents=10, staff=12, plan=True)
    whole = read(office, page).text
    assert "Staff of the place (12)" in whole
    assert re.search(r"You are treated with respect 2 4 2 ", whole), "the numbers drawn, and their gap"
    newest = office.get("/scorecards")["items"][0]
    assert (newest["residents"]["people"], newest["staff"]["people"], newest["gap"][0]) == (10, 12, 2.0)
    shown = read(office, f"/commitments/{PROMISE}?lang=sw")
    assert "Zahanati ya Kubuni" in shown.text
    assert "Muuguzi wa pili" in shown.text
    assert "Zahanati ya Kubuni" not in read(office, "/commitments/KEKAK0001?lang=sw").text


def test_an_idea_is_public_once_it_is_published_and_nobody_is_named(office: Office) -> None:
    idea = office.post("/proposals", IDEA).json()
    where = f"/proposals/{idea['id']}/decision"
    page = "/proposals?lang=en"
    assert idea["published_at"] is None
    assert "A roof over the market" not in read(office, page).text
    assert "A roof" not in office.client.get("/open-data/proposals.csv").text
    assert office.post(where, {"to": "published"}).status_code == 403, "who collects does not publish"
    assert office.post(where, {"to": "taken_up", "promise": PROMISE}, "supervisor").status_code == 409
    assert office.post(where, {"to": "published"}, "supervisor").status_code == 200
    text = read(office, page).text
    assert "A roof over the market" in text
    assert "from residents · Bunyala West" in text
    assert not [word for word in ("Atieno", "Achieng") if word in text]
    before = office.client.get("/open-data/proposals.csv").headers["etag"]
    for wrong in ({"to": "refused"}, {"to": "taken_up"}, {"to": "taken_up", "promise": "KEKAK9999"}):
        assert office.post(where, wrong, "supervisor").status_code == 422
    taken = {"to": "taken_up", "promise": PROMISE, "words": {"en": "In the next budget."}}
    assert office.post(where, taken, "supervisor").status_code == 200
    told = read(office, page)
    assert "Taken up. It is part of a promise now: Open budget, information In the next budget." in told.text
    assert office.client.get("/open-data/proposals.csv").headers["etag"] != before
    assert office.post(where, {"to": "refused", "words": {"en": "No."}}, "supervisor").status_code == 409
    assert {"proposal.collected", "proposal.published", "proposal.taken_up"} <= set(office.audited())


@pytest.mark.browser
def test_they_fit_small_phones_and_are_read_by_ear(office: Office, pack: Pack, browser: Browser) -> None:
    earlier = scored(office, pack, residents=10, staff=12, plan=True)
    with office.context.work() as session:
        session.get_one(ScoreRound, earlier).closes_at -= timedelta(days=200)
    scored(office, pack, residents=10, staff=3)
    idea = office.post("/proposals", IDEA).json()
    office.post(f"/proposals/{idea['id']}/decision", {"to": "published"}, "supervisor")
    office.post(f"/proposals/{idea['id']}/decision", {"to": "refused", "words": {"en": "It is built."}}, "supervisor")
    css = len(office.client.get("/static/public.css").content)
    for width in (360, 1280):
        page = browser.new_page(viewport={"width": width, "height": 780}, bypass_csp=True)
        for path in ("/scorecards", "/proposals", "/commitments", f"/commitments/{PROMISE}"):
            for language in ("en", "sw"):
                body = office.client.get(path, params={"lang": language}).content
                assert len(body) + css < 50_000
                assert "script" not in Seen(body.decode()).tags
                page.goto(str(office.client.base_url.join(f"{path}?lang={language}")))
                for table in page.locator("details").all():
                    table.evaluate("one => { one.open = true }")
                assert page.evaluate("document.documentElement.scrollWidth") <= width
                found = Axe().run(page)
                assert found.violations_count == 0, found.generate_report()
        page.close()
