"""A complaint: what went wrong, who may know the number. `places` and `sending` go on from there."""

from __future__ import annotations

from menus.engine import Call, Go, Option, Screen, screen
from menus.guide import Category
from menus.screens.places import remembered
from menus.screens.steps import onwards, saved


@screen("kind")
def kind(c: Call) -> Screen:
    """What went wrong, or what a view is about, in the resident's words; staff map it to the terms they report by."""
    chosen = c.answers.get("kind", "complaint")
    return Screen(
        c.say("What is it about?") if chosen == "feedback" else c.say("What went wrong?"),
        tuple(
            Option(c.guide.label(category.labels, c.language), _chosen(c, category))
            for category in c.guide.offered(chosen)
        ),
    )


def _chosen(c: Call, category: Category) -> Go:
    return Go("danger" if category.danger else onwards(c, "privacy"), keep={"category": category.code})


@screen("danger")
def danger(c: Call) -> Screen:
    """Helplines that were verified, and that this is none; the complaint is taken all the same."""
    lines = ", ".join(f"{c.guide.label(line.labels, c.language)} {line.number}" for line in c.guide.helplines)
    body = (
        c.say("In danger now? Call free: {lines}. We are not an emergency line.", lines=lines)
        if lines
        else c.say("We are not an emergency line.")
    )
    return Screen(body, (Option(c.say("Go on with my complaint"), Go(onwards(c, "privacy"))),))


@screen("privacy", guarded=True)
def privacy(c: Call) -> Screen:
    """Who may know the number: asked every time, before any word of the story."""
    return Screen(
        c.say("Who may know your phone number?"),
        (
            Option(c.say("Ombudsman only, SMS me"), _private(c, "sms")),
            Option(c.say("Ombudsman only, no SMS"), _private(c, "no_sms")),
            Option(c.say("My number is not kept"), _private(c, "not_kept")),
            Option(c.say("What does this mean?"), Go("privacy.help")),
        ),
    )


def _private(c: Call, privacy: str) -> Go:
    """On to the place, unless it is remembered or not asked; a draft already typed changes hands at once."""
    if c.answers.get("story"):
        return saved(c, "confirm", privacy=privacy)
    if c.answers.get("kind") == "information":
        return Go("info.ask", keep={"privacy": privacy})
    place = remembered(c)
    return Go("story" if place else "subcounty", keep={**place, "privacy": privacy})


@screen("privacy.help")
def privacy_help(c: Call) -> Screen:
    """What the choice means, honestly: nothing is promised that a phone company or the law could break."""
    choices = (
        c.say(
            "1, 2: only Ombudsman staff or a court may see your number, never the office you complain of. "
            "3: deleted once sent; we cannot reach you."
        )
        if c.guide.by_sms
        else c.say(
            "1, 2: only Ombudsman staff or a court may see your number, never the office you complain of. "
            "3: we do not keep it and cannot reach you."
        )
    )
    limits = c.say(
        "Phone companies can see what you type. The office will be told what happened, so leave out your name. "
        "Punished for complaining? Tell us."
    )
    return Screen(f"{choices}\n{limits}")
