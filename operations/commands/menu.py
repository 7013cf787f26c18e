"""Menus, for who writes them: see all screens, check them, try them, compare them, replay what went wrong."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from operations.settings import DEFAULT_DATA, Data, settings_for

app = typer.Typer(no_args_is_help=True, help="See, check and try the menus of a pack.")

Pack = Annotated[str, typer.Option("--pack", metavar="NAME", help="Name in packs/, or folder, of a pack.")]
Language = Annotated[str | None, typer.Option("--language", metavar="CODE", help="Its first language unless given.")]


class Format(StrEnum):
    """How a graph is written."""

    MERMAID = "mermaid"
    SVG = "svg"


@app.command("graph")
def graph(
    pack: Pack = "kakamega",
    language: Language = None,
    form: Annotated[Format, typer.Option("--format", help="What to write.")] = Format.SVG,
    out: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Instead of the terminal.")] = None,
    data: Data = DEFAULT_DATA,  # every command takes it
) -> None:
    """Draw every screen of a pack and every way between them, as walked."""
    from operations.authoring import drawing, mermaid
    from operations.authoring.graph import build
    from operations.authoring.packs import guide_of, language_of

    guide = guide_of(pack)
    built = build(guide, language_of(guide, language))
    text = mermaid.draw(built) if form is Format.MERMAID else drawing.draw(built)
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")


@app.command("check")
def check(
    pack: Annotated[str | None, typer.Argument(metavar="[PACK]", help="Name or folder; else all in packs/.")] = None,
    brief: Annotated[bool, typer.Option("--brief", help="Only what is wrong, and how much was looked at.")] = False,
    data: Data = DEFAULT_DATA,  # every command takes it
) -> None:
    """Walk every screen in every language with the longest real values; exit 1 when anything is wrong."""
    from operations.authoring.packs import names
    from operations.authoring.report import print_checked

    right = [print_checked(name, brief=brief) for name in ([pack] if pack else names())]
    if not all(right):
        raise typer.Exit(1)


@app.command("repro")
def repro(
    session: Annotated[str | None, typer.Argument(metavar="[SESSION]", help="The aggregator's session id.")] = None,
    number: Annotated[str | None, typer.Option(help="Its number; asked for, unseen, unless given.")] = None,
    key: Annotated[
        str | None, typer.Option("--session-key", metavar="HEX", help="Instead: session= of a log line.")
    ] = None,
    out: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Instead of the terminal.")] = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Turn a session of the last 15 minutes into a dialogue script; exit 1 when it does not show the same screens."""
    from operations.authoring import live
    from operations.errors import OperationsError

    settings = settings_for(data)
    if (session is None) == (key is None):
        raise OperationsError("give the aggregator's session id, or --session-key")
    if key is not None:
        found = live.by_key(settings, key)
    else:
        asked = number if number is not None else typer.prompt("Number", hide_input=True)
        found = live.by_session(settings, str(session), asked)
    if out is None:
        typer.echo(found.script, nl=False)
    else:
        out.write_text(found.script, encoding="utf-8")
    if not found.faithful:
        raise typer.Exit(1)


@app.command("play")
def play(
    pack: Pack = "kakamega",
    number: Annotated[str | None, typer.Option(help="Who dials, or texts; a fictional number unless given.")] = None,
    against: Annotated[
        str | None, typer.Option(metavar="URL", help="The USSD callback of a gateway that runs.")
    ] = None,
    sms: Annotated[bool, typer.Option("--sms", help="By SMS, also where there is a code to dial.")] = False,
    data: Data = DEFAULT_DATA,  # every command takes it
) -> None:
    """The phone in a terminal. Nothing is stored or sent, unless --against names a gateway; answers may be piped in."""
    from gateway.pack import load
    from operations.authoring import play as phone
    from operations.authoring.county import County
    from operations.authoring.live import fictional
    from operations.authoring.packs import guide_of
    from operations.authoring.report import terminal
    from operations.authoring.texts import Texts
    from operations.errors import OperationsError

    guide, country = guide_of(pack), load(pack).about.country
    who = number or ("+254711000111" if country == "KE" else fictional(country))
    if sms or not guide.ussd_code:
        if against:
            raise OperationsError("--against plays USSD alone: an SMS comes back to a handset, not to whom it was sent")
        if not guide.words:
            raise OperationsError(f"{pack} has no words that begin the menus by SMS")
        phone.play_texts(Texts(County(guide)), guide, who, terminal())
    else:
        phone.play(phone.Callbacks(against) if against else County(guide), guide, who, terminal())


@app.command("diff")
def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="Name or folder of a pack.")],
    new: Annotated[
        str | None, typer.Argument(metavar="[NEW]", help="Name or folder of a pack; with --against OLD itself.")
    ] = None,
    against: Annotated[
        str | None, typer.Option(metavar="REV", help="Take OLD, menus and catalogues as git has them there.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--fail-on-renumbering", help="Exit 1 when an option's number moves.")
    ] = False,
    data: Data = DEFAULT_DATA,  # every command takes it
) -> None:
    """What a change does to screens: come, gone, said otherwise, and options with another number."""
    from operations.authoring.diff import compare
    from operations.authoring.diff_report import print_difference
    from operations.authoring.looks import looks
    from operations.authoring.packs import guide_of
    from operations.authoring.revisions import looks_at
    from operations.errors import OperationsError

    if new is None and against is None:
        raise OperationsError("name two packs, or one and --against a revision")
    before = looks_at(old, against) if against is not None else looks(guide_of(old))
    found = compare(before, looks(guide_of(new or old)))
    print_difference(found)
    if strict and found.renumbers:
        raise typer.Exit(1)
