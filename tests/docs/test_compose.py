"""compose.yaml and deploy/: every command is one of ours, the secrets it is given start us, the two roles are two."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
import yaml  # type: ignore[import-untyped]  # carries no types, and one file is read with it

from gateway.settings import Settings
from operations import processes
from operations.embedded import postgres as embedded
from operations.embedded import store, valkey
from operations.migrate import upgrade
from operations.ports import LOOPBACK, free_port
from tests.docs.documents import ROOT
from tests.docs.test_documents import parse_baraza

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "baraza"}
KNOWN = {
    "build",
    "cap_drop",
    "command",
    "depends_on",
    "environment",
    "env_file",
    "healthcheck",
    "image",
    "init",
    "networks",
    "ports",
    "read_only",
    "restart",
    "security_opt",
    "shm_size",
    "stop_grace_period",
    "stop_signal",
    "tmpfs",
    "user",
    "volumes",
}
"""Keys of the Compose specification that are used here: a slip of the hand is none of them."""


def test_every_part_of_baraza_is_there_once() -> None:
    assert set(SERVICES) == {"postgres", "valkey", *OURS}
    assert set(OURS) == {"migrate", "web", "worker-replies", "worker-broadcasts", "clock"}
    lanes = {OURS[name]["command"][-1] for name in OURS if name.startswith("worker")}
    assert lanes == {"replies", "broadcasts"}


@pytest.mark.parametrize("service", OURS)
def test_its_command_is_one_of_ours(service: str) -> None:
    parse_baraza([str(word) for word in OURS[service]["command"]])


@pytest.mark.parametrize("service", SERVICES)
def test_it_is_written_as_compose_wants_it(service: str) -> None:
    told = SERVICES[service]
    assert set(told) <= KNOWN
    assert set(told["networks"]) <= set(COMPOSE["networks"])
    for other, need in told.get("depends_on", {}).items():
        checked = not SERVICES[other]["healthcheck"].get("disable")
        assert need["condition"] == ("service_healthy" if checked else "service_completed_successfully")
    for volume in told.get("volumes", []):
        source = volume.split(":")[0]
        assert (ROOT / source).exists() if source.startswith("./") else source in COMPOSE["volumes"]


def test_nothing_is_exposed_but_the_web_on_the_loopback_address() -> None:
    ports = {name: service["ports"] for name, service in SERVICES.items() if service.get("ports")}
    assert ports == {"web": ["127.0.0.1:8000:8000"]}
    assert COMPOSE["networks"]["stores"]["internal"] is True
    assert all(SERVICES[name]["networks"] == ["stores"] for name in ("postgres", "valkey", "migrate"))


@pytest.mark.parametrize("service", OURS)
def test_ours_have_no_rights_and_no_secret_in_the_file(service: str) -> None:
    told = OURS[service]
    assert told["read_only"] is True
    assert told["cap_drop"] == ["ALL"]
    assert "environment" not in told
    assert ("deploy/owner.env" in told["env_file"]) == (service == "migrate"), "only the migration is the owner"


def test_postgres_keeps_words_out_of_its_log_as_in_the_demo() -> None:
    command = " ".join(SERVICES["postgres"]["command"])
    for name in ("log_error_verbosity", "log_min_error_statement", "timezone"):
        assert f"{name}={embedded.SERVER_OPTIONS[name]}" in command


@pytest.fixture
def deploy(tmp_path: Path) -> Path:
    """A copy of deploy/ with its secrets made."""
    folder = shutil.copytree(ROOT / "deploy", tmp_path / "deploy", ignore=shutil.ignore_patterns("*.env"))
    subprocess.run([folder / "make-secrets.sh"], check=True, capture_output=True, timeout=30)
    return folder


def env(file: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in file.read_text().splitlines())


def test_the_secrets_made_start_us_and_are_private(deploy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {Path(file).name for service in SERVICES.values() for file in service["env_file"]}
    made = {file.name: file for file in deploy.glob("*.env")}
    assert set(made) == asked
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in made.values())
    for name, value in (env(made["application.env"]) | env(made["owner.env"])).items():
        monkeypatch.setenv(name, value)
    settings = Settings()  # type: ignore[call-arg]  # pydantic reads them from the environment
    assert urlsplit(settings.redis_url).password == env(made["valkey.env"])["VALKEY_PASSWORD"]
    assert {urlsplit(url).hostname for url in (settings.database_url, settings.redis_url)} <= set(SERVICES)
    assert not settings.demo


def test_secrets_are_never_overwritten(deploy: Path) -> None:
    before = {file: file.read_text() for file in deploy.glob("*.env")}
    again = subprocess.run([deploy / "make-secrets.sh"], check=False, capture_output=True, text=True, timeout=30)
    assert again.returncode == 1
    assert "nothing was written" in again.stderr
    assert {file: file.read_text() for file in deploy.glob("*.env")} == before


@pytest.fixture
def bare_postgres(tmp_path: Path) -> Iterator[embedded.PreparedPostgres]:
    """A Postgres as its image starts it: a superuser, and neither our roles nor our database."""
    prepared = embedded.prepare_postgres(tmp_path / "data")
    process = store.start(prepared.program)
    yield prepared
    processes.stop((prepared.program, process))


def test_the_init_script_makes_two_roles_and_the_application_owns_nothing(
    deploy: Path, bare_postgres: embedded.PreparedPostgres, settings: Settings
) -> None:
    superuser = urlsplit(bare_postgres.superuser_url)
    made = env(deploy / "application.env") | env(deploy / "owner.env")
    here = f"@{LOOPBACK}:{superuser.port}/"
    psql = Path(bare_postgres.program.command[0]).parent
    subprocess.run(
        [deploy / "postgres-init.sh"],
        env={
            "PATH": f"{psql}:{os.defpath}",
            "PGHOST": LOOPBACK,
            "PGPORT": str(superuser.port),
            "PGPASSWORD": str(superuser.password),
            **env(deploy / "postgres.env"),
        },
        check=True,
        timeout=60,
    )
    application = made["BARAZA_DATABASE_URL"].replace("@postgres:5432/", here)
    owner = made["BARAZA_MIGRATION_DATABASE_URL"].replace("@postgres:5432/", here)
    upgrade(settings.model_copy(update={"database_url": application, "migration_database_url": owner}))
    with psycopg.connect(application, autocommit=True) as connection:
        assert connection.execute("select count(*) from commitments").fetchone() != (0,)
        for forbidden in (
            "delete from audit_entries",
            "update audit_entries set action = ''",
            "create table t (i int)",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(forbidden)


def test_valkey_starts_by_its_line_with_the_password_and_keeps_nothing(deploy: Path, tmp_path: Path) -> None:
    prepared = valkey.prepare_valkey(tmp_path / "data").program
    port, password = free_port(), env(deploy / "valkey.env")["VALKEY_PASSWORD"]
    shell, option, script = SERVICES["valkey"]["command"]
    # Outside a container it must be told to stay on the loopback address.
    here = f"bind {LOOPBACK}\nport {port}\nEOF"
    program = replace(
        prepared,
        command=[
            str(shutil.which(shell)),
            option,
            re.sub(r"^EOF$", here, script.replace("$$", "$"), flags=re.MULTILINE),
        ],
        environment={"PATH": f"{Path(prepared.command[0]).parent}:{os.defpath}", "VALKEY_PASSWORD": password},
        answers=lambda _: valkey.valkey_answers(f"redis://:{password}@{LOOPBACK}:{port}/0"),
    )
    process = store.start(program)
    try:
        with redis.Redis(LOOPBACK, port, password=password) as client:
            assert client.config_get("save") == {"save": ""}
            assert client.config_get("appendonly") == {"appendonly": "no"}
        with redis.Redis(LOOPBACK, port) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()
        assert password.encode() not in Path(f"/proc/{process.pid}/cmdline").read_bytes()
    finally:
        process.terminate()
        assert process.wait(timeout=20) == 0, "the signal to stop reaches the server itself"
