"""Words to search by, for cases that came before they were kept."""

import typer

from operations.settings import DEFAULT_DATA, Data, settings_for


def index(data: Data = DEFAULT_DATA) -> None:
    """Index the words of every case that has none yet; may be broken off and begun again."""
    from gateway.cases import terms
    from gateway.context import Context

    context = Context.make(settings_for(data), pool_size=1, application="baraza-index")
    seen, last = 0, None
    try:
        while True:
            with context.work() as session:
                after, last = last, terms.backfill(session, context.vault, last)
            if last is None or last == after:
                break
            seen += 1
    finally:
        context.close()
    typer.echo(f"Looked at {seen} batches of cases.")
