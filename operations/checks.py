"""What `baraza doctor` looks at. Each check takes the settings and returns a finding; none raises."""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import psycopg
import redis

from gateway import pack as packs
from gateway.settings import Settings
from operations.migrate import newest_revision

PROVIDER = "https://api.africastalking.com"
DRIFT = 2.0
"""Seconds by which this machine's clock may differ from the database's."""
TIMEOUT = 5
"""Seconds to wait for another machine."""


@dataclass(frozen=True)
class Finding:
    """One line: what is so, and whether that is well."""

    ok: bool
    text: str


def postgres(settings: Settings) -> Finding:
    """The database answers the application's role."""
    try:
        with _connection(settings) as connection:
            return Finding(True, f"Postgres {connection.info.server_version // 10000} answers")
    except psycopg.OperationalError as error:
        return Finding(False, f"no answer at BARAZA_DATABASE_URL ({_first_line(error)})")


def valkey(settings: Settings) -> Finding:
    """The cache and queue answers."""
    try:
        with redis.Redis.from_url(settings.redis_url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        return Finding(False, f"no answer at BARAZA_REDIS_URL ({type(error).__name__})")
    return Finding(True, "answers")


def schema(settings: Settings) -> Finding:
    """The database has the schema of this version."""
    try:
        with _connection(settings) as connection:
            row = connection.execute("select version_num from alembic_version").fetchone()
    except psycopg.errors.UndefinedTable:
        return Finding(False, "no schema yet: run `baraza migrate`")
    except psycopg.Error as error:
        return Finding(False, f"cannot be read ({_first_line(error)})")
    found, newest = row[0] if row else None, newest_revision()
    return Finding(
        found == newest, f"at {found}" if found == newest else f"at {found}, not {newest}: run `baraza migrate`"
    )


def pack(settings: Settings) -> Finding:
    """The pack has no mistake."""
    problems = packs.check_pack(settings.pack)
    return Finding(not problems, "; ".join(problems) or f"{settings.pack}: nothing wrong")


def provider(settings: Settings) -> Finding:
    """Something listens where messages are handed over; no request is made."""
    address = settings.nusantara_url if settings.channel == "nusantara" else settings.africastalking_url
    parts = urlsplit(address or PROVIDER)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), timeout=TIMEOUT).close()
    except OSError as error:
        return Finding(False, f"{parts.hostname}:{port} cannot be reached ({error.strerror or error})")
    return Finding(True, f"{parts.hostname}:{port} can be reached")


def clock(settings: Settings) -> Finding:
    """This machine and the database agree what time it is."""
    try:
        with _connection(settings) as connection:
            row = connection.execute("select clock_timestamp()").fetchone()
    except psycopg.Error:
        return Finding(False, "cannot be compared without Postgres")
    drift = abs((datetime.now(UTC) - row[0]).total_seconds()) if row else float("inf")
    return Finding(drift <= DRIFT, f"{drift:.1f} s from the clock of Postgres")


CHECKS: dict[str, Callable[[Settings], Finding]] = {
    "postgres": postgres,
    "valkey": valkey,
    "schema": schema,
    "pack": pack,
    "provider": provider,
    "clock": clock,
}


def _connection(settings: Settings) -> psycopg.Connection:
    return psycopg.connect(settings.database_url, connect_timeout=TIMEOUT)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
