"""One human sentence for each thing that happened to a case. Never a word of the resident's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from gateway.cases.explaining import plain_day
from gateway.cases.models import Case, CaseEvent
from gateway.pack import Pack

KINDS = {"complaint": "complaint", "information": "request for information", "feedback": "feedback"}
STATUSES = {
    "received": "received",
    "triage": "triage",
    "assigned": "assigned",
    "in_progress": "in progress",
    "waiting_resident": "waiting for the resident",
    "referred": "referred to another body",
    "resolved": "resolved",
    "confirmed": "confirmed by the resident",
    "closed_unconfirmed": "closed without the resident's word",
    "reopened": "open again",
    "rejected": "not taken up",
    "withdrawn": "withdrawn",
}
SOLVED = {
    "yes": "The resident said it is solved.",
    "partly": "The resident said it is partly solved.",
    "no": "The resident said it is not solved; the case is open again.",
}


@dataclass(frozen=True, slots=True)
class _Told:
    event: CaseEvent
    case: Case
    pack: Pack
    by: str
    names: Mapping[str, str]


def sentence(event: CaseEvent, case: Case, pack: Pack, *, by: str | None, names: Mapping[str, str]) -> str:
    """What happened, for a person. `names` are those of staff, by id."""
    who = by or {"resident": "The resident", "system": "The system"}.get(event.actor, "Staff")
    tell = _SENTENCES.get(event.kind)
    told = _Told(event, case, pack, who, names)
    return tell(told) if tell else f"{who}: {event.kind.replace('_', ' ')}."


def _filed(told: _Told) -> str:
    how = f" by {told.event.channel}" if told.event.channel else ""
    return f"{told.by} filed this {KINDS[told.case.kind]}{how}."


def _wrote(told: _Told) -> str:
    how = f" by {told.event.channel}" if told.event.channel else ""
    return f"{told.by} wrote{how}."


def _replied(told: _Told) -> str:
    read = ", who has read it" if told.event.read_at else ""
    return f"{told.by} answered the resident{read}."


def _assigned(told: _Told) -> str:
    data = told.event.data
    to = []
    if "assignee" in data:
        to.append(told.names.get(data["assignee"], "a former colleague"))
    if "department" in data:
        to.append(_department(told.pack, data["department"]))
    return f"{told.by} assigned the case to {', '.join(to)}."


def _department(pack: Pack, code: str) -> str:
    return next((known.name.get("en", code) for known in pack.departments if known.code == code), code)


def _conflict(told: _Told) -> str:
    data = told.event.data
    whom = told.names.get(data.get("person", "")) or _department(told.pack, data.get("department", ""))
    return f"{told.by} recorded that the case names {whom}; it is hidden from them."


def _released(told: _Told) -> str:
    return f"{told.by} let {_department(told.pack, told.event.data['department'])} read the resident's own words."


def _withheld(told: _Told) -> str:
    return f"{told.by} took the resident's words back from {_department(told.pack, told.event.data['department'])}."


def _moved(told: _Told) -> str:
    data = told.event.data
    if data.get("solved") in SOLVED:
        return SOLVED[data["solved"]] + _rung(told)
    if "lapsed" in data:
        return f"Nothing was done for {data['lapsed']} working days: the case is to be sorted anew."
    if told.event.actor == "system" and data["to"] == "closed_unconfirmed":
        return "The resident was asked and did not answer; the case is closed without their word."
    if data["to"] == "withdrawn":
        return f"{told.by} withdrew the case."
    return f"{told.by} moved the case from {_status(data['from'])} to {_status(data['to'])}.{_rung(told)}"


def _reached_officer(told: _Told) -> str:
    day = _day(told.event.data["on"], told.pack)
    return f"{told.by} recorded that the information access officer received the request on {day}: day zero of the law."


def _extended(told: _Told) -> str:
    data = told.event.data
    return f"{told.by} extended the time by {data['days']} days, once, until {_day(data['until'], told.pack)}."


def _transferred(told: _Told) -> str:
    return f"{told.by} handed the request to another body. The time of the law goes on from the first day."


def _deadline_moved(told: _Told) -> str:
    data = told.event.data
    before, after = (_day(data[name], told.pack) for name in ("due_before", "due_after"))
    return f"The deadline moved from {before} to {after}: {data['why']}."


_LETTERS = {
    "notice": "a notice to the accounting officer",
    "right_of_reply": "a letter that gives a named officer the right to reply",
    "reminder": "a reminder",
    "step_up": "a letter to the next authority",
    "not_ours": "a letter that this is not ours to take up",
}


def _letter_prepared(told: _Told) -> str:
    return f"{told.by} prepared {_LETTERS[told.event.data['kind']]}; it is not signed."


def _letter_signed(told: _Told) -> str:
    data = told.event.data
    until = f"; an answer is due by {_day(data['reply_by'], told.pack)}" if "reply_by" in data else ""
    return f"{told.by} signed {_LETTERS[data['kind']]}, number {data['number']}{until}."


def _letter_late(told: _Told) -> str:
    data = told.event.data
    return f"Letter {data['number']} was not answered in time: {_LETTERS[data['kind']]} is prepared and wants signing."


def _letter_answered(told: _Told) -> str:
    data = told.event.data
    return f"{told.by} filed the answer to letter {data['number']}, written on {_day(data['on'], told.pack)}."


def _recommended(told: _Told) -> str:
    data = told.event.data
    department = _department(told.pack, data["department"])
    return f"{told.by} recommended something to {department}, to be done by {_day(data['due_on'], told.pack)}."


def _recommendation_closed(told: _Told) -> str:
    outcome = str(told.event.data["outcome"]).replace("_", " ")
    return f"{told.by} wrote down what became of a recommendation: {outcome}."


def _day(text: str | None, pack: Pack) -> str:
    """A day, or the day of a moment in the county, in words."""
    if text is None:
        return "none"
    if len(text) == len("2026-01-26"):
        return plain_day(date.fromisoformat(text))
    return plain_day(datetime.fromisoformat(text).astimezone(pack.about.zone).date())


def _status(code: str) -> str:
    return f'"{STATUSES.get(code, code)}"'


def _rung(told: _Told) -> str:
    code = told.event.data.get("rung")
    rung = next((known for known in told.pack.desk.rungs if known.code == code), None)
    return f" It goes to: {rung.name.get('en', code)}." if rung and code else ""


def _office(told: _Told) -> str:
    office = told.pack.referrals.office(told.event.data.get("office"))
    return office.name.get("en", office.code) if office else "another office"


def _consent(told: _Told) -> str:
    agreed = "agreed that the file goes" if told.event.data["given"] else "did not agree that the file goes"
    how = {"menu": "by menu", "spoken": "in speech", "written": "in writing"}[told.event.data["how"]]
    return f"The resident {agreed} to {_office(told)}, {how}."


_SENTENCES: dict[str, Callable[[_Told], str]] = {
    "filed": _filed,
    "resident_wrote": _wrote,
    "noted": lambda told: f"{told.by} wrote a note.",
    "replied": _replied,
    "assigned": _assigned,
    "moved": _moved,
    "entered": lambda told: f"{told.by} typed it in ({told.event.data.get('from', '').replace('_', ' ')}).",
    "attached": lambda told: f"{told.by} put a file with the case.",
    "summarised": lambda told: f"{told.by} wrote a summary for the department.",
    "words_released": _released,
    "words_withheld": _withheld,
    "conflict_marked": _conflict,
    "conflict_lifted": lambda told: f"{told.by} took back that the case names somebody of ours.",
    "identity_seen": lambda told: f"{told.by} looked at the resident's number.",
    "identity_asked": lambda told: f"{told.by} asked for the resident's number, or for a call to them.",
    "reached_officer": _reached_officer,
    "extended": _extended,
    "transferred": _transferred,
    "deemed_refused": lambda told: "The time of the law ended without a decision: the request is deemed refused.",
    "deadline_moved": _deadline_moved,
    "letter_prepared": _letter_prepared,
    "letter_signed": _letter_signed,
    "letter_late": _letter_late,
    "letter_answered": _letter_answered,
    "found": lambda told: f"{told.by} wrote down a finding.",
    "recommended": _recommended,
    "recommendation_closed": _recommendation_closed,
    "admissibility": lambda told: f"{told.by} filled in the sheet on whether it is ours.",
    "consent_asked": lambda told: f"{told.by} asked the resident whether the file may go to {_office(told)}.",
    "inquiry_joined": lambda told: f"{told.by} put the case into an inquiry.",
    "inquiry_left": lambda told: f"{told.by} took the case out of an inquiry.",
    "inquiry_update": lambda told: f"{told.by} told all residents of the inquiry how it stands.",
    "judged": lambda told: SOLVED.get(told.event.data.get("solved", ""), "The resident answered.") + _rung(told),
    "evidence": lambda told: f"{told.by} wrote down what shows that it is done.",
    "merged": lambda told: f"{told.by} merged the case with {told.event.data['with']}.",
    "unmerged": lambda told: f"{told.by} parted the case from the one it was merged with.",
    "reprisal": lambda told: f"{told.by} said: punished for complaining. Only a supervisor sees the case now.",
    "reprisal_ended": lambda told: f"{told.by} showed the case to the office and its department again.",
    "consent": _consent,
}
