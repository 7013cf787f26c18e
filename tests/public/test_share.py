"""Notices to print, to read out and to share: the same facts in each, the warning on each, no name on any."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from pypdf import PdfReader
from reportlab.lib.pagesizes import A3, A4
from typer.testing import CliRunner

from gateway.commitments.models import Commitment
from gateway.pack.promises import Election
from gateway.public.notices import SHORT
from gateway.public.share import FORMS
from operations.cli import app
from tests.desk import Office
from tests.public.figures import publish_made_figures

PROMISE = "KEKAK0003"
WARNING = {"en": "We never ask for money or for your M-Pesa PIN.", "sw": "Hatuitishi pesa wala PIN ya M-Pesa kamwe."}


def text_of(answer: bytes, kind: str) -> str:
    if kind != "application/pdf":
        return answer.decode()
    pages = PdfReader(io.BytesIO(answer)).pages
    assert len(pages) == 1, "a notice is one page"
    return " ".join(pages[0].extract_text().split())


@pytest.mark.parametrize("what", [PROMISE, "KEKAK0002", "2026-Q3"])
@pytest.mark.parametrize("language", ["en", "sw"])
def test_every_form_says_the_same_facts_and_the_warning(office: Office, what: str, language: str) -> None:
    publish_made_figures(office.context)
    office.token("officer", name="Achieng Otieno")
    with office.context.work() as session:
        session.execute(sa.update(Commitment).values(claim="substantial", judged="limited"))
    said = {"en": "The county says: substantial.", "sw": "Kaunti inasema: kwa kiasi kikubwa."}[language]
    for form in FORMS:
        answer = office.client.get(f"/share/{what}/{form}", params={"lang": language})
        assert answer.status_code == 200
        text = text_of(answer.content, answer.headers["content-type"])
        assert WARNING[language] in text, form
        assert said in text or form == "short.txt", form
        assert "Otieno" not in text
        assert re.search(r"/(commitments/KEKAK|statistics)", text) or form == "radio.txt"
        if form == "short.txt":
            assert len(text) <= SHORT + 1


def test_posters_have_the_size_they_say(office: Office) -> None:
    for form, size in (("poster-a4.pdf", A4), ("poster-a3.pdf", A3)):
        page = PdfReader(io.BytesIO(office.client.get(f"/share/{PROMISE}/{form}").content)).pages[0]
        assert (round(page.mediabox.width), round(page.mediabox.height)) == (round(size[0]), round(size[1]))


def test_in_an_election_what_the_county_says_of_itself_is_left_out(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = office.context.clock.now().date()
    names = {"name": {"en": "Election"}, "confirmed": False, "confidence": "U", "source": "made up"}
    period = Election.model_validate({**names, "from": day - timedelta(days=2), "until": day + timedelta(days=2)})
    monkeypatch.setattr("gateway.commitments.periods.election_period", lambda *_: period)
    text = office.client.get(f"/share/{PROMISE}/radio.txt?lang=en").text
    assert "The county says" not in text
    assert "The independent monitor says: not yet assessed." in text
    assert "It is election time" in office.client.get(f"/commitments/{PROMISE}?lang=en").text


def test_a_quarter_to_come_and_a_promise_that_is_none_are_no_notices(office: Office) -> None:
    year = office.context.clock.now().year + 3
    for path in (f"{year}-Q1/short.txt", "2026-Q5/short.txt", "KEKAK9999/short.txt", f"{PROMISE}/poster-a0.pdf"):
        assert office.client.get(f"/share/{path}").status_code == 404


def test_one_command_makes_them_all(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("operations.commands.share.settings_for", lambda _: office.context.settings)
    done = CliRunner().invoke(app, ["share", PROMISE, "-o", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert len(list(tmp_path.iterdir())) == 2 * len(FORMS)
    assert WARNING["sw"] in (tmp_path / f"{PROMISE}-sw-radio.txt").read_text()
