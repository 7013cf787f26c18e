"""The schema: models and migrations agree, every column says who may see it, the application only works on rows."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from gateway.context import Context
from gateway.database import Class
from gateway.models import Base

COLUMNS = [column for table in Base.metadata.tables.values() for column in table.columns]


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_every_column_is_classified(column: sa.Column[object]) -> None:
    assert isinstance(column.info.get("class"), Class)


def test_what_is_sealed_is_personal_and_what_is_hashed_is_secret() -> None:
    for column in COLUMNS:
        if column.name.endswith("_sealed"):
            assert column.info["class"] is Class.PERSONAL, column
        if column.name.endswith(("_lookup", "_digest", "_key")) and isinstance(column.type, sa.LargeBinary):
            assert column.info["class"] is Class.SECRET, column


def test_models_and_migrations_agree(context: Context, owner: sa.Engine) -> None:
    with owner.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET action = 'x'",
        "DELETE FROM audit_entries",
        "UPDATE audit_links SET digest = ''",
        "DELETE FROM audit_links",
        "TRUNCATE audit_entries CASCADE",
        "DROP TABLE cases",
        "ALTER TABLE cases ADD COLUMN x int",
        "CREATE TABLE mine (x int)",
    ],
)
def test_the_application_may_not(context: Context, statement: str) -> None:
    with context.engine.connect() as connection, pytest.raises(sa.exc.ProgrammingError, match=r"permission|owner"):
        connection.execute(sa.text(statement))
