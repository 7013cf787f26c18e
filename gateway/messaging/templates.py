"""Every text we send, by id: English here, other languages in the catalogue. Neutral: phones are shared.

An SMS shows four digits, a date and a state, never what a case is about. Source of the words: the project's screens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from babel import Locale, UnknownLocaleError
from babel.dates import format_date

from menus import gsm7
from menus.catalogue import placeholders
from menus.guide import Guide


def _(text: str) -> str:
    """Mark a text for the catalogue; it is translated when the message is rendered."""
    return text


REPLIES, BROADCASTS = "replies", "broadcasts"

REF, RECEIPT, STATUS, DATE, TITLE, LINES = 4, 13, 30, 6, 40, 132
ANSWER, BODY = 640, 400
ANSWERS, SCREEN = 60, 160


@dataclass(frozen=True, slots=True)
class Template:
    """One text and how it is treated. `longest` names the values it takes and cuts each at so many septets."""

    text: str
    longest: Mapping[str, int] = field(default_factory=dict)
    urgent: bool = False
    """A receipt, or an answer to something just sent: goes out in quiet hours too."""
    command: bool = False
    """Confirms a command just sent: goes out even to who stopped all SMS."""
    lane: str = REPLIES
    shorter: str = ""
    """The text where a value that it names, or the number to call, is not known."""


TEMPLATES: dict[str, Template] = {
    "receipt": Template(
        _(
            "Baraza: thank you, we have your message. Keep this: {receipt}. To follow, dial {code}. "
            "No more SMS: send STOP to {sms}"
        ),
        {"receipt": RECEIPT},
        urgent=True,
    ),
    "reply": Template(
        _(
            "Baraza {ref}: there is an answer for you. To read it, dial {code} and choose My cases. "
            "To write back, SMS {ref} and your words to {sms}"
        ),
        {"ref": REF},
    ),
    "reply_full": Template(
        _("Baraza {ref}: {text} To write back, SMS {ref} and your words to {sms}"), {"ref": REF, "text": ANSWER}
    ),
    "moved": Template(
        _("Baraza {ref}: {status}. To read more, dial {code} and choose My cases."), {"ref": REF, "status": STATUS}
    ),
    "later": Template(
        _("Baraza {ref}: the answer takes longer, until {date}. To read why, dial {code} and choose My cases."),
        {"ref": REF, "date": DATE},
    ),
    "deemed": Template(
        _(
            "Baraza {ref}: the time for an answer is over and there is none. You may ask for a review until {date}. "
            "To read how, dial {code} and choose My cases."
        ),
        {"ref": REF, "date": DATE},
        shorter=_(
            "Baraza {ref}: the time for an answer is over and there is none. "
            "To read what you can do, dial {code} and choose My cases."
        ),
    ),
    "merged": Template(
        _(
            "Baraza {ref}: others told us of the same. We work on it together and tell you of each step. "
            "Your receipt stays good. To follow, dial {code}"
        ),
        {"ref": REF},
    ),
    "question": Template(
        _("Baraza {ref}: we have a question for you. To answer it, dial {code} and choose My cases."), {"ref": REF}
    ),
    "solved": Template(
        _(
            "Baraza {ref}: we are told this is done. Is it solved? SMS to {sms}: 1 Yes, 2 Partly, 3 No. "
            "Or dial {code}. Please answer by {date}"
        ),
        {"ref": REF, "date": DATE},
        shorter=_(
            "Baraza {ref}: we are told this is done. Is it solved? SMS to {sms}: 1 Yes, 2 Partly, 3 No. Or dial {code}"
        ),
    ),
    "solved1": Template(
        _("Baraza {ref}: you answered 1, solved. Thank you. Mistake? SMS 2 or 3 to {sms}"), {"ref": REF}, urgent=True
    ),
    "solved2": Template(
        _("Baraza {ref}: you answered 2, partly solved. We will look at what is left. Mistake? SMS 1 or 3 to {sms}"),
        {"ref": REF},
        urgent=True,
    ),
    "solved3": Template(
        _(
            "Baraza {ref}: you answered 3, not solved. It is open again and a senior officer will look at it. "
            "Mistake? SMS 1 or 2 to {sms}"
        ),
        {"ref": REF},
        urgent=True,
    ),
    "stop": Template(
        _(
            "Stopped: no more SMS on county promises, no notices. Answers on what you sent us still come; "
            "to stop them, send STOP ALL. To get SMS again: START"
        ),
        urgent=True,
        command=True,
    ),
    "stopall": Template(
        _(
            "All SMS stopped. Our work on what you sent goes on; to read answers, dial {code}. "
            "To get SMS again: START to {sms}"
        ),
        urgent=True,
        command=True,
    ),
    "start": Template(
        _(
            "SMS are on again: you get answers on what you sent us. To follow county promises, dial {code}. "
            "To stop: send STOP to {sms}"
        ),
        urgent=True,
        command=True,
    ),
    "help": Template(
        _(
            "Baraza: to complain, ask or follow a promise, dial {code}. SMS to {sms}: STATUS, STOP or START. "
            "Call us free: {care}. We are not an emergency line."
        ),
        urgent=True,
        command=True,
        shorter=_(
            "Baraza: to complain, ask or follow a promise, dial {code}. SMS to {sms}: STATUS, STOP or START. "
            "We are not an emergency line."
        ),
    ),
    "status": Template(_("Baraza:\n{lines}\nTo read more, dial {code}"), {"lines": LINES}, urgent=True, command=True),
    "stranger": Template(
        _(
            "Baraza: thank you, we have your SMS. To complain or to ask the county for information, dial {code}. "
            "No more SMS: send STOP to {sms}"
        ),
        urgent=True,
    ),
    "added": Template(
        _("Baraza {ref}: we have added your words. To follow, dial {code}. To add more, SMS {ref} and them to {sms}"),
        {"ref": REF},
        urgent=True,
    ),
    "draft_added": Template(
        _("Baraza: added to what you began. It is NOT sent yet: dial {code} to check it and send it."), urgent=True
    ),
    "unfinished": Template(
        _("Baraza: you have something unfinished. To go on with it, dial {code}. No more SMS: send STOP to {sms}")
    ),
    "nocase": Template(
        _("Baraza: we have nothing sent from this number. To complain or to ask, dial {code}"),
        urgent=True,
        command=True,
    ),
    "followed": Template(
        _("Baraza: you follow {title}. We SMS you when it changes, at most {cap} a month. To stop: STOP to {sms}"),
        {"title": TITLE},
        urgent=True,
        command=True,
    ),
    "followed_area": Template(
        _(
            "Baraza: you follow all on {title}. We SMS you its news, at most {cap} a month a promise. "
            "To stop: STOP to {sms}"
        ),
        {"title": TITLE},
        urgent=True,
        command=True,
    ),
    "followed_ward": Template(
        _(
            "Baraza: we keep your ward, {title}, and SMS you its and county news, at most {cap} a month a promise. "
            "To stop: STOP to {sms}"
        ),
        {"title": TITLE},
        urgent=True,
        command=True,
    ),
    "left": Template(
        _("Baraza: you no longer follow {title}. To see what you follow, dial {code}"),
        {"title": TITLE},
        urgent=True,
        command=True,
    ),
    "unfollowed": Template(
        _("Baraza: you no longer follow any county promise. To follow one again, dial {code}"),
        urgent=True,
        command=True,
    ),
    "which": Template(
        _("Baraza: more than one question waits for you. Answer again and name the one you mean:\n{lines}"),
        {"lines": ANSWERS},
        urgent=True,
    ),
    # A screen of the menus, for who plays them by SMS: its words are the menus' own.
    "screen": Template("{text}", {"text": SCREEN}, urgent=True, command=True),
    "check": Template(
        _("Baraza asks: {body} SMS to {sms}: 1 Yes, 2 No, 3 Do not know. No more: send STOP to {sms}"),
        {"body": BODY},
        lane=BROADCASTS,
    ),
    "checked": Template(
        _("Baraza: thank you, you answered {answer}. Mistake? SMS another number to {sms}"), {"answer": 1}, urgent=True
    ),
    "outcome": Template(
        _("Baraza: you answered our question. {body} No more: send STOP to {sms}"), {"body": BODY}, lane=BROADCASTS
    ),
    "update": Template(_("Baraza: {body} No more: send STOP to {sms}"), {"body": BODY}, lane=BROADCASTS),
}

STATES = {
    "received": _("received"),
    "triage": _("being sorted"),
    "assigned": _("with the office"),
    "in_progress": _("being worked on"),
    "waiting_resident": _("we need your answer"),
    "referred": _("passed to another office"),
    "resolved": _("done"),
    "confirmed": _("solved"),
    "closed_unconfirmed": _("closed"),
    "reopened": _("open again"),
    "rejected": _("not taken up"),
    "withdrawn": _("withdrawn"),
}
"""The statuses of a case in a resident's words."""


REMEDY = _(
    "The law gave the county a set time to decide, and no decision came. That counts as a refusal. You may ask for a "
    "review until {date}: {office}, {number}. We still press for an answer."
)
NO_OFFICE = _(
    "The law gave the county a set time to decide, and no decision came. That counts as a refusal. You may ask for a "
    "review. We still press for an answer."
)


def remedy(guide: Guide, language: str, *, date: str, office: str, number: str) -> str:
    """What a resident can do after a deemed refusal, read under My cases."""
    if not (date and office and number):
        return guide.say(language, NO_OFFICE)
    return guide.say(language, REMEDY).format(date=date, office=office, number=number)


def check(template: str, values: Mapping[str, str]) -> Template:
    """The template. Raises ValueError when there is none, or when the values are not the ones it takes."""
    known = TEMPLATES.get(template)
    given, taken = set(values), set(known.longest) if known else set()
    right = given == taken or (known is not None and known.shorter and given < taken)
    if known is None or not right or values.get("status", "received") not in STATES:
        raise ValueError(f"template {template} with the values {sorted(values)}")
    return known


def render(guide: Guide, template: str, language: str, values: Mapping[str, str]) -> str:
    """The text to send: in the resident's language, typographic characters made plain, long values cut.

    The value `status` is a case's status and is said in the resident's words.
    """
    known = check(template, values)
    shared = {
        "code": guide.way_in(language),
        "sms": guide.sms_code,
        "care": guide.care_number,
        "cap": str(guide.monthly_cap),
    }
    said = {"status": guide.say(language, STATES[values["status"]])} if "status" in values else {}
    filled = {name: cut(gsm7.plain(value), known.longest[name]) for name, value in ({**values, **said}).items()}
    names = {name: value for name, value in (shared | filled).items() if value}
    whole = all(name.strip("{}") in names for name in placeholders(known.text))
    text = guide.say(language, known.text if whole or not known.shorter else known.shorter)
    return gsm7.plain(text.format_map(names))


def cut(text: str, longest: int) -> str:
    """`text` in at most so many septets, cut between words where that loses little."""
    if gsm7.length(text) <= longest:
        return text
    kept = text[: longest - 3]
    while gsm7.length(kept) > longest - 3:
        kept = kept[:-1]
    whole = kept.rpartition(" ")[0]
    return (whole if len(whole) > len(kept) * 3 // 4 else kept) + "..."


def short_date(day: date, language: str) -> str:
    """`12 Nov`, in the resident's language."""
    try:
        locale = Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    return format_date(day, "d MMM", locale=locale)


def case_lines(guide: Guide, language: str, cases: Iterable[tuple[str, date, str]]) -> str:
    """The value `lines` of a status text, out of (four digits, day, status); give it three at most."""
    return "\n".join(
        f"{ref}, {short_date(day, language)}: {guide.say(language, STATES[status])}" for ref, day, status in cases
    )
