"""Settings and help: language, ward, SMS, and a person to talk to. `lock` and `my_data` have modules of their own."""

from __future__ import annotations

from menus.effects import RememberWard, SetLanguage, StartMessages, StopMessages, WantFullAnswers
from menus.engine import Call, Go, Option, Screen, screen
from menus.screens.noted import note
from menus.screens.places import choose_area, choose_ward, place_name


@screen("settings")
def settings(c: Call) -> Screen:
    """Everything a resident may change or ask."""
    care, spoken = c.guide.care_number, c.guide.languages
    language = (Option(c.say("Language"), Go("settings.language")),) if len(spoken) > 1 else ()
    free = Option(c.say("Call us free: {care}", care=care), Go("settings.call"))
    call = free if care else Option(c.say("Call me"), Go("callme", begins=True))
    return Screen(
        c.say("Settings and help"),
        (
            *language,
            Option(c.say("My ward"), Go("settings.ward")),
            Option(c.say("SMS on or off"), Go("settings.sms")),
            Option(c.say("Lock my cases"), Go("lock")),
            Option(c.say("My data: see, correct, erase"), Go("data")),
            call,
        ),
    )


@screen("settings.language")
def language(c: Call) -> Screen:
    """Another language, named in itself."""
    return Screen(
        c.say("Language"),
        tuple(
            Option(
                known.name,
                Go("settings", language=known.code, effects=(SetLanguage(known.code),), trail=(c.guide.home,)),
            )
            for known in c.guide.languages
        ),
    )


@screen("settings.ward", needs=("profile",))
def my_ward(c: Call) -> Screen:
    """The ward remembered, if any."""
    found = c.guide.ward(c.profile.get("ward") or "")
    if not found:
        return Screen(
            c.say("We do not remember your ward."), (Option(c.say("Choose my ward"), Go("settings.ward.area")),)
        )
    return Screen(
        c.say("Your ward: {ward}", ward=found[1].name),
        (
            Option(c.say("Change it"), Go("settings.ward.area")),
            Option(c.say("Forget it"), note("ward_forgotten", RememberWard("", ""))),
        ),
    )


@screen("settings.ward.area")
def ward_area(c: Call) -> Screen:
    """The sub-county of the ward to remember."""
    return choose_area(c, "settings.ward.ward")


@screen("settings.ward.ward")
def ward_ward(c: Call) -> Screen:
    """The ward to remember."""
    return choose_ward(c, "settings.ward.consent")


@screen("settings.ward.consent", guarded=True)
def ward_consent(c: Call) -> Screen:
    """Consent to remembering the ward; these very words are kept with it."""
    wording = c.say(
        "May we keep your ward, {ward}, with your number, to ask you less? You can change or forget it here.",
        ward=place_name(c),
    )
    yes = note("ward", RememberWard(c.answers["ward"], wording))
    return Screen(wording, (Option(c.say("Yes, remember"), yes),))


@screen("settings.sms", needs=("profile",))
def sms(c: Call) -> Screen:
    """Which SMS come, and how much they say."""
    stopped = c.profile.get("stopped", "")
    start = Option(c.say("Get SMS again"), note("started", StartMessages()))
    promises = Option(c.say("Stop SMS on promises"), note("stopped", StopMessages(everything=False)))
    everything = Option(c.say("Stop all SMS"), note("stopped_all", StopMessages(everything=True)))
    notices = Option(c.say("County notices"), Go("notices"))
    if stopped == "all":
        return Screen(c.say("You get no SMS from us."), (start,))
    if stopped:
        return Screen(c.say("You get SMS on your cases only."), (start, everything, _words(c), notices))
    told = c.say("You get SMS on your cases and on promises you follow.")
    return Screen(told, (promises, everything, _words(c), notices))


def _words(c: Call) -> Option:
    if c.profile.get("full_answers"):
        return Option(c.say("No answers in SMS"), note("short", WantFullAnswers(wanted=False)))
    return Option(c.say("Full answers in SMS"), Go("settings.sms.full"))


@screen("settings.sms.full", guarded=True)
def full(c: Call) -> Screen:
    """Answers in full words: only for who knows that others may read them."""
    return Screen(
        c.say("Anyone who holds this phone can then read the answers to your cases."),
        (Option(c.say("Yes, send full answers"), note("full", WantFullAnswers(wanted=True))),),
    )


@screen("settings.call")
def call(c: Call) -> Screen:
    """A person to talk to, who calls back whoever wants that."""
    return Screen(
        c.say("To talk to a person, call {care}. The call is free.", care=c.guide.care_number),
        (Option(c.say("Call me"), Go("callme", begins=True)),),
    )
