"""Codes in words, for the desk's pages."""

from __future__ import annotations

from gateway.cases.duties_api import DutyOut
from gateway.cases.schemas import TodoLine
from gateway.cases.sentences import HOW, KINDS, OUTCOMES, STATUSES
from gateway.pack import Pack
from gateway.words import Words, mark

__all__ = ["KINDS", "OUTCOMES", "STATUSES"]

MOVES = {
    **STATUSES,
    "triage": mark("Put back into triage"),
    "assigned": mark("Assigned, not begun"),
    "in_progress": mark("Begin to work on it"),
    "waiting_resident": mark("Ask the resident, and wait"),
    "referred": mark("Refer to another body"),
    "resolved": mark("Resolved: ask the resident whether it is"),
    "reopened": mark("Open again"),
    "rejected": mark("Do not take it up"),
}
"""What a move is called by who makes it; one that staff do not make, by where it leads."""

WAITING = {
    "not_delivered": mark("Text not delivered"),
    "new": mark("New, nobody has it"),
    "overdue": mark("Overdue"),
    "due_today": mark("Due today"),
    "not_solved": mark("Not solved, says the resident"),
    "replied": mark("The resident wrote"),
}

WHAT_TO_DO = {
    "not_delivered": mark("The phone was off, or the number is gone. Call, or note what you did."),
    "new": mark("Read, decide whether it is ours, and give it to somebody."),
    "overdue": mark("The day has passed. Answer, or say when."),
    "due_today": mark("Its day ends at midnight."),
    "not_solved": mark("Closed is not fixed. It climbs until it is."),
    "replied": mark("There are words to read."),
}

PRIVACY = {
    "sms": mark("may be texted"),
    "no_sms": mark("no texts: reads answers by dialling"),
    "not_kept": mark("number not kept: only the receipt leads here"),
}

MESSAGES = {
    "owed": mark("to be sent"),
    "held": mark("held back"),
    "leased": mark("being sent"),
    "accepted": mark("on its way"),
    "delivered": mark("delivered"),
    "failed": mark("not delivered"),
    "expired": mark("not delivered in time"),
    "unknown": mark("nobody knows whether it arrived"),
    "suppressed": mark("not sent"),
}

HELD = {
    "risk_hold": mark("The aggregator holds it as a risk."),
    "bad_text": mark("The aggregator does not take its text."),
    "unreadable": mark("What it says, or to whom, could not be opened."),
}
"""Why a message waits for somebody, by the reasons of `gateway.messaging.held`."""

COSTS = mark("{characters} characters: {parts} SMS, for who asked for answers by SMS")
CUT = mark("The SMS holds only its beginning; all of it is read by dialling.")

WHOSE = {
    "county": mark("the county's"),
    "national": mark("the national government's"),
    "police": mark("the police's"),
    "private": mark("a person's or a company's"),
    "corruption": mark("corruption: for the anti-corruption commission"),
    "other": mark("somebody else's"),
}

TAKEN_IN = {code: HOW[code] for code in ("walk_in", "hotline", "letter", "baraza")}

CHANNELS = {"ussd": "USSD", "sms": "SMS", **TAKEN_IN}

LETTERS = {
    "notice": mark("Notice to the accounting officer"),
    "right_of_reply": mark("Right of reply for a named officer"),
    "reminder": mark("Reminder"),
    "step_up": mark("Letter to the next authority"),
    "not_ours": mark("Not ours: letter to the resident"),
}

NOTICES = {
    "not_solved": mark("Not solved, says the resident: it climbed a rung"),
    "partly": mark("Partly solved, says the resident"),
    "withdrawn": mark("The resident took it back"),
    "reprisal": mark("Punished for complaining"),
    "no_evidence": mark("Resolved, and nothing shows it"),
    "consent": mark("The resident answered about the file"),
    "identity": mark("Somebody asks for the number, or for a call"),
    "spike": mark("Many cases at once"),
}

HOURS = {
    "morning": mark("In the morning, 8 to 12"),
    "afternoon": mark("In the afternoon, 12 to 5"),
    "evening": mark("In the evening, 5 to 7"),
    "any": mark("Any time from 8 to 7"),
}

CALLED = {
    "reached": mark("reached"),
    "no_answer": mark("no answer: try again"),
    "wrong_number": mark("wrong number"),
    "declined": mark("did not want to talk"),
    "gave_up": mark("given up"),
    "cancelled": mark("no call wanted any more"),
}

DIGEST = {
    "overdue": mark("Overdue"),
    "due_today": mark("Due today"),
    "letters_not_answered": mark("Letters not answered in time"),
    "recommendations_late": mark("Recommendations whose day is over"),
    "letters_to_sign": mark("Letters that want signing"),
}


def counted(line: TodoLine) -> str:
    """How many wait: `12`, or `1,000+` where there are more than were counted."""
    return f"{line.count:,}{'+' if line.more else ''}"


def about(notice: DutyOut, pack: Pack, words: Words) -> str:
    """What a spike is about, in words: `ward:1017` and the like."""
    scope, _, code = (notice.about or "").partition(":")
    if scope == "ward":
        found = pack.guide.ward(code)
        return found[1].name if found else code
    if scope == "category":
        known = pack.guide.category(code)
        return words.label(known.labels) if known else code
    if scope == "facility":
        return words.label(notice.data.get("name", {})) or code
    return words.department(code)
