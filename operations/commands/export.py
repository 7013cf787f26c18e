"""Files to take away."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from operations.settings import DEFAULT_DATA, Data, settings_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.cases.service import Desk

app = typer.Typer(no_args_is_help=True, help="Files to take away; each leaves an audit row under a member of staff.")

As = Annotated[str, typer.Option("--as", metavar="EMAIL", help="Who takes it away: their role decides what is in it.")]
To = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="A new file, readable by you alone.")]


@app.command("caj")
def caj(
    quarter: Annotated[str, typer.Argument(metavar="QUARTER", help="For example 2026-Q3.")],
    who: As,
    output: To,
    data: Data = DEFAULT_DATA,
) -> None:
    """The quarterly return to the CAJ: CSV, or PDF when FILE ends in .pdf. Its columns are provisional."""
    from gateway.exports import service

    form = "pdf" if output.suffix == ".pdf" else "csv"
    _take(data, who, output, lambda desk: service.quarterly_return(desk, quarter, form))


@app.command("cases")
def cases(who: As, output: To, data: Data = DEFAULT_DATA) -> None:
    """The cases this person sees: CSV, or a spreadsheet when FILE ends in .xlsx. No stories, no numbers."""
    from gateway.cases.schemas import CaseFilter
    from gateway.exports import service

    form = "xlsx" if output.suffix == ".xlsx" else "csv"
    _take(data, who, output, lambda desk: service.case_list(desk, CaseFilter(), form))


@app.command("case")
def case(
    serial: Annotated[str, typer.Argument(metavar="SERIAL", help="For example KAK-2026-000001.")],
    who: As,
    output: To,
    data: Data = DEFAULT_DATA,
) -> None:
    """One case as PDF, to hand to another body; without number, name and receipt."""
    from gateway.exports import service

    _take(data, who, output, lambda desk: service.case_bundle(desk, serial))


def _take(data: Path, email: str, output: Path, make: "Callable[[Desk], bytes]") -> None:
    import os

    import sqlalchemy as sa

    from gateway.cases.service import Desk
    from gateway.context import Context
    from gateway.errors import NotFound
    from gateway.staff.models import Staff
    from gateway.staff.service import tidy_email

    context = Context.make(settings_for(data), pool_size=1, application="baraza-export")
    try:
        with context.work() as session:
            person = session.scalar(sa.select(Staff).where(Staff.email == tidy_email(email), Staff.active))
            if person is None:
                raise NotFound("there is no active account with this e-mail")
            body = make(Desk(session, context.vault, context.pack, person, context.clock.now()))
            with os.fdopen(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(body)
    finally:
        context.close()
    typer.echo(f"{output}: {len(body)} bytes")
