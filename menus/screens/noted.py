"""One short screen after something was done: what it was, and the way on."""

from __future__ import annotations

from menus.effects import Effect
from menus.engine import Call, Go, Option, Screen, screen
from menus.guide import mark

_CASES = (mark("My cases"), "cases")
_PROMISES = (mark("County promises"), "promises")
_SETTINGS = (mark("Settings and help"), "settings")

_NOTES = {
    "added": (mark("Thank you. Your words are with the case."), _CASES),
    "withdrawn": (mark("It is withdrawn. We do no more on it."), _CASES),
    "solved_yes": (mark("Thank you. We close it as solved."), _CASES),
    "solved_partly": (mark("Thank you. We will look at what is left."), _CASES),
    "solved_no": (mark("It is open again and a senior officer will look at it."), _CASES),
    "consent_yes": (mark("Thank you. We may pass it on."), _CASES),
    "consent_no": (mark("Thank you. It stays with us."), _CASES),
    "reprisal": (mark("Thank you. Only the supervisor sees it now. To tell more: My cases, Add words."), _CASES),
    "followed": (mark("You follow this promise now. To stop, send STOP to {sms} or use this menu."), _PROMISES),
    "followed_area": (mark("You follow this area now. To stop, send STOP to {sms} or use this menu."), _PROMISES),
    "followed_ward": (mark("You follow your ward now. To stop, send STOP to {sms} or use this menu."), _PROMISES),
    "unfollowed_one": (mark("You follow it no more."), _PROMISES),
    "unfollowed_all": (mark("You follow no promise any more."), _PROMISES),
    "asked": (mark("We may ask you now and then. To stop, send STOP to {sms} or use this menu."), _PROMISES),
    "asked_no_more": (mark("We ask you no more."), _PROMISES),
    "answered": (mark("Thank you. Your answer counts; nobody sees it alone."), _PROMISES),
    "scored": (mark("Thank you. Your scores count; nobody sees them alone."), _PROMISES),
    "unfollowed": (mark("You follow this promise no more."), _PROMISES),
    "notices": (mark("You will get county notices by SMS. To stop, send STOP to {sms} or use this menu."), _SETTINGS),
    "notices_stopped": (mark("You get county notices no more."), _SETTINGS),
    "callme": (mark("We will call you in the hours you chose."), _SETTINGS),
    "nocall": (mark("We will not call you."), _SETTINGS),
    "ward": (mark("We will remember your ward."), _SETTINGS),
    "ward_forgotten": (mark("Your ward is forgotten."), _SETTINGS),
    "stopped": (
        mark("Stopped: no more SMS on county promises, no notices. Answers on what you sent us still come."),
        _SETTINGS,
    ),
    "stopped_all": (
        mark("All SMS stopped. Our work on what you sent goes on; to read answers, dial {code}"),
        _SETTINGS,
    ),
    "started": (mark("You get SMS from us again."), _SETTINGS),
    "full": (mark("Answers will come in full by SMS."), _SETTINGS),
    "short": (mark("SMS will only say that there is an answer. To read it, dial {code}"), _SETTINGS),
    "locked": (mark("Your cases are locked. Keep the 4 digits to yourself."), _SETTINGS),
    "unlocked": (mark("Your cases are no longer locked."), _SETTINGS),
}


def note(key: str, *effects: Effect) -> Go:
    """The way to the screen that says `key` was done, with what does it."""
    return Go("noted", keep={"noted": key}, effects=effects, replaces=True)


@screen("noted")
def noted(c: Call) -> Screen:
    """What was just done."""
    return said(c, c.answers["noted"])


def said(c: Call, key: str) -> Screen:
    """That `key` was done. `0` would suggest that it can be undone so: only the ways on are offered."""
    text, (label, then) = _NOTES[key]
    return Screen(
        c.say(text, sms=c.guide.sms_code, code=c.guide.way_in(c.language)),
        (Option(c.say(label), Go(then, trail=(c.guide.home,))),),
        back=False,
        home=True,
    )
