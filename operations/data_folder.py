"""The folder that holds what a demo keeps: settings, stores, logs, and which processes are its own."""

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from operations.errors import OperationsError
from operations.files import write_private

PREFIX = "BARAZA_"


class DemoRuns(OperationsError):
    """Another demo holds this data folder."""


class DataFolder:
    """One data folder (`--data`, by default `.baraza`)."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.environment_file = self.path / "baraza.env"
        self.logs = self.path / "logs"
        self.pids_file = self.path / "pids"
        self._lock: TextIO | None = None

    def kept_environment(self) -> dict[str, str]:
        """The settings a demo wrote, from lines `BARAZA_NAME=value`; none when there was no demo."""
        if not self.environment_file.exists():
            return {}
        lines = self.environment_file.read_text().splitlines()
        pairs = [line.partition("=") for line in lines if line.startswith(PREFIX)]
        return {name: value for name, _, value in pairs}

    def keep_environment(self, environment: Mapping[str, str]) -> None:
        """Write the settings for the other commands (0600)."""
        write_private(self.environment_file, "".join(f"{name}={value}\n" for name, value in environment.items()))

    def enter_environment(self) -> None:
        """Add the kept settings to this process's environment; what is set there already wins."""
        for name, value in self.kept_environment().items():
            os.environ.setdefault(name, value)

    def lock(self) -> None:
        """Hold this folder until the process ends, however it ends; DemoRuns when another process holds it."""
        self.path.mkdir(parents=True, exist_ok=True)
        lock = (self.path / "lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            lock.close()
            raise DemoRuns(
                f"A demo already runs on {self.path} (process {holder}): stop it, or give another --data"
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        self._lock = lock

    def keep_pids(self, started: Mapping[int, float]) -> None:
        """Note which processes are ours: process id and time of creation (seconds since 1970)."""
        write_private(self.pids_file, json.dumps({str(pid): time for pid, time in started.items()}) + "\n")

    def kept_pids(self) -> dict[int, float]:
        """Processes that a demo noted and did not live to strike out, in the order they were started."""
        if not self.pids_file.exists():
            return {}
        return {int(pid): time for pid, time in json.loads(self.pids_file.read_text()).items()}
