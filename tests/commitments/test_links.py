"""Grievances that concern a promise: counted by place, never so that a small group can be told; ideas for next time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from gateway.commitments.received import Received, hide, received
from tests.desk import Office

PROMISE = "KEKAK0003"


@pytest.mark.parametrize(
    ("counts", "total", "areas"),
    [
        ({}, None, {}),
        ({"202": 9}, None, {}),
        ({"202": 10}, 10, {"202": 10}),
        ({"202": 14, "203": 12}, 26, {"202": 14, "203": 12}),
        ({"202": 14, "203": 9}, None, {"202": 14}),  # the total would tell the nine
        ({"202": 14, "203": 4, "204": 5}, None, {"202": 14}),  # the two together are nine
        ({"202": 14, "203": 6, "204": 5}, 25, {"202": 14}),
        ({"202": 14, "": 11}, None, {"202": 14}),  # residents who named no place are a cell too
    ],
)
def test_what_is_hidden_cannot_be_subtracted(counts: dict[str, int], total: int | None, areas: dict[str, int]) -> None:
    assert hide(counts, 10) == Received(total, areas)


def count(office: Office, *, later: int) -> Received:
    """As it stands so many days from now."""
    context = office.context
    with context.work() as session:
        now = context.clock.now() + timedelta(days=later)
        return received(session, PROMISE, floor=3, now=now, zone=context.pack.about.zone)


def test_cases_and_categories_are_linked_and_counted_once(office: Office) -> None:
    serials = [office.file(number=f"+2547110001{n:02}").serial for n in range(3)]
    office.file(kind="information", category="budget")
    assert count(office, later=40).total is None
    for serial in serials:
        assert office.post(f"/commitments/{PROMISE}/links", {"case": serial}).status_code == 201
    assert office.post(f"/commitments/{PROMISE}/links", {"case": serials[0]}).status_code == 201, "twice is once"
    made = office.post(f"/commitments/{PROMISE}/links", {"category": "DELAY"}).json()
    assert len(office.get(f"/commitments/{PROMISE}/links")["items"]) == 4
    assert count(office, later=40) == Received(3, {"202": 3})
    assert count(office, later=0) == Received(None, {}), "this month is not over"
    office.change_case(serials[2], status="withdrawn")
    assert count(office, later=40) == Received(None, {})
    office.change_case(serials[2], status="received")
    left = office.post(f"/commitments/{PROMISE}/links/{made['id']}/end", None).json()["items"]
    assert {one["case"] for one in left} == set(serials)
    assert office.post(f"/commitments/{PROMISE}/links/{made['id']}/end", None).status_code == 404
    assert {"commitment.linked", "commitment.unlinked"} <= set(office.audited())


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
