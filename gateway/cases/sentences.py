"""One human sentence for each thing that happened to a case, in the reader's language; never a resident's word."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from gateway.cases.models import Case, CaseEvent
from gateway.words import Words, mark

KINDS = {
    "complaint": mark("complaint"),
    "information": mark("request for information"),
    "feedback": mark("feedback"),
}

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

HOW = {
    "ussd": mark("by USSD"),
    "sms": mark("by SMS"),
    "walk_in": mark("at the office"),
    "hotline": mark("by phone"),
    "letter": mark("by letter"),
    "baraza": mark("at a public meeting"),
    "menu": mark("by menu"),
    "spoken": mark("in speech"),
    "written": mark("in writing"),
}

OUTCOMES = {
    "carried_out": mark("carried out"),
    "partly": mark("carried out in part"),
    "refused": mark("refused"),
    "not_carried_out": mark("not carried out"),
}

_FILED = {
    "complaint": mark("{who} filed this complaint {how}."),
    "information": mark("{who} filed this request for information {how}."),
    "feedback": mark("{who} filed this feedback {how}."),
}

_SOLVED = {
    "yes": mark("The resident said it is solved."),
    "partly": mark("The resident said it is partly solved."),
    "no": mark("The resident said it is not solved; the case is open again."),
}

_ANSWERED = mark("The resident answered.")

_LETTERS = {
    "notice": mark("a notice to the accounting officer"),
    "right_of_reply": mark("a letter that gives a named officer the right to reply"),
    "reminder": mark("a reminder"),
    "step_up": mark("a letter to the next authority"),
    "not_ours": mark("a letter that this is not ours to take up"),
}

_ACTORS = {"resident": mark("The resident"), "system": mark("The system"), "staff": mark("Staff")}

_PLAIN = {
    "noted": mark("{who} wrote a note."),
    "attached": mark("{who} put a file with the case."),
    "summarised": mark("{who} wrote a summary for the department."),
    "conflict_lifted": mark("{who} took back that the case names somebody of ours."),
    "identity_seen": mark("{who} looked at the resident's number."),
    "identity_asked": mark("{who} asked for the resident's number, or for a call to them."),
    "transferred": mark("{who} handed the request to another body. The time of the law goes on from the first day."),
    "deemed_refused": mark("The time of the law ended without a decision: the request is deemed refused."),
    "found": mark("{who} wrote down a finding."),
    "admissibility": mark("{who} filled in the sheet on whether it is ours."),
    "inquiry_joined": mark("{who} put the case into an inquiry."),
    "inquiry_left": mark("{who} took the case out of an inquiry."),
    "inquiry_update": mark("{who} told all residents of the inquiry how it stands."),
    "inquiry_report": mark("{who} told all residents of the inquiry what came of it."),
    "evidence": mark("{who} wrote down what shows that it is done."),
    "unmerged": mark("{who} parted the case from the one it was merged with."),
    "reprisal": mark("{who} said: punished for complaining. Only a supervisor sees the case now."),
    "reprisal_ended": mark("{who} showed the case to the office and its department again."),
}
"""What is said the same whatever the event's data."""


@dataclass(frozen=True, slots=True)
class _Told:
    event: CaseEvent
    case: Case
    words: Words
    who: str
    names: Mapping[str, str]

    @property
    def data(self) -> Mapping[str, Any]:
        return self.event.data

    def say(self, text: str, **values: object) -> str:
        return self.words.say(text, who=self.who, **values)

    def day(self, name: str) -> str:
        """A day of the event's data, or the county's day of a moment, in words."""
        said = self.data[name]
        if said is None:
            return self.words.say("none")
        moment = date.fromisoformat(said) if len(said) == len("2026-01-26") else datetime.fromisoformat(said)
        return self.words.whole_day(moment)

    def department(self, name: str = "department") -> str:
        return self.words.department(self.data.get(name, ""))

    def letter(self) -> str:
        kind = self.data["kind"]
        return self.words.say(_LETTERS[kind])

    def how(self, code: str | None) -> str:
        """How it came; empty for a case of before, which kept the aggregator's name instead."""
        return self.words.say(HOW[code]) if code in HOW else ""


def sentence(event: CaseEvent, case: Case, words: Words, *, by: str | None, names: Mapping[str, str]) -> str:
    """What happened, for a person. `names` are those of staff, by id."""
    who = by or words.say(_ACTORS[event.actor])
    told = _Told(event, case, words, who, names)
    if event.kind in _PLAIN:
        return told.say(_PLAIN[event.kind])
    tell = _SENTENCES.get(event.kind)
    return tell(told) if tell else f"{who}: {event.kind.replace('_', ' ')}."


def _filed(told: _Told) -> str:
    return told.say(_FILED[told.case.kind], how=told.how(told.event.channel)).replace(" .", ".")


def _wrote(told: _Told) -> str:
    return told.say("{who} wrote {how}.", how=told.how(told.event.channel)).replace(" .", ".")


def _entered(told: _Told) -> str:
    return told.say("{who} typed it in ({how}).", how=told.how(told.data.get("from")))


def _replied(told: _Told) -> str:
    if told.event.read_at:
        return told.say("{who} answered the resident, who has read it.")
    return told.say("{who} answered the resident.")


def _assigned(told: _Told) -> str:
    to = []
    if "assignee" in told.data:
        to.append(told.names.get(told.data["assignee"]) or told.words.say("a former colleague"))
    if "department" in told.data:
        to.append(told.department())
    return told.say("{who} assigned the case to {whom}.", whom=", ".join(to))


def _conflict(told: _Told) -> str:
    whom = told.names.get(told.data.get("person", "")) or told.department()
    return told.say("{who} recorded that the case names {whom}; it is hidden from them.", whom=whom)


def _released(told: _Told) -> str:
    return told.say("{who} let {department} read the resident's own words.", department=told.department())


def _withheld(told: _Told) -> str:
    return told.say("{who} took the resident's words back from {department}.", department=told.department())


def _moved(told: _Told) -> str:
    data, words = told.data, told.words
    if data.get("solved") in _SOLVED:
        return _judged(told)
    if "lapsed" in data:
        return told.say("Nothing was done for {days} working days: the case is to be sorted anew.", days=data["lapsed"])
    if told.event.actor == "system" and data["to"] == "closed_unconfirmed":
        return words.say("The resident was asked and did not answer; the case is closed without their word.")
    if data["to"] == "withdrawn":
        return told.say("{who} withdrew the case.")
    before, after = (words.say(STATUSES.get(data[end], data[end])) for end in ("from", "to"))
    return told.say('{who} moved the case from "{before}" to "{after}".', before=before, after=after) + _rung(told)


def _reached_officer(told: _Told) -> str:
    return told.say(
        "{who} recorded that the information access officer received the request on {day}: day zero of the law.",
        day=told.day("on"),
    )


def _extended(told: _Told) -> str:
    return told.say(
        "{who} extended the time by {days} days, once, until {day}.", days=told.data["days"], day=told.day("until")
    )


def _deadline_moved(told: _Told) -> str:
    return told.say(
        "The deadline moved from {before} to {after}: {why}.",
        before=told.day("due_before"),
        after=told.day("due_after"),
        why=_why(told.data, told.words),
    )


def _why(data: Mapping[str, Any], words: Words) -> str:
    """Holidays that came or went, else the rules."""
    said = [
        words.say("{day} is a holiday ({holiday})", day=_named_day(day, words), holiday=words.holiday(holiday))
        for day, holiday in data.get("came", {}).items()
    ]
    said += [words.say("{day} is no holiday", day=_named_day(day, words)) for day in data.get("went", ())]
    if data.get("more"):
        said.append(words.say("and {count} more days changed", count=data["more"]))
    if said:
        return "; ".join(said)
    reason = data.get("why", "")  # of events of before days were kept as data, in English alone
    return words.say(reason)


def _named_day(day: str, words: Words) -> str:
    return words.whole_day(date.fromisoformat(day))


def _letter_prepared(told: _Told) -> str:
    return told.say("{who} prepared {letter}; it is not signed.", letter=told.letter())


def _letter_signed(told: _Told) -> str:
    values = {"letter": told.letter(), "number": told.data["number"]}
    if "reply_by" not in told.data:
        return told.say("{who} signed {letter}, number {number}.", **values)
    day = told.day("reply_by")
    return told.say("{who} signed {letter}, number {number}; an answer is due by {day}.", day=day, **values)


def _letter_late(told: _Told) -> str:
    return told.say(
        "Letter {number} was not answered in time: {letter} is prepared and wants signing.",
        number=told.data["number"],
        letter=told.letter(),
    )


def _letter_answered(told: _Told) -> str:
    return told.say(
        "{who} filed the answer to letter {number}, written on {day}.", number=told.data["number"], day=told.day("on")
    )


def _recommended(told: _Told) -> str:
    return told.say(
        "{who} recommended something to {department}, to be done by {day}.",
        department=told.department(),
        day=told.day("due_on"),
    )


def _recommendation_closed(told: _Told) -> str:
    outcome = OUTCOMES[told.data["outcome"]]
    said = told.words.say(outcome)
    return told.say("{who} wrote down what became of a recommendation: {outcome}.", outcome=said)


def _recategorised(told: _Told) -> str:
    was, category = (told.words.category(told.data[name]) for name in ("was", "category"))
    said = told.say('{who} moved the case from the category "{was}" to "{category}".', was=was, category=category)
    if "suggested" not in told.data:
        return said
    rules = told.words.say("The rules would send it to {department}.", department=told.department("suggested"))
    return f"{said} {rules}"


def _urgency(told: _Told) -> str:
    if told.data["urgent"]:
        return told.say("{who} marked the case as urgent: life or liberty is at stake.")
    return told.say("{who} took back that the case is urgent.")


def _facility(told: _Told) -> str:
    if told.data["name"] is None:
        return told.say("{who} said that the case is about no one place of service.")
    return told.say("{who} said that the case is about {place}.", place=told.words.label(told.data["name"]))


def _rung(told: _Told) -> str:
    name = told.words.rung(told.data.get("rung"))
    return " " + told.words.say("It goes to: {rung}.", rung=name) if name else ""


def _judged(told: _Told) -> str:
    solved = _SOLVED.get(told.data.get("solved", ""), _ANSWERED)
    return told.words.say(solved) + _rung(told)


def _office(told: _Told) -> str:
    return told.words.office(told.data.get("office")) or told.words.say("another office")


def _consent_asked(told: _Told) -> str:
    return told.say("{who} asked the resident whether the file may go to {office}.", office=_office(told))


def _consent(told: _Told) -> str:
    values = {"office": _office(told), "how": told.how(told.data["how"])}
    if told.data["given"]:
        return told.say("The resident agreed that the file goes to {office}, {how}.", **values)
    return told.say("The resident did not agree that the file goes to {office}, {how}.", **values)


def _merged(told: _Told) -> str:
    return told.say("{who} merged the case with {serial}.", serial=told.data["with"])


_SENTENCES: dict[str, Callable[[_Told], str]] = {
    "filed": _filed,
    "resident_wrote": _wrote,
    "replied": _replied,
    "assigned": _assigned,
    "moved": _moved,
    "recategorised": _recategorised,
    "entered": _entered,
    "words_released": _released,
    "words_withheld": _withheld,
    "conflict_marked": _conflict,
    "reached_officer": _reached_officer,
    "extended": _extended,
    "deadline_moved": _deadline_moved,
    "letter_prepared": _letter_prepared,
    "letter_signed": _letter_signed,
    "letter_late": _letter_late,
    "letter_answered": _letter_answered,
    "recommended": _recommended,
    "recommendation_closed": _recommendation_closed,
    "consent_asked": _consent_asked,
    "judged": _judged,
    "merged": _merged,
    "consent": _consent,
    "urgency": _urgency,
    "facility": _facility,
}
