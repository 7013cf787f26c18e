"""Verbs on residents. The only module that turns a sealed number back into one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session

from gateway.database import Base, run, table_of
from gateway.ids import new_id
from gateway.residents.models import Consent, Guess, Resident
from gateway.residents.sealing import Vault


def number_place(resident: UUID | str) -> str:
    """The place that a resident's number is sealed for."""
    return f"residents.number:{resident}"


_FIND = sa.select(Resident).where(Resident.number_lookup == sa.bindparam("digest"))
RESIDENTS = table_of(Resident)
_KNOWN = sa.select(RESIDENTS.c.id, RESIDENTS.c.number_lookup).where(
    RESIDENTS.c.number_lookup == sa.any_(sa.bindparam("digests", type_=ARRAY(sa.LargeBinary)))
)
_ADD = insert(RESIDENTS)
# An update that changes nothing but the language also returns the row that was there.
_KEEP = _ADD.on_conflict_do_update(
    index_elements=["number_lookup"], set_={"language": _ADD.excluded.language}
).returning(RESIDENTS.c.id)


def find(session: Session, vault: Vault, number: str) -> Resident | None:
    """The resident with this number (E.164), if it is kept."""
    return session.scalar(_FIND, {"digest": vault.lookup.digest("number", number)})


def known(session: Session, vault: Vault, numbers: Iterable[str]) -> dict[str, UUID]:
    """The ids of those residents whose numbers (E.164) are kept, by number."""
    by_digest = {vault.lookup.digest("number", number): number for number in numbers}
    if not by_digest:
        return {}
    found = session.execute(_KNOWN, {"digests": list(by_digest)})
    return {by_digest[bytes(row.number_lookup)]: row.id for row in found}


def keep(session: Session, vault: Vault, number: str, *, language: str, now: datetime) -> UUID:
    """The id of the resident with this number, made now if there is none. The language given is the new one."""
    resident = new_id()
    kept = run(
        session,
        _KEEP,
        id=resident,
        number_lookup=vault.lookup.digest("number", number),
        number_sealed=vault.sealer.seal(number, number_place(resident)),
        language=language,
        created_at=now,
    )
    return kept.scalar_one()


def with_number(vault: Vault, number: str) -> sa.ColumnElement[bool]:
    """The condition that a resident has this number (E.164)."""
    return Resident.number_lookup == vault.lookup.digest("number", number)


def forget_unused(session: Session, *which: sa.ColumnElement[bool]) -> None:
    """Delete rows that nothing of ours needs any more: their owners chose that the number be not kept."""
    used = [
        sa.exists().where(key.parent == Resident.id)
        for table in Base.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table is Resident.__table__
    ]
    session.execute(sa.delete(Resident).where(*which, ~sa.or_(*used)).execution_options(synchronize_session=False))


def open_number(vault: Vault, resident: UUID | str, sealed: bytes) -> str:
    """The number (E.164) of a resident, for the sender of messages at the last moment. Staff go another way.

    Raises KeyError for an unknown key version, `cryptography.exceptions.InvalidTag` otherwise.
    """
    return vault.sealer.open(sealed, number_place(resident))


_CONSENT = insert(table_of(Consent)).on_conflict_do_nothing(index_elements=["effect_key"])


def consent(
    session: Session,
    *,
    resident: UUID,
    kind: str,
    wording: str,
    language: str,
    now: datetime,
    subject: str = "",
    effect_key: bytes | None = None,
) -> None:
    """Record what a resident agreed to, in the words shown; the same effect is recorded once."""
    values = {
        "id": new_id(),
        "resident_id": resident,
        "kind": kind,
        "subject": subject,
        "wording": wording,
        "language": language,
        "given_at": now,
        "effect_key": effect_key,
    }
    run(session, _CONSENT, **values)


def withdraw_consent(session: Session, *, resident: UUID, kind: str, subject: str | None, now: datetime) -> None:
    """Take back consents of a kind, for one subject or for all."""
    statement = (
        sa.update(Consent)
        .where(Consent.resident_id == resident, Consent.kind == kind, Consent.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
    )
    session.execute(statement if subject is None else statement.where(Consent.subject == subject))


def stop_messages(session: Session, resident: UUID, *, everything: bool, now: datetime) -> None:
    """No more broadcasts; with `everything`, no answers to one's own cases either. Holds before the next send."""
    values = {"stopped_broadcasts_at": now} | ({"stopped_all_at": now} if everything else {})
    session.execute(sa.update(Resident).where(Resident.id == resident).values(values))


def start_messages(session: Session, resident: UUID) -> None:
    """Undo a stop of any kind."""
    values = {"stopped_broadcasts_at": None, "stopped_all_at": None, "unreachable_since": None}
    session.execute(sa.update(Resident).where(Resident.id == resident).values(values))


def change(session: Session, resident: UUID, **values: object) -> None:
    """Set plain fields (`language`, `ward_code`, `full_answers`) of one resident."""
    session.execute(sa.update(Resident).where(Resident.id == resident).values(values))


def lock(session: Session, vault: Vault, resident: UUID, digits: str) -> None:
    """Lock the resident's lists behind four digits of their own; empty digits unlock."""
    digest = vault.lookup.digest("lock", f"{resident}:{digits}") if digits else None
    session.execute(sa.update(Resident).where(Resident.id == resident).values(lock_digest=digest))


def unlocks(vault: Vault, resident: Resident, digits: str) -> bool:
    """Whether these are the digits. Count the try first: see `count_guess`."""
    return resident.lock_digest is None or resident.lock_digest == vault.lookup.digest(
        "lock", f"{resident.id}:{digits}"
    )


def count_guess(session: Session, *, kind: str, subject: bytes, now: datetime, window: timedelta) -> int:
    """Count one try and return how many there were in the window. In Postgres, so that no restart forgives."""
    fresh = Guess.window_start < now - window
    statement = (
        insert(Guess)
        .values(kind=kind, subject=subject, tries=1, window_start=now)
        .on_conflict_do_update(
            index_elements=["kind", "subject"],
            set_={
                "tries": sa.case((fresh, 1), else_=Guess.tries + 1),
                "window_start": sa.case((fresh, now), else_=Guess.window_start),
            },
        )
        .returning(Guess.tries)
    )
    return session.execute(statement).scalar_one()


def forgive_guesses(session: Session, *, kind: str, subject: bytes) -> None:
    """A right answer ends the count."""
    session.execute(sa.delete(Guess).where(Guess.kind == kind, Guess.subject == subject))
