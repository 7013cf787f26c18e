"""What the pages on promises call the codes of the scale, of what waits and of what changed."""

from __future__ import annotations

from gateway.commitments.waiting import MOST
from gateway.words import mark

SCALE = {
    "no_report": mark("no report yet"),
    "not_assessed": mark("not yet assessed"),
    "no_evidence": mark("no evidence available"),
    "not_started": mark("not started"),
    "limited": mark("limited"),
    "substantial": mark("substantial"),
    "complete": mark("complete"),
}
CLAIMS = ("not_started", "limited", "substantial", "complete")
JUDGED = ("no_evidence", *CLAIMS)

WAITING = {
    "report": mark("Report for {about}"),
    "answer": mark("A question of the monitor to answer"),
    "publish": mark("A report to publish or send back"),
    "audit": mark("A claim that nobody has looked at"),
    "overdue": mark("A question that was not answered in time"),
    "resting": mark("News that an election period stopped on their way"),
    "stale": mark("Not judged for more than half a year"),
    "approve": mark("A text to residents to approve"),
    "news": mark("News to followers to approve"),
    "idea": mark("An idea to publish or refuse"),
}

COUNTED = {
    "report": mark("Reports that you owe"),
    "answer": mark("Questions to answer"),
    "publish": mark("Reports to publish"),
    "audit": mark("Claims to look at"),
    "overdue": mark("Questions not answered in time"),
    "resting": mark("News that an election stopped"),
    "stale": mark("Promises to judge again"),
    "approve": mark("Texts to residents to approve"),
    "news": mark("News to followers to approve"),
    "idea": mark("Ideas to decide on"),
}
"""The same as headings above a number."""

TEXTS = {
    "update": mark("News of a promise"),
    "digest": mark("What was new this month"),
    "notice": mark("Notice"),
    "check": mark("Question to residents"),
    "outcome": mark("What came of a question"),
}
"""What a text to many is, by its kind."""

IDEAS = {
    "collected": mark("internal, to be decided on"),
    "published": mark("published"),
    "taken_up": mark("taken up"),
    "refused": mark("refused"),
}
SAID_BY = {
    "residents": mark("from residents"),
    "civil_society": mark("from civil society"),
    "official": mark("from an official"),
}

WORST, BEST = mark("Very bad"), mark("Very good")
BOTH = mark("What residents and staff say")

CHANGES = {
    "listed": mark("The promise was put on the list"),
    "changed": mark("The plan of the promise was changed"),
    "milestone": mark("Milestone {about} was added or changed"),
    "indicator": mark("Indicator {about} was added or changed"),
    "reading": mark("Indicator {about} has a new value"),
    "reported": mark("A report was published"),
    "assessed": mark("The monitor judged"),
    "audited": mark("The monitor looked at a claim"),
    "queried": mark("The monitor asked"),
    "answered": mark("A question was answered"),
    "news": mark("News were published"),
}
"""By the words of `gateway.commitments.history.Kind`; others are told by their code."""

PLACES = {
    "health": mark("Dispensary, health centre or hospital"),
    "school": mark("School or training centre"),
    "water": mark("Water point"),
    "market": mark("Market"),
    "office": mark("Office"),
    "other": mark("Something else"),
}
"""By the words of `gateway.commitments.scoring_models.KINDS`."""


def shown(count: int) -> str:
    """A count as the to-do list says it: of what is counted no further than `MOST`, that there are more."""
    return f"{MOST}+" if count > MOST else str(count)
