"""Keep the parts of a demo alive, and stop them in order."""

import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

import psutil

from operations import processes
from operations.data_folder import DataFolder
from operations.errors import OperationsError
from operations.processes import Program

DEATHS, WITHIN = 5, 30.0
"""A part that dies this often within so many seconds is not started again."""
LOOK = 0.1
"""Seconds between two looks at the parts."""


class StopRequested(Exception):
    """Ctrl-C, SIGTERM or a closed terminal."""


class GaveUp(OperationsError):
    """A part died too often."""


@dataclass
class Part:
    """A program, its present process, and when it died (monotonic seconds)."""

    program: Program
    process: subprocess.Popen[bytes]
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=DEATHS))


class Supervisor:
    """Starts groups of parts one after the other, restarts what dies, stops the groups in reverse.

    All of it happens in the main thread, because Linux ties a child's life to the thread that started it.
    """

    def __init__(self, folder: DataFolder, tell: Callable[[str], None], changed: Callable[[], None]) -> None:
        """`tell` prints a line for the person watching; `changed` is called after a part got a new process."""
        self._folder = folder
        self._tell = tell
        self._changed = changed
        self._groups: list[list[Part]] = []
        self._stopping = False

    def listen(self) -> None:
        """Let Ctrl-C, SIGTERM and a closed terminal stop the parts in order."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask_to_stop)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # `nohup` means to stay
            signal.signal(signal.SIGHUP, self._ask_to_stop)

    def _ask_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    @property
    def pids(self) -> dict[str, int]:
        """Process id of each part by its name."""
        return {part.program.name: part.process.pid for part in self._parts()}

    def check(self) -> None:
        """Raise StopRequested when somebody asked to stop."""
        if self._stopping:
            raise StopRequested

    def start(self, *programs: Program) -> None:
        """Start a group at once and wait until each answers; NotAnswering names the one that does not."""
        group: list[Part] = []
        self._groups.append(group)
        for program in programs:
            group.append(Part(program, processes.launch(program)))
            self._note_pids()
        for part in group:
            processes.wait_until_answers(part.program, part.process, meanwhile=self.check)

    def watch(self, until: Callable[[], bool] = lambda: False) -> None:
        """Restart what dies until the condition holds. Raises StopRequested, or GaveUp after too many deaths."""
        while not until():
            self.check()
            for part in self._parts():
                if part.process.poll() is not None:
                    self._restart(part)
            time.sleep(LOOK)

    def stop(self) -> None:
        """Stop the groups, the last started first."""
        self._stopping = True
        while self._groups:
            processes.stop(*[(part.program, part.process) for part in self._groups.pop()])
        self._folder.pids_file.unlink(missing_ok=True)

    def _restart(self, part: Part) -> None:
        name, now = part.program.name, time.monotonic()
        part.deaths.append(now)
        if len(part.deaths) == DEATHS and now - part.deaths[0] < WITHIN:
            raise GaveUp(f"{name} died {DEATHS} times in {WITHIN:.0f} s; see {part.program.log}")
        self._tell(f"{name} ended ({ending(part.process.returncode)}); starting it again")
        part.process = processes.launch(part.program)
        self._note_pids()
        self._changed()

    def _parts(self) -> list[Part]:
        return [part for group in self._groups for part in group]

    def _note_pids(self) -> None:
        noted = {}
        for pid in self.pids.values():
            if psutil.pid_exists(pid):
                noted[pid] = psutil.Process(pid).create_time()
        self._folder.keep_pids(noted)


def ending(returncode: int) -> str:
    """How a process ended, in a word."""
    if returncode < 0:
        return signal.Signals(-returncode).name
    return f"exit {returncode}"
