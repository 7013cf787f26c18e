"""The to-do list: each reason counts its cases, a role counts what it sees, and it stays one query."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa

from gateway.cases import voice, waiting
from gateway.cases.models import Case
from gateway.messaging.models import Message
from gateway.staff.models import Staff
from tests.desk import NUMBER, Office


def todo(office: Office, role: str = "officer") -> dict[str, int]:
    return {line["waiting"]: line["count"] for line in office.get("/todo", role)["items"]}


@pytest.fixture
def cases(office: Office) -> dict[str, str]:
    """A case for each reason, by its name, and one that waits for nothing."""
    now = office.context.clock.now()
    names = ("new", "overdue", "due_today", "not_solved", "not_delivered", "replied", "nothing")
    made = {name: office.file().serial for name in names}
    for name in names[1:]:
        office.change_case(made[name], status="in_progress", due_at=None)
    office.change_case(made["overdue"], due_at=now - timedelta(hours=1))
    midnight = now.astimezone(office.context.pack.about.zone).replace(hour=23, minute=59, second=59)
    office.change_case(made["due_today"], due_at=midnight)
    office.change_case(made["not_solved"], status="reopened")
    with office.context.work() as session:
        ids = {row.serial: row.id for row in session.execute(sa.select(Case.serial, Case.id))}
        resident = office.resident(session, NUMBER)
        session.add(
            Message(
                lane="replies",
                template="reply",
                language="sw",
                resident_id=resident,
                case_id=ids[made["not_delivered"]],
                state="failed",
                not_before=now,
                owed_at=now,
                final_at=now,
                channel="africastalking",
            )
        )
    return made


def test_each_reason_counts_its_cases_and_lists_them_oldest_first(office: Office, cases: dict[str, str]) -> None:
    office.change_case(cases["replied"], status="assigned")
    assert todo(office) == {"not_delivered": 1, "new": 1, "overdue": 1, "due_today": 1, "not_solved": 1}
    for reason in todo(office):
        items = office.get("/cases", params={"waiting": reason, "order": "oldest"})["items"]
        assert [item["serial"] for item in items] == [cases[reason]]
    every = [item["serial"] for item in office.get("/cases", params={"order": "oldest"})["items"]]
    assert every == list(cases.values())
    first = office.get("/cases", params={"order": "oldest", "limit": 3})
    rest = office.get("/cases", params={"order": "oldest", "cursor": first["next_cursor"]})
    assert [item["serial"] for item in first["items"] + rest["items"]] == every


def test_the_count_ends_where_it_helps_nobody_and_says_so(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "MOST", 3)
    for filed, line in ((3, {"count": 3, "more": False}), (1, {"count": 3, "more": True})):
        for _ in range(filed):
            office.file()
        assert office.get("/todo")["items"] == [{"waiting": "new"} | line]
    assert len(office.get("/cases", params={"waiting": "new"})["items"]) == 4, "the list holds them all"


def wrote(office: Office, serial: str) -> None:
    """The resident writes about the case."""
    case = office.events(serial)[0].case_id
    with office.context.work() as session:
        voice.resident_wrote(
            session,
            office.context.vault,
            case_id=case,
            holder=voice.Holder(office.resident(session, NUMBER)),
            text="It is still dry",
            language="sw",
            channel="sms",
            now=office.context.clock.now(),
        )


def test_what_the_resident_wrote_waits_until_somebody_acts(office: Office) -> None:
    """Whoever acts, and whether on the case, on the one it is merged with, or on its inquiry."""
    lead, merged = office.file().serial, office.file().serial
    wrote(office, lead)
    assert todo(office) == {"new": 2, "replied": 1}
    office.post(f"/cases/{lead}/assign", {"department": "environment"})
    assert todo(office) == {"new": 1}
    assert office.post(f"/cases/{merged}/merge", {"lead": lead}).status_code == 200
    inquiry = office.post("/inquiries", {"title": "Dry boreholes"}).json()["id"]
    acts: list[Callable[[], httpx.Response]] = [
        lambda: office.post(f"/cases/{lead}/replies", {"text": "We go on Tuesday", "everybody": True}),
        lambda: office.post(f"/inquiries/{inquiry}/cases", {"cases": [lead, merged]}),
    ]
    for act in acts:
        wrote(office, lead)
        wrote(office, merged)
        assert todo(office)["replied"] == 2
        assert act().is_success
        assert "replied" not in todo(office)
    wrote(office, merged)
    office.change_case(merged, wrote_at=office.context.clock.now() - waiting.LOST_FOR)
    assert "replied" not in todo(office)


def test_what_somebody_dealt_with_waits_no_more(office: Office, cases: dict[str, str]) -> None:
    office.post(f"/cases/{cases['not_delivered']}/notes", {"text": "Called her"})
    office.post(f"/cases/{cases['new']}/assign", {"department": "environment"})
    assert set(todo(office)) == {"overdue", "due_today", "not_solved"}


def test_a_focal_person_counts_their_own(office: Office, cases: dict[str, str]) -> None:
    assert todo(office, "focal") == {}
    office.change_case(cases["overdue"], department_code="environment")
    assert todo(office, "focal") == {"overdue": 1}


def test_it_is_one_query_however_much_waits(office: Office, cases: dict[str, str]) -> None:
    office.token("officer")
    (officer,) = office.rows(Staff, Staff.role == "officer")
    asked: list[str] = []
    sa.event.listen(office.context.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    with office.context.work() as session:
        waiting.counts(session, officer, office.context.clock.now(), office.context.pack.about.zone)
    assert len(asked) == 1
