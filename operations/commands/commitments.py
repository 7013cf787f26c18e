"""The plan as tables: promises, milestones, indicators and readings as CSV, out and in."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from operations.settings import DEFAULT_DATA, Data, settings_for

if TYPE_CHECKING:
    from gateway.commitments.tables import Changed

app = typer.Typer(no_args_is_help=True, help="The plan as CSV, keyed by OGP id.")

Name = Literal["commitments", "milestones", "indicators", "readings"]
Table = Annotated[Name, typer.Argument(metavar="TABLE", help="commitments, milestones, indicators or readings.")]
To = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="A new file.")]
From = Annotated[Path, typer.Argument(metavar="FILE", help="As export writes it.")]
As = Annotated[str, typer.Option("--as", metavar="EMAIL", help="The supervisor who takes it in.")]
Dry = Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")]


@app.command("export")
def export(table: Table, output: To, data: Data = DEFAULT_DATA) -> None:
    """Write a table of the plan as CSV."""
    from gateway.commitments import tables
    from gateway.pack import load
    from operations.settings import work

    settings = settings_for(data)
    with work(settings) as session:
        text = tables.export(session, load(settings.pack), table)
    with output.open("x", encoding="utf-8", newline="") as file:
        file.write(text)
    typer.echo(f"{output}: {len(text.splitlines()) - 1} lines")


@app.command("import")
def take(table: Table, file: From, who: As, dry_run: Dry = False, data: Data = DEFAULT_DATA) -> None:
    """Take a table in, all of it or nothing. What is wrong is named by line and column."""
    from gateway.commitments import tables
    from gateway.commitments.plan import Hand
    from gateway.errors import Forbidden, Invalid
    from gateway.pack import load
    from gateway.staff.auth import may
    from gateway.staff.roles import Permission
    from gateway.staff.service import active_account
    from gateway.timing import Clock
    from operations.settings import work

    settings = settings_for(data)
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Invalid("the file is not in UTF-8") from error
    except OSError as error:
        raise Invalid(f"the file cannot be read: {error.strerror}") from error
    try:
        with work(settings) as session:
            person = active_account(session, who)
            if not may(person, Permission.PUBLISH_PROGRESS):
                raise Forbidden("a supervisor imports the plan")
            hand = Hand(session, Clock(settings.offset).now(), person.id)
            changed = tables.take(hand, load(settings.pack), table, text, dry_run=dry_run)
    except Invalid as wrong:
        faults = wrong.members.get("errors", [])
        for fault in faults if isinstance(faults, list) else []:
            typer.echo(f"{file}: {fault['where']}: {fault['message']}", err=True)
        raise
    for change in changed:
        _print(change)
    typer.echo(f"{len(changed)} {'would change' if dry_run else 'changed'}")


def _print(change: "Changed") -> None:
    code = f" {change.code}" if change.code else ""
    typer.echo(f"line {change.line}: {change.ogp_id}{code}: {'new' if change.new else 'changed'}")
    for name, values in change.fields.items():
        typer.echo(f"  {name}: {values['before']!r} -> {values['after']!r}")
