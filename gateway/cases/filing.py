"""Filing a case: the case, its first event, its draft and the receipt owed, in one transaction."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.cases.models import Case
from gateway.database import run
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


# The case and its first event in one statement: it is the one that every resident waits for.
_FILE = sa.text("""
    WITH filed AS (
        INSERT INTO cases (
            id, serial, receipt_lookup, receipt_sealed, reference, resident_id, privacy, kind, category, urgent,
            area_code, ward_code, commitment_id, language, channel, story_sealed, filed_at, effect_key
        ) VALUES (
            :id, concat(CAST(:serial AS text), lpad(nextval('case_serial_seq')::text, 6, '0')), :receipt_lookup,
            :receipt_sealed, :reference, :resident_id, :privacy, :kind, :category, :urgent, :area_code, :ward_code,
            :commitment_id, :language, :channel, :story_sealed, :filed_at, :effect_key
        )
        ON CONFLICT (effect_key) DO NOTHING
        RETURNING id, serial, channel, filed_at
    ), event AS (
        INSERT INTO case_events (id, case_id, at, kind, actor, audience, channel)
        SELECT :event_id, id, filed_at, 'filed', 'resident', 'resident', channel FROM filed
    )
    SELECT serial FROM filed
""")


def file_case(
    session: Session, vault: Vault, filing: Filing, *, prefix: str, effect_key: bytes | None, now: datetime
) -> Filed:
    """File a case once for an effect; a repeat gets the case that is there.

    Raises `sqlalchemy.exc.IntegrityError` in the one case of 10^10 where the receipt is taken: try again.
    """
    case, receipt = new_id(), new_receipt()
    row = run(
        session,
        _FILE,
        id=case,
        serial=f"{prefix}-{now.year}-",
        receipt_lookup=vault.lookup.digest("receipt", receipt),
        receipt_sealed=vault.sealer.seal(receipt, receipt_place(case)),
        reference=receipt[:4],
        resident_id=filing.resident,
        privacy=filing.privacy,
        kind=filing.kind,
        category=filing.category,
        urgent=filing.urgent,
        area_code=filing.area,
        ward_code=filing.ward,
        commitment_id=filing.commitment,
        language=filing.language,
        channel=filing.channel,
        story_sealed=vault.sealer.seal(filing.story, f"cases.story:{case}"),
        filed_at=now,
        effect_key=effect_key,
        event_id=new_id(),
    ).one_or_none()
    if row is None:
        return _filed_before(session, vault, effect_key)
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
