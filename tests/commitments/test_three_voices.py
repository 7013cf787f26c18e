"""What the county says, what the monitor judges, what residents told us: side by side, never mixed, never edited."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.broadcasts import service as broadcasts
from gateway.commitments import history, plan, service, voices
from gateway.commitments.models import Commitment
from gateway.commitments.progress_models import Indicator, Milestone
from gateway.commitments.watch_models import CommitmentChange
from gateway.context import Context
from gateway.database import Base
from gateway.errors import TransitionNotAllowed
from gateway.pack.promises import Election
from gateway.staff.models import Staff
from tests.desk import Office

PROMISE = "KEKAK0002"
NOW = datetime(2026, 11, 10, 9, tzinfo=UTC)
REPORT = {
    "period": "2025-Q3",
    "claim": "substantial",
    "activities": "2,000 trees were planted",
    "obstacles": "Drought",
    "next_steps": "Water them",
    "evidence": [{"what": "Photographs", "where": "County office, room 4"}],
    "site_visits": [{"on": "2025-09-20", "who": "Forest office", "where": "Shirere", "found": "Most are alive"}],
    "milestones": [{"milestone": "trees", "claimed": "complete", "words": "All planted"}],
    "readings": [{"indicator": "planted", "on": "2025-09-30", "value": "2000"}],
}


@pytest.fixture
def promise(office: Office) -> str:
    """A promise of the department of environment with a milestone and an indicator, as an import would add them."""
    with office.context.work() as session:
        hand = plan.Hand(session, office.context.clock.now())
        step = {"position": 0, "output": {"en": "Trees by the river"}, "due_on": date(2026, 6, 30), "source": "A test"}
        plan.put(hand, Milestone, PROMISE, "trees", step)
        measure = {"position": 0, "name": {"en": "Trees"}, "unit": "trees", "baseline": 0, "target": 5000}
        plan.put(hand, Indicator, PROMISE, "planted", measure)
    return PROMISE


def detail(office: Office, role: str = "officer") -> dict[str, Any]:
    found: dict[str, Any] = office.get(f"/commitments/{PROMISE}", role)
    return found


def waits(office: Office, role: str) -> list[tuple[str, str]]:
    return [(one["what"], one["about"]) for one in office.get("/progress/todo", role)["items"]]


def test_a_report_is_internal_until_a_supervisor_publishes_it(office: Office, promise: str) -> None:
    answer = office.post(f"/commitments/{promise}/reports", REPORT, "focal")
    assert answer.status_code == 201, answer.text
    report = answer.json()
    whole, step = report["claims"]
    seen = detail(office)
    assert (seen["reports"], seen["claim"], seen["milestones"][0]["claimed"]) == ([], "no_report", "no_report")
    assert seen["indicators"][0]["readings"] == [], "a value of an internal report is internal"
    assert office.get(f"/commitments/{promise}/reports", "intake")["items"] == []
    assert office.post(f"/claims/{step['id']}/audits", {"found": "x"}, "oversight").status_code == 404
    assert waits(office, "supervisor") == [("publish", report["id"])]

    published = office.post(f"/reports/{report['id']}/publish", {}, "supervisor").json()
    assert (published["recipients"], published["broadcast"], published["held_back"]) == (0, None, False)
    assert office.post(f"/reports/{report['id']}/publish", {}, "supervisor").status_code == 409
    seen = detail(office)
    assert [one["id"] for one in seen["reports"]] == [report["id"]]
    assert (seen["claim"], seen["judged"]) == ("substantial", "not_assessed"), "the county's word is not a judgement"
    assert seen["milestones"][0]["claimed"] == "complete"
    assert seen["indicators"][0]["readings"] == [{"on": "2025-09-30", "value": "2000", "source": ""}]
    unseen = [one for one in waits(office, "oversight") if one[0] != "stale"]
    assert set(unseen) == {("audit", whole["id"]), ("audit", step["id"])}


def test_the_monitor_audits_judges_and_asks_and_the_institution_answers(office: Office, promise: str) -> None:
    report = office.post(f"/commitments/{promise}/reports", REPORT, "focal").json()
    office.post(f"/reports/{report['id']}/publish", {}, "supervisor")
    whole, step = report["claims"]
    assert office.post(f"/claims/{whole['id']}/audits", {"found": "As it says"}, "oversight").status_code == 201
    corrected = {"found": "Half of them are dry", "corrected_to": "limited"}
    assert office.post(f"/claims/{step['id']}/audits", corrected, "oversight").status_code == 201
    same = {"found": "x", "corrected_to": "complete"}
    assert office.post(f"/claims/{step['id']}/audits", same, "oversight").status_code == 422
    judged = {"judged": "limited", "reasons": "Half of the trees live"}
    office.post(f"/commitments/{promise}/assessments", judged, "oversight")
    query = {"department": "environment", "question": "Who waters them?", "due_on": "2099-01-01"}
    asked = office.post(f"/commitments/{promise}/queries", query, "oversight").json()
    assert ("answer", asked["id"]) in waits(office, "focal")
    answer = {"text": "The ward forest guards"}
    assert office.post(f"/queries/{asked['id']}/answer", answer, "focal").json()["answer"] == answer["text"]
    assert office.post(f"/queries/{asked['id']}/answer", answer, "focal").status_code == 409

    seen = detail(office)
    assert (seen["claim"], seen["judged"]) == ("substantial", "limited")
    assert seen["milestones"][0]["claimed"] == "complete", "a correction stands beside the claim, not in its place"
    outcomes = [audit["outcome"] for claim in seen["reports"][0]["claims"] for audit in claim["audits"]]
    assert outcomes == ["confirmed", "corrected"]
    assert (seen["queries"][0]["answer"], seen["queries"][0]["late"]) == (answer["text"], False)
    assert (seen["stale"], seen["late"]) == (False, [])
    kinds = [change["kind"] for change in office.get(f"/commitments/{promise}/changes")["items"]]
    assert kinds[:6] == ["answered", "queried", "assessed", "audited", "audited", "reported"]
    assert set(kinds[6:]) == {"indicator", "milestone", "listed"}
    assert {what for what, _ in waits(office, "oversight")} == {"stale"}, "others were never judged"


def test_a_correction_is_another_report_and_both_stay(office: Office, promise: str) -> None:
    first = office.post(f"/commitments/{promise}/reports", REPORT, "focal").json()
    office.post(f"/reports/{first['id']}/publish", {}, "supervisor")
    step = {"milestone": "trees", "claimed": "limited"}
    second = office.post(
        f"/commitments/{promise}/reports", REPORT | {"claim": "limited", "milestones": [step]}, "focal"
    ).json()
    assert second["replaces"] == first["id"]
    third = office.post(f"/commitments/{promise}/reports", REPORT | {"claim": "limited"}, "focal").json()
    assert office.post(f"/reports/{second['id']}/publish", {}, "supervisor").status_code == 409, "it is corrected"
    returned = office.post(f"/reports/{third['id']}/return", {"reason": "Which trees?"}, "supervisor").json()
    assert (returned["decision"], returned["reason"]) == ("returned", "Which trees?")
    last = office.post(f"/commitments/{promise}/reports", REPORT | {"milestones": [step]}, "focal").json()
    office.post(f"/reports/{last['id']}/publish", {}, "supervisor")
    seen = detail(office)
    assert [one["id"] for one in seen["reports"]] == [last["id"], first["id"]]
    assert seen["milestones"][0]["claimed"] == "limited"
    assert len(office.get(f"/commitments/{promise}/reports", "focal")["items"]) == 4


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"period": "2025-10"}, 422),  # reports are quarterly here
        ({"period": "2090-Q1"}, 422),
        ({"period": "2025-13"}, 422),
        ({"claim": "no_evidence"}, 422),  # that is the monitor's word
        ({"milestones": [{"milestone": "wells", "claimed": "complete"}]}, 422),
        ({"milestones": [{"milestone": "trees", "claimed": "complete"}] * 2}, 422),
        ({"readings": [{"indicator": "planted", "on": "2090-01-01", "value": 1}]}, 422),
    ],
)
def test_a_report_that_cannot_be_is_refused(office: Office, promise: str, body: dict[str, Any], status: int) -> None:
    assert office.post(f"/commitments/{promise}/reports", REPORT | body, "focal").status_code == status


def test_an_institution_speaks_for_itself_alone(office: Office, promise: str) -> None:
    assert office.post("/commitments/KEKAK0001/reports", REPORT, "focal").status_code == 403
    query = {"department": "participation", "question": "Where?", "due_on": "2099-01-01"}
    assert office.post(f"/commitments/{promise}/queries", query, "oversight").status_code == 422
    asked = office.post("/commitments/KEKAK0001/queries", query, "oversight").json()
    assert office.post(f"/queries/{asked['id']}/answer", {"text": "Here"}, "focal").status_code == 404
    assert office.post("/commitments/KEKAK0009/queries", query, "oversight").status_code == 404


@pytest.mark.parametrize("table", ["progress_reports", "claims", "readings", "report_decisions", "assessments"])
def test_what_was_said_cannot_be_edited(context: Context, table: str) -> None:
    refuses(context, table)


@pytest.mark.parametrize("table", ["claim_audits", "commitment_queries", "query_answers", "commitment_changes"])
def test_what_was_found_cannot_be_edited(context: Context, table: str) -> None:
    refuses(context, table)


def refuses(context: Context, table: str) -> None:
    """The application's role may only add."""
    rows = Base.metadata.tables[table]
    first = next(iter(rows.columns))
    for statement in (sa.update(rows).values({first: first}), sa.delete(rows)):
        with context.engine.connect() as connection, pytest.raises(sa.exc.ProgrammingError, match="permission"):
            connection.execute(statement)


def supervisor(session: Session, office: Office) -> Staff:
    office.token("supervisor")
    return session.scalars(sa.select(Staff).where(Staff.role == "supervisor")).one()


def test_in_an_election_period_news_are_public_and_nobody_is_texted(office: Office) -> None:
    office.token("supervisor")
    now = office.context.clock.now()
    told = {"name": {"en": "An election"}, "confirmed": False, "confidence": "U", "source": "A test"}
    days = {"from": now.date() - timedelta(days=1), "until": now.date() + timedelta(days=1)}
    pack = replace(office.context.pack, elections=(Election.model_validate(told | days),))
    text = {"en": "The borehole works.", "sw": "Kisima kinafanya kazi."}
    with office.context.work() as session:
        staff = supervisor(session, office)
        update = service.publish(session, pack, ogp_id=PROMISE, text=text, staff=staff, now=now)
        broadcast = broadcasts.read(session, update.broadcast_id)
        assert (broadcast.status, broadcast.recipients) == ("draft", 0)
        with pytest.raises(TransitionNotAllowed):
            broadcasts.approve(session, pack, broadcast=broadcast.id, staff=staff, now=now)
        assert service.latest(session, [PROMISE])[PROMISE].id == update.id
        after = now + timedelta(days=3)
        assert broadcasts.approve(session, pack, broadcast=broadcast.id, staff=staff, now=after)
    assert office.owed() == []


def test_a_promise_is_stale_after_183_days_without_a_word(office: Office) -> None:
    with office.context.work() as session:
        listed = session.scalars(sa.select(CommitmentChange).where(CommitmentChange.kind == "listed"))
        day = min(row.at for row in listed)
        promises = service.list_commitments(session)
        for days, stale in ((0, False), (183, False), (184, True)):
            marked = voices.marks(session, office.context.pack, promises, day + timedelta(days=days))
            assert {one.stale for one in marked.values()} == {stale}, days
        history.note(session, PROMISE, history.Kind.QUERIED, day + timedelta(days=184))
        history.note(session, "KEKAK0001", history.Kind.ASSESSED, day + timedelta(days=184))
        marked = voices.marks(session, office.context.pack, promises, day + timedelta(days=184))
    assert {name: one.stale for name, one in marked.items()} == {
        "KEKAK0001": False,
        PROMISE: True,  # a question is no word on how it stands
        "KEKAK0003": True,
        "KEKAK0004": True,
    }


@pytest.mark.parametrize(
    ("today", "late", "waiting"),
    [
        ("2027-03-31", [], []),  # the quarter is not over
        ("2027-04-01", [], ["2027-Q1"]),
        ("2027-04-30", [], ["2027-Q1"]),  # the thirtieth day is in time
        ("2027-05-01", ["2027-Q1"], ["2027-Q1"]),
        ("2027-08-15", ["2027-Q1", "2027-Q2"], ["2027-Q1", "2027-Q2"]),
        ("2030-01-01", ["2027-Q1", "2027-Q2"], ["2027-Q1", "2027-Q2"]),  # the promise ended in June 2027
    ],
)
def test_a_report_is_late_by_the_calendar(office: Office, today: str, late: list[str], waiting: list[str]) -> None:
    day = date.fromisoformat(today)
    with office.context.work() as session:
        promise = session.get_one(Commitment, PROMISE)
        pack = office.context.pack
        owed = voices.owed(pack.reporting, promise, set(), day)
        assert [one.period for one in owed] == waiting
        assert {one.department for one in owed} <= {"environment"}
        noon = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        marked = voices.marks(session, pack, [promise], noon)[PROMISE]
    assert [one.period for one in marked.late] == late


def test_a_report_that_came_is_not_late_and_one_sent_back_is_owed_again(office: Office) -> None:
    there = {(PROMISE, "environment", "2027-Q1")}
    with office.context.work() as session:
        promise = session.get_one(Commitment, PROMISE)
        owed = voices.owed(office.context.pack.reporting, promise, there, date(2027, 8, 15))
        assert [one.period for one in owed] == ["2027-Q2"]
    report = office.post(f"/commitments/{PROMISE}/reports", REPORT | {"milestones": [], "readings": []}, "focal").json()
    key = (PROMISE, "environment", REPORT["period"])
    with office.context.work() as session:
        assert voices.handed_in(session, [PROMISE]) == {key}
    office.post(f"/reports/{report['id']}/return", {"reason": "Again, please"}, "supervisor")
    with office.context.work() as session:
        assert voices.handed_in(session, [PROMISE]) == set()
