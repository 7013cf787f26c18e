"""Start, await and stop programs, each in a session of its own."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from operations.errors import OperationsError

LEASH = Path(__file__).with_name("leash.py")
LOOPBACK = "127.0.0.1"
PORTS = range(20_000, 32_000)
"""Below the range Linux gives to outgoing connections: one of those could take a port while its part restarts."""

CREATION_TOLERANCE = 2.0
"""Seconds: the kernel tells a process's creation relative to a boot time that moves when the clock is set."""


class NotAnswering(OperationsError):
    """A program died or stayed silent while it was awaited."""


@dataclass(frozen=True)
class Program:
    """A program that runs until it is stopped, and how to know that it answers."""

    name: str
    command: Sequence[str]
    log: Path
    answers: Callable[[int], bool]
    """Whether the process with this id does its work."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """The whole environment of the process, not an addition to ours."""
    folder: Path | None = None
    user: str = ""
    """System user to run as; empty means ours. Only root may name another."""
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 10.0
    """Seconds between the stop signal and SIGKILL."""
    before_start: Callable[[], None] | None = None
    """Clears what an earlier process of this program left behind."""


def launch(program: Program) -> subprocess.Popen[bytes]:
    """Start a program. Call it from a thread that lives on: Linux counts the death of that thread as the parent's."""
    if program.before_start:
        program.before_start()
    leash = [sys.executable, "-I", "-S", str(LEASH), str(int(program.stop_signal)), str(os.getpid()), program.user]
    program.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = os.open(program.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        return subprocess.Popen(
            [*leash, *program.command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=dict(program.environment),
            cwd=program.folder,
            start_new_session=True,  # Ctrl-C reaches a whole group; the supervisor stops its parts in order instead
        )
    finally:
        os.close(log)


def wait_until_answers(
    program: Program,
    process: subprocess.Popen[bytes],
    seconds: float = 60.0,
    meanwhile: Callable[[], None] | None = None,
) -> None:
    """Return when the program answers; NotAnswering when it dies or the seconds have passed.

    `meanwhile` is called between the tries and ends the waiting by raising.
    """
    deadline = time.monotonic() + seconds
    while not program.answers(process.pid):
        if process.poll() is not None:
            words = _last_line(program.log)
            raise NotAnswering(f"{program.name} ended with exit {process.returncode}{words}; see {program.log}")
        if time.monotonic() > deadline:
            raise NotAnswering(f"{program.name} gives no answer after {seconds:.0f} s; see {program.log}")
        if meanwhile:
            meanwhile()
        time.sleep(0.05)


def _last_line(log: Path) -> str:
    """The last words of a program that did not get ready, which are often the setting to put right."""
    lines = log.read_text(errors="replace").split("\n") if log.exists() else []
    words = [line.strip() for line in lines if line.strip()]
    return f" ({words[-1][:200]})" if words else ""


def stop(*running: tuple[Program, subprocess.Popen[bytes]]) -> None:
    """Ask programs to stop, all at once, and kill the session of each that outlives its grace."""
    for program, process in running:
        if process.poll() is None:
            process.send_signal(program.stop_signal)
    asked = time.monotonic()
    for program, process in running:
        try:
            process.wait(max(0.0, asked + program.grace - time.monotonic()))
        except subprocess.TimeoutExpired:
            kill_session(process.pid)
            process.wait()


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


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this port of the loopback address now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def free_port(preferred: int | None = None) -> int:
    """The preferred port when it is free, else one by chance out of PORTS."""
    if preferred is not None and port_is_free(preferred):
        return preferred
    while True:
        port = secrets.choice(PORTS)
        if port_is_free(port):
            return port
