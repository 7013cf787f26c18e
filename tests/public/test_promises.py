"""The page of a promise: three voices, each in its own place; steps drawn; marks that follow from dates."""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa

from gateway.commitments.progress_models import Claim, Milestone, ProgressReport, ReportDecision
from gateway.commitments.watch_models import Assessment, ClaimAudit, CommitmentChange
from gateway.ids import new_id
from gateway.staff.models import Staff
from gateway.statistics import published
from tests.desk import Office
from tests.public.test_pages import read
from worker import tasks

PROMISE = "KEKAK0003"


def said(office: Office) -> None:
    """A milestone, a published report and one that waits, and a judgement."""
    office.token("supervisor")
    now = office.context.clock.now()
    with office.context.work() as session:
        who = session.scalars(sa.select(Staff.id)).first()
        step = Milestone(
            id=new_id(),
            ogp_id=PROMISE,
            code="M1",
            position=0,
            output={"en": "Citizen Budget in every ward office"},
            starts_on=date(2025, 1, 1),
            due_on=date(2026, 6, 30),
            claimed="limited",
        )
        session.add(step)
        for words, decided in (("Printed and brought to the wards.", True), ("Not seen by anybody yet.", False)):
            report = ProgressReport(
                id=new_id(),
                ogp_id=PROMISE,
                department_code="finance",
                period="2026-Q3",
                language="en",
                claim="limited",
                activities=words,
                obstacles="The printer broke.",
                site_visits=[{"on": "2026-09-15", "who": "The office", "where": "Shirere", "found": "Sixty copies."}],
                written_by=who,
                written_at=now,
            )
            session.add(report)
            session.flush()
            if decided:
                session.add(ReportDecision(report_id=report.id, decision="published", decided_by=who, decided_at=now))
                claim = Claim(
                    id=new_id(), report_id=report.id, ogp_id=PROMISE, milestone_id=step.id, claimed="complete"
                )
                session.add(claim)
                session.flush()
                found = {"found": "Three wards have none.", "language": "en", "made_by": who, "made_at": now}
                looked = {"outcome": "corrected", "corrected_to": "limited"}
                session.add(ClaimAudit(claim_id=claim.id, ogp_id=PROMISE, **looked, **found))
        reasons = "Three of ten wards had it."
        made = {"reasons": reasons, "language": "en", "made_by": who, "made_at": now}
        session.add(Assessment(ogp_id=PROMISE, judged="limited", **made))


def test_each_voice_has_its_own_place_and_only_what_is_published(office: Office) -> None:
    said(office)
    page = read(office, f"/commitments/{PROMISE}?lang=en")
    told = ("2026-Q3: limited", "Printed and brought", "Three of ten wards", "Residents say")
    assert sorted(map(page.text.index, told)) == [page.text.index(words) for words in told]
    assert "Not seen by anybody" not in page.text
    assert (
        "Citizen Budget in every ward office: complete. The independent monitor looked at this claim: "
        "corrected to limited. Three wards have none." in page.text
    )
    assert "The printer broke." in page.text
    assert "2026-09-15, The office, Shirere: Sixty copies." in page.text
    assert "Citizen Budget in every ward office" in page.text
    assert 'class="chart line"' in office.client.get(f"/commitments/{PROMISE}?lang=en").text


def test_complaints_are_received_and_not_findings_and_few_are_not_told(office: Office) -> None:
    for number in range(12):
        serial = office.file(number=None, ward="1014").serial
        if number < 11:
            office.change_case(serial, commitment_id=PROMISE)
    for _ in range(12):
        office.file(number=None, ward="1014")
    tasks.count_cases(office.context)
    text = read(office, f"/commitments/{PROMISE}?lang=en").text
    assert "11 complaints received in Lurambi concern this promise; they are not yet findings." in text
    assert "Too few complaints" in read(office, "/commitments/KEKAK0001?lang=en").text
    with office.context.work() as session:
        figures = published.read(session)
    assert figures is not None
    assert figures.tables[f"promise:{PROMISE}"].at("others") == 13


def test_silence_for_half_a_year_is_marked(office: Office, owner: sa.Engine) -> None:
    assert "No word for half a year" not in read(office, "/commitments?lang=en").text
    with owner.begin() as connection:
        back = office.context.clock.now() - timedelta(days=200)
        connection.execute(sa.update(CommitmentChange).values(at=back))
    assert "No word for half a year" in read(office, "/commitments?lang=en").text
    assert "Kimya kwa nusu mwaka" in read(office, f"/commitments/{PROMISE}?lang=sw").text
