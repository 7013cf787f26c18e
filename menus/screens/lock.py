"""Four digits of the resident's own before a list of cases: phones are shared. Never called PIN alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from menus.effects import LockCases
from menus.engine import Call, Go, Option, Screen, Stay, screen
from menus.screens.noted import note

DIGITS = 4


def ask_digits(c: Call, then: str, tried: Mapping[str, Any] | None = None) -> Screen:
    """The digits that open the list; after a wrong try, how many more there are."""
    if tried and not tried.get("left"):
        return Screen(
            c.say("Too many tries. Wait until tomorrow, or use a receipt."),
            (Option(c.say("Use a receipt"), Go("receipt", replaces=True)),),
        )
    body = (
        c.say("Wrong digits. Tries left: {left}", left=tried["left"])
        if tried
        else c.say("Your cases are locked. Type your 4 digits. NOT your M-Pesa PIN.")
    )
    return Screen(body, accept=_digits(lambda digits: Go(then, keep={"unlock": digits}, replaces=True)))


def _digits(go: Callable[[str], Go]) -> Callable[[Call, str], Go | Stay]:
    def accept(c: Call, typed: str) -> Go | Stay:
        if len(typed) == DIGITS and typed.isascii() and typed.isdigit():
            return go(typed)
        return Stay(c.say("Type 4 digits."))

    return accept


@screen("lock", needs=("profile",))
def lock(c: Call) -> Screen:
    """Lock, or who has locked: open first."""
    if not c.profile.get("known"):
        return Screen(c.say("Nothing is kept under your number yet, so there is nothing to lock."))
    return ask_digits(c, "lock.open") if c.profile.get("locked") else _choose_digits(c)


@screen("lock.open", needs=("unlocked",))
def lock_open(c: Call) -> Screen:
    """The digits were right: other digits, or none."""
    if not c.facts["unlocked"].get("ok"):
        return ask_digits(c, "lock.open", c.facts["unlocked"])
    return Screen(
        c.say("Lock my cases"),
        (
            Option(c.say("Choose other digits"), Go("lock.set")),
            Option(c.say("Unlock: ask no digits"), note("unlocked", LockCases(""))),
        ),
    )


@screen("lock.set")
def lock_set(c: Call) -> Screen:
    """Choose digits."""
    return _choose_digits(c)


def _choose_digits(c: Call) -> Screen:
    body = c.say(
        "Choose 4 secret digits to lock your cases. NOT your M-Pesa PIN. We never ask for money or for your M-Pesa PIN."
    )
    return Screen(body, accept=_digits(lambda digits: Go("lock.check", keep={"lock": digits})))


@screen("lock.check", guarded=True)
def lock_check(c: Call) -> Screen:
    """The digits once more before they lock: a slip of the thumb would lock the resident out."""
    digits = c.answers["lock"]
    return Screen(
        c.say("Lock your cases with {digits}? Remember these digits, we do not send them.", digits=digits),
        (
            Option(c.say("Yes, lock"), note("locked", LockCases(digits))),
            Option(c.say("Choose other digits"), Go("lock.set", replaces=True)),
        ),
    )
