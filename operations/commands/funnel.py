"""The funnels of screens, by USSD and by SMS."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from operations.settings import DEFAULT_DATA, Data, settings_for, work

if TYPE_CHECKING:
    from gateway.intake.funnel import Funnel, Passed

WIDTH = 32
"""Letters of the longest bar."""


def funnel(
    days: Annotated[int, typer.Option(min=1, max=120, help="Sessions that began in so many days.")] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="For another program; null where there is no base.")] = False,
    data: Data = DEFAULT_DATA,
) -> None:
    """Of the sessions shown each screen: how many went on, ended there, were dropped; and what a case cost."""
    import json
    from datetime import timedelta

    from gateway.intake.funnel import funnels
    from gateway.pack import load
    from gateway.timing import Clock

    settings = settings_for(data)
    now = Clock(settings.offset).now()
    about = load(settings.pack).about
    with work(settings) as session:
        found = funnels(session, about, since=now - timedelta(days=days), now=now)
    if as_json:
        typer.echo(json.dumps({one.bearer: _as_json(one) for one in found}, indent=2))
        return
    for one in found:
        _print(one, days)


def _as_json(found: "Funnel") -> dict[str, Any]:
    names = ("screen", "entered", "left", "ended", "told", "silent", "open", "dropped", "drop_rate")
    cost = found.cost
    return {
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "dropped_after_seconds": int(found.silence.total_seconds()),
        "sessions": found.sessions,
        "filed": found.filed,
        "screens": [{name: getattr(one, name) for name in names} for one in found.screens],
        "cost": {
            "currency": cost.currency,
            "sessions_told": cost.told,
            "total": str(cost.total),
            "cases": cost.cases,
            "a_case": None if cost.a_case is None else str(round(cost.a_case, 4)),
        },
    }


def _print(found: "Funnel", days: int) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from operations.authoring.report import terminal

    console = terminal()
    console.print(
        f"{found.bearer.upper()}: {found.sessions} sessions in {days} days, {found.filed} of them filed a case"
    )
    if not found.sessions:
        return
    table = Table("screen", box=SIMPLE_HEAD, pad_edge=False)
    for name in ("entered", "left", "ended", "dropped", "open", "drop rate"):
        table.add_column(name, justify="right")
    table.add_column("[blue]left[/] [green]ended[/] [red]dropped[/] [yellow]open[/]")
    widest = max((one.entered for one in found.screens), default=1)
    for one in found.screens:
        rate = "-" if one.drop_rate is None else f"{one.drop_rate:.0%}"
        counts = (one.entered, one.left, one.ended, one.dropped, one.open)
        table.add_row(one.screen, *map(str, counts), rate, _bar(one, widest))
    console.print(table)
    cost = found.cost
    a_case = "-" if cost.a_case is None else f"{cost.currency} {cost.a_case:.2f}"
    console.print(
        f"cost a case: {a_case} ({cost.told} of {found.sessions} sessions told their cost, {cost.cases} filed)"
    )


def _bar(one: "Passed", widest: int) -> str:
    """Parts as long as their counts, also the smallest that is not nothing."""
    parts = (("blue", one.left), ("green", one.ended), ("red", one.dropped), ("yellow", one.open))
    marks = {"blue": "\u2588", "green": "\u2588", "red": "\u2593", "yellow": "\u2591"}
    return "".join(
        f"[{colour}]{marks[colour] * max(round(WIDTH * count / widest), 1)}[/]" for colour, count in parts if count
    )
