"""Codes in words, for the desk's pages."""

from __future__ import annotations

from gateway.console.words import mark

STATUSES = {
    "received": mark("received"),
    "triage": mark("in triage"),
    "assigned": mark("assigned"),
    "in_progress": mark("in progress"),
    "waiting_resident": mark("waiting for the resident"),
    "referred": mark("referred to another body"),
    "resolved": mark("resolved"),
    "confirmed": mark("confirmed by the resident"),
    "closed_unconfirmed": mark("closed without the resident's word"),
    "reopened": mark("open again"),
    "rejected": mark("not taken up"),
    "withdrawn": mark("withdrawn"),
}

MOVES = {
    "triage": mark("Put back into triage"),
    "assigned": mark("Assigned, not begun"),
    "in_progress": mark("Begin to work on it"),
    "waiting_resident": mark("Ask the resident, and wait"),
    "referred": mark("Refer to another body"),
    "resolved": mark("Resolved: ask the resident whether it is"),
    "reopened": mark("Open again"),
    "rejected": mark("Do not take it up"),
    "received": mark("received"),
    "confirmed": mark("confirmed by the resident"),
    "closed_unconfirmed": mark("closed without the resident's word"),
    "withdrawn": mark("withdrawn"),
}

KINDS = {
    "complaint": mark("complaint"),
    "information": mark("request for information"),
    "feedback": mark("feedback"),
}

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

CHANNELS = {"ussd": "USSD", "sms": "SMS", "walk_in": mark("at the office"), "hotline": mark("by phone")}

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
