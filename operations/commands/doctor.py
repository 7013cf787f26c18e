"""`baraza doctor`."""

import typer
from rich.console import Console

from operations.settings import DEFAULT_DATA, Data, settings_for


def doctor(data: Data = DEFAULT_DATA) -> None:
    """Check settings, stores, schema, pack, provider and clock; exit 1 when something is wrong."""
    from operations import checks

    settings = settings_for(data)
    console = Console(soft_wrap=True, highlight=False)
    console.print("[green]ok     [/green] settings")
    problems = 0
    for name, check in checks.CHECKS.items():
        finding = check(settings)
        problems += not finding.ok
        mark = "[green]ok     [/green]" if finding.ok else "[red]problem[/red]"
        console.print(f"{mark} {name}: {finding.text}")
    if problems:
        raise typer.Exit(1)
