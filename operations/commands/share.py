"""Notices to print, to read out and to share."""

from pathlib import Path
from typing import Annotated

import typer

from operations.settings import DEFAULT_DATA, Data, settings_for, work


def share(
    what: Annotated[str, typer.Argument(metavar="WHAT", help="A promise, like KEKAK0003, or a quarter, like 2026-Q3.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FOLDER", help="Where the files go.")],
    data: Data = DEFAULT_DATA,
) -> None:
    """Posters (A4, A3), a hand-out, a radio script and a short text of a promise or a quarter, in each language."""
    from gateway.pack import load
    from gateway.public.notices import Telltale, notice
    from gateway.public.share import FORMS
    from gateway.public.words import Words
    from gateway.statistics import published
    from gateway.timing import Clock

    settings = settings_for(data)
    pack, now = load(settings.pack), Clock(settings.offset).now()
    output.mkdir(parents=True, exist_ok=True)
    with work(settings) as session:
        figures = published.read(session)
        for language in pack.guide.languages:
            words = Words(pack, language.code)
            made = notice(Telltale(session, pack, words, figures, now, settings.web_url or "", settings.training), what)
            for form, (_, make) in FORMS.items():
                file = output / f"{what}-{language.code}-{form}"
                file.write_bytes(make(made, words))
                typer.echo(file)
