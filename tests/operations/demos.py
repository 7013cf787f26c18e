"""Demos for tests: started as a person starts one, found by their ready file."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

BARAZA = [sys.executable, "-m", "operations"]
PARTS = ["web", "worker_replies", "worker_broadcasts", "clock", "simulator", "postgres", "valkey"]


@dataclass
class RunningDemo:
    """A demo and what its ready file says."""

    process: subprocess.Popen[str]
    data: Path
    ready_file: Path

    @property
    def ready(self) -> dict[str, Any]:
        contents: dict[str, Any] = json.loads(self.ready_file.read_text())
        return contents

    def stop(self) -> str:
        """Ask it to stop as Ctrl-C does; returns what it printed."""
        self.process.send_signal(signal.SIGINT)
        printed, _ = self.process.communicate(timeout=180)
        return printed

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Another command on the same data folder."""
        return subprocess.run(
            [*BARAZA, *arguments, "--data", str(self.data)], env=plain(), capture_output=True, text=True, timeout=180
        )


def plain(**settings: str) -> dict[str, str]:
    """This environment without settings of the tests."""
    return {name: value for name, value in os.environ.items() if not name.startswith("BARAZA_")} | settings


def start_demo(folder: Path, *arguments: str, **settings: str) -> RunningDemo:
    ready_file = folder / "ready.json"
    command = [*BARAZA, "demo", "--data", str(folder / "data"), "--ready-file", str(ready_file), *arguments]
    process = subprocess.Popen(
        command, env=plain(**settings), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if not eventually(lambda: ready_file.exists() or process.poll() is not None, 180) or process.poll() is not None:
        process.kill()
        pytest.fail(f"the demo did not get ready: {process.communicate()[0]}")
    return RunningDemo(process, folder / "data", ready_file)


def eventually(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=30) as response:
            return bool(response.status == 200)
    except OSError:
        return False
