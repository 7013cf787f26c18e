"""What `baraza menu diff` prints."""

from __future__ import annotations

from rich.markup import escape

from operations.authoring.diff import Changed, Difference
from operations.authoring.report import terminal

COLOURS = {"+": "green", "-": "red"}


def print_difference(found: Difference) -> None:
    """Moved numbers first: residents know them by heart."""
    console = terminal()
    if found.is_empty:
        console.print("no screen changes")
        return
    for bearer, language, name in found.added:
        console.print(f"[green]added[/] {name} ({language}, {bearer})")
    for bearer, language, name in found.gone:
        console.print(f"[red]gone[/] {name} ({language}, {bearer})")
    for change in found.changed:
        console.print(f"[bold]{change.screen}[/] ({change.language}, {change.bearer}) {_length(change)}")
        for moved in change.moved:
            console.print(f"  [bold red]renumbered[/] {escape(moved.label)}: {moved.was} is now {moved.now}")
        for line in change.lines:
            colour = COLOURS.get(line[:1], "default")
            console.print(f"  [{colour}]{escape(line)}[/]")


def _length(change: Changed) -> str:
    by = change.now - change.was
    return f"{change.now} septets, {abs(by)} {'longer' if by > 0 else 'shorter'}" if by else f"{change.now} septets"
