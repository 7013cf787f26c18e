"""The queue on a terminal, drawn anew every two seconds."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table

from gateway.database import make_engine, unit_of_work
from gateway.settings import Settings
from gateway.timing import Clock
from operations.settings import DEFAULT_DATA, Data, settings_for, work

if TYPE_CHECKING:
    from gateway.messaging.watching import Glance

EVERY = 2.0
"""Seconds from one look to the next."""


def queue(
    data: Data = DEFAULT_DATA,
    once: Annotated[bool, typer.Option("--once", help="Print it and end, as it does where no person watches.")] = False,
) -> None:
    """What waits in each lane, since when, how fast it goes out, and what goes wrong. Ctrl-C ends it."""
    from gateway.messaging.watching import glance

    settings = settings_for(data)
    console = Console(soft_wrap=True)
    if once or not console.is_terminal:
        now = Clock(settings.offset).now()
        with work(settings) as session:
            console.print(drawn(glance(session, now), settings, now))
        return
    watch(settings, console)


def watch(settings: Settings, console: Console) -> None:
    """Draw it until Ctrl-C."""
    from gateway.messaging.watching import glance

    engine = make_engine(settings.database_url, pool_size=1, application="baraza-command")
    clock = Clock(settings.offset)
    try:
        with Live(console=console, auto_refresh=False, screen=False) as live:
            while True:
                now = clock.now()
                with unit_of_work(engine, channel=settings.channel) as session:
                    live.update(drawn(glance(session, now), settings, now), refresh=True)
                time.sleep(EVERY)
    except KeyboardInterrupt:
        pass
    finally:
        engine.dispose()


def drawn(seen: Glance, settings: Settings, now: datetime) -> Group:
    """A glance as tables."""
    return Group(_lanes(seen, now), _troubles(seen), *_channel(seen, settings))


def _lanes(seen: Glance, now: datetime) -> Table:
    table = Table("lane", "state", "messages", "oldest (UTC)", "waits", title="Not settled", title_justify="left")
    for row in seen.waiting:
        waits = str(now - row.oldest).partition(".")[0]
        table.add_row(row.lane, row.state, f"{row.count:,}", f"{row.oldest.astimezone(UTC):%m-%d %H:%M:%S}", waits)
    if not seen.waiting:
        table.add_row("nothing waits", "", "", "", "")
    return table


def _troubles(seen: Glance) -> Table:
    table = Table("state", "reason", "messages", "last (UTC)", title="Errors of the last hour", title_justify="left")
    for row in seen.troubles:
        table.add_row(row.state, row.reason, f"{row.count:,}", f"{row.last.astimezone(UTC):%m-%d %H:%M:%S}")
    if not seen.troubles:
        table.add_row("none", "", "", "")
    return table


def _channel(seen: Glance, settings: Settings) -> list[str]:
    channel = seen.channel
    speeds = ", ".join(f"{rate.lane} {rate.segments_per_second:.1f} segments/s" for rate in seen.rates)
    lines = [f"Rate now: {speeds or 'nothing goes out'}, of {settings.segments_per_second:g} segments/s"]
    if channel.stopped:
        lines.append(f"{channel.channel} is STOPPED ({channel.stopped}): mend it, then `baraza message channel resume`")
    elif channel.paused_until:
        why = f" ({channel.paused})" if channel.paused else ""
        lines.append(f"{channel.channel} rests until {channel.paused_until.astimezone(UTC):%H:%M:%S} UTC{why}")
    else:
        lines.append(f"{channel.channel} may send")
    if channel.balance is not None:
        low = " LOW: top it up" if channel.balance < settings.balance_warning else ""
        lines.append(f"Balance: {channel.currency} {channel.balance:,.2f}{low}")
    if channel.unreported:
        lines.append(f"{channel.unreported:,} accepted and never reported on: see `baraza message reconcile`")
    return lines
