"""Messages owed to residents."""

from datetime import UTC

import typer

from operations.commands import broadcast
from operations.settings import DEFAULT_DATA, Data, settings_for, work

app = typer.Typer(no_args_is_help=True, help="Messages owed to residents.")

app.add_typer(broadcast.app, name="broadcast")


@app.callback()
def messages() -> None:
    """Messages owed to residents."""


@app.command("queue")
def queue(data: Data = DEFAULT_DATA) -> None:
    """How many messages are in each state, by lane, and since when the oldest."""
    from rich.console import Console
    from rich.table import Table

    from gateway.messaging import service

    table = Table("lane", "state", "count", "oldest (UTC)")
    with work(settings_for(data)) as session:
        for row in service.queue_summary(session):
            oldest = row.oldest.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if row.oldest else ""
            table.add_row(row.lane, row.state, str(row.count), oldest)
    Console(soft_wrap=True).print(table)
