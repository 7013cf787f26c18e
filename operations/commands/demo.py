"""`baraza demo`."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from operations.settings import DEFAULT_DATA


def demo(
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port of the web pages.", show_default="8000")
    ] = None,
    data: Annotated[Path | None, typer.Option("--data", metavar="DIR", show_default=str(DEFAULT_DATA))] = None,
    simulator: Annotated[
        bool, typer.Option("--simulator/--no-simulator", help="Without: BARAZA_AFRICASTALKING_URL says where to send.")
    ] = True,
    ready_file: Annotated[
        Path | None, typer.Option(metavar="PATH", help="Written (JSON, 0600) when all parts answer.")
    ] = None,
    training: Annotated[
        bool, typer.Option("--training", help="A desk full of invented cases to practise on, marked as such.")
    ] = False,
    smoke: Annotated[
        bool, typer.Option("--smoke", help="Play a story from complaint to answer, print it, end.")
    ] = False,
) -> None:
    """Run everything on this machine, with a phone to try it. Ctrl-C stops all of it."""
    from operations.demo import Demo, Options

    options = Options(data or DEFAULT_DATA, port, simulator, ready_file, training)
    console = Console()
    if not smoke:
        Demo(options, console).run()
    elif data:
        raise typer.Exit(Demo(options, console).run_smoke())
    else:
        with tempfile.TemporaryDirectory(prefix="baraza-") as passing:
            options = Options(Path(passing), port, simulator, ready_file)
            raise typer.Exit(Demo(options, console).run_smoke())
