"""A handset that only texts: what is owed to it is read as a worker would send it, and then it has arrived."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.channels.base import Inbound
from gateway.context import Context
from gateway.intake import sms
from gateway.messaging.models import Broadcast, Message
from gateway.messaging.service import open_params
from gateway.messaging.states import State
from gateway.messaging.templates import render
from gateway.residents import service as residents


class Texter:
    """One phone. `post` hands a text (number, words) over as its aggregator does; without one it is taken in here."""

    def __init__(self, context: Context, number: str, post: Callable[[str, str], None] | None = None) -> None:
        self.context = context
        self.number = number
        self.post = post or self._take_in
        self.inbox: list[str] = []

    def _take_in(self, number: str, words: str) -> None:
        guide, now = self.context.pack.guide, self.context.clock.now()
        inbound = Inbound(secrets.token_hex(8), number, guide.sms_code, words, "", None)
        with self.context.work() as session:
            channel = self.context.settings.channel
            sms.receive(session, self.context.vault, self.context.pack, inbound, channel=channel, now=now)

    def text(self, words: str) -> list[str]:
        """Send one text; what comes back, once it was delivered."""
        self.post(self.number, words)
        return self.read()

    def read(self) -> list[str]:
        """Everything owed to this number goes out and arrives; the texts, in order."""
        with self.context.work() as session:
            resident = residents.find(session, self.context.vault, self.number)
            if resident is None:
                return []
            rows = session.scalars(
                sa.select(Message)
                .where(Message.resident_id == resident.id, Message.state == State.OWED)
                .order_by(Message.id)
            ).all()
            came = [self._rendered(session, row) for row in rows]
            now = self.context.clock.now()
            for place, row in enumerate(rows):
                row.state, row.sent_at = State.DELIVERED, now
                row.final_at = now + timedelta(microseconds=place)
        self.inbox.extend(came)
        return came

    def _rendered(self, session: Session, row: Message) -> str:
        values = open_params(self.context.vault, row.id, row.params_sealed)
        if row.broadcast_id:
            values["body"] = session.get_one(Broadcast, row.broadcast_id).bodies[row.language]
        return render(self.context.pack.guide, row.template, row.language, values)
