"""Many residents at once, for drills, chaos tests and benchmarks: each sealed as if they had dialled."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import psycopg

from gateway.ids import new_id
from gateway.residents.sealing import Vault
from gateway.residents.service import number_place


def gather(
    connection: psycopg.Connection[tuple[object, ...]],
    vault: Vault,
    numbers: Iterable[str],
    *,
    language: str,
    now: datetime,
) -> list[UUID]:
    """Add a resident for each number (E.164, not kept before) by one COPY, and commit; their ids."""
    residents = []
    with connection.transaction(), connection.cursor() as cursor:
        columns = "id, number_lookup, number_sealed, language, created_at"
        with cursor.copy(f"COPY residents ({columns}) FROM STDIN") as copy:
            for number in numbers:
                resident = new_id()
                residents.append(resident)
                sealed = vault.sealer.seal(number, number_place(resident))
                copy.write_row((resident, vault.lookup.digest("number", number), sealed, language, now))
    return residents
