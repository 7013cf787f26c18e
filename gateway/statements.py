"""Core statements that are compiled once, for what runs at every hop: each for one resident or for several at once.

Building, compiling and running a statement through a `Session` costs some ten times what Postgres and its driver need.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.orm import InstrumentedAttribute, Session

from gateway.prepared import Prepared

Values = Mapping[str, Any]


def given(columns: Mapping[str, InstrumentedAttribute[Any] | sa.types.TypeEngine[Any]]) -> sa.CTE:
    """The table of what a statement is run with: a row for each of those that run it together, a column a value.

    A value has the type of the column it is for. A list of numbers is given spelled out, as `number_list` does.
    """
    kinds = {name: _sent_as(column) for name, column in columns.items()}
    arrays = [sa.cast(sa.bindparam(name, type_=ARRAY(kind)), ARRAY(kind)) for name, kind in kinds.items()]
    values = [sa.column(name, kind) for name, kind in kinds.items()]
    rows = sa.func.unnest(*arrays).table_valued(*values, with_ordinality=_PLACE).render_derived(name="rows")
    return sa.select(rows).cte("given")


_PLACE = "place"
"""Which of those that run a statement together a row is for, from one on."""


def _sent_as(column: InstrumentedAttribute[Any] | sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
    """Words have lengths and domains of their own; Postgres checks them where a value comes to lie."""
    kind = column.type if isinstance(column, InstrumentedAttribute) else column
    return sa.Text() if isinstance(kind, sa.String) else kind


def number_list(numbers: Iterable[int]) -> str:
    """Numbers as Postgres writes an array of them."""
    return "{" + ",".join(map(str, numbers)) + "}"


def constant(word: str) -> sa.ColumnElement[str]:
    """A word of our own, written out in the statement."""
    if not word.isidentifier():
        raise ValueError("a constant is a plain word")
    return sa.literal_column(f"'{word}'", sa.String())


def insert_selected(
    model: type, columns: Mapping[str, sa.ColumnElement[Any]], source: sa.FromClause, *where: sa.ColumnElement[bool]
) -> Any:
    """An insert of one row for each row of `source`, as far as the conditions hold."""
    return insert(model).from_select(
        list(columns), sa.select(*columns.values()).select_from(source).where(*where), False
    )


class Statement:
    """A statement of Core over the rows it is `given`, compiled once.

    It is run for one hop, or for all that came while another was under way, and has at most one row for each. Those
    whose values are the same in `apart` never go together.
    """

    def __init__(self, rows: sa.CTE, core: sa.Select[Any], *, apart: str = "") -> None:
        placed = core.add_columns(rows.c[_PLACE])
        compiled = placed.compile(dialect=PGDialect_psycopg())  # type: ignore[no-untyped-call]  # it carries no types
        self.sql = str(compiled)
        self.prepared = Prepared(placed)
        self.apart = apart

    def within(self, session: Session, values: Values) -> Any:
        """Its one row, or None; run in the transaction of a session."""
        arrays = {name: [values[name]] for name in self.prepared.names}
        return session.connection().exec_driver_sql(self.sql, arrays).one_or_none()
