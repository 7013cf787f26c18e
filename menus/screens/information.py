"""A request for information under the Access to Information Act 2016: no reason is asked for (section 4)."""

from __future__ import annotations

from menus.engine import Call, Go, Option, Screen, screen
from menus.screens.sending import AGAIN, told
from menus.screens.steps import onwards


@screen("info.kind")
def info_kind(c: Call) -> Screen:
    """A new request, or one that was refused or never answered and may be reviewed."""
    return Screen(
        c.say("Ask for information"),
        tuple(
            Option(
                c.guide.label(category.labels, c.language),
                Go(onwards(c, "privacy"), keep={"category": category.code}),
            )
            for category in c.guide.offered("information")
        ),
    )


@screen("info.ask")
def info_ask(c: Call) -> Screen:
    """The question itself."""
    if c.answers.get("story"):
        return Screen(c.say(AGAIN), accept=told)
    return Screen(
        c.say("What do you want to know? Name the office or project, and the year. You do not have to say why."),
        accept=told,
    )
