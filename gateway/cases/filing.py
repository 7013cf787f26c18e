"""Filing a case: the case and its first event, as one statement or as parts of a larger one."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from gateway.cases.deadlines import Facts, first_due
from gateway.cases.models import CASE_SERIAL, Case, CaseEvent
from gateway.cases.records import CaseTerm
from gateway.cases.terms import terms
from gateway.commitments.models import Commitment
from gateway.ids import new_id
from gateway.pack import Pack
from gateway.residents.sealing import Vault
from gateway.statements import Statement, constant, given, insert_selected, number_list
from menus import receipt as receipts


@dataclass(slots=True)
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
    ten = str(10**9 + secrets.randbelow(9 * 10**9))
    return ten + receipts.check_digit(ten)


_AS_GIVEN = (
    "id",
    "receipt_lookup",
    "receipt_sealed",
    "reference",
    "privacy",
    "kind",
    "category",
    "urgent",
    "area_code",
    "ward_code",
    "commitment_id",
    "language",
    "channel",
    "story_sealed",
    "filed_at",
    "due_at",
    "effect_key",
)

GIVEN: Mapping[str, Any] = {
    **{f"case_{name}": getattr(Case, name) for name in _AS_GIVEN},
    "case_commitment_id": Commitment.ogp_id,  # a key has no type of its own until its table is known
    "case_prefix": Case.serial,
    "case_terms": sa.Text(),
    "event_id": CaseEvent.id,
}
"""What `filing_parts` are given, by the columns it is for; `filing_values` makes it."""


def filing_parts(
    rows: sa.CTE, source: sa.FromClause, resident: sa.ColumnElement[Any]
) -> tuple[sa.CTE, sa.CTE, sa.FromClause]:
    """The cases of residents, and their first events and words to search by, as parts of a statement over `rows`.

    `source` is `rows`, or `rows` joined to where `resident` comes from. Returns the event; the cases that are new
    (id, serial, resident_id), not those that the same effect had filed before; and `rows` joined to these.
    """
    number = sa.func.lpad(sa.cast(CASE_SERIAL.next_value(), sa.Text), sa.literal_column("6"), sa.literal_column("'0'"))
    columns: dict[str, sa.ColumnElement[Any]] = {
        "serial": sa.func.concat(rows.c.case_prefix, number),
        "status": constant("received"),
        "resident_id": resident,
    }
    columns |= {name: rows.c[f"case_{name}"] for name in _AS_GIVEN}
    # Looked for first: a serial that is drawn for a copy would be missing among those of the cases.
    is_new = ~sa.exists().where(Case.effect_key == rows.c.case_effect_key)
    case = insert_selected(Case, columns, source, is_new).on_conflict_do_nothing(index_elements=["effect_key"])
    filed = case.returning(Case.id, Case.serial, Case.resident_id).cte("filed")
    new = rows.join(filed, filed.c.id == rows.c.case_id)
    event = {
        "id": rows.c.event_id,
        "case_id": filed.c.id,
        "at": rows.c.case_filed_at,
        "kind": constant("filed"),
        "actor": constant("resident"),
        "audience": constant("resident"),
        "channel": rows.c.case_channel,
    }
    term = sa.func.unnest(sa.cast(rows.c.case_terms, ARRAY(sa.BigInteger)))
    words = insert_selected(CaseTerm, {"term": term, "case_id": filed.c.id}, new).cte("words")
    return insert_selected(CaseEvent, event, new).add_cte(words).cte("event"), filed, new


def filing_values(
    vault: Vault, filing: Filing, receipt: str, *, pack: Pack, effect_key: bytes | None, now: datetime
) -> dict[str, Any]:
    """What `filing_parts` are given; the resident is not among it."""
    case = new_id()
    return {
        "case_id": case,
        "case_prefix": f"{pack.about.prefix}-{now.year}-",
        "case_receipt_lookup": vault.lookup.digest("receipt", receipt),
        "case_receipt_sealed": vault.sealer.seal(receipt, receipt_place(case)),
        "case_reference": receipt[:4],
        "case_privacy": filing.privacy,
        "case_kind": filing.kind,
        "case_category": filing.category,
        "case_urgent": filing.urgent,
        "case_area_code": filing.area,
        "case_ward_code": filing.ward,
        "case_commitment_id": filing.commitment,
        "case_language": filing.language,
        "case_channel": filing.channel,
        "case_story_sealed": vault.sealer.seal(filing.story, f"cases.story:{case}"),
        "case_filed_at": now,
        "case_due_at": first_due(pack, Facts(filing.kind, filing.category, filing.urgent, now)),
        "case_effect_key": effect_key,
        "case_terms": number_list(terms(vault, filing.story)),
        "event_id": new_id(),
    }


def _file() -> Statement:
    rows = given({**GIVEN, "resident_id": Case.resident_id})
    event, filed, new = filing_parts(rows, rows, rows.c.resident_id)
    return Statement(rows, sa.select(filed.c.id, filed.c.serial).select_from(new).add_cte(event))


FILE = _file()


def file_case(
    session: Session, vault: Vault, filing: Filing, *, pack: Pack, effect_key: bytes | None, now: datetime
) -> Filed:
    """File a case once for an effect; a repeat gets the case that is there.

    Raises `sqlalchemy.exc.IntegrityError` where the receipt drawn is taken, once in some 10^5 cases of a county with
    10^5 cases: draw again, as `database.once_more` does.
    """
    receipt = new_receipt()
    values = filing_values(vault, filing, receipt, pack=pack, effect_key=effect_key, now=now)
    row = FILE.within(session, values | {"resident_id": filing.resident})
    return Filed(row.id, row.serial, receipt, True) if row else filed_before(session, vault, effect_key)


def filed_before(session: Session, vault: Vault, effect_key: bytes | None) -> Filed:
    """The case that an effect has filed."""
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
