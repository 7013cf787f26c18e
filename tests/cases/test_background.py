"""What the clock process and the command line do for the desk, run as they run."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from gateway.cases.desk_models import Duty, Resolution
from gateway.cases.models import Case
from gateway.cases.records import CaseTerm
from gateway.messaging.models import Message
from operations.cli import app
from tests.cases.test_files import attach, where
from tests.cases.test_resolution import delivered, resolved
from tests.desk import NUMBER, STORY, Office
from tests.worker.conftest import environment
from worker.tasks import TASKS

RUN = CliRunner()
WORK = {task.name: task.run for task in TASKS}


@pytest.fixture
def baraza(office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., str]:
    """The command line on the office's stores."""
    for name, value in environment(office.context.settings).items():
        if name.startswith("BARAZA_"):
            monkeypatch.setenv(name, value)

    def run(*words: str) -> str:
        done = RUN.invoke(app, [*words, "--data", str(tmp_path)], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    return run


def test_silence_closes_only_what_was_reached_long_ago(office: Office) -> None:
    reached, unknown = resolved(office), resolved(office, "+254722000222")
    now = office.context.clock.now()
    with office.context.work() as session:
        session.execute(sa.update(Resolution).values(at=now - timedelta(days=60)))
        mine = sa.select(Case.id).where(Case.serial == reached).scalar_subquery()
        session.execute(sa.update(Message).where(Message.case_id == mine).values(owed_at=now - timedelta(days=60)))
    delivered(office, now - timedelta(days=40))
    with office.context.work() as session:
        session.execute(sa.update(Message).where(Message.case_id != mine).values(state="unknown", final_at=None))
    WORK["close_silent"](office.context)
    assert [office.get(f"/cases/{serial}")["status"] for serial in (reached, unknown)] == [
        "closed_unconfirmed",
        "resolved",
    ]
    assert office.get("/reports/solved", "supervisor")["unreached"]


def test_a_spike_is_noticed_once(office: Office) -> None:
    for _ in range(office.context.pack.desk.spike.at_least):
        office.file()
    for _ in range(2):
        WORK["notice_spikes"](office.context)
    about = [duty.subject for duty in office.rows(Duty, Duty.kind == "spike")]
    assert sorted(about) == ["category:DELAY", "ward:1017"]


def test_files_of_uploads_that_broke_off_are_swept(office: Office) -> None:
    assert attach(office, office.file().serial, b"%PDF-1.7 a", "a.pdf").status_code == 201
    broken, fresh = where(office) / ("f" * 64), where(office) / ".unfinished"
    for path in (broken, fresh):
        path.write_bytes(b"sealed")
    old = time.time() - 2 * 86_400
    kept = [path for path in where(office).iterdir() if path != fresh]
    for path in kept:
        os.utime(path, (old, old))
    WORK["sweep_files"](office.context)
    assert not broken.exists()
    assert fresh.exists(), "an upload may still be at work"
    assert len([path for path in kept if path.exists()]) >= 1, "what a case has stays"


def test_a_superior_is_named_and_a_case_about_them_is_hidden(office: Office, baraza: Callable[..., str]) -> None:
    serial = office.file().serial
    office.token("officer")
    office.token("intake")
    baraza("staff", "superior", "officer@kakamega.example", "intake@kakamega.example")
    conflict = {"person": "intake@kakamega.example", "reason": "It names them"}
    assert office.post(f"/cases/{serial}/conflicts", conflict, "supervisor").status_code == 201
    assert office.ask("GET", f"/cases/{serial}").status_code == 404
    circle = RUN.invoke(app, ["staff", "superior", "intake@kakamega.example", "officer@kakamega.example"])
    assert circle.exit_code
    baraza("staff", "superior", "officer@kakamega.example")
    assert office.ask("GET", f"/cases/{serial}").status_code == 200


def test_words_are_indexed_and_files_are_taken_away_from_the_command_line(
    office: Office, baraza: Callable[..., str], tmp_path: Path
) -> None:
    serial = office.file().serial
    office.token("officer")
    with office.context.work() as session:
        session.execute(sa.delete(CaseTerm))
    assert office.get("/cases?q=borehole")["items"] == []
    baraza("index")
    assert [case["serial"] for case in office.get("/cases?q=borehole")["items"]] == [serial]
    begins = {"cases.csv": b"\xef\xbb\xbfserial", "cases.xlsx": b"PK", "case.pdf": b"%PDF-", "caj.pdf": b"%PDF-"}
    for name, magic in begins.items():
        words = {"case.pdf": ["case", serial], "caj.pdf": ["caj", "2026-Q3"]}.get(name, ["cases"])
        file = tmp_path / name
        baraza("export", *words, "--as", "officer@kakamega.example", "-o", str(file))
        content = file.read_bytes()
        assert content.startswith(magic)
        assert file.stat().st_mode & 0o077 == 0
        assert NUMBER.encode() not in content
        assert STORY.encode() not in content
    assert office.audited().count("export.cases") == 2


def test_a_list_is_kept_under_a_name_of_its_own(office: Office) -> None:
    kept = office.post("/lists", {"name": "New here", "wanted": {"status": "received", "ward": "1017"}})
    assert kept.status_code == 201
    again = office.post("/lists", {"name": "New here", "wanted": {"status": "triage"}})
    assert again.json()["id"] == kept.json()["id"]
    assert [one["wanted"] for one in office.get("/lists")["items"]] == [{"status": "triage"}]
    assert office.post("/lists", {"name": "Wrong", "wanted": {"colour": "red"}}).status_code == 422
    assert office.get("/lists", "supervisor")["items"] == [], "another's"
    assert office.post(f"/lists/{kept.json()['id']}/forget", None, "supervisor").status_code == 404
    assert office.post(f"/lists/{kept.json()['id']}/forget", None).status_code == 200
    assert office.get("/lists")["items"] == []
