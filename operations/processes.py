"""Start, await and stop programs, each in a session of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from operations import strays
from operations.errors import OperationsError

LEASH = Path(__file__).with_name("leash.py")


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
    """Clears what an earlier process of this program left behind, and makes what the program starts from."""


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
            strays.kill_session(process.pid)
            process.wait()
