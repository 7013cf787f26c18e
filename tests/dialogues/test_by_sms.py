"""The scripts of menus by SMS, in each language of each home: real stores and steps, without the web in between."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.cases import service as desk
from gateway.cases.models import Case
from gateway.cases.states import Status
from gateway.commitments import service as commitments
from gateway.context import Context
from gateway.settings import Settings
from gateway.staff import service as staff
from gateway.staff.models import Staff
from tests.conftest import Stores, make_settings
from tests.dialogues.player import SCRIPTS, Player
from tests.texting import Texter

BY_SMS = sorted((SCRIPTS / "by_sms").glob("*.txt"))
BY_WORD = sorted((SCRIPTS / "by_word").glob("*.txt"))
"""With words that do it at once: menus in memory know none of them."""
HOMES = {"id": "madiun", "en": "kakamega", "sw": "kakamega"}
OFFICER = "officer@example.org"


def madiun(stores: Stores, **changes: object) -> Settings:
    """Settings of a deployment in Madiun."""
    own = {"pack": "madiun", "channel": "nusantara", "nusantara_user": "u", "nusantara_sender": "98765"}
    return make_settings(stores, **own, nusantara_url="http://127.0.0.1:9/send", **changes)


@pytest.fixture
def settings(stores: Stores, request: pytest.FixtureRequest) -> Settings:
    script: Path = request.node.callspec.params["script"]
    return madiun(stores) if HOMES[script.suffixes[0][1:]] == "madiun" else make_settings(stores)


class Texters:
    """Every number's phone; nobody dials."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.phones: dict[str, Texter] = {}

    def text(self, number: str, words: str) -> str:
        phone = self.phones.setdefault(number, Texter(self.context, number))
        phone.read()  # what came before this text is no answer to it
        return "\n---\n".join(phone.text(words))

    def answer(self, number: str, typed: str) -> str:
        return self.text(number, typed)

    def sms(self, number: str) -> list[str]:
        phone = self.phones.setdefault(number, Texter(self.context, number))
        phone.read()
        return phone.inbox

    def dial(self, number: str, code: str) -> str:
        raise AssertionError("nobody dials here")

    def bring(self, number: str, text: str) -> str:
        raise AssertionError("there are no hops here")

    def give(self, name: str, value: Any) -> None:
        raise AssertionError("facts are Postgres's own here")


class Officer:
    """The desk, by its own verbs. They act on the case that was filed last."""

    def __init__(self, context: Context) -> None:
        self.context = context
        with context.work() as session:
            staff.add_staff(session, email=OFFICER, name="Officer", role="supervisor", now=context.clock.now())

    def reply(self, text: str) -> None:
        self._act(lambda at, case: desk.reply(at, case, text))

    def say_it_is_done(self) -> None:
        self._act(lambda at, case: desk.assign(at, case, assignee=OFFICER))
        self._act(lambda at, case: desk.move(at, case, Status.RESOLVED, "Done."))

    def publish(self, ogp_id: str, texts: dict[str, str]) -> None:
        spoken = {language.code for language in self.context.pack.guide.languages}
        body = {code: text for code, text in (texts | {"id": texts["en"]}).items() if code in spoken}
        with self.context.work() as session:
            person = session.scalars(sa.select(Staff)).one()
            now = self.context.clock.now()
            commitments.publish(session, self.context.pack, ogp_id=ogp_id, text=body, staff=person, now=now)

    def _act(self, verb: Any) -> None:
        context = self.context
        with context.work() as session:
            person = session.scalars(sa.select(Staff)).one()
            serial = session.scalars(sa.select(Case.serial).order_by(Case.id.desc()).limit(1)).one()
            at = desk.Desk(session, context.vault, context.pack, person, context.clock.now())
            verb(at, desk.open_case(at, serial))


@pytest.mark.parametrize("script", [*BY_SMS, *BY_WORD], ids=lambda path: path.stem)
def test_dialogue_by_sms(script: Path, context: Context) -> None:
    Player(Texters(context), Officer(context)).play(script.read_text(encoding="utf-8"))


def test_the_journeys_by_sms_are_told_in_every_language() -> None:
    told = {path.stem for path in (*BY_SMS, *BY_WORD)}
    everywhere = {name.rpartition(".")[0] for name in told if name.endswith(".en")}
    assert {f"{journey}.{language}" for journey in everywhere for language in HOMES} <= told
