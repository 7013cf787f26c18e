"""A desk to practise on: something of everything, and nothing that could reach a phone."""

from __future__ import annotations

import io

import httpx
import sqlalchemy as sa
from pypdf import PdfReader

from gateway.cases.models import Case
from gateway.context import Context
from gateway.messaging.models import Message
from gateway.staff import practice
from operations import training
from tests.conftest import Stores, make_settings
from tests.web import serve


def test_a_training_desk_has_work_of_every_kind_and_texts_nobody(context: Context) -> None:
    for filled in (training.CASES, 0):
        with context.work() as session:
            now = context.clock.now()
            practice.seed(session, context.vault, context.pack, now)
            assert training.fill(session, context.vault, context.pack, now) == filled
    with context.work() as session:
        statuses = set(session.scalars(sa.select(Case.status)))
        assert statuses >= {"received", "assigned", "in_progress", "resolved", "reopened", "confirmed"}
        assert set(session.scalars(sa.select(Case.privacy))) == {"no_sms"}
        assert session.scalar(sa.select(sa.func.count()).select_from(Message)) == 0


def test_whatever_a_training_copy_shows_says_that_it_is_invented(context: Context, stores: Stores) -> None:
    marks = {"en": "Training: invented cases", "sw": "Mafunzo: majalada ya kubuni"}
    promise = context.pack.commitments[0].ogp_id
    with serve(make_settings(stores, training=True)) as root, httpx.Client(base_url=root, timeout=20) as client:
        for language, mark in marks.items():
            for path in ("/", "/commitments", "/statistics", "/open-data/", "/share", "/console/sign-in"):
                said = client.get(path, params={"lang": language}).text
                assert mark in said or "Training copy" in said or "Nakala ya mafunzo" in said, path
            for form in ("poster-a4.pdf", "handout.pdf"):
                paper = client.get(f"/share/{promise}/{form}", params={"lang": language}).content
                assert mark in PdfReader(io.BytesIO(paper)).pages[0].extract_text(), form
            assert mark in client.get(f"/share/{promise}/short.txt", params={"lang": language}).text
            assert mark.upper() in client.get(f"/share/{promise}/radio.txt", params={"lang": language}).text
        assert client.get("/open-data/datapackage.json").json()["title"].startswith(marks["en"])
        saved = client.get("/open-data/commitments.csv").headers["content-disposition"]
        assert "training-commitments.csv" in saved
