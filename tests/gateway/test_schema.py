"""The schema: models and migrations agree, every column says who may see it, the application only works on rows."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from gateway.context import Context
from gateway.database import Class, Word
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


def test_a_domain_takes_the_words_of_its_model_and_no_other(context: Context) -> None:
    kinds = [column.type for column in COLUMNS if isinstance(column.type, Word)]
    assert len(kinds) == 9
    with context.engine.connect() as connection:
        for kind in kinds:
            for word in kind.words:
                assert connection.scalar(sa.select(sa.cast(word, kind))) == word
            for other in ("", kind.words[0].upper(), "other"):
                with pytest.raises(sa.exc.IntegrityError, match="check constraint"), connection.begin_nested():
                    connection.scalar(sa.select(sa.cast(other, kind)))


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
