"""Filing a case: the case, its first event, its draft and the receipt owed, in one transaction."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.cases.models import CASE_SERIAL, Case, CaseEvent
from gateway.ids import new_id
from gateway.residents.sealing import Vault
from menus import receipt as receipts


@dataclass(frozen=True, slots=True)
class Filing:
    """What a resident says, ready to be filed. `resident` is None when the number is not kept."""

    kind: str
    category: str
    privacy: str
    story: str
    language: str
    channel: str
    resident: UUID | None
    area: str = ""
    ward: str = ""
    urgent: bool = False
    commitment: str | None = None


@dataclass(frozen=True, slots=True)
class Filed:
    id: UUID
    serial: str
    receipt: str
    """Eleven digits."""
    new: bool
    """False when the same effect had filed it before."""


def new_receipt() -> str:
    """Ten random digits, the first 1-9, and a Damm check digit."""
    ten = str(secrets.randbelow(9) + 1) + "".join(str(secrets.randbelow(10)) for _ in range(9))
    return ten + receipts.check_digit(ten)


def file_case(
    session: Session, vault: Vault, filing: Filing, *, prefix: str, effect_key: bytes | None, now: datetime
) -> Filed:
    """File a case once for an effect; a repeat gets the case that is there.

    Raises `sqlalchemy.exc.IntegrityError` in the one case of 10^10 where the receipt is taken: try again.
    """
    case, receipt = new_id(), new_receipt()
    row = session.execute(
        insert(Case)
        .values(
            id=case,
            serial=sa.func.concat(
                f"{prefix}-{now.year}-", sa.func.lpad(sa.cast(CASE_SERIAL.next_value(), sa.Text), 6, "0")
            ),
            receipt_lookup=vault.lookup.digest("receipt", receipt),
            receipt_sealed=vault.sealer.seal(receipt, receipt_place(case)),
            reference=receipt[:4],
            resident_id=filing.resident,
            privacy=filing.privacy,
            kind=filing.kind,
            category=filing.category,
            status="received",
            urgent=filing.urgent,
            area_code=filing.area,
            ward_code=filing.ward,
            commitment_id=filing.commitment,
            language=filing.language,
            channel=filing.channel,
            story_sealed=vault.sealer.seal(filing.story, f"cases.story:{case}"),
            filed_at=now,
            effect_key=effect_key,
        )
        .on_conflict_do_nothing(index_elements=["effect_key"])
        .returning(Case.serial)
    ).one_or_none()
    if row is None:
        return _filed_before(session, vault, effect_key)
    session.execute(
        insert(CaseEvent).values(
            id=new_id(),
            case_id=case,
            at=now,
            kind="filed",
            actor="resident",
            audience="resident",
            channel=filing.channel,
        )
    )
    return Filed(case, row.serial, receipt, True)


def _filed_before(session: Session, vault: Vault, effect_key: bytes | None) -> Filed:
    row = session.execute(
        sa.select(Case.id, Case.serial, Case.receipt_sealed).where(Case.effect_key == effect_key)
    ).one()
    return Filed(row.id, row.serial, vault.sealer.open(row.receipt_sealed, receipt_place(row.id)), False)


def receipt_place(case: UUID) -> str:
    """The place a receipt is sealed to."""
    return f"cases.receipt:{case}"


def filed_as(session: Session, vault: Vault, case: UUID) -> Filed:
    """What a case was filed as."""
    row = session.execute(sa.select(Case.serial, Case.receipt_sealed).where(Case.id == case)).one()
    return Filed(case, row.serial, vault.sealer.open(row.receipt_sealed, receipt_place(case)), False)
