"""Accounts of staff."""

from datetime import datetime
from typing import Annotated

import typer

from gateway.settings import Settings
from gateway.timing import Clock
from operations.settings import DEFAULT_DATA, Data, settings_for, work

app = typer.Typer(no_args_is_help=True, help="Accounts of staff.")

Email = Annotated[str, typer.Argument(metavar="EMAIL")]


@app.command("add")
def add(
    email: Email,
    name: Annotated[str, typer.Option(help="The person's name.")],
    role: Annotated[str, typer.Option(help="intake, officer, focal, supervisor, oversight or admin.")],
    department: Annotated[str | None, typer.Option(metavar="CODE", help="Of a focal person.")] = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Add an account."""
    from gateway.staff import service

    settings = settings_for(data)
    with work(settings) as session:
        service.add_staff(session, email=email, name=name, role=role, department=department, now=_now(settings))
    typer.echo(f"Added {email} as {role}.")


@app.command("token")
def token(email: Email, data: Data = DEFAULT_DATA) -> None:
    """Print a new API token, and nothing else."""
    from gateway.residents.sealing import Vault
    from gateway.staff import service

    settings = settings_for(data)
    with work(settings) as session:
        issued = service.issue_token(session, Vault.from_settings(settings), email=email, now=_now(settings))
    typer.echo(issued)


@app.command("list")
def list_accounts(data: Data = DEFAULT_DATA) -> None:
    """List the accounts."""
    from rich.console import Console
    from rich.table import Table

    from gateway.staff import service

    table = Table("email", "name", "role", "department", "active")
    with work(settings_for(data)) as session:
        for person in service.list_staff(session):
            table.add_row(
                person.email, person.name, person.role, person.department or "", "yes" if person.active else "no"
            )
    Console(soft_wrap=True).print(table)


def _now(settings: Settings) -> datetime:
    return Clock(settings.offset).now()
