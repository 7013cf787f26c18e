"""Residents, messages in every state, and a clock that tests move."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from gateway.channels.africastalking import AfricasTalking
from gateway.context import Context
from gateway.messaging import drain as draining
from gateway.messaging import hands, service
from gateway.messaging.models import ChannelState, Message, ProviderCall
from gateway.residents import service as residents
from gateway.residents.models import Resident

NOON = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
"""Noon in Nairobi."""


@dataclass
class Hand:
    """A clock whose hand the test holds."""

    moment: datetime = NOON
    offset: timedelta = timedelta()

    def now(self) -> datetime:
        return self.moment

    def pass_(self, **span: float) -> None:
        self.moment += timedelta(**span)


@dataclass
class Desk:
    """What a test does and asks, one transaction each."""

    context: Context
    clock: Hand
    people: int = 0
    numbers: dict[UUID, str] = field(default_factory=dict)

    def resident(self, language: str = "en", number: str | None = None, **values: Any) -> UUID:
        self.people += 1
        number = number or f"+2547110{self.people:05}"
        with self.context.work() as session:
            made = residents.keep(session, self.context.vault, number, language=language, now=self.clock.now())
            if values:
                session.execute(sa.update(Resident).where(Resident.id == made).values(**values))
        self.numbers[made] = number
        return made

    def owe(self, resident: UUID, template: str = "reply", **values: Any) -> UUID:
        options = {name: values.pop(name) for name in ("urgent", "effect_key", "language") if name in values}
        if template == "reply" and not values:
            values = {"ref": "4821"}
        with self.context.work() as session:
            made = service.owe(
                session,
                self.context.vault,
                resident_id=resident,
                template=template,
                values=values,
                language=options.pop("language", "en"),
                now=self.clock.now(),
                **options,
            )
        assert made is not None
        return made

    def broadcast(self, bodies: dict[str, str] | None = None, **options: Any) -> UUID:
        with self.context.work() as session:
            return service.owe_broadcast(
                session,
                kind="update",
                topic=options.pop("topic", "KEKAK0001"),
                bodies=bodies or {"en": "Budget hearing on 3 December."},
                audience=options.pop("audience", sa.select(Resident.id)),
                created_by=None,
                now=self.clock.now(),
                **options,
            )

    def set(self, message: UUID, **values: Any) -> None:
        with self.context.work() as session:
            session.execute(sa.update(Message).where(Message.id == message).values(**values))

    def message(self, message: UUID) -> Message:
        with self.context.work() as session:
            found = session.get(Message, message)
            assert found is not None
            return found

    def state(self, message: UUID) -> tuple[str, str]:
        """As staff see it."""
        with self.context.work() as session:
            state, reason = session.execute(sa.select(hands.SHOWN, Message.reason).where(Message.id == message)).one()
        return state, reason

    def all(self) -> list[Message]:
        with self.context.work() as session:
            return list(session.scalars(sa.select(Message).order_by(Message.id)))

    def channel(self) -> ChannelState | None:
        with self.context.work() as session:
            return session.scalar(sa.select(ChannelState))

    def calls(self) -> int:
        with self.context.work() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(ProviderCall)) or 0

    def drain(self, url: str, lane: str = "replies", seconds: float = 20) -> bool:
        settings = self.context.settings.model_copy(update={"africastalking_url": url})
        return draining.drain(self.context, AfricasTalking(settings), lane, seconds=seconds)


@pytest.fixture
def desk(context: Context) -> Desk:
    hand = Hand()
    return Desk(replace(context, clock=hand), hand)  # type: ignore[arg-type]  # a clock is what tells `now`


@pytest.fixture
def quiet_desk(desk: Desk) -> Desk:
    """As in production: quiet hours are kept."""
    settings = desk.context.settings.model_copy(update={"quiet_hours": "on"})
    return replace(desk, context=replace(desk.context, settings=settings))


def leave_leased(desk: Desk, *messages: UUID, departed: bool) -> None:
    """As a worker leaves messages that died with them in its hands."""
    now = desk.clock.now()
    left_at = now if departed else None
    with desk.context.work() as session:
        until = now + timedelta(seconds=60)
        session.add(ProviderCall(message_ids=list(messages), leased_until=until, left_at=left_at))
