"""What the two embedded stores have in common."""

import atexit
import json
import os
import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path

from operations import ports, processes
from operations.errors import Misconfigured
from operations.files import write_private
from operations.processes import Program


class StoreMissing(Misconfigured):
    """No wheel of this store for this platform; the text names the setting to give instead."""


@dataclass(frozen=True)
class RunningStore:
    """A store that answers. It stops with `stop()`, at exit, or (on Linux) when who started it is killed."""

    program: Program
    process: subprocess.Popen[bytes]
    starter: int
    """Process id of who started it: a fork of that process must not stop the store at its own exit."""

    @property
    def pid(self) -> int:
        """Process id of the server itself."""
        return self.process.pid

    def stop(self) -> None:
        """Stop the server; safe to call twice."""
        if os.getpid() == self.starter:
            processes.stop((self.program, self.process))
            atexit.unregister(self.stop)


def start(program: Program) -> subprocess.Popen[bytes]:
    """Launch a store and wait for its first answer; it is not left behind when the answer does not come."""
    process = processes.launch(program)
    try:
        processes.wait_until_answers(program, process)
    except BaseException:
        processes.stop((program, process))
        raise
    return process


def remembered(path: Path, password_names: tuple[str, ...]) -> tuple[int, dict[str, str]]:
    """Port and passwords of a store, made by chance once and kept (0600) beside its data.

    The port stays the same over restarts while nobody else has taken it.
    """
    kept = json.loads(path.read_text()) if path.exists() else {}
    passwords = {name: kept.get(name) or secrets.token_urlsafe(24) for name in password_names}
    port = ports.free_port(kept.get("port"))
    write_private(path, json.dumps({"port": port, **passwords}, indent=2) + "\n")
    return port, passwords
