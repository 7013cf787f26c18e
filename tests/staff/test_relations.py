"""Role × route × relation to the case: whoever must not see a case learns nothing of it on any route there is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.cases.models import Case
from gateway.cases.records import CaseConflict
from gateway.ids import new_id
from gateway.staff.models import Staff
from gateway.staff.roles import Role
from tests.desk import STORY, Office
from tests.staff.test_roles import ENDPOINTS, MAY, NONE, places_for, sent

INSIDE, ALL = {"intake", "officer", "supervisor"}, {"intake", "officer", "supervisor", "oversight", "focal"}

RELATIONS: dict[str, tuple[dict[str, Any], dict[str, Any] | None, set[str], set[str]]] = {
    # the case, a conflict it has, who sees it, who reads the resident's words
    "with no department": ({}, None, ALL - {"focal"}, INSIDE),
    "of the focal person's department": ({"department_code": "environment"}, None, ALL, INSIDE),
    "of another department": ({"department_code": "finance"}, None, ALL - {"focal"}, INSIDE),
    "released to the department": (
        {"department_code": "environment", "released_to": "environment"},
        None,
        ALL,
        INSIDE | {"focal"},
    ),
    "released to the department before": (
        {"department_code": "environment", "released_to": "finance"},
        None,
        ALL,
        INSIDE,
    ),
    "moved on after its release": (
        {"department_code": "finance", "released_to": "environment"},
        None,
        ALL - {"focal"},
        INSIDE,
    ),
    "that names the caller": (
        {"department_code": "environment", "released_to": "environment"},
        {"about": "person", "staff_id": "own"},
        set(),
        set(),
    ),
    "that names whom the caller answers to": (
        {"department_code": "environment", "released_to": "environment"},
        {"about": "person", "staff_id": "superior"},
        set(),
        set(),
    ),
    "that names somebody else": (
        {"department_code": "environment"},
        {"about": "person", "staff_id": "stranger"},
        ALL,
        INSIDE,
    ),
    "that names the department": (
        {"department_code": "environment", "released_to": "environment"},
        {"about": "department", "unit": "environment"},
        ALL - {"focal"},
        INSIDE,
    ),
    "about the Ombudsman's own office": (
        {"department_code": "environment"},
        {"about": "office", "unit": "ombudsman"},
        {"supervisor", "oversight", "focal"},
        {"supervisor"},
    ),
    "whose conflict was lifted": (
        {"department_code": "environment"},
        {"about": "person", "staff_id": "own", "lifted": True},
        ALL,
        INSIDE,
    ),
}


class Scene:
    """One role, one case in one relation to it."""

    def __init__(self, office: Office, role: str) -> None:
        self.office, self.role = office, role
        office.token(role)
        stranger, superior = new_id(), new_id()
        now = office.context.clock.now()
        with office.context.work() as session:
            for id_, name in ((stranger, "stranger"), (superior, "superior")):
                session.add(Staff(id=id_, email=f"{name}@kakamega.example", name=name, role="admin", created_at=now))
            session.flush()
            session.execute(
                sa.update(Staff)
                .where(Staff.role == role, Staff.id != stranger, Staff.id != superior)
                .values(superior_id=superior)
            )
        own = next(row.id for row in office.rows(Staff, Staff.email.startswith(f"{role}@")))
        self.people = {"own": own, "stranger": stranger, "superior": superior}

    def case(self, values: dict[str, Any], conflict: dict[str, Any] | None) -> str:
        office, now = self.office, self.office.context.clock.now()
        serial = office.file().serial
        released = {"released_at": now} if "released_to" in values else {}
        office.change_case(serial, assignee_id=self.people["own"], **values, **released)
        if conflict:
            row = {name: self.people.get(value, value) for name, value in conflict.items() if name != "lifted"}
            lifted = {"lifted_at": now} if conflict.get("lifted") else {}
            with office.context.work() as session:
                case = session.scalars(sa.select(Case.id).where(Case.serial == serial)).one()
                session.add(
                    CaseConflict(case_id=case, marked_by=self.people["stranger"], marked_at=now, **row, **lifted)
                )
        return serial

    def asked(self, serial: str, *, seen: bool) -> Iterator[tuple[str, int, str]]:
        """The routes about one case that the role may use, and what each answers; of a case seen only the reading ones.

        That a role may not use a route, and what its writes do, is told in `test_roles`.
        """
        for method, path, body, needed in ENDPOINTS:
            if "{serial}" in path and needed in MAY[self.role] and (method == "GET" or not seen):
                places = places_for(self.office, path, serial, self.role)
                answer = self.office.ask(method, path.format(serial=serial, **places), self.role, **sent(body))
                yield method + " " + path, answer.status_code, answer.text


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMIN}))
def test_on_no_route_does_anybody_learn_of_a_case_that_is_not_theirs(office: Office, role: str) -> None:
    scene = Scene(office, role)
    for relation, (values, conflict, sees, reads) in RELATIONS.items():
        serial = scene.case(values, conflict)
        said = (relation, role)
        opened, listed = office.ask("GET", f"/cases/{serial}", role).text, office.ask("GET", "/cases", role).text
        assert ((STORY in opened), (serial in listed)) == (role in reads, role in sees), said
        for route, code, text in scene.asked(serial, seen=role in sees):
            if role in sees:
                missing = any(nobodys in route for nobodys in NONE.values())
                hidden = role == "oversight" and "{attachment}" in route
                assert code not in {403, 404} or missing or hidden, (*said, route)
                assert role in reads or STORY not in text, (*said, route)
            else:
                assert (code, serial in text, STORY in text) == (404, False, False), (*said, route)
