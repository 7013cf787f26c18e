"""Files to take away: who may, what is in them, and that no number, story or receipt slips out."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from pypdf import PdfReader
from sqlalchemy.orm import Session

from gateway import paper
from gateway.cases.models import Case, CaseEvent
from gateway.cases.service import Desk
from gateway.errors import Invalid
from gateway.exports import bundle, caj, lists, service
from gateway.staff.models import Staff, StaffToken
from tests.desk import NUMBER, STORY, Office
from tests.letters.test_letters import noticed, words


def proved(office: Office, role: str, *, ago: timedelta = timedelta()) -> None:
    """A code of the second factor was given so long ago."""
    office.token(role)
    with office.context.work() as session:
        mine = sa.select(Staff.id).where(Staff.role == role).scalar_subquery()
        values = {"proved_at": office.context.clock.now() - ago}
        session.execute(sa.update(StaffToken).where(StaffToken.staff_id == mine).values(values))


def desk_of(office: Office, session: Session, role: str = "officer") -> Desk:
    office.token(role)
    staff = session.scalars(sa.select(Staff).where(Staff.role == role)).one()
    return Desk(session, office.context.vault, office.context.pack, staff, office.context.clock.now())


def test_an_export_asks_for_a_fresh_proof_and_leaves_a_row(office: Office) -> None:
    office.file()
    proved(office, "officer", ago=timedelta(hours=1))
    assert office.ask("GET", "/exports/cases").json()["code"] == "proof_needed"
    proved(office, "officer")
    assert office.ask("GET", "/exports/cases").status_code == 200
    assert office.ask("GET", "/exports/cases", "focal").status_code == 403
    assert office.audited()[-1:] == ["export.cases"]


def test_a_list_has_no_story_no_number_and_no_receipt(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "BATCH", 2)
    filed = [office.file() for _ in range(5)]
    office.change_case(filed[0].serial, category="=HYPERLINK(1)")
    proved(office, "officer")
    body = office.ask("GET", "/exports/cases?kind=complaint").content
    read = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
    assert [row["serial"] for row in read] == [one.serial for one in reversed(filed)]
    assert read[0]["ward"] == "Shirere" or read[0]["ward"]
    assert read[-1]["category"] == "'=HYPERLINK(1)", "no spreadsheet runs it"
    book = office.ask("GET", "/exports/cases?format=xlsx").content
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        sheet = b"".join(parts.read(name) for name in parts.namelist())
    assert filed[0].serial.encode() in sheet
    for secret in (STORY, NUMBER[1:], NUMBER[4:], filed[0].receipt, filed[0].receipt[4:]):
        assert secret.encode() not in body
        assert secret.encode() not in sheet


def test_only_columns_of_a_class_that_may_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "story_sealed" not in lists.COLUMNS
    monkeypatch.setitem(lists.COLUMNS, "story_sealed", lambda pack, row: row[0].story_sealed)
    with pytest.raises(RuntimeError, match="story_sealed"):
        lists.heads()


def test_the_quarterly_return_counts_by_the_terms_of_the_caj(office: Office) -> None:
    """Five complaints: over before it, done in it, resolved in it, open at its end, and filed after it."""
    lives = [
        ("2026-05-02", [("2026-06-01", "rejected")]),
        ("2026-06-20", [("2026-07-10", "resolved"), ("2026-07-12", "confirmed")]),
        ("2026-07-01", [("2026-08-01", "resolved")]),
        ("2026-09-30", [("2026-10-02", "rejected")]),
        ("2026-10-01", []),
    ]
    for filed, moves in lives:
        serial = office.file().serial
        office.change_case(serial, filed_at=datetime.fromisoformat(f"{filed}T10:00+03:00"))
        for day, to in moves:
            moved(office, serial, datetime.fromisoformat(f"{day}T10:00+03:00"), to)
    with office.context.work() as session:
        desk = desk_of(office, session)
        quarter = caj.quarter(desk.pack, "2026-Q3")
        assert quarter.starts == datetime(2026, 6, 30, 21, tzinfo=UTC), "midnight in Nairobi"
        lines = caj.counted(session, desk.pack, desk.staff, quarter)
        delay = dict(zip(caj.HEAD, lines[0], strict=True))
        assert delay == {
            "category": "DELAY",
            "CAJ terms": "delay, unresponsive official conduct",
            "brought forward": 1,
            "received": 2,
            "resolved, confirmed by resident": 1,
            "resolved, not confirmed": 1,
            "referred": 0,
            "not taken up": 0,
            "withdrawn": 0,
            "pending at end": 2,
        }
        assert lines[-1][0] == "Total"
        pdf = service.quarterly_return(desk, "2026-Q3", "pdf")
        text = words(pdf)
        assert "Quarterly return of complaints, 2026-Q3" in text
        assert "Columns are provisional" in text
        assert "Page 1 of 1" in text
        assert "Delay or no reply delay, unresponsive" in text
        assert "DELAY" not in text
        assert "provisional" in service.quarterly_return(desk, "2026-Q3", "csv").decode()
        with pytest.raises(Invalid):
            service.quarterly_return(desk, "2026-Q5", "csv")


def moved(office: Office, serial: str, at: datetime, to: str) -> None:
    with office.context.work() as session:
        case = session.scalars(sa.select(Case).where(Case.serial == serial)).one()
        data = {"from": case.status, "to": to}
        session.add(CaseEvent(case_id=case.id, at=at, kind="moved", actor="staff", audience="internal", data=data))
        case.status = to


def test_a_case_as_a_bundle_holds_the_story_only_for_who_reads_stories(office: Office) -> None:
    filed = office.file()
    office.post(f"/cases/{filed.serial}/notes", {"text": "Seen on the spot: dry."})
    for role, reads in (("officer", True), ("oversight", False)):
        proved(office, role)
        answer = office.ask("GET", f"/exports/cases/{filed.serial}", role)
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["content-disposition"] == f'attachment; filename="{filed.serial}.pdf"'
        text = words(answer.content)
        assert (STORY in text, "Seen on the spot" in text) == (reads, reads)
        assert f"Case {filed.serial}" in text
        assert NUMBER[4:] not in text
        assert filed.receipt not in text.replace("-", "")
    assert office.audited()[-1] == "export.case"
    assert office.ask("GET", "/exports/cases/KAK-2026-999999", "officer").status_code == 404


def test_a_long_bundle_has_its_table_head_on_each_page(office: Office, tmp_path: Path) -> None:
    filed = office.file(story=STORY * 20)
    for number in range(40):
        office.post(f"/cases/{filed.serial}/notes", {"text": f"Note {number}: " + "words " * 40})
    office.post(f"/cases/{filed.serial}/notes", {"text": "long " * 1900})  # a row taller than a page
    with office.context.work() as session:
        pdf = service.case_bundle(desk_of(office, session), filed.serial)
    text = words(pdf)
    pages = int(text.rpartition(" of ")[2].split()[0])
    assert pages > 3
    assert text.count("When What Words") >= pages - 1


def test_the_heading_of_a_letter_stays_with_its_text(office: Office) -> None:
    serial, notice = noticed(office)
    with office.context.work() as session:
        desk = desk_of(office, session)
        case = session.scalars(sa.select(Case).where(Case.serial == serial)).one()
        sheet = desk.words.sheet(desk.pack.letters.head, "")
        heads = set()
        for lines in range(24, 36):  # the foot of a page comes to stand above, between and below the two
            before = [paper.words("Told before.") for _ in range(lines)]
            pages = PdfReader(io.BytesIO(paper.pdf(sheet, "", before + bundle._letters(desk, case)))).pages
            texts = [page.extract_text() for page in pages]
            head = next(number for number, text in enumerate(texts) if notice["number"] in text)
            assert "Residents say the borehole" in texts[head], f"after {lines} lines"
            heads.add(head)
    assert heads == {0, 1}, "it came to the foot of a page"
