"""Packs: a jurisdiction as data."""

from pathlib import Path
from typing import Annotated

import typer

from operations.settings import DEFAULT_DATA, Data, settings_for

app = typer.Typer(no_args_is_help=True, help="A jurisdiction as data.")


@app.command("check")
def check(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="Name in packs/, or folder, of a pack.")],
    data: Data = DEFAULT_DATA,  # every command takes it
) -> None:
    """Name file and place of everything that is wrong in a pack."""
    from gateway import pack as packs

    problems = packs.check_pack(path)
    for problem in problems:
        typer.echo(problem)
    if problems:
        raise typer.Exit(1)
    typer.echo(f"{path}: nothing wrong")


@app.command("load")
def load(data: Data = DEFAULT_DATA) -> None:
    """Load the pack of the settings into the database."""
    from gateway import pack_load

    pack_load.load_pack(settings_for(data))
