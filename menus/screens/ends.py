"""How a session ends: what was filed and how to follow it, or that nothing was sent."""

from __future__ import annotations

from menus.engine import Call, Go, Option, Screen, screen
from menus.guide import mark


@screen("end.receipt", needs=("filed",))
def end_receipt(c: Call) -> Screen:
    """Filed; the receipt also goes by SMS. No date until the county has signed its service-charter times."""
    return _end(
        c.say(
            "Thank you. The Ombudsman has your complaint.\nReceipt: {receipt}\n"
            "We will also send it by SMS. To follow it, dial {code}",
            receipt=c.facts["filed"]["receipt"],
            code=c.guide.way_in(c.language),
        )
    )


@screen("end.nosms", needs=("filed",))
def end_nosms(c: Call) -> Screen:
    """Filed; the resident wants no SMS."""
    return _end(
        c.say(
            "Thank you. The Ombudsman has your complaint.\nReceipt: {receipt}\n"
            "We will not SMS you. To read the answer, dial {code}, My cases.",
            receipt=c.facts["filed"]["receipt"],
            code=c.guide.way_in(c.language),
        )
    )


@screen("end.info", needs=("filed",))
def end_info(c: Call) -> Screen:
    """Asked; a clock of law, where there is one, starts when the information officer has it."""
    receipt, code, days = c.facts["filed"]["receipt"], c.guide.way_in(c.language), c.guide.information_days
    if not days:
        return _end(
            c.say(
                "Thank you. Receipt: {receipt}\nWe pass this to the information officer. Follow: {code}",
                receipt=receipt,
                code=code,
            )
        )
    return _end(
        c.say(
            "Thank you. Receipt: {receipt}\nWe pass this to the county information officer. "
            "By law they have {days} days from the day they get it. Follow: {code}",
            receipt=receipt,
            days=days,
            code=code,
        )
    )


@screen("receipt.write", needs=("filed",))
def receipt_write(c: Call) -> Screen:
    """Filed without a number: this screen is the only copy. Not an END, which some handsets drop at once."""
    return Screen(
        c.say(
            "Sent. Write this down now:\n{receipt}\nYour phone number is not kept, so we cannot send it again. "
            "You need it to read the answer.",
            receipt=c.facts["filed"]["receipt"],
        ),
        (Option(c.say("I have written it"), Go("end.written", replaces=True)),),
        back=False,
    )


@screen("end.written")
def end_written(c: Call) -> Screen:
    """The receipt is written down."""
    code = c.guide.way_in(c.language)
    return _end(c.say("Thank you. To read the answer, dial {code}, My cases, Use a receipt.", code=code))


@screen("end.notkept", needs=("filed",))
def end_notkept(c: Call) -> Screen:
    """Filed by SMS without a number: this SMS is the only copy; all that came before it is deleted once it has left."""
    return _end(
        c.say(
            "Sent. Keep this receipt: {receipt}. We now delete your number and your SMS here and cannot reach you. "
            "Only the receipt opens the answer.",
            receipt=c.facts["filed"]["receipt"],
        )
    )


@screen("end.closed")
def end_closed(c: Call) -> Screen:
    """Something was typed after the end."""
    return _end(c.say("This call is over. To start again, dial {code}", code=c.guide.way_in(c.language)))


@screen("end.notsaved")
def end_notsaved(c: Call) -> Screen:
    """A failure: nothing was stored, and the resident must know it."""
    code, care = c.guide.way_in(c.language), c.guide.care_number
    if not care:
        return _end(
            c.say("Sorry, we could not save it. It was NOT sent. Please dial {code} again in a few minutes.", code=code)
        )
    return _end(
        c.say(
            "Sorry, we could not save it. It was NOT sent. Please dial {code} again in a few minutes, or call {care}.",
            code=code,
            care=care,
        )
    )


@screen("end.notread")
def end_notread(c: Call) -> Screen:
    """A failure where nothing was to be stored: a list or an answer cannot be shown now."""
    code, care = c.guide.way_in(c.language), c.guide.care_number
    if not care:
        return _end(c.say("Sorry, we cannot look that up now. Please dial {code} again in a few minutes.", code=code))
    return _end(
        c.say(
            "Sorry, we cannot look that up now. Please dial {code} again in a few minutes, or call {care}.",
            code=code,
            care=care,
        )
    )


@screen("end.busy")
def end_busy(c: Call) -> Screen:
    """The hop could not be answered in time. What was typed before is in the draft; Send may come through yet."""
    body = c.say("Sorry, we are slow now. Please dial {code} again in a few minutes.", code=c.guide.way_in(c.language))
    doubt = DOUBTS.get(c.answers.get("sending", ""))
    return _end(f"{body}\n{c.say(doubt)}" if doubt else body)


DOUBTS = {
    **dict.fromkeys(("sms", "no_sms"), mark("It may be sent already: look in My cases first.")),
    "not_kept": mark("It may be sent already."),
}
"""By who may know the number: what is said where a case was being filed. It is filed once or not at all."""


@screen("end.toolong")
def end_toolong(c: Call) -> Screen:
    """More was sent than any session holds."""
    return _end(c.say("Sorry, that was too long. Please dial {code} again.", code=c.guide.way_in(c.language)))


@screen("end.changed")
def end_changed(c: Call) -> Screen:
    """Menus or pack changed while the resident was inside: the digits would mean something else."""
    code = c.guide.way_in(c.language)
    return _end(c.say("Our menu has just changed. Please dial {code} again. What you wrote is kept.", code=code))


def _end(body: str) -> Screen:
    return Screen(body, end=True)
