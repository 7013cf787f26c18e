"""The community scorecard, of facilities that are invented for these tests."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.commitments import scorecards
from gateway.commitments.progress_models import Milestone
from gateway.commitments.scorecards import Step
from gateway.commitments.scoring_models import Score
from gateway.errors import Invalid, TransitionNotAllowed
from gateway.pack import Pack, load
from gateway.pack.checking import check_pack
from gateway.pack.loading import PACKS
from gateway.residents.models import Resident
from gateway.staff.models import AuditEntry, Staff
from menus.check import check
from operations.authoring.county import County
from tests import web
from tests.conftest import SECRET
from tests.desk import Office
from tests.dialogues.player import Player

FACILITIES = """
items = [
  { en = "Staff are there in the opening hours", sw = "Wafanyakazi wapo saa za kazi" },
  { en = "You are treated with respect", sw = "Unaheshimiwa" },
  { en = "What is needed is in stock", sw = "Vifaa na dawa vipo" },
  { en = "The wait is short", sw = "Kusubiri ni kwa muda mfupi" },
  { en = "It is clean and in repair", sw = "Ni safi na kumetunzwa" },
]
confirmed = false
confidence = "U"
source = "Invented for tests"

[[facility]]
code = "invented"
name = { en = "Invented Dispensary", sw = "Zahanati ya Kubuni" }
ward = "1017"
confirmed = false
confidence = "U"
source = "Invented for tests: there is no such place"
"""

SCRIPTS = Path(__file__).parents[1] / "dialogues" / "scorecard"


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    folder = tmp_path_factory.mktemp("packs") / "invented"
    shutil.copytree(PACKS / "kakamega", folder)
    (folder / "facilities.toml").write_text(FACILITIES, encoding="utf-8")
    assert check_pack(folder) == []
    return load(folder)


def test_every_screen_of_it_fits_in_every_language(pack: Pack) -> None:
    assert check(pack.guide).faults == ()


@pytest.mark.parametrize("language", ["en", "sw"])
def test_dialogue(pack: Pack, language: str) -> None:
    county = County(pack.guide)
    Player(county, county).play((SCRIPTS / f"scorecard.{language}.txt").read_text(encoding="utf-8"))


def test_a_ward_that_is_none_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "invented"
    shutil.copytree(PACKS / "kakamega", folder)
    (folder / "facilities.toml").write_text(FACILITIES.replace("1017", "9999"), encoding="utf-8")
    assert check_pack(folder) == ["facilities.toml: facility 1 (invented): there is no ward 9999"]


def test_a_round_from_its_opening_to_milestones(office: Office, pack: Pack) -> None:
    office.token("officer")
    (person,) = office.rows(Staff)
    context, now = office.context, office.context.clock.now()
    limits = pack.about.limits.model_copy(update={"smallest_cell": 3})
    small = replace(pack, about=pack.about.model_copy(update={"limits": limits}))
    with context.work() as session:
        one, code = scorecards.open_round(
            session, context.vault, small, facility="invented", days=7, staff=person, now=now
        )
        with pytest.raises(TransitionNotAllowed):
            scorecards.open_round(session, context.vault, small, facility="invented", days=7, staff=person, now=now)

    def give(number: str, marks: tuple[int, ...], code: str = "") -> None:
        with context.work() as session:
            scorecards.score(
                session, context.vault, facility="invented", number=number, marks=marks, code=code, now=now
            )

    for place in range(3):
        give(f"+25471100070{place}", (1, 2, 3, 4, 5))
        give(f"+25471100071{place}", (5, 5, 5, 5, 5), code)
    give("+254711000700", (4, 2, 3, 4, 5))  # scoring again replaces what the number gave
    with pytest.raises(Invalid):
        give("+254711000720", (5, 5, 5, 5, 5), "000000" if code != "000000" else "111111")
    assert len({row.voter for row in office_scores(office)}) == 6
    assert not any(b"2547" in bytes(row.voter) for row in office_scores(office))
    with context.work() as session:
        hidden = scorecards.card(session, small, one, now)
        assert (hidden.open, hidden.residents, hidden.gap) == (True, scorecards.HIDDEN, None)
        closed = scorecards.close(session, one.id, staff=person, now=now)
        shown = scorecards.card(session, small, closed, now)
        assert shown.residents == scorecards.Side(3, [2.0, 2.0, 3.0, 4.0, 5.0])
        assert shown.gap == [3.0, 3.0, 2.0, 1.0, 0.0]
        below = scorecards.card(session, pack, closed, now)  # the floor of ten
        assert (below.residents, below.staff, below.gap) == (scorecards.HIDDEN, scorecards.HIDDEN, None)
        steps = [Step({"en": "A second nurse"}), Step({"en": "A roof"})]
        scorecards.agree_plan(session, one.id, ogp_id="KEKAK0001", steps=steps, staff=person, now=now)
    rows = office.rows(Milestone)
    assert [(row.ogp_id, row.output, row.origin) for row in rows] == [
        ("KEKAK0001", {"en": "A second nurse"}, "scorecard"),
        ("KEKAK0001", {"en": "A roof"}, "scorecard"),
    ]
    assert office.get("/scorecards")["items"][0]["promise"] == "KEKAK0001"
    refused = office.post(
        f"/scorecards/{one.id}/plan", {"promise": "KEKAK0001", "steps": [{"output": {"en": "Again"}}]}
    )
    assert refused.status_code == 409


PLACE = {"name": {"en": "Emukaba Dispensary", "sw": "Zahanati ya Emukaba"}, "kind": "health", "ward": "1017"}
"""Invented for tests."""

WRONG = [
    (PLACE | {"ward": "9999"}, "there is no such ward"),
    (PLACE | {"name": {"en": "Emukaba Dispensary"}}, "it does not fit small screens"),
    (PLACE | {"name": {"en": "Emukaba \u0416", "sw": "Zahanati"}}, "it does not fit small screens"),
    (PLACE | {"name": {"en": "Emukaba Dispensary", "sw": "Nyingine"}}, "this ward has a place of that name"),
]


def test_a_place_named_at_the_desk_is_scored_by_its_residents_and_seen_by_everybody(office: Office) -> None:
    root = str(office.client.base_url).rstrip("/")
    with office.context.work() as session:
        session.execute(
            sa.update(Resident)
            .where(Resident.id == office.resident(session, "+254711000731", "en"))
            .values(ward_code="1017")
        )
    stranger, neighbour = (web.Handset(root, SECRET, f"+25471100073{last}") for last in (0, 1))
    stranger.dial()
    assert "Score a facility" not in stranger.type("1", "4", "5"), "nothing to score yet"
    assert office.post("/facilities", PLACE).status_code == 403, "a supervisor names places"
    once = {"headers": {"Idempotency-Key": "named-once"}}
    place = office.post("/facilities", PLACE, "supervisor", **once).json()
    assert (place["code"], place["of_pack"], place["retired_at"]) == ("1017-1", False, None)
    assert office.post("/facilities", PLACE, "supervisor", **once).json() == place
    for wrong, why in WRONG:
        refused = office.post("/facilities", wrong, "supervisor")
        assert (refused.status_code, refused.json()["detail"]) == (422, why)
    opened = office.post("/scorecards", {"facility": "1017-1", "days": 7}).json()
    assert office.post("/facilities/1017-1/retire", {}, "supervisor").status_code == 409, "a round is open"

    stranger.dial()
    assert stranger.type("1", "4", "5", "5").startswith("CON Sub-county?\n1. Navakholo\n0. Back")
    assert stranger.type("1", "1").startswith("CON Score which facility?\n1. Emukaba Dispensary")
    assert "1 of 5: Staff are there in the opening hours" in stranger.type("1", "1")
    assert "your scores are 4 5 1 2 3." in stranger.type("4", "5", "1", "2", "3")
    assert "Your scores count" in stranger.type("1")
    neighbour.dial()
    assert neighbour.type("4", "5", "5").startswith("CON Score which facility?\n1. Emukaba Dispensary\n0. Back")
    assert "You score as staff." in neighbour.type("1", "2", opened["staff_code"])
    neighbour.type("1", "5", "5", "5", "5", "5", "1")
    assert sorted((row.side, row.marks) for row in office_scores(office)) == [
        ("residents", [4, 5, 1, 2, 3]),
        ("staff", [5, 5, 5, 5, 5]),
    ]
    page = "/scorecards?lang=sw"
    assert "Zahanati ya Emukaba</strong>, Bunyala West" in office.client.get(page).text
    assert office.post(f"/scorecards/{opened['id']}/close", {}).status_code == 200

    assert office.post("/facilities/1017-1/retire", {}, "supervisor").json()["retired_at"]
    assert office.post("/facilities/1017-1/retire", {}, "supervisor").status_code == 409
    assert office.post("/facilities/1017-9/retire", {}, "supervisor").status_code == 404
    assert office.post("/scorecards", {"facility": "1017-1"}).status_code == 422
    over = office.client.get(page).text
    assert "Zahanati ya Emukaba" in over, "what was scored keeps its name"
    assert "Yanapimwa sasa" not in over
    stranger.dial()
    assert "Score a facility" not in stranger.type("1", "4", "5")
    anew = office.post("/facilities", PLACE, "supervisor").json()["code"]
    assert [one["code"] for one in office.get("/facilities")["items"]] == ["1017-1", anew]

    # Its name was wrong all the time: what was scored is told under the right one.
    right = {"name": {"en": "Emukaba Health Post", "sw": "Kituo cha Emukaba"}}
    for code, body, role, status in [
        ("1017-1", right, "officer", 403),
        ("1017-9", right, "supervisor", 404),
        ("1017-1", {"name": {"en": "Emukaba Health Post"}}, "supervisor", 422),
        ("1017-1", {"name": PLACE["name"]}, "supervisor", 422),
        ("1017-1", right, "supervisor", 200),
        (anew, right, "supervisor", 200),  # the other is retired
    ]:
        assert office.post(f"/facilities/{code}/name", body, role).status_code == status, (code, role)
    other = office.post("/facilities", PLACE, "supervisor").json()["code"]
    taken = office.post(f"/facilities/{other}/name", right, "supervisor").json()
    assert taken["detail"] == "this ward has a place of that name"
    assert "Kituo cha Emukaba" in office.client.get(page).text
    (entry,) = office.rows(AuditEntry, AuditEntry.action == "facility.renamed", AuditEntry.subject == "1017-1")
    assert entry.data == {"before": PLACE["name"], "name": right["name"]}
    assert [one for one in office.audited() if one.startswith("facility")] == [
        "facility.named",
        "facility.retired",
        "facility.named",
        "facility.renamed",
        "facility.renamed",
        "facility.named",
    ]


def office_scores(office: Office) -> list[Score]:
    with office.context.work() as session:
        return session.query(Score).all()
