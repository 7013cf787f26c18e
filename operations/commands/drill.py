"""`baraza drill`."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from operations.errors import OperationsError

START = 90.0
"""Seconds a demo may take to be ready."""


def drill(
    ready_file: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Of a running demo; without, the drill starts one of its own.")
    ] = None,
    only: Annotated[str, typer.Option(help="Faults to try, by comma; all without.")] = "",
    replies: Annotated[int, typer.Option(min=1, help="Replies owed under each fault.")] = 12,
    recipients: Annotated[int, typer.Option(min=1, help="Recipients of the broadcast under each fault.")] = 150,
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Of the drill's own demo, and kept; without, a passing folder.")
    ] = None,
) -> None:
    """Let the aggregator fail in every way; say what was lost, doubled or is in doubt. Exit 1 when any was lost."""
    from operations.drill import FAULTS, Size

    chosen = [name.strip() for name in only.split(",") if name.strip()] or list(FAULTS)
    if unheard := [name for name in chosen if name not in FAULTS]:
        raise OperationsError(f"No such fault: {unheard[0]}. There are: {', '.join(FAULTS)}")
    size = Size(replies, recipients)
    if ready_file:
        right = play(json.loads(ready_file.read_text()), chosen, size)
    else:
        with own_demo(data) as ready:
            right = play(ready, chosen, size)
    raise typer.Exit(0 if right else 1)


def play(ready: dict[str, Any], chosen: list[str], size: Any) -> bool:
    """Try the faults one after the other; whether nothing was lost and nothing doubled."""
    from gateway.context import Context
    from gateway.settings import load_settings
    from operations.authoring.report import terminal
    from operations.drill import Drill, add, printed

    given = {name.removeprefix("BARAZA_").lower(): value for name, value in ready["env"].items()}
    context, console = Context.make(load_settings(**given), application="baraza-drill"), terminal()
    drill_, right = Drill(ready, context, size), True
    try:
        with printed(console) as table:
            for fault in chosen:
                with console.status(f"{fault}…"):
                    row = drill_.run(fault)
                add(table, row)
                right = right and not row.lost and not row.doubled
    finally:
        context.close()
    return right


@contextmanager
def own_demo(data: Path | None) -> Iterator[dict[str, Any]]:
    """A demo with shortened waits, on a passing data folder unless one is given; its ready file."""
    from operations.drill import SHORTENED

    with tempfile.TemporaryDirectory(prefix="baraza-drill-") as folder:
        ready_file = Path(folder) / "ready.json"
        out = Path(folder) / "demo.out"
        command = [sys.executable, "-m", "operations", "demo", "--data", str(data or Path(folder) / "data")]
        with out.open("wb") as log:
            process = subprocess.Popen(
                [*command, "--ready-file", str(ready_file)],
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **SHORTENED},
                start_new_session=True,
            )
        try:
            until = time.monotonic() + START
            while not ready_file.exists():
                if process.poll() is not None or time.monotonic() > until:
                    raise OperationsError(f"The demo did not start: {out.read_text()[-500:]}")
                time.sleep(0.1)
            yield json.loads(ready_file.read_text())
        finally:
            process.terminate()
            process.wait(60)
