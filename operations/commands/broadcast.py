"""Broadcasts, for an operator: what is under way, and a way to stop it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import redis
import typer
from rich.console import Console
from rich.table import Column, Table

from gateway.settings import Settings
from gateway.timing import Clock
from operations.settings import DEFAULT_DATA, Data, settings_for, work

if TYPE_CHECKING:
    from gateway.messaging.models import Broadcast

app = typer.Typer(no_args_is_help=True, help="Texts to many residents.")

Id = Annotated[UUID, typer.Argument(metavar="ID", help="As `list` shows it.")]


@app.command("list")
def list_broadcasts(data: Data = DEFAULT_DATA) -> None:
    """The newest fifty."""
    from gateway.broadcasts import service

    table = Table(Column("id", min_width=36), "status", "kind", "topic", "written (UTC)", "recipients")
    with work(settings_for(data)) as session:
        for row in service.list_broadcasts(session):
            table.add_row(str(row.id), _status(row), row.kind, row.topic, _said(row.created_at), str(row.recipients))
    Console(soft_wrap=True).print(table)


@app.command("show")
def show(broadcast: Id, data: Data = DEFAULT_DATA) -> None:
    """How far one is, and how it ended: messages by state and reason, and what they cost."""
    from gateway.broadcasts import progress, service

    with work(settings_for(data)) as session:
        row, found = service.read(session, broadcast), progress.progress(session, broadcast)
    console = Console(soft_wrap=True)
    console.print(f"{row.kind} about {row.topic}: {_status(row)}")
    console.print(f"written {_said(row.created_at)}, started {_said(row.started_at)}, over {_said(row.finished_at)}")
    table = Table("state", "messages", "why")
    for state, count in sorted(found.states.items()):
        why = ", ".join(f"{reason} {times}" for reason, times in sorted(found.reasons.get(state, {}).items()) if reason)
        table.add_row(state, str(count), why)
    console.print(table)
    cost = ", ".join(f"{currency} {amount}" for currency, amount in sorted(found.costs.items())) or "nothing yet"
    console.print(f"{found.segments} SMS sent, cost {cost}")


@app.command("pause")
def pause(broadcast: Id, data: Data = DEFAULT_DATA) -> None:
    """Let nothing more of it leave for now."""
    from gateway.broadcasts import service

    _move(service.pause, broadcast, settings_for(data))


@app.command("resume")
def resume(broadcast: Id, data: Data = DEFAULT_DATA) -> None:
    """Go on where it stopped; a claim not before an election period is over."""
    from gateway.broadcasts import service
    from gateway.pack import load

    settings = settings_for(data)
    _move(partial(service.resume, pack=load(settings.pack)), broadcast, settings)


@app.command("cancel")
def cancel(broadcast: Id, data: Data = DEFAULT_DATA) -> None:
    """Send no more of it, ever."""
    from gateway.broadcasts import service

    _move(service.cancel, broadcast, settings_for(data))


def _move(verb: Callable[..., object], broadcast: UUID, settings: Settings) -> None:
    from gateway.broadcasts import service
    from gateway.messaging.templates import BROADCASTS
    from gateway.messaging.wake import wake

    with work(settings) as session:
        verb(session, broadcast=broadcast, staff=None, now=Clock(settings.offset).now())
        status = service.read(session, broadcast).status
    with redis.Redis.from_url(settings.redis_url, socket_timeout=2, socket_connect_timeout=1) as valkey:
        wake(valkey, BROADCASTS)
    typer.echo(f"{broadcast} is {status}.")


def _status(row: Broadcast) -> str:
    return f"{row.status} ({row.paused_because.replace('_', ' ')})" if row.paused_because else row.status


def _said(moment: datetime | None) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M") if moment else "-"
