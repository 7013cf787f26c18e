"""The audit trail."""

import typer

from operations.settings import DEFAULT_DATA, Data, settings_for, work

app = typer.Typer(no_args_is_help=True, help="The audit trail.")


@app.callback()
def trail() -> None:
    """The audit trail."""


@app.command("verify")
def verify(data: Data = DEFAULT_DATA) -> None:
    """Recompute the hash chain of the audit rows and compare it with the published heads; exit 1 when it is broken."""
    from gateway.staff import audit
    from gateway.statistics import heads

    with work(settings_for(data)) as session:
        verdict = audit.verify(session)
        changed = heads.broken_heads(session)
    typer.echo(f"{verdict.linked} rows linked, {verdict.unlinked} not linked yet")
    if changed:
        typer.echo(f"The chain is not what was published on {changed[0]}.")
        raise typer.Exit(1)
    if not verdict.ok:
        typer.echo(f"The chain breaks at row {verdict.first_broken}.")
        raise typer.Exit(1)
