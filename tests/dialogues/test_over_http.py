"""The same scripts over the real thing: HTTP callbacks, Postgres, Valkey, and an officer at the staff API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from gateway.cases.models import Case
from gateway.context import Context
from gateway.staff.service import add_staff, issue_token
from tests import web
from tests.conftest import SECRET
from tests.dialogues.player import Player, needs_given_facts, scripts

OFFICER = "officer@example.org"


class Phones:
    """Every number's handset, as the aggregator speaks for them. What is sent to them is another test's."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.phones: dict[str, web.Handset] = {}

    def dial(self, number: str, code: str) -> str:
        own = web.USSD_CODE.removesuffix("#")
        assert code.startswith(own)
        phone = self.phones.setdefault(number, web.Handset(self.address, SECRET, number))
        return phone.dial(code.removeprefix(own).removesuffix("#").removeprefix("*"))

    def answer(self, number: str, typed: str) -> str:
        return self.phones[number].type(typed)

    def bring(self, number: str, text: str) -> str:
        phone = self.phones[number]
        phone.text = text
        return phone.hop(text)

    def give(self, name: str, value: Any) -> None:
        raise AssertionError("real stores know what they know")

    def sms(self, number: str) -> list[str] | None:
        return None


class StaffDesk:
    """An officer with a token."""

    def __init__(self, address: str, context: Context) -> None:
        self.context = context
        with context.work() as session:
            add_staff(session, email=OFFICER, name="Officer", role="supervisor", now=context.clock.now())
        with context.work() as session:
            token = issue_token(session, context.vault, email=OFFICER, now=context.clock.now())
        self.http = httpx.Client(base_url=f"{address}/api/v1", headers={"authorization": f"Bearer {token}"}, timeout=20)

    def reply(self, text: str) -> None:
        self._post("replies", text=text)

    def say_it_is_done(self) -> None:
        self._post("assign", assignee=OFFICER)
        self._post("transitions", to="resolved", reason="The register was corrected.")

    def publish(self, ogp_id: str, texts: dict[str, str]) -> None:
        answer = self.http.post(f"/commitments/{ogp_id}/updates", json={"text": texts})
        assert answer.is_success, answer.text

    def _post(self, verb: str, **body: str) -> None:
        with self.context.work() as session:
            serial = session.scalars(sa.select(Case.serial).order_by(Case.id.desc()).limit(1)).one()
        answer = self.http.post(f"/cases/{serial}/{verb}", json=body)
        assert answer.is_success, answer.text


@pytest.fixture
def address(context: Context) -> Iterator[str]:
    with web.serve(context.settings) as root:
        yield root


@pytest.mark.parametrize("language", ["en", "sw"])
def test_every_dialogue_over_http(language: str, address: str, context: Context) -> None:
    phones, desk = Phones(address), StaffDesk(address, context)
    for script in scripts():
        text = script.read_text(encoding="utf-8")
        if script.suffixes[0] == f".{language}" and not needs_given_facts(text):
            try:
                Player(phones, desk).play(text)
            except AssertionError as error:
                pytest.fail(f"{script.name}: {error}", pytrace=False)
