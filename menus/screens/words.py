"""Codes and dates in a resident's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from menus.engine import Call
from menus.guide import mark

_MONTHS = (
    mark("Jan"),
    mark("Feb"),
    mark("Mar"),
    mark("Apr"),
    mark("May"),
    mark("Jun"),
    mark("Jul"),
    mark("Aug"),
    mark("Sep"),
    mark("Oct"),
    mark("Nov"),
    mark("Dec"),
)

STANDINGS = {
    "received": mark("received"),
    "triage": mark("being sorted"),
    "assigned": mark("with the office"),
    "in_progress": mark("with the office"),
    "waiting_resident": mark("we need your answer"),
    "referred": mark("passed to another office"),
    "resolved": mark("done"),
    "confirmed": mark("solved"),
    "closed_unconfirmed": mark("closed"),
    "reopened": mark("open again"),
    "rejected": mark("not taken up"),
    "withdrawn": mark("withdrawn"),
}

# The county's own word and the monitor's, on the completion scale of the Open Government Partnership.
PROGRESS = {
    "no_report": mark("no report yet"),
    "not_assessed": mark("not yet assessed"),
    "no_evidence": mark("no evidence"),
    "not_started": mark("not started"),
    "limited": mark("limited"),
    "substantial": mark("substantial"),
    "complete": mark("complete"),
}


def day(c: Call, date: str) -> str:
    """`2026-11-12` as `12 Nov`; nothing where the date is unknown."""
    _year, _, rest = date.partition("-")
    month, _, number = rest.partition("-")
    return f"{int(number[:2])} {c.say(_MONTHS[int(month) - 1])}" if number else ""


def month(c: Call, year_and_month: str) -> str:
    """`2027-06` as `Jun 2027`."""
    year, _, number = year_and_month.partition("-")
    return f"{c.say(_MONTHS[int(number) - 1])} {year}"


def standing(c: Call, case: Mapping[str, Any]) -> str:
    """Where a case stands: what the resident can do now comes before what the office does."""
    if is_asked(case):
        return c.say("done? Answer")
    if case.get("unread"):
        return c.say("answer to read")
    return c.say(STANDINGS.get(case.get("status", ""), "with the office"))


def is_asked(case: Mapping[str, Any]) -> bool:
    """The office says that it is done, and only the resident can say whether it is solved."""
    return case.get("status") == "resolved" and bool(case.get("asked"))


def progress(c: Call, key: str | None, unknown: str) -> str:
    """How far a promise has come; `unknown` where nobody has said."""
    return c.say(PROGRESS.get(key or unknown, PROGRESS[unknown]))
