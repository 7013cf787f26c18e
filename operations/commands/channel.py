"""The channel that carries texts, for an operator."""

import typer

from gateway.timing import Clock
from operations.settings import DEFAULT_DATA, Data, settings_for, work

app = typer.Typer(no_args_is_help=True, help="The channel that carries texts.")


@app.callback()
def channel() -> None:
    """The channel that carries texts."""


@app.command("resume")
def resume(data: Data = DEFAULT_DATA) -> None:
    """Let it send again, once you have mended what stopped it. It is written in the audit trail."""
    from gateway.messaging import channel as kept

    settings = settings_for(data)
    with work(settings) as session:
        was = kept.resume(session, staff=None, now=Clock(settings.offset).now())
    typer.echo("It may send again; what is owed leaves within seconds." if was else "It was not stopped.")


def reconcile(data: Data = DEFAULT_DATA) -> None:
    """Messages that were accepted long ago and never reported on. Nothing is sent again."""
    from rich.console import Console
    from rich.table import Column, Table

    from gateway.messaging import channel as kept

    settings = settings_for(data)
    with work(settings) as session:
        now = Clock(settings.offset).now()
        days = kept.unreported(session, hours=settings.report_hours, now=now)
        oldest = kept.unreported_ids(session, hours=settings.report_hours, now=now, limit=50)
    console = Console(soft_wrap=True)
    if not days:
        console.print(f"Every message of more than {settings.report_hours:g} hours ago was reported on.")
        return
    counts = Table("day (UTC)", "lane", "messages")
    for row in days:
        counts.add_row(f"{row.day:%Y-%m-%d}", row.lane, f"{row.count:,}")
    # Nothing of an id is cut: it is what the aggregator is asked about.
    ids = (Column("message", min_width=36), "template", Column("provider's id", overflow="fold"), "sent (UTC)")
    table = Table(*ids)
    for one in oldest:
        table.add_row(str(one.id), one.template, one.provider_message_id or "-", f"{one.sent_at:%m-%d %H:%M}")
    console.print(counts, "The oldest fifty:", table)
