"""Being asked now and then whether a promise is kept: agreeing to it, answering, and the way out."""

from __future__ import annotations

from menus.effects import AgreeToBeAsked, AnswerCheck, LeaveQuestions
from menus.engine import Call, Go, Option, Screen, screen
from menus.screens.noted import note
from menus.screens.places import choose_area, choose_ward, place_name

ANSWERS = 3


@screen("asked", needs=("asked",))
def asked(c: Call) -> Screen:
    """The question that waits, if one does; else whether questions may come."""
    known = c.facts["asked"]
    found = c.guide.ward(known["ward"])
    if not found:
        body = c.say("May we ask you now and then by SMS whether a promise is kept?")
        return Screen(body, (Option(c.say("Choose a ward"), Go("asked.area")),))
    if known["check"]:
        said = (c.say("Yes"), c.say("No"), c.say("Do not know"))
        ways = (note("answered", AnswerCheck(known["check"], number)) for number in range(1, ANSWERS + 1))
        return Screen(known["question"], tuple(map(Option, said, ways)))
    stop = Option(c.say("No more questions"), note("asked_no_more", LeaveQuestions()))
    another = Option(c.say("Another ward"), Go("asked.area"))
    return Screen(c.say("We may ask you about {ward}. No question waits.", ward=found[1].name), (stop, another))


@screen("asked.area")
def asked_area(c: Call) -> Screen:
    """The sub-county of the ward to be asked about."""
    return choose_area(c, "asked.ward")


@screen("asked.ward")
def asked_ward(c: Call) -> Screen:
    """The ward to be asked about."""
    return choose_ward(c, "asked.consent")


@screen("asked.consent", guarded=True)
def asked_consent(c: Call) -> Screen:
    """Consent to being asked; these very words are kept with it."""
    wording = c.say(
        "May we keep {ward} and SMS you a question now and then, at most {most} a month, and what came of it? "
        "To stop: STOP to {sms}.",
        ward=place_name(c),
        most=c.guide.questions_cap,
        sms=c.guide.sms_code,
    )
    return Screen(wording, (Option(c.say("Yes, ask me"), note("asked", AgreeToBeAsked(c.answers["ward"], wording))),))
