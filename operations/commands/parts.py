"""The processes of an installation, each in the foreground, and the migration that goes before them."""

import gc
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from operations.ports import LOOPBACK
from operations.settings import DEFAULT_DATA, Data, settings_for

if TYPE_CHECKING:
    from fastapi import FastAPI


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

    _ = settings_for(data).oidc_secret  # a file that is not there is told here, not to who signs in
    uvicorn.run(
        "operations.commands.parts:web_app",
        factory=True,
        host=host,
        port=port,
        http="gateway.hop_protocol:HopProtocol",
        loop="uvloop",
        access_log=False,  # it would print the callback secret
        server_header=False,
        proxy_headers=False,  # the application reads them, where it wants them
        timeout_graceful_shutdown=5,
    )


def web_app() -> "FastAPI":
    """The application, with all that was loaded for it put out of the sight of Python's collector.

    To look through it in vain took a twentieth of a hop's CPU, and held up all hops for as long.
    """
    from gateway.app import create_app

    app = create_app()
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)
    return app


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
