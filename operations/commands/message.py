"""Messages owed to residents."""

from datetime import UTC

import typer
from rich.console import Console
from rich.table import Table

from gateway.database import make_engine, unit_of_work
from gateway.messaging import service
from operations.settings import DEFAULT_DATA, Data, settings_for

app = typer.Typer(no_args_is_help=True, help="Messages owed to residents.")


@app.callback()
def messages() -> None:
    """Messages owed to residents."""


@app.command("queue")
def queue(data: Data = DEFAULT_DATA) -> None:
    """How many messages are in each state, by lane, and since when the oldest."""
    table = Table("lane", "state", "count", "oldest (UTC)")
    with unit_of_work(make_engine(settings_for(data).database_url)) as session:
        for row in service.queue_summary(session):
            oldest = row.oldest.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if row.oldest else ""
            table.add_row(str(row.lane), str(row.state), str(row.count), oldest)
    Console().print(table)
