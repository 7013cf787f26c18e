"""The whole product running: `baraza demo` as an operator starts it, for tests that need every part real."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

START = 180.0
"""Seconds a demo may take to be ready on a busy machine."""

DEATHS, PATIENCE = 5, 31.0
"""So many deaths in so many seconds and the demo gives up, as it should."""


class Running:
    """One demo and its ready file."""

    def __init__(self, data: Path, ready_file: Path, process: subprocess.Popen[bytes]) -> None:
        self.data = data
        self._ready_file = ready_file
        self._process = process
        self._kills: list[float] = []

    @property
    def ready(self) -> dict[str, Any]:
        """The ready file as it is now: process ids change when a part is started again."""
        ready: dict[str, Any] = json.loads(self._ready_file.read_text())
        return ready

    def baraza(self, *arguments: str) -> str:
        """Run a command on the demo's data folder; what it printed."""
        command = [sys.executable, "-m", "operations", *arguments, "--data", str(self.data)]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=180).stdout

    def token(self, role: str, email: str | None = None, *options: str) -> str:
        """A token of a fresh staff member."""
        address = email or f"{role}@test.example"
        self.baraza("staff", "add", address, "--name", role.title(), "--role", role, *options)
        return self.baraza("staff", "token", address).strip()

    def kill(self, part: str) -> int:
        """`kill -9` one part; the process id it had. Waits a little first where the demo would give up otherwise."""
        while sum(time.monotonic() - then < PATIENCE for then in self._kills) >= DEATHS - 1:
            time.sleep(0.2)
        self._kills.append(time.monotonic())
        pid: int = self.ready["pids"][part]
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_restarted(self, part: str, old: int) -> None:
        """Until the supervisor started the part again and it answers."""
        until = time.monotonic() + 120
        while time.monotonic() < until:
            if self._ready_file.exists() and self.ready["pids"][part] not in (None, old) and self._whole():
                return
            time.sleep(0.1)
        raise AssertionError(f"{part} was not started again")

    def _whole(self) -> bool:
        try:
            return httpx.get(self.ready["web"] + "/readyz", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False


@contextmanager
def running_demo(folder: Path, **environment: str) -> Iterator[Running]:
    """Start `baraza demo` on a fresh data folder; stopped in the end as by Ctrl-C."""
    data, ready_file = folder / "data", folder / "ready.json"
    with (folder / "demo.out").open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "operations", "demo", "--data", str(data), "--ready-file", str(ready_file)],
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, "BARAZA_QUIET_HOURS": "off", **environment},
            start_new_session=True,
        )
    try:
        until = time.monotonic() + START
        while not ready_file.exists():
            assert process.poll() is None, (folder / "demo.out").read_text()
            assert time.monotonic() < until, "the demo was not ready in time"
            time.sleep(0.1)
        yield Running(data, ready_file, process)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=90)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
