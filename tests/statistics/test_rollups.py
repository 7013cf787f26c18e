"""The counts follow what happens to cases, and are always what a recount says."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from gateway.cases.desk_models import Resolution
from gateway.cases.models import Case, CaseEvent
from gateway.ids import new_id
from gateway.statistics import heads, published, rollups
from gateway.statistics.models import AuditHead, CountedCase, Publication, Rollup
from gateway.statistics.suppression import TOTAL
from tests.desk import Office
from worker import tasks

WARDS = ["1014", "1015", "1017", "0991", ""]


def tally(office: Office) -> dict[tuple[str, str, str], int]:
    with office.context.work() as session:
        rows = session.scalars(sa.select(Rollup)).all()
        return {(row.name, row.row_key, row.column_key): row.cases for row in rows if row.cases}


def catch_up(office: Office) -> int | None:
    return rollups.catch_up(office.context.work, office.context.pack, office.context.clock.wall())


def recount(office: Office) -> int:
    return rollups.recount(office.context.work, office.context.pack, office.context.clock.wall())


def by_hand(office: Office) -> Counter[tuple[str, str, str]]:
    """The plainest count there is, case by case."""
    found: Counter[tuple[str, str, str]] = Counter()
    zone = office.context.pack.about.zone
    for case in office.rows(Case):
        found["places", f"{case.area_code}/{case.ward_code}", case.kind] += 1
        found["categories", f"{case.kind}/{case.category}", f"{case.filed_at.astimezone(zone):%Y-%m}"] += 1
        found["offices", case.department_code or "", outcome(office, case)] += 1
        found["speed", speed(office, case), ""] += 1
    return found


def outcome(office: Office, case: Case) -> str:
    answers = [row.answer for row in office.rows(Resolution, Resolution.case_id == case.id)]
    said = answers[-1] if answers else None
    if case.category == "UNCLEAR":
        return "unclear"
    if case.status == "confirmed":
        return "partly" if said == "partly" else "solved"
    plain = {"closed_unconfirmed": "silent", "resolved": "said_done"}
    kept = {"rejected", "withdrawn", "referred"}
    otherwise = "unsolved" if said == "no" else "open"
    return plain.get(case.status, case.status if case.status in kept else otherwise)


def speed(office: Office, case: Case) -> str:
    told = [
        event.at
        for event in office.events(case.serial)
        if event.actor == "staff"
        and (event.kind == "replied" or event.data.get("to") in {"resolved", "referred", "rejected"})
    ]
    if not told:
        return "none"
    days = (min(told) - case.filed_at) / timedelta(days=1)
    return next(
        (name for name, most in (("days_3", 3), ("days_7", 7), ("days_14", 14), ("days_30", 30)) if days <= most),
        "longer",
    )


def test_the_counts_equal_a_recount_after_anything(office: Office) -> None:
    """Filings, replies, moves, merges, residents' answers, reopenings, late corrections of ward and category."""
    draw = random.Random(6)
    recount(office)
    serials: list[str] = []
    for _ in range(18):
        ward = draw.choice(WARDS)
        serials.append(office.file(ward=ward, area="199" if ward == "0991" else "202").serial)
    for turn in range(4):
        for _ in range(8):
            change(office, draw, serials)
        catch_up(office)
        assert tally(office) == by_hand(office), f"after turn {turn}"
    assert catch_up(office) == 0, "counting again moves nothing"
    assert recount(office) == 0, "and a recount finds nothing wrong"
    with office.context.work() as session:  # what nobody told of is found by the recount
        session.execute(sa.update(Rollup).values(cases=Rollup.cases + 3))
        session.add(
            CountedCase(
                case_id=new_id(),
                kind="complaint",
                category="DELAY",
                month="2020-01",
                area_code="",
                ward_code="",
                department_code="",
                outcome="open",
                speed="none",
            )
        )
    assert recount(office) > 0
    assert tally(office) == by_hand(office)


def change(office: Office, draw: random.Random, serials: list[str]) -> None:
    """One thing that happens: over the API where there is a verb, past it for what a resident or a correction does."""
    serial, other = draw.choice(serials), draw.choice(serials)
    what = draw.choice(["reply", "assign", "solve", "reject", "merge", "answer", "ward", "category", "promise"])
    post = office.post
    if what == "reply":
        post(f"/cases/{serial}/replies", {"text": "We went to look."})
    elif what == "assign":
        post(f"/cases/{serial}/assign", {"department": draw.choice(["environment", "finance"])})
    elif what == "solve":
        post(f"/cases/{serial}/assign", {"department": "environment"})
        post(f"/cases/{serial}/transitions", {"to": "resolved", "reason": "Repaired."})
    elif what == "reject":
        post(f"/cases/{serial}/transitions", {"to": "rejected", "reason": "Not ours."})
    elif what == "merge":
        post(f"/cases/{serial}/merge", {"lead": other})
    elif what == "answer":
        answer(office, serial, draw.choice(["yes", "partly", "no"]))
    else:
        corrections: dict[str, dict[str, Any]] = {
            "ward": {"ward_code": draw.choice(WARDS), "filed_at": datetime(2026, draw.randint(1, 9), 3, tzinfo=UTC)},
            "category": {"category": draw.choice(["POOR", "BRIBE", "UNCLEAR"])},
            "promise": {"commitment_id": "KEKAK0003"},
        }
        office.change_case(serial, **corrections[what])
        happened(office, serial, "corrected", {})


def answer(office: Office, serial: str, word: str) -> None:
    """The resident's word on a case that is said to be done."""
    case = next(iter(office.rows(Case, Case.serial == serial)))
    if case.status != "resolved":
        return
    with office.context.work() as session:
        last = sa.select(Resolution).where(Resolution.case_id == case.id).order_by(Resolution.id.desc()).limit(1)
        session.scalars(last).one().answer = word
    office.change_case(serial, status="reopened" if word == "no" else "confirmed")
    happened(office, serial, "moved", {"from": "resolved", "to": "reopened" if word == "no" else "confirmed"})


def happened(office: Office, serial: str, kind: str, data: dict[str, str]) -> None:
    case = next(iter(office.rows(Case, Case.serial == serial)))
    with office.context.work() as session:
        now = office.context.clock.now()
        session.add(CaseEvent(case_id=case.id, at=now, kind=kind, actor="resident", audience="internal", data=data))


def test_what_is_published_is_what_was_counted_with_the_small_numbers_hidden(office: Office) -> None:
    for _ in range(12):
        office.file(number=None, ward="1013")
    for _ in range(3):
        office.file(number=None, ward="1014", kind="feedback", category="praise")
    tasks.count_cases(office.context)
    with office.context.work() as session:
        figures = published.read(session)
    assert figures is not None
    assert figures.total == 15
    assert figures.floor == 10
    places = figures.tables["places"]
    assert places.columns == ["complaint+information+feedback"], "three of one kind say too much"
    assert places.at("ward:1014") is None
    assert places.at("ward:1013") is None, "15 less 12 would be 3"
    assert places.at("area:202") == 15
    assert places.at(TOTAL) == 15
    assert figures.tables["speed"].at("none") == 15


def test_figures_come_out_once_in_their_time_and_only_when_they_are_new(office: Office) -> None:
    now = office.context.clock.now()

    def publish(later: timedelta) -> bool:
        with office.context.work() as session:
            return published.publish(session, office.context.pack, now + later, every=timedelta(days=1))

    recount(office)
    assert publish(timedelta())
    for _ in range(11):
        office.file(number=None)
    catch_up(office)
    assert not publish(timedelta(hours=23)), "who looks every minute learns nothing of the last minute"
    assert publish(timedelta(hours=25))
    assert not publish(timedelta(hours=50)), "nothing new"
    assert len(office.rows(Publication)) == 1


def test_the_head_of_the_audit_chain_is_kept_a_day_and_can_be_checked(office: Office, owner: sa.Engine) -> None:
    serial = office.file().serial
    office.post(f"/cases/{serial}/notes", {"text": "Seen."})
    with owner.begin() as connection:
        connection.execute(sa.text("UPDATE audit_entries SET at = at - interval '1 minute'"))
    tasks.link_audit(office.context)
    tasks.publish_head(office.context)
    tasks.publish_head(office.context)
    with office.context.work() as session:
        kept = session.scalars(sa.select(AuditHead)).all()
        assert len(kept) == 1
        assert kept[0].position > 0
        assert heads.broken_heads(session) == []
    with owner.begin() as connection:
        connection.execute(sa.text("UPDATE audit_heads SET digest = '\\x00'"))
    with office.context.work() as session:
        assert heads.broken_heads(session) == [kept[0].day]
