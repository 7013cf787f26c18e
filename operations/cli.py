"""The command line: `baraza`. Commands live in operations/commands, one module a group.

A command imports what it works with when it runs: a part of the demo that died is to be back soon.
"""

import sys

import typer
from sqlalchemy.exc import OperationalError

from gateway.errors import BarazaError
from gateway.settings import SettingsError
from operations.commands import (
    audit,
    commitments,
    demo,
    doctor,
    drill,
    export,
    funnel,
    index,
    menu,
    message,
    pack,
    parts,
    share,
    staff,
)
from operations.errors import OperationsError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Baraza: a USSD and SMS citizen feedback gateway.",
)
app.command("demo")(demo.demo)
app.command("drill")(drill.drill)
app.command("web")(parts.web)
app.command("worker")(parts.worker)
app.command("clock")(parts.clock)
app.command("migrate")(parts.migrate)
app.command("doctor")(doctor.doctor)
app.command("funnel")(funnel.funnel)
app.command("share")(share.share)
app.command("index")(index.index)
app.add_typer(pack.app, name="pack")
app.add_typer(menu.app, name="menu")
app.add_typer(staff.app, name="staff")
app.add_typer(message.app, name="message")
app.add_typer(audit.app, name="audit")
app.add_typer(export.app, name="export")
app.add_typer(commitments.app, name="commitments")


def main() -> None:
    """Run a command; what the person at the terminal can put right is one line on stderr, not a traceback."""
    try:
        app()
    except SettingsError as wrong:
        fail(str(wrong), 2)
    except OperationsError as wrong:
        fail(str(wrong), wrong.exit_code)
    except BarazaError as wrong:
        fail(f"{wrong.title}: {wrong.detail}" if wrong.detail else wrong.title, 1)
    except OperationalError as wrong:
        fail(f"Postgres: {str(wrong.orig).splitlines()[0]}", 1)


def fail(line: str, code: int) -> None:
    """Print a line to stderr and end."""
    print(line, file=sys.stderr)  # noqa: T201  # plain: rich would wrap the line
    sys.exit(code)
