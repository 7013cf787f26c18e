"""Engine, session and unit of work. Services change rows and never commit; whoever opens a unit of work does, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Any, ClassVar, ParamSpec, TypeVar

import sqlalchemy as sa
from psycopg.errors import UniqueViolation
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

P = ParamSpec("P")
T = TypeVar("T")

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Class(Enum):
    """Who may see a column. Exporters, logs and the purge read this; a column without one fails the build."""

    PUBLIC = "public"
    INTERNAL = "internal"
    PERSONAL = "personal"
    SECRET = "secret"  # noqa: S105  # the word, not one


class Base(DeclarativeBase):
    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar = {bytes: sa.LargeBinary}


def column(kind: Any, *args: Any, seen: Class, **options: Any) -> Mapped[Any]:
    """A mapped column that says its class."""
    return mapped_column(kind, *args, info={"class": seen}, **options)


def one_of(name: str, *words: str) -> sa.CheckConstraint:
    """A column that takes only these words."""
    listed = ", ".join(f"'{word}'" for word in words)
    return sa.CheckConstraint(f"{name} IN ({listed})", name=name)


class Word(sa.String):
    """A column that takes only these words, as a domain of the schema: for tables that are written at every case.

    Postgres reads and plans a table's CHECK anew for each statement that writes there, some 50,000 instructions for a
    dozen words; a domain's it keeps.
    """

    def __init__(self, domain: str, length: int, *words: str) -> None:
        super().__init__(length)
        self.domain = domain
        self.words = words


@compiles(Word)
def _domain(kind: Word, compiler: sa.sql.compiler.TypeCompiler, **options: Any) -> str:
    return kind.domain


def sqlalchemy_url(libpq: str) -> sa.URL:
    """A libpq address as SQLAlchemy's, for psycopg 3."""
    return sa.make_url(libpq).set(drivername="postgresql+psycopg")


def make_engine(libpq: str, *, pool_size: int = 5, application: str = "baraza") -> sa.Engine:
    """An engine whose errors never print parameters. Make it after a fork, never before."""
    return sa.create_engine(
        sqlalchemy_url(libpq),
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=2,
        pool_pre_ping=False,
        connect_args={
            "application_name": application,
            "connect_timeout": 2,
            # A hop has two seconds; nothing on the web side may hold a connection for much longer.
            "options": "-c statement_timeout=15000 -c timezone=UTC",
        },
    )


def once_more(function: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
    """Call a function of a whole unit of work; again when its connection was lost, as after a restart of Postgres, or
    when a number it drew by lot (a receipt) was taken.

    Only for work that is done once however often it is called: what it writes has unique keys.
    """
    try:
        return function(*arguments, **options)
    except sa.exc.DBAPIError as error:
        if not error.connection_invalidated and not isinstance(error.orig, UniqueViolation):
            raise
        return function(*arguments, **options)


def table_of(model: type[Base]) -> sa.Table:
    """A model's table, for statements that are built once and run often."""
    return Base.metadata.tables[model.__tablename__]


def run(session: Session, statement: sa.Executable, **values: object) -> sa.CursorResult[Any]:
    """Execute a statement that was built once, over tables, in the session's transaction.

    The hop's own statements go this way: building an ORM statement anew costs more CPU than Postgres takes for it.
    """
    return session.connection().execute(statement, values)


@contextmanager
def unit_of_work(engine: sa.Engine, *, channel: str = "") -> Iterator[Session]:
    """One transaction: committed when the block ends well, rolled back whole when it does not.

    `channel` is the deployment's (`BARAZA_CHANNEL`): what is owed in this work is owed by it.
    """
    with Session(engine, expire_on_commit=False, info={"channel": channel}) as session, session.begin():
        yield session
