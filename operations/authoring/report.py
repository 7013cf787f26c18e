"""What `baraza menu check` prints of one pack."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from menus.check import Checked, Longest
from menus.check import check as check_screens
from operations.authoring.packs import guide_of

CLOSE = 4
"""Septets left on the longest page below which an author should know."""


def print_checked(pack: str, *, brief: bool = False) -> bool:
    """Walk and print; whether nothing is wrong."""
    guide = guide_of(pack)
    checked = check_screens(guide)
    console = terminal()
    if not brief:
        console.print(_table(pack, checked, guide.room))
    languages = ", ".join(known.code for known in guide.languages)
    console.print(f"{pack}: {len(checked.screens)} screens, {checked.looks} looks of them, in {languages}: ", end="")
    if not checked.faults:
        console.print("nothing wrong", style="green")
        return True
    console.print(f"{len(checked.faults)} wrong", style="bold red")
    for fault in checked.faults:
        console.print(f"  {escape(str(fault))}")
    return False


def terminal() -> Console:
    """The terminal, or where its output goes: then nothing is cut to the width of a screen that is not there."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=140)


def _table(pack: str, checked: Checked, room: int) -> Table:
    table = Table("screen", "asks for", "longest", "", "pages", "in", title=pack, box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("who dials and types", overflow="fold")
    wrong = {fault.screen for fault in checked.faults}
    for one in checked.screens:
        mark = "[bold red]x[/]" if one.screen in wrong else ""
        septets = f"[yellow]{one.septets}[/]" if room - one.septets < CLOSE else str(one.septets)
        table.add_row(
            f"{one.screen} {mark}".rstrip(),
            one.kind,
            septets,
            _bar(one, room),
            str(one.pages),
            f"{one.language} {one.bearer}",
            escape(one.where),
        )
    return table


def _bar(one: Longest, room: int) -> str:
    filled = round(10 * min(one.septets / room, 1))
    return "\u2588" * filled + "\u2591" * (10 - filled)
