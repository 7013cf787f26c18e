"""Processes that are not our children any more: what a killed demo left behind."""

import contextlib
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path

import psutil

CREATION_TOLERANCE = 2.0
"""Seconds: the kernel tells a process's creation relative to a boot time that moves when the clock is set."""


def kill_session(leader: int) -> None:
    """SIGKILL every process of the session that a launched program leads, such as a worker's horse."""
    for pid in psutil.pids():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.getsid(pid) == leader:
                os.kill(pid, signal.SIGKILL)


def stop_others(name: str, folder: Path, ask: signal.Signals, grace: float = 5.0) -> None:
    """Stop every process with this program name whose working folder is this very folder.

    A store's program works in its data folder, so that name and folder together say what a pid file alone cannot: that
    the process is a leftover of this store and not a stranger with a reused pid.
    """
    found = [process for process in psutil.process_iter(["name"]) if process.info["name"] == name]
    stop_strays([process for process in found if _works_in(process, folder)], ask, grace)


def stop_noted(noted: Mapping[int, float], grace: float = 5.0) -> None:
    """Stop processes noted by id and time of creation; one whose time differs is a stranger with a reused id."""
    strays = []
    for pid, created in noted.items():
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            if abs(process.create_time() - created) < CREATION_TOLERANCE:
                strays.append(process)
    stop_strays(strays, signal.SIGTERM, grace)


def stop_strays(strays: list[psutil.Process], ask: signal.Signals, grace: float) -> None:
    """Ask processes that are not our children to stop; kill those that outlive the grace (seconds)."""
    for process in strays:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(ask)
    for process in _outliving(strays, grace):
        kill_session(process.pid)
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    _outliving(strays, grace)


def _outliving(strays: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Wait for processes to end; returns those that live on. A dead one nobody has reaped counts as ended."""
    deadline = time.monotonic() + seconds
    while (alive := [process for process in strays if _lives(process)]) and time.monotonic() < deadline:
        time.sleep(0.02)
    return alive


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running()) and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _works_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return Path(process.cwd()) == folder
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
