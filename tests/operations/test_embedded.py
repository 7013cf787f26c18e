"""The embedded stores, for real: they start, outlive a crash at the same address, and never outlive their starter."""

import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from operations.embedded import RunningPostgres, RunningValkey, start_postgres, start_valkey


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[RunningPostgres]:
    running = start_postgres(tmp_path)
    yield running
    running.stop()


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[RunningValkey]:
    running = start_valkey(tmp_path)
    yield running
    running.stop()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_data_survives_a_killed_postgres_which_comes_back_at_the_same_address(
    postgres: RunningPostgres, tmp_path: Path
) -> None:
    with psycopg.connect(postgres.owner_url) as owner:
        owner.execute("create table cases (serial text)")
        owner.execute("insert into cases values ('KAK-2026-000001')")
    postgres.process.kill()
    postgres.process.wait()

    again = start_postgres(tmp_path)
    try:
        assert again.url == postgres.url
        with psycopg.connect(postgres.owner_url) as owner:
            assert owner.execute("select serial from cases").fetchall() == [("KAK-2026-000001",)]
    finally:
        again.stop()


def test_a_first_start_that_was_cut_off_is_begun_anew(tmp_path: Path) -> None:
    half_made = tmp_path / "postgres.new"
    half_made.mkdir()
    (half_made / "PG_VERSION").write_text("18")
    running = start_postgres(tmp_path)
    running.stop()
    assert not half_made.exists()


def test_the_application_owns_nothing_and_may_not_make_tables(postgres: RunningPostgres) -> None:
    with psycopg.connect(postgres.owner_url) as owner:
        owner.execute("create table audit (line text)")
    with psycopg.connect(postgres.url) as application:
        for forbidden in ("create table mine ()", "select * from audit", "drop table audit"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), application.transaction():
                application.execute(forbidden)


def test_nobody_enters_postgres_without_the_password(postgres: RunningPostgres) -> None:
    for url in (postgres.url, postgres.owner_url, postgres.superuser_url):
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(url, password="guess")


def test_a_failing_row_is_not_printed_to_the_log_of_postgres(postgres: RunningPostgres) -> None:
    with psycopg.connect(postgres.owner_url, autocommit=True) as owner:
        owner.execute("create table stories (story text check (length(story) < 5))")
        with pytest.raises(psycopg.errors.CheckViolation):
            owner.execute("insert into stories values ('the well is dry')")
    log = postgres.program.log.read_text()
    assert "violates check constraint" in log
    assert "the well is dry" not in log


def test_valkey_comes_back_empty_at_the_same_address(valkey: RunningValkey, tmp_path: Path) -> None:
    redis.Redis.from_url(valkey.url).set("session", "1")
    valkey.process.kill()
    valkey.process.wait()

    again = start_valkey(tmp_path)
    try:
        assert again.url == valkey.url
        assert redis.Redis.from_url(again.url).keys() == []
    finally:
        again.stop()


def test_valkey_wants_a_password_that_no_argument_shows(valkey: RunningValkey) -> None:
    address, password = valkey.url.replace("redis://:", "").split("@")[::-1]
    with pytest.raises(redis.AuthenticationError):
        redis.Redis.from_url(f"redis://{address}").ping()
    assert password not in " ".join(psutil.Process(valkey.pid).cmdline())


def test_passwords_and_logs_are_for_the_owner_only(
    postgres: RunningPostgres, valkey: RunningValkey, tmp_path: Path
) -> None:
    private_files = ["postgres.json", "valkey.json", "valkey/valkey.conf", "logs/postgres.log", "logs/valkey.log"]
    assert {name: mode(tmp_path / name) for name in private_files} == dict.fromkeys(private_files, 0o600)
    assert {name: mode(tmp_path / name) for name in ("postgres", "logs")} == {"postgres": 0o700, "logs": 0o700}


STARTER = """
import sys, time
from pathlib import Path
from operations.embedded import start_postgres, start_valkey
data = Path(sys.argv[1])
print(start_postgres(data).pid, start_valkey(data).pid, flush=True)
sys.stdin.read()
"""


def start_elsewhere(data: Path) -> tuple[subprocess.Popen[str], list[psutil.Process]]:
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout is not None
    return starter, [psutil.Process(int(pid)) for pid in starter.stdout.readline().split()]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's death")
def test_stores_die_with_a_killed_starter(tmp_path: Path) -> None:
    starter, stores = start_elsewhere(tmp_path)
    starter.kill()
    starter.communicate()
    assert psutil.wait_procs(stores, timeout=10)[1] == []


def test_stores_stop_when_their_starter_ends(tmp_path: Path) -> None:
    starter, stores = start_elsewhere(tmp_path)
    starter.communicate()  # closes its input, so that it ends by itself
    assert starter.returncode == 0
    assert psutil.wait_procs(stores, timeout=1)[1] == []


def test_a_leftover_on_the_same_folder_gives_way(tmp_path: Path) -> None:
    starter, leftovers = start_elsewhere(tmp_path)
    again = start_postgres(tmp_path)
    try:
        assert leftovers[0].status() == psutil.STATUS_ZOMBIE, "dead; its own parent has not looked yet"
        assert leftovers[1].status() != psutil.STATUS_ZOMBIE, "the Valkey of this folder was not asked for"
    finally:
        again.stop()
        starter.communicate()


def test_a_fork_that_ends_leaves_the_store_alone(valkey: RunningValkey) -> None:
    child = os.fork()
    if child == 0:
        valkey.stop()
        os._exit(0)
    os.waitpid(child, 0)
    time.sleep(0.2)
    assert redis.Redis.from_url(valkey.url).ping()
