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


TROUBLE = {
    "claims are not pushed in an election period": mark(
        "In an election period nothing goes out that the county claims. Let it go on when that is over."
    ),
    "the county's file names nothing to score": mark("The county's file names nothing to score."),
    "it does not fit small screens": mark("The name cannot be shown on small screens."),
    "it is missing": mark("it is missing"),
    "this ward has a place of that name": mark("This ward has a place of that name already."),
    "there is no such facility": mark("This place cannot be scored: it is not named, or it was retired."),
    "it was retired": mark("It was retired already."),
    "the county's file names this place": mark("The county's file names this place: only whoever keeps the pack can."),
    "this period has not begun": mark("This period has not begun."),
    "the day to answer by is not in the future": mark("The day to answer by must lie in the future."),
    "your institution does not report on this promise": mark("Your institution does not report on this promise."),
    "this report was decided on": mark("Somebody has decided on this report already."),
    "a later report corrects this one": mark("A later report of the institution corrects this one."),
    "there is no such ward": mark("There is no such ward."),
    "nothing is claimed of it that could be checked": mark("Nothing is claimed of it that could be checked."),
    "at most 100 characters: it stands on one screen with its answers": mark(
        "At most 100 characters: it stands on one screen with its answers."
    ),
    "the asking is over": mark("The asking is over."),
    "the asking is not over": mark("The asking is not over."),
    "what came of it was told": mark("What came of it was told already."),
    "a round of this facility is open": mark("A round of this place is open already."),
    "the round is over": mark("The round is over."),
    "its plan was made": mark("Its plan was made already."),
    "a refusal says why": mark("A refusal says why."),
    "name the promise, or say where it was taken up": mark("Name the promise, or say where it was taken up."),
    "name a case or a category": mark("Name a case or a kind, not both."),
    "it says that already": mark("The claim says that already: choose another state, or confirm it."),
}
"""Refusals that have words of their own."""
