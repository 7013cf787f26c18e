"""Equal texts from one number within seconds are one text: handsets and networks send twice under two ids.

Once a reply of ours has left in between, the same text is meant again: `1` answers one question and then the next.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.intake.models import InboundMessage
from gateway.messaging.hands import left_since
from gateway.messaging.models import Message
from gateway.residents.models import Resident
from gateway.residents.sealing import Vault

WITHIN = timedelta(seconds=30)
"""How long after a text the same words are taken for the same text."""


def is_repeat(session: Session, vault: Vault, *, row: UUID, resident: UUID, text: str, now: datetime) -> bool:
    """Whether the inbound `row` says once more what the resident's text before it said. Notes its words, as a hash."""
    digest = vault.lookup.digest("inbound words", f"{resident}:{' '.join(text.split()).casefold()}")
    # Copies that come at the same moment go through here one after the other.
    session.execute(sa.select(Resident.id).where(Resident.id == resident).with_for_update(key_share=True))
    before = session.execute(
        sa.select(InboundMessage.content_digest, InboundMessage.received_at)
        .where(
            InboundMessage.resident_id == resident,
            InboundMessage.id != row,
            InboundMessage.received_at > now - WITHIN,
        )
        .order_by(InboundMessage.received_at.desc(), InboundMessage.id.desc())
        .limit(1)
    ).one_or_none()
    session.execute(sa.update(InboundMessage).where(InboundMessage.id == row).values(content_digest=digest))
    if before is None or before.content_digest != digest:
        return False
    # A reply is on the handset before the provider's answer to the call is written down.
    since = sa.or_(Message.sent_at >= before.received_at, left_since(before.received_at))
    return not session.scalar(sa.select(sa.exists().where(Message.resident_id == resident, since)))
