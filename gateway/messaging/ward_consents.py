"""Consents to SMS of one kind for one ward: agree, leave, stop and start again. None of the verbs commits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from gateway.ids import new_id
from gateway.messaging import service as messaging
from gateway.residents import service as residents
from gateway.residents.models import Agreed


@dataclass(frozen=True)
class WardConsent:
    """One such consent. `kind` names it where the words agreed to are kept, with the ward as their subject."""

    rows: type[Agreed]
    kind: str
    broadcasts: sa.ColumnElement[bool]
    """Those that rest on it: what is under way of them is taken back when the resident leaves."""

    def agree(
        self,
        session: Session,
        *,
        resident_id: UUID,
        ward: str,
        wording: str,
        language: str,
        channel: str,
        now: datetime,
        effect_key: bytes | None,
    ) -> None:
        """For `ward` from now on, in place of any other, with the consent in the words shown."""
        self._end(session, resident_id, "ward", now, self.rows.ward_code != ward)
        residents.withdraw_consent(session, resident=resident_id, kind=self.kind, subject=None, now=now)
        row = insert(self.rows).values(id=new_id(), resident_id=resident_id, ward_code=ward, since=now, channel=channel)
        session.execute(
            row.on_conflict_do_nothing(index_elements=["resident_id"], index_where=sa.text("until IS NULL"))
        )
        residents.consent(
            session,
            resident=resident_id,
            kind=self.kind,
            subject=ward,
            wording=wording,
            language=language,
            now=now,
            effect_key=effect_key,
        )

    def leave(self, session: Session, *, resident_id: UUID, now: datetime) -> None:
        """No more of it, what is under way included; the ward agreed to for it is no longer theirs."""
        self._end(session, resident_id, "menu", now)
        residents.withdraw_consent(session, resident=resident_id, kind=self.kind, subject=None, now=now)
        messaging.withdraw(session, resident_id, self.broadcasts, now=now)

    def stop(self, session: Session, resident: UUID, now: datetime) -> None:
        """A STOP ends it, so that nothing but a START or a new consent brings it back."""
        self._end(session, resident, "stop", now)

    def start(self, session: Session, resident: UUID) -> None:
        """Bring back what the last stop ended."""
        rows, current = self.rows, aliased(self.rows)
        again = sa.exists().where(current.resident_id == rows.resident_id, current.until.is_(None))
        last = sa.select(rows.id).where(rows.resident_id == resident)
        last = last.order_by(rows.until.desc(), rows.id.desc()).limit(1)
        session.execute(
            sa.update(rows)
            .where(rows.id == last.scalar_subquery(), rows.ended_by == "stop", ~again)
            .values(until=None, ended_by=None)
            .execution_options(synchronize_session=False)
        )

    def ward_of(self, session: Session, resident_id: UUID) -> str:
        """Code of the ward that a resident agreed for; empty without one."""
        mine = sa.select(self.rows.ward_code).where(self.rows.resident_id == resident_id, self.rows.until.is_(None))
        return session.scalar(mine) or ""

    def _end(
        self, session: Session, resident: UUID, ended_by: str, now: datetime, *which: sa.ColumnElement[bool]
    ) -> None:
        session.execute(
            sa.update(self.rows)
            .where(self.rows.resident_id == resident, self.rows.until.is_(None), *which)
            .values(until=now, ended_by=ended_by)
            .execution_options(synchronize_session=False)
        )
