"""What somebody wrote into a form while their session ended: kept sealed until they have signed in again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.ids import new_id
from gateway.residents.sealing import Vault
from gateway.staff.models import KeptForm

MOST = 50
"""Forms kept for one person; more are not taken."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A form that could not be taken: where it was sent, and what was in it."""

    path: str
    said: Mapping[str, str]


def keep(session: Session, vault: Vault, staff: UUID, kept: Kept, now: datetime) -> UUID | None:
    """Keep a form for its writer; its id, or None when they have too many."""
    count = sa.select(sa.func.count()).where(KeptForm.staff_id == staff)
    if (session.scalar(count) or 0) >= MOST:
        return None
    row = new_id()
    sealed = vault.sealer.seal(json.dumps({"path": kept.path, "said": dict(kept.said)}), _place(row))
    session.add(KeptForm(id=row, staff_id=staff, said_sealed=sealed, kept_at=now))
    return row


def read(session: Session, vault: Vault, staff: UUID, form: UUID) -> Kept | None:
    """What its writer wrote; None for anybody else, and when it is past its time."""
    found = session.scalar(sa.select(KeptForm).where(KeptForm.id == form, KeptForm.staff_id == staff))
    if found is None:
        return None
    kept = json.loads(vault.sealer.open(found.said_sealed, _place(found.id)))
    return Kept(kept["path"], kept["said"])


def _place(form: UUID) -> str:
    return f"kept_forms.said:{form}"
