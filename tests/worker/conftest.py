"""Real processes: a worker, the clock, the web and the stand-in, each ended by its id."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from pydantic import SecretStr

from gateway.context import Context
from gateway.settings import Settings
from tests.channels.provider import closed_port
from tests.messaging.conftest import Desk, Hand

Seen = TypeVar("Seen")


def environment(settings: Settings) -> dict[str, str]:
    """The settings as a process is given them."""
    given: dict[str, Any] = {name: getattr(settings, name) for name in type(settings).model_fields}
    spelled = {
        name: value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in given.items()
        if value is not None
    }
    outside = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    return outside | {f"BARAZA_{name.upper()}": value for name, value in spelled.items()}


def eventually(look: Callable[[], Seen], seconds: float = 60) -> Seen:
    """What `look` sees once it is true. Fails after so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if seen := look():
            return seen
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s")


class Parts:
    """Starts processes and ends all of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self, settings: Settings, *arguments: str) -> subprocess.Popen[bytes]:
        """A command of ours."""
        return self._launch([sys.executable, "-m", "operations", *arguments], environment(settings), arguments[0])

    def simulator(self, settings: Settings, callbacks: str) -> str:
        """The stand-in; its address."""
        port = closed_port()
        command = [sys.executable, "-m", "simulator", "--port", str(port), "--report-delay", "0.1"]
        self._launch(command, environment(settings) | {"SIMULATOR_CALLBACKS": callbacks}, "simulator")
        return f"http://127.0.0.1:{port}"

    def log(self, name: str) -> str:
        return (self._folder / f"{name}.log").read_text()

    def _launch(self, command: list[str], environment: dict[str, str], name: str) -> subprocess.Popen[bytes]:
        with (self._folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        self._running.append(process)
        return process

    def end(self) -> None:
        for process in self._running:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def running_parts(folder: Path) -> Iterator[Parts]:
    parts = Parts(folder)
    try:
        yield parts
    finally:
        parts.end()


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    with running_parts(tmp_path) as started:
        yield started


@pytest.fixture
def desk(context: Context) -> Desk:
    """Residents and messages, at the hour that it is."""
    return Desk(context, Hand(datetime.now(UTC)))
