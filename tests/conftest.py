"""Real stores for every test: Postgres built by the migrations, Valkey, both embedded, one pair a test process."""

from __future__ import annotations

import base64
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy.orm import Session

from gateway.context import Context
from gateway.database import sqlalchemy_url
from gateway.models import Base
from gateway.pack_load import put_pack
from gateway.settings import Settings
from operations.embedded import RunningPostgres, RunningValkey, start_postgres, start_valkey
from operations.migrate import upgrade

SECRET = "s" * 40

CHROMIUM = Path("/usr/bin/chromium")
"""Taken where a system has it; else Playwright's own."""
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Stores:
    """The two stores of this test process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.postgres: RunningPostgres = start_postgres(folder)
        self.valkey: RunningValkey = start_valkey(folder)

    def stop(self) -> None:
        self.postgres.stop()
        self.valkey.stop()


def make_settings(stores: Stores, **changes: object) -> Settings:
    """Settings on the test's stores, with keys of their own."""
    values: dict[str, object] = {
        "database_url": stores.postgres.url,
        "migration_database_url": stores.postgres.owner_url,
        "redis_url": stores.valkey.url,
        "pack": "kakamega",
        "callback_secrets": SECRET,
        "sealing_keys": "1:" + base64.b64encode(b"k" * 32).decode(),
        "lookup_key": base64.b64encode(b"l" * 32).decode(),
        "africastalking_api_key": "test",
        "africastalking_from": "22384",
        "quiet_hours": "off",
        "hop_budget": 15.0,  # what is tested of a slow hop says its own: the machine may be slow
        "files": str(stores.folder / "files"),
        "demo": True,
    }
    values.update(changes)
    return Settings(**values)  # type: ignore[arg-type]  # checked by pydantic


@pytest.fixture(scope="session")
def stores() -> Iterator[Stores]:
    folder = Path(tempfile.mkdtemp(prefix="baraza-test-"))
    running = Stores(folder)
    upgrade(make_settings(running))
    yield running
    running.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def owner(stores: Stores) -> Iterator[sa.Engine]:
    """The owner's role: only the tests use it beside the migrations, to clean up."""
    engine = sa.create_engine(sqlalchemy_url(stores.postgres.owner_url))
    yield engine
    engine.dispose()


@pytest.fixture
def settings(stores: Stores) -> Settings:
    return make_settings(stores)


# A tenth of what TRUNCATE costs: that makes new files for every table, and most of them are empty already.
_EMPTY = """DO $$ DECLARE name text; filled boolean; BEGIN
    FOREACH name IN ARRAY string_to_array('{tables}', ' ') LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %%I)', name) INTO filled;
        IF filled THEN EXECUTE format('DELETE FROM %%I', name); END IF;
    END LOOP;
    FOR name IN SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL LOOP
        EXECUTE format('ALTER SEQUENCE %%I RESTART', name);
    END LOOP; END $$"""


@pytest.fixture
def context(stores: Stores, owner: sa.Engine, settings: Settings) -> Iterator[Context]:
    """An empty database with the pack loaded, an empty Valkey."""
    with owner.begin() as connection:
        tables = " ".join(table.name for table in reversed(Base.metadata.sorted_tables))
        connection.exec_driver_sql(_EMPTY.format(tables=tables))
    made = Context.make(settings)
    made.valkey.flushall()
    with made.work() as session:
        put_pack(session, made.pack)
    yield made
    made.close()


@pytest.fixture
def session(context: Context) -> Iterator[Session]:
    """A session that is rolled back at the end."""
    with Session(context.engine, expire_on_commit=False) as opened:
        yield opened
        opened.rollback()


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("BARAZA_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, once a test process: two Playwrights in one thread refuse each other."""
    with sync_playwright() as playwright:
        path = CHROMIUM if CHROMIUM.exists() else None
        chromium = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()
