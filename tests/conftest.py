"""Real stores for every test: Postgres built by the migrations, Valkey, both embedded, one pair a test process."""

from __future__ import annotations

import base64
import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from playwright.sync_api import Browser, expect, sync_playwright
from sqlalchemy.orm import Session

from gateway.context import Context
from gateway.database import make_engine, sqlalchemy_url
from gateway.models import Base
from gateway.pack_load import put_pack
from gateway.settings import Settings
from gateway.staff import passwords
from operations.embedded import RunningPostgres, RunningValkey, start_postgres, start_valkey
from operations.migrate import upgrade

# Nothing here speaks TLS; without this each of some thousand clients reads every authority of the world: 40 ms of CPU.
os.environ["SSL_CERT_DIR"] = os.devnull
os.environ.pop("SSL_CERT_FILE", None)
# Compiled once, whatever the surroundings say: by this process and by the hundred that the tests start.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# What is imported stays: to look through it for garbage again and again took a sixth of collecting the tests.
gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


SECRET = "s" * 40

LONGEST = (
    "tests/test_whole_path.py",
    "tests/operations/test_demo.py",
    "tests/console",
    "tests/staff/test_openapi.py",
    "tests/public/test_in_a_browser.py",
    "tests/simulator",
    "tests/worker",
    "tests/broadcasts/test_running.py",
    "tests/authoring/test_play_and_diff.py",
    "tests/staff",
)
"""Begun first, so that no worker sits idle in the end while another has all of one of these before it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        return next((at for at, name in enumerate(LONGEST) if item.nodeid.startswith(name)), len(LONGEST))

    items.sort(key=place)


CHROMIUMS = (Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium"))
"""The first that the system has is taken; else Playwright's own. The same engine draws in both, but the whole Chromium
opens a window with its own bars for each person who signs in: three times the CPU.
"""
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
expect.set_options(timeout=30_000)  # milliseconds; a busy machine draws a page slowly


class Stores:
    """The two stores of this test process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.postgres: RunningPostgres = start_postgres(folder)
        self.valkey: RunningValkey = start_valkey(folder)
        with psycopg.connect(self.postgres.superuser_url, autocommit=True) as superuser:
            # What a test writes need not outlive a power cut.
            superuser.execute("ALTER SYSTEM SET fsync = off")
            superuser.execute("ALTER SYSTEM SET full_page_writes = off")
            superuser.execute("SELECT pg_reload_conf()")

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


# A tenth of what TRUNCATE costs: that makes new files for every table, and most of them are empty already. Where a test
# left thousands, each row that is deleted is looked for in what was deleted before it.
_EMPTY = """DO $$ DECLARE name text; rows int; BEGIN
    FOREACH name IN ARRAY string_to_array('{tables}', ' ') LOOP
        EXECUTE format('SELECT count(*) FROM (SELECT FROM %%I LIMIT 500) AS few', name) INTO rows;
        IF rows = 500 THEN EXECUTE format('TRUNCATE %%I CASCADE', name);
        ELSIF rows > 0 THEN EXECUTE format('DELETE FROM %%I', name); END IF;
    END LOOP;
    FOR name IN SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL LOOP
        EXECUTE format('ALTER SEQUENCE %%I RESTART', name);
    END LOOP; END $$"""


_ENGINES: dict[tuple[int, str], sa.Engine] = {}


def engine_of(stores: Stores, settings: Settings) -> sa.Engine:
    """One engine an address, while that Postgres runs: its connections stay, and it knows by heart what it was asked
    before. Who listens to it is the test's own.
    """
    key = (stores.postgres.process.pid, settings.database_url)
    if key not in _ENGINES:
        _ENGINES[key] = make_engine(settings.database_url, application="test")
    return _ENGINES[key].execution_options()


@pytest.fixture
def context(stores: Stores, owner: sa.Engine, settings: Settings) -> Iterator[Context]:
    """An empty database with the pack loaded, an empty Valkey."""
    with owner.begin() as connection:
        tables = " ".join(table.name for table in reversed(Base.metadata.sorted_tables))
        connection.exec_driver_sql(_EMPTY.format(tables=tables))
    made = replace(Context.make(settings), engine=engine_of(stores, settings))
    made.valkey.flushall()
    with made.work() as session:
        put_pack(session, made.pack)
    yield made
    made.valkey.close()
    if made.engine.pool.checkedout():  # type: ignore[attr-defined]  # a test kept one
        made.engine.dispose()


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


@pytest.fixture(scope="session", autouse=True)
def full_strength() -> Iterator[PasswordHasher]:
    """Passwords are sealed by Argon2 here too, with little to reckon; the product's way costs 0.1 s of CPU."""
    product = passwords._HASHER
    passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    yield product
    passwords._HASHER = product


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, once a test process: two Playwrights in one thread refuse each other."""
    with sync_playwright() as playwright:
        path = next((path for path in CHROMIUMS if path.exists()), None)
        chromium = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()
