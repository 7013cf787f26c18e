"""My cases: the list, and a receipt for what was filed without a number or from another phone."""

from __future__ import annotations

from menus import receipt as receipts
from menus.engine import Call, Go, Option, Screen, Stay, screen
from menus.screens.lock import ask_digits
from menus.screens.words import day, standing

NEWEST = 3
"""Cases listed before "Use a receipt", so that it is on the first page whatever follows."""


@screen("cases", needs=("profile", "cases"))
def cases(c: Call) -> Screen:
    """What this number has filed, newest first; behind four digits for who wants it so."""
    return ask_digits(c, "cases.open") if c.profile.get("locked") else _listed(c)


@screen("cases.open", needs=("unlocked", "cases"))
def cases_open(c: Call) -> Screen:
    """The list after the digits were typed."""
    unlocked = c.facts["unlocked"]
    return _listed(c) if unlocked.get("ok") else ask_digits(c, "cases.open", unlocked)


def _listed(c: Call) -> Screen:
    known = [
        Option(
            f"{case['reference']}, {day(c, case['date'])}: {standing(c, case)}",
            Go("case", keep={"case": case["id"], "receipt": ""}),
        )
        for case in c.facts["cases"]
    ]
    receipt = Option(c.say("Use a receipt"), Go("receipt"))
    lines = [c.say("My cases")] if known else [c.say("My cases"), c.say("Nothing under your number.")]
    return Screen("\n".join(lines), (*known[:NEWEST], receipt, *known[NEWEST:]))


@screen("receipt")
def receipt(c: Call) -> Screen:
    """The eleven digits of a receipt; spaces and hyphens do not matter."""
    return Screen(c.say("Type the 11 digits of your receipt."), accept=_receipt)


def _receipt(c: Call, typed: str) -> Go | Stay:
    digits = receipts.bare(typed)
    if not receipts.check(digits):
        return Stay(c.say("That is no receipt. Check the 11 digits."))
    return Go("case.receipt", keep={"receipt": digits, "case": ""})
