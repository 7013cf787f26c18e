"""Accounts of staff."""

from datetime import datetime
from typing import Annotated

import typer

from gateway.settings import Settings
from gateway.timing import Clock
from operations.errors import Misconfigured
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


@app.command("superior")
def superior(
    email: Email,
    boss: Annotated[
        str | None, typer.Argument(metavar="SUPERIOR", help="E-mail; left out, they answer to nobody.")
    ] = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Say whom somebody answers to: a case that names their superior is hidden from them too."""
    from gateway.staff import service

    settings = settings_for(data)
    with work(settings) as session:
        service.set_superior(session, email=email, superior=boss)
    typer.echo(f"{email} answers to {boss or 'nobody'}.")


@app.command("token")
def token(
    words: Annotated[list[str], typer.Argument(metavar="[revoke] EMAIL", min=1, max=2)], data: Data = DEFAULT_DATA
) -> None:
    """Print a new API token, and nothing else; or end all tokens of an account: `token revoke EMAIL`."""
    from gateway.residents.sealing import Vault
    from gateway.staff import service

    if len(words) > 1 and words[0] != "revoke":
        raise typer.BadParameter("write `token EMAIL` or `token revoke EMAIL`")
    settings = settings_for(data)
    with work(settings) as session:
        if len(words) > 1:
            ended = service.revoke_tokens(session, email=words[1], now=_now(settings))
            said = f"Ended {ended} tokens of {words[1]}."
        else:
            said = service.issue_token(session, Vault.from_settings(settings), email=words[0], now=_now(settings))
    typer.echo(said)


@app.command("invite")
def invite(email: Email, data: Data = DEFAULT_DATA) -> None:
    """Print a link to set password and authenticator, good once, for 72 hours; also for who lost them."""
    from gateway.residents.sealing import Vault
    from gateway.staff import invitations

    settings = settings_for(data)
    with work(settings) as session:
        secret = invitations.invite(session, Vault.from_settings(settings), email=email, now=_now(settings))
    typer.echo(f"{settings.web_url or ''}/console/join/{secret}")


@app.command("code")
def code(email: Email, data: Data = DEFAULT_DATA) -> None:
    """Print the six digits an authenticator would show now. Works in the demo only."""
    from gateway.residents.sealing import Vault
    from gateway.staff import practice

    settings = settings_for(data)
    if not settings.demo:
        raise Misconfigured("`baraza staff code` works in the demo only: outside, a second factor is on a phone")
    with work(settings) as session:
        digits = practice.code_of(session, Vault.from_settings(settings), email, Clock().now())
    typer.echo(digits)


@app.command("list")
def list_accounts(data: Data = DEFAULT_DATA) -> None:
    """List the accounts."""
    from rich.console import Console
    from rich.table import Column, Table

    from gateway.staff import service

    email = Column("email", no_wrap=True)  # whole, however narrow the terminal: it is what other commands take
    table = Table(email, "name", "role", "department", "active")
    with work(settings_for(data)) as session:
        for person in service.list_staff(session):
            table.add_row(
                person.email, person.name, person.role, person.department or "", "yes" if person.active else "no"
            )
    Console(soft_wrap=True).print(table)


def _now(settings: Settings) -> datetime:
    return Clock(settings.offset).now()
