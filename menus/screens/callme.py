"""Call me: when it is safe to call, in which language, and consent to keeping the number until we have."""

from __future__ import annotations

from menus.effects import AskCall, CancelCall
from menus.engine import Call, Go, Option, Screen, screen
from menus.guide import mark
from menus.screens.noted import note

HOURS = {
    "morning": mark("Morning, 8 to 12"),
    "afternoon": mark("Afternoon, 12 to 5"),
    "evening": mark("Evening, 5 to 7"),
    "any": mark("Any time, 8 to 7"),
}


@screen("callme")
def callme(c: Call) -> Screen:
    """Who is near when the phone rings, the resident knows better than we."""
    hours = (Option(c.say(text), Go("callme.consent", keep={"hours": code})) for code, text in HOURS.items())
    return Screen(
        c.say("When can we safely call you?"),
        (*hours, Option(c.say("Do not call me"), note("nocall", CancelCall()))),
    )


@screen("callme.consent", guarded=True)
def consent(c: Call) -> Screen:
    """A call needs the number, whatever was chosen for a case; these very words are kept with it."""
    wording = c.say(
        "To call you we keep your number until we have reached you. Only Ombudsman staff see it. "
        "Which language shall we speak?"
    )
    hours = c.answers.get("hours", "any")
    return Screen(
        wording,
        tuple(
            Option(known.name, note("callme", AskCall(hours=hours, language=known.code, wording=wording)))
            for known in c.guide.languages
        ),
    )
