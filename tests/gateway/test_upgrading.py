"""Migrations on a database that is at work: what was under way goes on as it stood."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from gateway.context import Context
from gateway.messaging import hands, sweeping
from gateway.messaging.models import Message
from gateway.settings import Settings
from operations import migrate
from tests.conftest import Stores, make_settings

OLD = "an_older_baraza"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

STATES = ("owed", "held", "leased", "accepted", "delivered", "failed", "expired", "unknown", "suppressed")
"""As the row of a message said them before its lease moved to the call."""


@pytest.fixture
def old(stores: Stores) -> Iterator[Settings]:
    """Settings of a database of its own, empty, without a schema."""
    postgres = stores.postgres
    with psycopg.connect(postgres.superuser_url, autocommit=True) as superuser:
        superuser.execute(f"CREATE DATABASE {OLD} OWNER baraza_owner".encode())
        yield make_settings(
            stores,
            database_url=postgres.url.removesuffix("baraza") + OLD,
            migration_database_url=postgres.owner_url.removesuffix("baraza") + OLD,
        )
        superuser.execute(f"DROP DATABASE {OLD} WITH (FORCE)".encode())


def migrate_to(settings: Settings, revision: str, *, down: bool = False) -> None:
    config = migrate.configuration()
    config.attributes["url"] = settings.migration_database_url
    (command.downgrade if down else command.upgrade)(config, revision)


def before(revision: str) -> str:
    found = ScriptDirectory.from_config(migrate.configuration()).get_revision(revision)
    assert found is not None
    assert isinstance(found.down_revision, str)
    return found.down_revision


def fill(settings: Settings) -> dict[str, UUID]:
    """A message in each state, and one more in a worker's hands whose call has left; ids by state."""
    ids = {name: uuid4() for name in (*STATES, "leased and left")}
    resident = uuid4()
    with psycopg.connect(settings.database_url) as connection:
        connection.execute(
            "INSERT INTO residents (id, number_lookup, number_sealed, language) VALUES (%s, 'x', 'x', 'en')", [resident]
        )
        for name, message in ids.items():
            leased = name.startswith("leased")
            connection.execute(
                "INSERT INTO messages (id, lane, template, language, resident_id, state, not_before, channel, owed_at,"
                " lease, leased_until) VALUES (%s, 'replies', 'help', 'en', %s, %s, %s, 'africastalking', %s, %s, %s)",
                [
                    message,
                    resident,
                    name.split()[0],
                    NOW,
                    NOW,
                    uuid4() if leased else None,
                    NOW + timedelta(seconds=60) if leased else None,
                ],
            )
        # The call lists a message too whose report was faster than its answer, and it has the last word.
        connection.execute(
            "INSERT INTO provider_calls (id, message_ids, left_at) VALUES (%s, %s, %s)",
            [uuid4(), [ids["leased and left"], ids["delivered"]], NOW],
        )
        connection.execute(
            "INSERT INTO provider_calls (id, message_ids, left_at) VALUES (%s, %s, %s)",
            [uuid4(), [ids["accepted"]], NOW],
        )
    return ids


def seen(context: Context, ids: dict[str, UUID]) -> dict[str, str]:
    with context.work() as session:
        shown = {row.id: row.shown for row in session.execute(sa.select(Message.id, hands.SHOWN.label("shown")))}
    return {name: shown[message] for name, message in ids.items()}


UNTOUCHED = {name: name for name in STATES if name != "leased"}


def test_messages_in_every_state_outlive_the_move_of_their_leases_and_back(old: Settings) -> None:
    migrate_to(old, before("0007"))
    ids = fill(old)
    migrate_to(old, "0007")
    migrate_to(old, before("0007"), down=True)
    _as_before(old, ids)
    migrate.upgrade(old)
    context = Context.make(old)
    # What had not left is owed and nobody's; what had left is in the hands of its call, and of no other.
    assert seen(context, ids) == {**UNTOUCHED, "leased": "owed", "leased and left": "leased"}
    with context.work() as session:
        sweeping.sweep(session, NOW + timedelta(seconds=61), None)
    assert seen(context, ids) == {**UNTOUCHED, "leased": "owed", "leased and left": "unknown"}
    context.close()


def _as_before(old: Settings, ids: dict[str, UUID]) -> None:
    """The call that left holds its message, as the row itself did; the other lease has ended."""
    with psycopg.connect(old.database_url) as connection:
        rows = connection.execute("SELECT id, state, leased_until IS NOT NULL FROM messages").fetchall()
        calls = connection.execute("SELECT message_ids, left_at FROM provider_calls").fetchall()
    stands = {message: (state, leased) for message, state, leased in rows}
    untouched = {name: (name, False) for name in UNTOUCHED}
    expected = {**untouched, "leased": ("owed", False), "leased and left": ("leased", True)}
    assert {name: stands[message] for name, message in ids.items()} == expected
    assert calls == [([ids["leased and left"]], NOW)]
