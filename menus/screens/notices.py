"""The county's notices for one ward by SMS: agreeing to them, another ward, and the way out."""

from __future__ import annotations

from menus.effects import GetNotices, LeaveNotices
from menus.engine import Call, Go, Option, Screen, screen
from menus.screens.noted import note
from menus.screens.places import choose_area, choose_ward, place_name, remembered


@screen("notices", needs=("profile", "notices"))
def notices(c: Call) -> Screen:
    """Which ward's notices come, if any. A ward remembered for other things is offered, never taken."""
    chosen = c.guide.ward(c.facts["notices"]["ward"])
    if chosen:
        stop = Option(c.say("Stop notices"), note("notices_stopped", LeaveNotices()))
        another = Option(c.say("Another ward"), Go("notices.area"))
        return Screen(c.say("You get county notices for {ward} by SMS.", ward=chosen[1].name), (stop, another))
    known = remembered(c)
    mine = (Option(place_name(c, known), Go("notices.consent", keep=known)),) if known else ()
    return Screen(c.say("Get county notices by SMS for:"), (*mine, Option(c.say("Choose a ward"), Go("notices.area"))))


@screen("notices.area")
def notices_area(c: Call) -> Screen:
    """The sub-county of the ward whose notices to get."""
    return choose_area(c, "notices.ward")


@screen("notices.ward")
def notices_ward(c: Call) -> Screen:
    """The ward whose notices to get."""
    return choose_ward(c, "notices.consent")


@screen("notices.consent", guarded=True)
def notices_consent(c: Call) -> Screen:
    """Consent to SMS for one ward; these very words are kept with it."""
    wording = c.say(
        "May we keep your ward, {ward}, and SMS you its notices, at most {most} a month? "
        "To stop: STOP to {sms} or this menu.",
        ward=place_name(c),
        most=c.guide.notices_cap,
        sms=c.guide.sms_code,
    )
    return Screen(wording, (Option(c.say("Yes, SMS me"), note("notices", GetNotices(c.answers["ward"], wording))),))
