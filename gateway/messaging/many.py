"""The same news owed about several cases: two statements however many they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.channels import sends
from gateway.ids import new_id
from gateway.messaging import templates
from gateway.messaging.models import Message, among
from gateway.messaging.service import seal_params
from gateway.messaging.states import State
from gateway.residents.models import Resident
from gateway.residents.sealing import Vault


@dataclass(frozen=True, slots=True)
class News:
    """What one resident is to be told about one case."""

    case_id: UUID
    resident_id: UUID
    language: str
    values: Mapping[str, str]
    urgent: bool = False


def owe_each(session: Session, vault: Vault, template: str, news: Sequence[News], now: datetime) -> int:
    """Owe each of them one message; how many rows. Who stopped all SMS is owed it as suppressed, as with `owe`."""
    if not news:
        return 0
    people = sa.select(Resident.id).where(
        among(Resident.id, {one.resident_id for one in news}), Resident.stopped_all_at.is_not(None)
    )
    stopped = set(session.scalars(people))
    channel = sends(session)
    rows = []
    for one in news:
        known, message = templates.check(template, one.values), new_id()
        silent = one.resident_id in stopped
        rows.append(
            {
                "id": message,
                "lane": known.lane,
                "template": template,
                "params_sealed": seal_params(vault, message, one.values),
                "language": one.language,
                "audience": "resident",
                "resident_id": one.resident_id,
                "case_id": one.case_id,
                "urgent": one.urgent or known.urgent,
                "state": State.SUPPRESSED if silent else State.OWED,
                "reason": "stopped_all" if silent else "",
                "not_before": now,
                "channel": channel,
                "owed_at": now,
                "final_at": now if silent else None,
            }
        )
    session.execute(insert(Message), rows)
    return len(rows)
