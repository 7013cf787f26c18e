"""One text that was heard, and who sent it: what commands, questions and conversations have in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.messaging import service as messaging
from gateway.messaging.models import Message
from gateway.pack import Pack
from gateway.residents.sealing import Vault


@dataclass(slots=True)
class Heard:
    """One text within one unit of work. Its number is in memory only as long as that."""

    session: Session
    vault: Vault
    pack: Pack
    now: datetime
    channel: str
    row: UUID
    """The inbound row it is stored in."""
    number: str = field(repr=False)
    resident: UUID
    language: str
    text: str = field(repr=False)

    def answer(self, template: str, case: UUID | None = None, *, language: str = "", **values: str) -> UUID | None:
        """Owe one SMS in answer to this one; the same text owes it once."""
        return messaging.owe(
            self.session,
            self.vault,
            resident_id=self.resident,
            template=template,
            values=values,
            language=language or self.language,
            now=self.now,
            case_id=case,
            urgent=True,
            effect_key=self.vault.lookup.digest("inbound", f"{self.row}:{template}"),
        )

    def said_lately(self, template: str, within: timedelta, case: UUID | None = None) -> bool:
        """Whether this number was owed such a text in that time."""
        said = sa.select(Message.id).where(
            Message.resident_id == self.resident, Message.template == template, Message.owed_at > self.now - within
        )
        if case is not None:
            said = said.where(Message.case_id == case)
        return self.session.scalar(said.limit(1)) is not None
