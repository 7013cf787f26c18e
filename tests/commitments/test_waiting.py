"""What waits about promises: for whom, from which day on, in how many statements, and in the morning's digest."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from gateway.commitments import monitoring
from gateway.commitments.models import Commitment
from gateway.commitments.waiting import What, counts, waiting
from gateway.commitments.watch_models import Assessment
from gateway.letters import digest
from gateway.messaging.models import Broadcast
from gateway.staff.models import Staff
from tests.cases.test_lists import counted
from tests.commitments.test_checks import ASKED, DONE, ask, claim, willing
from tests.commitments.test_three_voices import PROMISE
from tests.desk import Office

REPORT = {"period": "2025-Q3", "claim": "limited", "activities": "Trees were planted"}
IDEA = {"title": {"en": "A market with a roof"}, "said_by": "residents"}


def person(office: Office, role: str) -> Staff:
    office.token(role)
    (found,) = office.rows(Staff, Staff.role == role)
    return found


def seen(office: Office, role: str, *, later: int = 0) -> dict[What, int]:
    """How many wait of each kind, so many days from now."""
    context, staff = office.context, person(office, role)
    with context.work() as session:
        return counts(waiting(session, context.pack, staff, context.clock.now() + timedelta(days=later)))


def judge(office: Office, ogp_id: str) -> None:
    judged = {"judged": "limited", "reasons": "Half of it can be seen"}
    assert office.post(f"/commitments/{ogp_id}/assessments", judged, "oversight").status_code == 201


def test_a_judgement_is_stale_after_183_days_and_so_is_none_at_all(office: Office) -> None:
    with office.context.work() as session:
        session.execute(sa.update(Commitment).values(ends_on=None))
    assert seen(office, "oversight") == {What.STALE: 4}, "none was ever judged, and they began long ago"
    judge(office, PROMISE)
    assert seen(office, "oversight") == {What.STALE: 3}
    assert seen(office, "oversight", later=183) == {What.STALE: 3}
    assert seen(office, "oversight", later=184) == {What.STALE: 4}
    (made,) = office.rows(Assessment)
    with office.context.work() as session:
        assert monitoring.last_judged(session) == {PROMISE: made.made_at}


def test_each_role_sees_what_is_theirs_to_do(office: Office) -> None:
    claim(office)
    for place in range(2):
        willing(office.context, f"+25471100090{place}")
    check = ask(office)
    assert seen(office, "supervisor") == {}
    with office.context.work() as session:  # as when it goes to more than the pack lets one person text
        session.execute(sa.update(Broadcast).values(status="draft"))
    assert seen(office, "officer") == {}, "its author does not approve it"
    assert seen(office, "supervisor") == {What.APPROVE: 1}
    assert seen(office, "supervisor", later=60) == {}, "its days are over: approving it would ask nobody"
    assert office.post(f"/checks/{check}/close", None).status_code == 200
    assert office.post(f"/checks/{check}/outcome", {"text": DONE}).status_code == 200
    office.post("/proposals", IDEA)
    assert office.post(f"/commitments/{PROMISE}/reports", REPORT, "focal").status_code == 201
    query = {"department": "environment", "question": "Where?", "due_on": "2099-01-01"}
    asked = office.post(f"/commitments/{PROMISE}/queries", query, "oversight").json()
    assert seen(office, "supervisor") == {What.PUBLISH: 1, What.IDEA: 1}
    assert seen(office, "intake") == {}
    focal = {one["what"]: one for one in office.get("/progress/todo", "focal")["items"]}
    assert focal["answer"]["about"] == asked["id"]
    assert {one["what"] for one in focal.values()} <= {"answer", "report"}
    for role, lists in (
        ("supervisor", {"promise_publish": [PROMISE], "promise_idea": [""]}),
        ("focal", {"promise_answer": [PROMISE]}),
        ("oversight", {"promise_stale": [ASKED["promise"]]}),
    ):
        with office.context.work() as session:
            staff, now = session.get_one(Staff, person(office, role).id), office.context.clock.now()
            made = digest.make(session, office.context.pack, staff, now)
            for name, ids in lists.items():
                assert set(ids) <= set(made.lists[name]), (role, made.lists)


def test_many_promises_take_no_more_statements_than_a_few(office: Office) -> None:
    few = statements(office)
    with office.context.work() as session:
        (like,) = session.scalars(sa.select(Commitment).where(Commitment.ogp_id == PROMISE))
        values = {column.name: getattr(like, column.key) for column in Commitment.__table__.columns}
        many = [values | {"ogp_id": f"KEKAK1{n:03}", "position": 10 + n} for n in range(30)]
        session.execute(sa.insert(Commitment), many)
    for _ in range(3):
        office.post("/proposals", IDEA)
    assert statements(office) == few
    assert max(few.values()) <= 8


def statements(office: Office) -> dict[str, int]:
    """How many it takes to tell each role what waits."""
    found = {}
    for role in ("focal", "supervisor", "oversight"):
        staff, now = person(office, role), office.context.clock.now()
        with counted(office.context.engine) as asked, office.context.work() as session:
            waiting(session, office.context.pack, staff, now)
        found[role] = len(asked)
    return found
