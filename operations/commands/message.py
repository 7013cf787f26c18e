"""Messages owed to residents."""

import typer

from operations.commands import broadcast, channel, queue

app = typer.Typer(no_args_is_help=True, help="Messages owed to residents.")
app.add_typer(broadcast.app, name="broadcast")
app.add_typer(channel.app, name="channel")
app.command("queue")(queue.queue)
app.command("reconcile")(channel.reconcile)


@app.callback()
def messages() -> None:
    """Messages owed to residents."""
