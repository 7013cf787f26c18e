"""What a demo says once every part answers: to programs by the ready file, to people by the terminal."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from gateway.channels import DECODERS, USUAL
from gateway.pack import Pack
from gateway.staff.practice import PASSWORD
from operations.files import write_private
from operations.settings import DEFAULT_DATA

CALLBACKS = {"ussd": "ussd", "ussd_end": "ussd-end", "sms": "sms", "delivery": "delivery", "opt_out": "opt-out"}
PARTS = ("demo", "web", "worker_replies", "worker_broadcasts", "clock", "simulator", "postgres", "valkey")

Ready = dict[str, Any]
"""The contents of the ready file: addresses, settings, log folder and process ids, by the names in `describe`."""


@dataclass(frozen=True)
class Addresses:
    """Where a demo is to be found."""

    web: str
    callbacks: str
    """Root of the callback addresses, with the secret in it."""
    phone: str | None
    """None without the simulator."""


def describe(addresses: Addresses, environment: Mapping[str, str], logs: Path, pids: Mapping[str, int]) -> Ready:
    """The contents of the ready file. A part this demo does not run has null for its process id."""
    taken = DECODERS[environment.get("BARAZA_CHANNEL", USUAL)]
    return {
        "web": addresses.web,
        "console": f"{addresses.web}/console",
        "phone": addresses.phone,
        "callbacks": {name: f"{addresses.callbacks}/{path}" for name, path in CALLBACKS.items() if path in taken},
        "database_url": environment["BARAZA_DATABASE_URL"],
        "redis_url": environment["BARAZA_REDIS_URL"],
        "env": dict(environment),
        "log_dir": str(logs),
        "pids": {name: pids.get(name) for name in PARTS},
    }


def write_ready_file(path: Path, ready: Ready) -> None:
    """Write the ready file by rename, 0600: who sees it sees all of it."""
    write_private(path, json.dumps(ready, indent=2) + "\n")


def welcome(console: Console, addresses: Addresses, pack: Pack, email: str, token: str, data: Path) -> None:
    """Tell a person where to begin."""
    lines = {
        "Desk": f"{addresses.web}/console",
        "": f"{email}, password: {PASSWORD}",
        "Six digits": f"baraza staff code {email}",
        "Home page": addresses.web,
        "API docs": f"{addresses.web}/docs",
        "Staff token": token,
    }
    if addresses.phone:
        codes, word = pack.about.codes, next(iter(pack.about.words))
        how = f"dial {codes.ussd}, SMS {codes.sms}" if codes.ussd else f"SMS {word} to {codes.sms}"
        lines = {"Phone": f"{addresses.phone}  {how}"} | lines
    console.print()
    for name, value in lines.items():
        console.print(f"[bold]{name:<12}[/bold] {value}", soft_wrap=True, highlight=False)
    console.print(f"{'':<12} of {email}, an officer", highlight=False)
    if data != DEFAULT_DATA:
        console.print(f"{'':<12} commands here want: --data {data}", soft_wrap=True, highlight=False)
    console.print("\nCtrl-C stops everything.")
