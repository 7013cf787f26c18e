"""Rights of the application's role: rows, never tables; and in the audit trail, new rows only."""

from __future__ import annotations

import os
from collections.abc import Sequence

import sqlalchemy as sa

APPLICATION_ROLE = os.environ.get("BARAZA_APPLICATION_ROLE", "baraza_app")


def grant(connection: sa.Connection, tables: Sequence[str], *, append_only: Sequence[str] = ()) -> None:
    """Give the application's role its rights on `tables` and on all sequences, where that role exists."""
    exists = connection.scalar(sa.text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": APPLICATION_ROLE})
    if not exists:
        raise RuntimeError(f"the database role {APPLICATION_ROLE} must exist before the migrations run")
    role = connection.dialect.identifier_preparer.quote(APPLICATION_ROLE)
    connection.execute(sa.text(f"GRANT USAGE ON SCHEMA public TO {role}"))
    for table in tables:
        rights = "SELECT, INSERT" if table in append_only else "SELECT, INSERT, UPDATE, DELETE"
        connection.execute(sa.text(f'GRANT {rights} ON "{table}" TO {role}'))
    connection.execute(sa.text(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}"))


def read_version(connection: sa.Connection) -> None:
    """Let the application see which migration the schema is at, for its readiness."""
    role = connection.dialect.identifier_preparer.quote(APPLICATION_ROLE)
    connection.execute(sa.text(f"GRANT SELECT ON alembic_version TO {role}"))
