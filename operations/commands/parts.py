"""The processes of an installation, each in the foreground, and the migration that goes before them."""

from enum import StrEnum
from typing import Annotated

import typer

from operations.ports import LOOPBACK
from operations.settings import DEFAULT_DATA, Data, settings_for


class Lane(StrEnum):
    """The two queues of messages."""

    REPLIES = "replies"
    BROADCASTS = "broadcasts"


def web(
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = LOOPBACK,
    data: Data = DEFAULT_DATA,
) -> None:
    """Serve callbacks, staff API and public pages."""
    import uvicorn

    settings_for(data)
    uvicorn.run(
        "gateway.app:create_app",
        factory=True,
        host=host,
        port=port,
        http="httptools",
        loop="uvloop",
        access_log=False,  # it would print the callback secret
        server_header=False,
        timeout_graceful_shutdown=5,
    )


def worker(lane: Annotated[Lane, typer.Option(help="Which messages to send.")], data: Data = DEFAULT_DATA) -> None:
    """Send the owed messages of one lane."""
    from worker import rq_worker

    rq_worker.run(settings_for(data), lane.value)


def clock(data: Data = DEFAULT_DATA) -> None:
    """Sweeps, deadlines and housekeeping; one acts, any number may stand by."""
    from worker import clock as clock_process

    clock_process.run(settings_for(data))


def migrate(data: Data = DEFAULT_DATA) -> None:
    """Bring the database to the newest schema and load the pack."""
    from operations.migrate import upgrade

    upgrade(settings_for(data))
