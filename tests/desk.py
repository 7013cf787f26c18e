"""The Ombudsman's office under test: staff of every role with tokens, residents and their cases, over the real app."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.cases.filing import Filed, Filing, file_case
from gateway.cases.models import Case, CaseEvent
from gateway.context import Context
from gateway.messaging.models import Message
from gateway.messaging.service import open_params
from gateway.residents import service as residents
from gateway.staff import service as staff
from gateway.staff.models import AuditEntry, StaffToken
from tests.conftest import Stores, make_settings
from tests.web import serve

STORY = "The borehole at Shirere has been dry since March and nobody answers"
NUMBER = "+254711000111"

A_COMPLAINT = Filing(
    kind="complaint",
    category="DELAY",
    privacy="sms",
    story=STORY,
    language="sw",
    channel="ussd",
    resident=None,
    area="202",
    ward="1017",
)


class Office:
    """The application, a token for each role, and shortcuts to file cases as residents do."""

    def __init__(self, context: Context, client: httpx.Client) -> None:
        self.context = context
        self.client = client
        self.tokens: dict[str, str] = {}

    def token(self, role: str, department: str | None = None, name: str = "Achieng Otieno") -> str:
        """The token of the one person with this role, who is added when first asked for."""
        email = f"{role}.{department}@kakamega.example" if department else f"{role}@kakamega.example"
        if email not in self.tokens:
            department = "environment" if role == "focal" and department is None else department
            with self.context.work() as session:
                now = self.context.clock.now()
                staff.add_staff(session, email=email, name=name, role=role, department=department, now=now)
                self.tokens[email] = staff.issue_token(session, self.context.vault, email=email, now=now)
                session.execute(sa.update(StaffToken).values(proved_at=now))  # as after a code of the second factor
        return self.tokens[email]

    def ask(self, method: str, path: str, role: str = "officer", **options: Any) -> httpx.Response:
        """One request to the staff API as `role`."""
        headers = {"Authorization": f"Bearer {self.token(role)}"} | options.pop("headers", {})
        return self.client.request(method, f"/api/v1{path}", headers=headers, **options)

    def get(self, path: str, role: str = "officer", **options: Any) -> Any:
        """The body of a GET that must go well."""
        answer = self.ask("GET", path, role, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any, role: str = "officer", **options: Any) -> httpx.Response:
        return self.ask("POST", path, role, json=body, **options)

    def file(self, number: str | None = NUMBER, **changes: Any) -> Filed:
        """A case as a hop would file it; without a number it is one whose number is not kept."""
        with self.context.work() as session:
            filing = replace(A_COMPLAINT, **changes)
            if number is None:
                filing = replace(filing, privacy="not_kept")
            else:
                filing = replace(filing, resident=self.resident(session, number, filing.language))
            return file_case(
                session,
                self.context.vault,
                filing,
                pack=self.context.pack,
                effect_key=None,
                now=self.context.clock.now(),
            )

    def resident(self, session: Session, number: str, language: str = "sw") -> UUID:
        return residents.keep(session, self.context.vault, number, language=language, now=self.context.clock.now())

    def change_case(self, serial: str, **values: Any) -> None:
        """Put a case where a test needs it, past the API."""
        with self.context.work() as session:
            session.execute(sa.update(Case).where(Case.serial == serial).values(values))

    def rows(self, model: type[Any], *where: sa.ColumnElement[bool]) -> list[Any]:
        with self.context.work() as session:
            return list(session.scalars(sa.select(model).where(*where).order_by(model.id)))

    def owed(self) -> list[tuple[str, str, dict[str, str]]]:
        """Messages owed so far, oldest first: (template, language, values)."""
        return [
            (message.template, message.language, open_params(self.context.vault, message.id, message.params_sealed))
            for message in self.rows(Message)
        ]

    def audited(self) -> list[str]:
        """The actions in the audit trail that staff did over the API."""
        return [entry.action for entry in self.rows(AuditEntry, AuditEntry.staff_id.is_not(None))]

    def events(self, serial: str) -> list[CaseEvent]:
        with self.context.work() as session:
            of_case = sa.select(CaseEvent).join(Case, Case.id == CaseEvent.case_id).where(Case.serial == serial)
            return list(session.scalars(of_case.order_by(CaseEvent.id)))


@pytest.fixture(scope="session")
def address(stores: Stores) -> Iterator[str]:
    """The application over real HTTP, once a test process: each test empties the stores under it."""
    with serve(make_settings(stores)) as root:
        yield root


@pytest.fixture
def office(context: Context, address: str) -> Iterator[Office]:
    with httpx.Client(base_url=address, timeout=20) as client:
        yield Office(context, client)
