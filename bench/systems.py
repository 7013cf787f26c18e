"""The systems under test and the stores they share: everything on the loopback address, everything stops with us."""

from __future__ import annotations

import base64
import os
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from shutil import which

import httpx
import psycopg
import redis
from psycopg.conninfo import make_conninfo

from gateway.settings import load_settings
from operations import processes
from operations.embedded import RunningPostgres, RunningValkey, start_postgres, start_valkey
from operations.migrate import upgrade
from operations.ports import LOOPBACK, free_port
from operations.processes import Program

PEERS = Path(__file__).parent / "peers"
SECRET = "b" * 40

CORES = sorted(os.sched_getaffinity(0))
SERVER_CORES, OTHER_CORES = {CORES[0]}, set(CORES[1:2] or CORES)
"""The servers have one core, stores and load the other; a machine with a single core shares it."""


@dataclass(frozen=True)
class System:
    """What can be measured. `cases` counts what it has committed, by (rows, different residents or sessions)."""

    name: str
    title: str
    path: str
    command: Sequence[str]
    environment: Mapping[str, str]
    cases: Callable[[], tuple[int, int]] | None
    any_screen: bool = False


@dataclass(frozen=True)
class Running:
    system: System
    port: int
    pid: int


class Stores:
    """An embedded Postgres, fsync on, with a database of Baraza's and one of the peers'; an embedded Valkey."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with on_cores(OTHER_CORES):
            self.postgres: RunningPostgres = start_postgres(folder)
            self.valkey: RunningValkey = start_valkey(folder)
        self.log = folder / "logs" / "postgres.log"
        self.peers_url = make_conninfo(self.postgres.superuser_url, dbname="peers")
        self.baraza_url = make_conninfo(self.postgres.superuser_url, dbname="baraza")
        self.environment = self._environment()
        self._fill()

    def _environment(self) -> dict[str, str]:
        return {
            "BARAZA_DATABASE_URL": self.postgres.url,
            "BARAZA_MIGRATION_DATABASE_URL": self.postgres.owner_url,
            "BARAZA_REDIS_URL": self.valkey.url,
            "BARAZA_PACK": "kakamega",
            "BARAZA_CALLBACK_SECRETS": SECRET,
            "BARAZA_SEALING_KEYS": "1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
            "BARAZA_LOOKUP_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        }

    def _fill(self) -> None:
        named = {name.removeprefix("BARAZA_").lower(): value for name, value in self.environment.items()}
        upgrade(load_settings(**named))
        self.sql("create database peers")
        with psycopg.connect(self.peers_url) as connection:
            connection.execute((PEERS / "complaints.sql").read_bytes())

    def sql(self, statement: str, url: str | None = None) -> list[tuple[object, ...]]:
        """Run a statement as superuser; its rows, if it has any."""
        with psycopg.connect(url or self.postgres.superuser_url, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def count(self, url: str, statement: str) -> tuple[int, int]:
        ((rows, different),) = self.sql(statement, url)
        assert isinstance(rows, int)
        assert isinstance(different, int)
        return rows, different

    def valkey_calls(self) -> int:
        """Commands that Valkey was asked for, those within a script not counted."""
        with redis.Redis.from_url(self.valkey.url) as client:
            stats: dict[str, dict[str, int]] = client.info("commandstats")
            client.config_resetstat()
        inner = {"lrange", "rpush", "expire", "llen", "lindex"} if any("eval" in name for name in stats) else set()
        ours = {"info", "config|resetstat", "hello", "client|setinfo", "auth", "script|load"} | inner
        return sum(seen["calls"] for name, seen in stats.items() if name.removeprefix("cmdstat_") not in ours)

    def stop(self) -> None:
        self.postgres.stop()
        self.valkey.stop()


def all_systems(stores: Stores) -> dict[str, System]:
    """Every system by name, in the order of the tables."""
    node = which("node") or "node"
    peer_environment = {
        "DATABASE_URL": _node_url(stores.peers_url),
        "REDIS_URL": stores.valkey.url,
        "NODE_ENV": "production",
    }

    def peer(name: str, title: str, script: str) -> System:
        rows = f"select count(*), count(distinct session_id) from complaints where peer = '{name}'"  # noqa: S608
        return System(
            name=name,
            title=title,
            path="/ussd",
            command=[node, str(PEERS / script)],
            environment=peer_environment,
            cases=partial(stores.count, stores.peers_url, rows),
        )

    uvicorn = [sys.executable, "-m", "uvicorn", "form:app", "--app-dir", str(PEERS), "--http", "httptools"]
    listed = [
        System(
            name="baraza",
            title="Baraza",
            path=f"/channels/africastalking/{SECRET}/ussd",
            command=[sys.executable, "-m", "operations", "web", "--data", str(stores.folder)],
            environment=stores.environment,
            cases=partial(stores.count, stores.baraza_url, "select count(*), count(distinct resident_id) from cases"),
        ),
        peer("ussd-menu-builder", "Express, ussd-menu-builder 1.2.0", "menu_builder.js"),
        peer("ussd-state-builder", "Express, ussd-state-builder 2.6.0", "state_builder.js"),
        System(
            name="form",
            title="FastAPI, an empty form",
            path="/ussd",
            command=[*uvicorn, "--loop", "uvloop", "--no-access-log", "--no-server-header", "--log-level", "warning"],
            environment={},
            cases=None,
            any_screen=True,
        ),
    ]
    return {system.name: system for system in listed}


def _node_url(conninfo: str) -> str:
    parts = psycopg.conninfo.conninfo_to_dict(conninfo)
    return "postgresql://{user}:{password}@{host}:{port}/{dbname}".format(**parts)


@contextmanager
def running(systems: Sequence[System], folder: Path) -> Iterator[list[Running]]:
    """Start the systems on the server's core; all of them wait, one at a time is measured."""
    with ExitStack() as stack:
        started = []
        for system in systems:
            port = free_port()
            program = _program(system, port, folder)
            with on_cores(SERVER_CORES):
                process = processes.launch(program)
            stack.callback(processes.stop, (program, process))
            processes.wait_until_answers(program, process)
            started.append(Running(system, port, process.pid))
        yield started


def _program(system: System, port: int, folder: Path) -> Program:
    outside = {name: value for name, value in os.environ.items() if not name.startswith("BARAZA_")}
    given = ["--port", str(port)] if system.command[0] == sys.executable else []
    return Program(
        name=system.name,
        command=[*system.command, *given],
        log=folder / "logs" / f"{system.name}.log",
        answers=lambda _: _answers(port),
        environment=outside | {"PORT": str(port)} | dict(system.environment),
        folder=Path(__file__).parents[1],
    )


def _answers(port: int) -> bool:
    try:
        httpx.get(f"http://{LOOPBACK}:{port}/", timeout=2, trust_env=False)
    except httpx.HTTPError:
        return False
    return True


@contextmanager
def on_cores(cores: set[int]) -> Iterator[None]:
    """What is started within the block runs on these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
