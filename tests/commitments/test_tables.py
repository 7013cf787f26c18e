"""The plan as CSV: out and in again, by the API and the command line, with every mistake named by line and column."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.commitments import digests, history, service, tables
from gateway.commitments.plan import Hand
from gateway.pack import load
from menus.engine import State
from menus.layout import show
from operations.cli import app
from tests.conftest import SECRET
from tests.desk import Office
from tests.packs.test_madiun import PACK as MADIUN
from tests.texting import Texter
from tests.web import Handset

MILESTONES = """ogp_id,code,output_en,output_sw,starts_on,due_on,source
KEKAK0003,budget,"A Citizen Budget, each year",Bajeti ya Mwananchi,2025-07-01,2026-06-30,A test
KEKAK0003,reports,=Quarterly reports,,,2026-12-31,
"""
INDICATORS = """ogp_id,code,name_en,unit,baseline,target,target_on
KEKAK0003,published,Reports published,reports,1.50,-4,2027-06-30
"""
READINGS = """ogp_id,indicator,on,value,source
KEKAK0003,published,2026-03-31,2,Website
"""

NEW = "ogp_id,area,lead,title_en,short_en,short_sw\nKEKAK0007,participation,The county,"
"""A promise that no pack knows, up to its title."""


def take(office: Office, table: str, text: str, *, dry_run: bool = False, role: str = "supervisor") -> list[str]:
    answer = office.post(f"/plan/{table}", {"csv": text, "dry_run": dry_run}, role)
    assert answer.status_code == 200, answer.text
    assert answer.json()["dry_run"] is dry_run
    return [f"{one['line']} {one['code'] or one['ogp_id']}" for one in answer.json()["changes"]]


def table(office: Office, name: str) -> str:
    answer = office.ask("GET", f"/plan/{name}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return answer.text


def test_what_is_exported_is_imported_without_a_change(office: Office) -> None:
    assert take(office, "milestones", MILESTONES, dry_run=True) == ["2 budget", "3 reports"]
    assert table(office, "milestones").count("\n") == 1, "a dry run leaves nothing"
    for name, text in (("milestones", MILESTONES), ("indicators", INDICATORS), ("readings", READINGS)):
        assert take(office, name, text)
    assert "'=Quarterly reports" in table(office, "milestones"), "no spreadsheet takes it for a formula"
    assert "1.5,-4" in table(office, "indicators")
    assert "KEKAK0003,published,2026-03-31,2,Website" in table(office, "readings")
    for name in ("commitments", "milestones", "indicators", "readings"):
        assert take(office, name, table(office, name)) == []
    found = office.get("/commitments/KEKAK0003")
    assert [one["output"]["en"] for one in found["milestones"]] == ["A Citizen Budget, each year", "=Quarterly reports"]
    assert found["indicators"][0]["readings"][0]["value"] == "2"


def test_an_import_changes_what_it_names_and_the_change_is_public(office: Office) -> None:
    take(office, "milestones", MILESTONES)
    moved = "ogp_id,code,due_on\nKEKAK0003,budget,2026-09-30\n"
    assert take(office, "milestones", moved) == ["2 budget"]
    with office.context.work() as session:
        change, *_ = history.changes(session, "KEKAK0003")
    told = {"fields": {"due_on": {"before": "2026-06-30", "after": "2026-09-30"}}}
    assert (change.kind, change.subject, change.data) == ("milestone", "budget", told)
    (budget, _) = office.get("/commitments/KEKAK0003")["milestones"]
    assert (budget["due_on"], budget["starts_on"]) == ("2026-09-30", "2025-07-01"), "a column left out stays"
    swahili = "ogp_id,title_sw,committee,supporting\nKEKAK0003,Bajeti wazi,Budget committee,assembly; secretary\n"
    take(office, "commitments", swahili)
    found = office.get("/commitments/KEKAK0003")
    assert found["title"] == {"en": "Open Budget and Access to Information", "sw": "Bajeti wazi"}
    assert (found["committee"], found["supporting"]) == ("Budget committee", ["assembly", "secretary"])
    assert found["lead_department"] == "finance"


@pytest.mark.parametrize(
    ("name", "text", "faults"),
    [
        ("milestones", "ogp_id,code,output_en\nKEKAK0009,a,x\n", ["line 2"]),
        ("milestones", "ogp_id,code,due\nKEKAK0003,a,2026-01-01\n", ["line 1, column 3"]),
        ("milestones", "ogp_id,output_en\nKEKAK0003,x\n", ["line 1, code"]),
        (
            "milestones",
            "ogp_id,code,output_en,due_on\nKEKAK0003,a,x,30/6/2026\nKEKAK3,b!,x,2026-01-01\n",
            ["line 2, due_on", "line 3, ogp_id", "line 3, code"],
        ),
        ("milestones", "ogp_id,code\nKEKAK0003,a\n", ["line 2"]),  # a new one says what is to be there
        ("milestones", "ogp_id,code,output_en\nKEKAK0003,a\n", ["line 2"]),
        ("milestones", 'ogp_id,code,output_en\nKEKAK0003,a,"x\n', ["line 2"]),
        ("indicators", "ogp_id,code,name_en,unit,target\nKEKAK0003,a,x,y,NaN\n", ["line 2, target"]),
        ("commitments", "ogp_id,lead_department\nKEKAK0003,treasury\n", ["line 2, lead_department"]),
        ("commitments", "ogp_id,ogp_id\nKEKAK0003,KEKAK0003\n", ["line 1, ogp_id", "line 1, ogp_id"]),
        ("readings", "ogp_id,indicator,on,value\nKEKAK0003,none,2026-01-01,1\n", ["line 2"]),
        ("commitments", f"{NEW}{'Roads ' * 20},,\n", ["line 2, short_en"]),  # too long, and nothing shorter is said
        ("commitments", f"{NEW}Roads,{'Barabara ' * 12},\n", ["line 2, short_en"]),
        ("commitments", f"{NEW}Roads,Roads \u4e2d,Barabara\n", ["line 2, short_en"]),  # no handset has that letter
        ("commitments", "ogp_id,short_en\nKEKAK0003,Money\n", ["line 2, short_en"]),  # the pack names its own
    ],
)
def test_a_mistake_is_named_by_line_and_column(office: Office, name: str, text: str, faults: list[str]) -> None:
    answer = office.post(f"/plan/{name}", {"csv": text, "dry_run": False}, "supervisor")
    assert answer.status_code == 422
    assert [fault["where"] for fault in answer.json()["errors"]] == faults


def test_one_wrong_line_keeps_every_other_out(office: Office) -> None:
    text = MILESTONES + "KEKAK0003,third,,,,,\n"
    assert office.post("/plan/milestones", {"csv": text, "dry_run": False}, "supervisor").status_code == 422
    assert table(office, "milestones").count("\n") == 1


def test_the_command_line_does_the_same(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("operations.settings.settings_for", lambda _: office.context.settings)
    monkeypatch.setattr("operations.commands.commitments.settings_for", lambda _: office.context.settings)
    office.token("supervisor")
    office.token("officer")
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    file.write_text(MILESTONES)

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["commitments", *words])
        return done.exit_code, done.output

    code, told = run("import", "milestones", str(file), "--as", "supervisor@kakamega.example", "--dry-run")
    assert (code, told.splitlines()[-1]) == (0, "2 would change")
    assert "line 2: KEKAK0003 budget: new" in told
    assert run("import", "milestones", str(file), "--as", "officer@kakamega.example")[0] == 1
    assert run("import", "milestones", str(file), "--as", "supervisor@kakamega.example")[1].endswith("2 changed\n")
    assert run("export", "milestones", "-o", str(out)) == (0, f"{out}: 2 lines\n")
    assert [row["code"] for row in csv.DictReader(io.StringIO(out.read_text()))] == ["budget", "reports"]
    file.write_text("ogp_id,code,due_on\nKEKAK0003,budget,soon\n")
    code, told = run("import", "milestones", str(file), "--as", "supervisor@kakamega.example")
    assert (code, "line 2, due_on: a day is written as 2026-06-30" in told) == (1, True)


def test_the_ideas_of_madiun_are_no_commitments() -> None:
    assert [promise.ogp_id for promise in MADIUN.commitments] == ["IDMDI0003"]
    assert {idea.code for idea in MADIUN.proposals} == {"kelurahan-wisata", "bebas-pengangguran", "satu-data"}
    assert {idea.said_by for idea in MADIUN.proposals} == {"official"}


def test_a_promise_that_only_an_import_knows_is_on_the_phones_of_both_homes(office: Office) -> None:
    title = "All roads between the wards are to be mended before the long rains and to have boards that name the cost"
    assert len(title) > 100
    take(office, "commitments", f"{NEW}{title},Roads mended,Barabara\n")
    handset = Handset(str(office.client.base_url), SECRET)
    handset.dial()
    handset.type("1", "4", "2")
    assert handset.screen.splitlines()[:3] == ["CON Public participation", "1. Public participation", "2. Roads mended"]
    assert handset.type("2").startswith("CON Roads mended\nCounty: no report yet")
    assert "<strong>Roads mended</strong>" in office.client.get("/share?lang=en").text
    handset.type("1", "1")
    assert handset.screen.startswith("CON You follow this promise now.")
    texter = Texter(office.context, "+254711000378")
    assert texter.text("FUATILIA 7")[0].startswith("Baraza: unafuatilia Barabara.")
    news = {"text": {"en": "The first road is open.", "sw": "Barabara ya kwanza imefunguliwa."}}
    assert office.post("/commitments/KEKAK0007/updates", news, "supervisor").json()["recipients"] == 2
    with office.context.work() as session:
        known = service.imported(session, office.context.pack.guide)
        assert [(one.ogp_id, one.titles["sw"]) for one in known] == [("KEKAK0007", "Barabara")]
        assert digests.text(office.context.pack, ["KEKAK0007"], "sw", known).startswith(
            "Habari za mwezi huu za: Barabara."
        )

    madiun = load("madiun")
    line = "ogp_id,area,lead,title_id\nIDMDI0009,waste,Dinas,Bank sampah di tiap kelurahan\n"
    with office.context.work() as session:
        tables.take(Hand(session, office.context.clock.now()), madiun, "commitments", line, dry_run=False)
        (theirs,) = [one for one in service.imported(session, madiun.guide) if one.ogp_id == "IDMDI0009"]
    fact = [{"id": theirs.ogp_id, "area": theirs.area, "titles": theirs.titles, "ends": theirs.ends}]
    state = State("promises.area", "id", answers={"promise_area": "waste"}, facts={"imported": fact})
    assert "2. Bank sampah di tiap kelurahan" in show(state, madiun.guide).text
