"""Grievances that concern a promise: counted by place, never so that a small group can be told; ideas for next time."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.statistics import published
from gateway.statistics.models import Publication
from gateway.statistics.suppression import TOTAL, Key, Table, protect
from tests.desk import Office
from tests.statistics.test_suppression import attack
from worker import tasks

PROMISE = "KEKAK0003"


def count(office: Office) -> tuple[int | None, dict[str, int]]:
    """As published again now, for whoever asks the API."""
    tasks.count_cases(office.context)
    with office.context.work() as session:
        published.publish(session, office.context.pack, office.context.clock.now(), every=timedelta())
    found = office.get(f"/commitments/{PROMISE}")["received"]
    return found["total"], found["areas"]


def test_cases_and_categories_are_linked_and_counted_once(office: Office) -> None:
    limits = office.context.pack.about.limits.model_copy(update={"smallest_cell": 3})
    about = office.context.pack.about.model_copy(update={"limits": limits})
    office.context = replace(office.context, pack=replace(office.context.pack, about=about))
    assert office.get(f"/commitments/{PROMISE}")["received"] == {"total": None, "areas": {}, "as_of": None}
    serials = [office.file(number=f"+2547110001{n:02}", ward="1014").serial for n in range(6)]
    for _ in range(3):
        office.file(number=None, kind="information", category="budget")
    assert count(office) == (0, {}), "that there are none may be said"
    for serial in serials[:3]:
        assert office.post(f"/commitments/{PROMISE}/links", {"case": serial}).status_code == 201
    assert office.post(f"/commitments/{PROMISE}/links", {"case": serials[0]}).status_code == 201, "twice is once"
    assert count(office) == (3, {"202": 3})
    made = office.post(f"/commitments/{PROMISE}/links", {"category": "DELAY"}).json()
    assert len(office.get(f"/commitments/{PROMISE}/links")["items"]) == 4
    assert count(office) == (6, {"202": 6})
    left = office.post(f"/commitments/{PROMISE}/links/{made['id']}/end", None).json()["items"]
    assert {one["case"] for one in left} == set(serials[:3])
    assert office.post(f"/commitments/{PROMISE}/links/{made['id']}/end", None).status_code == 404
    assert count(office) == (3, {"202": 3})
    office.change_case(serials[2], status="withdrawn")
    assert count(office) == (None, {}), "two are too few"
    assert {"commitment.linked", "commitment.unlinked"} <= set(office.audited())


def test_what_the_desk_is_shown_tells_no_more_than_what_is_published(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attack of the statistics, on both at once: what one hides, the other does not give away."""
    tables: list[Table] = []

    def noted(table: Table, floor: int) -> dict[Key, int | None]:
        tables.append(table)
        return protect(table, floor)

    monkeypatch.setattr(published, "protect", noted)
    pack, draw, told = office.context.pack, random.Random(6), 0
    wards = [
        f"{place.area_code}/{place.ward_code}" for place in pack.places if place.area_code in ("201", "202", "203")
    ]
    for _ in range(6):
        counts = {ward: draw.choice((0, 4, 9, 10, 15, 40)) for ward in wards}
        concerning = {ward: draw.randint(0, number) for ward, number in counts.items()}
        counted = {"places": {(ward, "complaint"): number for ward, number in counts.items()}}
        tables.clear()
        content = published.made(pack, counted, {PROMISE: concerning}, date(2026, 11, 1), [PROMISE])
        with office.context.work() as session:
            session.execute(sa.delete(Publication))
            now = office.context.clock.now()
            session.add(Publication(id=1, made_at=now, digest="", content=content))
        with office.context.work() as session:
            figures = published.read(session)
        assert figures is not None
        public = dict(figures.tables[f"promise:{PROMISE}"].numbers)
        found = office.get(f"/commitments/{PROMISE}")["received"]
        desk = {("concerns", area): number for area, number in found["areas"].items()}
        desk |= {("concerns", TOTAL): found["total"]}
        attack(tables[-1], public | desk)
        assert all(public[cell] == number for cell, number in desk.items())
        told += len(found["areas"])
    assert told, "something is shown at all"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"case": "KAK-2026-999999"}, 404),
        ({"category": "NOTHING"}, 422),
        ({"category": "DELAY", "case": "KAK-2026-000001"}, 422),
    ],
)
def test_a_link_to_nothing_is_refused(office: Office, body: dict[str, Any], status: int) -> None:
    assert office.post(f"/commitments/{PROMISE}/links", body).status_code == status


def test_ideas_are_collected_and_are_no_promises(office: Office) -> None:
    idea = {"title": {"en": "A roof over the market"}, "said_by": "residents", "area": "participation", "ward": "1017"}
    assert office.post("/proposals", idea).status_code == 201
    (listed,) = office.get("/proposals")["items"]
    assert (listed["title"], listed["ward"]) == (idea["title"], "1017")
    assert len(office.get("/commitments")["items"]) == 4
    for wrong in ({"area": "moon"}, {"ward": "9"}, {"title": {"fr": "Un toit"}}, {"said_by": "a person"}):
        assert office.post("/proposals", idea | wrong).status_code == 422
    office.post("/proposals", idea | {"title": {"en": "A second roof"}})
    first = office.get("/proposals?limit=1")
    assert [one["title"]["en"] for one in first["items"]] == ["A second roof"], "the newest first"
    rest = office.get(f"/proposals?limit=1&cursor={first['next_cursor']}")
    assert (rest["items"], rest["next_cursor"]) == ([listed], None)
