"""An office whose pack lets one person text two, and residents who follow a promise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from gateway.broadcasts import service
from gateway.commitments import follows
from gateway.commitments.follows import Followed, Kind
from gateway.context import Context
from gateway.messaging import hands
from gateway.messaging.models import Broadcast, Message
from gateway.pack import Pack
from gateway.residents import service as residents
from gateway.residents.models import Resident
from gateway.staff.models import Staff
from tests.desk import Office, address, office
from worker import tasks

__all__ = ["address", "office"]

PROMISE = "KEKAK0003"
NEWS = {"en": "The Citizen Budget is out. Read it at the ward office.", "sw": "Bajeti ya Mwananchi imetolewa."}


def with_limit(pack: Pack, approval_above: int) -> Pack:
    limits = pack.about.limits.model_copy(update={"approval_above": approval_above})
    return replace(pack, about=pack.about.model_copy(update={"limits": limits}))


def follower(context: Context, number: str, *, language: str = "sw", **values: Any) -> UUID:
    """A resident who follows the promise."""
    now = context.clock.now()
    with context.work() as session:
        resident = residents.keep(session, context.vault, number, language=language, now=now)
        follows.follow(
            session,
            Followed(Kind.PROMISE, PROMISE),
            resident_id=resident,
            wording="We will SMS you when this promise changes",
            language=language,
            channel="ussd",
            now=now,
            effect_key=number.encode(),
        )
        if values:
            session.execute(sa.update(Resident).where(Resident.id == resident).values(**values))
    return resident


@pytest.fixture
def following(context: Context) -> Callable[..., UUID]:
    count = iter(range(1, 10_000))
    return lambda **options: follower(context, f"+2547110{next(count):05}", **options)


class Desk:
    """Two people of the office and the verbs they use, one transaction each."""

    def __init__(self, office: Office, *, approval_above: int) -> None:
        self.office = office
        self.context = office.context
        self.pack = with_limit(office.context.pack, approval_above)
        self.author, self.other = self._person("officer"), self._person("supervisor")

    def _person(self, role: str) -> Staff:
        self.office.token(role)
        (person,) = self.office.rows(Staff, Staff.role == role)
        return person

    def draft(self, kind: str = "notice", text: dict[str, str] = NEWS) -> UUID:
        with self.context.work() as session:
            row = service.draft(
                session, self.pack, kind=kind, topic=PROMISE, text=text, staff=self.author, now=self.now
            )
            return row.id

    def approve(self, broadcast: UUID, staff: Staff | None = None) -> None:
        """Decide, and let the clock add the recipients."""
        self.decide(broadcast, staff)
        tasks.add_recipients(self.context)

    def decide(self, broadcast: UUID, staff: Staff | None = None) -> None:
        with self.context.work() as session:
            service.approve(session, self.pack, broadcast=broadcast, staff=staff or self.author, now=self.now)

    def move(self, verb: Callable[..., Broadcast], broadcast: UUID) -> None:
        options = {"pack": self.pack} if verb is service.resume else {}
        with self.context.work() as session:
            verb(session, broadcast=broadcast, staff=self.author.id, now=self.now, **options)

    def tend(self, broadcast: UUID) -> bool:
        with self.context.work() as session:
            return service.tend(session, broadcast, self.now)

    def read(self, broadcast: UUID) -> Broadcast:
        with self.context.work() as session:
            return service.read(session, broadcast)

    def states(self, broadcast: UUID) -> list[tuple[str, str]]:
        """As staff see them."""
        of_it = sa.select(hands.SHOWN, Message.reason).where(Message.broadcast_id == broadcast)
        with self.context.work() as session:
            return sorted((state, reason) for state, reason in session.execute(of_it))

    @property
    def now(self) -> Any:
        return self.context.clock.now()


@pytest.fixture
def desk(office: Office) -> Desk:
    return Desk(office, approval_above=2)
