"""Everything that can be done to a case from its pages, as a table: each row is a route of the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from gateway.cases import admissibility_api as ours
from gateway.cases import api, inquiries_api, merging_api, routing_api, sharing_api
from gateway.cases import information_api as law
from gateway.cases.information_schemas import DayZeroIn, ExtensionIn, TransferIn, UrgencyIn
from gateway.cases.routing_schemas import AboutIn, CategoryIn
from gateway.cases.schemas import AssignIn, MoveIn, NoteIn, ReplyIn, VersionIn
from gateway.cases.sharing_schemas import ConflictIn, ReasonIn, SummaryIn
from gateway.console.forms import Action, Values
from gateway.console.web import Visit
from gateway.idempotency import Write
from gateway.letters import api as letters
from gateway.letters.schemas import AnswerIn, FindingIn, LetterIn, OutcomeIn, RecommendationIn
from gateway.messaging import api as messages
from gateway.messaging.schemas import DecisionIn
from gateway.staff.roles import Permission

P = Permission


def one_of_two(field: str, person: str) -> Any:
    """Reads one list of people and departments, `person:EMAIL` or `department:CODE`, into the body's two fields."""

    def ready(_visit: Visit, said: Values) -> dict[str, Any]:
        kind, _, who = said.get(field, "").partition(":")
        return {**said, person if kind == "person" else "department": who}

    return ready


def _local_moment(visit: Visit, said: Values) -> dict[str, Any]:
    """A day and hour as the page's clock field says them, in the county."""
    try:
        moment = datetime.fromisoformat(said.get("on", "")).replace(tzinfo=visit.context.pack.about.zone).isoformat()
    except ValueError:
        return {**said, "on": ""}
    return {**said, "on": moment}


class JoinIn(BaseModel):
    inquiry: UUID


def _join(serial: str, body: JoinIn, write: Write) -> object:
    return inquiries_api.put_in(body.inquiry, inquiries_api.CasesIn(cases=[serial], version=None), write)


def _leave(serial: str, body: JoinIn, write: Write) -> object:
    return inquiries_api.take_out(body.inquiry, inquiries_api.CasesIn(cases=[serial], version=None), write)


def _send_again(serial: str, message: UUID, body: DecisionIn, write: Write) -> object:
    return messages.release(message, body, write)


def _give_up(serial: str, message: UUID, body: DecisionIn, write: Write) -> object:
    return messages.give_up(message, body, write)


ACTIONS: dict[str, Action] = {
    "reply": Action(P.REPLY, api.reply, ReplyIn),
    "note": Action(P.WRITE_NOTES, api.add_note, NoteIn),
    "assign": Action(P.ASSIGN, api.assign, AssignIn, ready=one_of_two("to", "assignee")),
    "move": Action(P.MOVE, api.move, MoveIn),
    "evidence": Action(P.WRITE_NOTES, merging_api.add_evidence, NoteIn),
    "day-zero": Action(P.MOVE, law.day_zero, DayZeroIn, ready=_local_moment),
    "extension": Action(P.MOVE, law.extend, ExtensionIn),
    "transfer": Action(P.MOVE, law.transfer, TransferIn),
    "urgency": Action(P.ASSIGN, law.mark_urgent, UrgencyIn),
    "facility": Action(P.MOVE, routing_api.mark_facility, AboutIn),
    "category": Action(P.MOVE, routing_api.recategorise, CategoryIn),
    "send-again": Action(P.REPLY, _send_again, DecisionIn, part="message"),
    "give-up": Action(P.REPLY, _give_up, DecisionIn, part="message"),
    "ask-identity": Action(P.WRITE_NOTES, sharing_api.ask_identity, ReasonIn),
    # Is it ours?
    "sheet": Action(P.MOVE, ours.fill_in, ours.SheetIn, "ours"),
    "not-ours": Action(P.MOVE, ours.not_ours, ours.NotOursIn, "ours"),
    "ask-consent": Action(P.MOVE, ours.ask_consent, ours.AskIn, "ours"),
    "consent": Action(P.MOVE, ours.record_consent, ours.ConsentIn, "ours"),
    "refer": Action(P.MOVE, ours.refer, ours.ReferralIn, "ours"),
    # Letters, findings, recommendations.
    "letter": Action(P.MOVE, letters.write_letter, LetterIn, "letters"),
    "sign": Action(P.MOVE, letters.sign_letter, None, "letters", "letter"),
    "answer": Action(P.WRITE_NOTES, letters.answer_letter, AnswerIn, "letters", "letter"),
    "finding": Action(P.MOVE, letters.make_finding, FindingIn, "letters"),
    "recommend": Action(P.MOVE, letters.recommend, RecommendationIn, "letters", "finding"),
    "outcome": Action(P.MOVE, letters.carry_out, OutcomeIn, "letters", "recommendation"),
    # Who may know what.
    "summary": Action(P.RELEASE_WORDS, sharing_api.summarise, SummaryIn, "access"),
    "release": Action(P.RELEASE_WORDS, sharing_api.release_words, ReasonIn, "access"),
    "withhold": Action(P.RELEASE_WORDS, sharing_api.withhold_words, ReasonIn, "access"),
    "conflict": Action(
        P.MARK_CONFLICT, sharing_api.mark_conflict, ConflictIn, "access", ready=one_of_two("whom", "person")
    ),
    "lift": Action(P.LIFT_CONFLICT, sharing_api.lift_conflict, ReasonIn, "access", "conflict"),
    "reprisal": Action(P.ASSIGN, merging_api.punished, VersionIn, "access"),
    "reprisal-end": Action(P.SUPERVISE, merging_api.no_longer_punished, NoteIn, "access"),
    # Together with other cases.
    "merge": Action(P.MOVE, merging_api.merge, merging_api.MergeIn, "others"),
    "unmerge": Action(P.MOVE, merging_api.unmerge, VersionIn, "others"),
    "join": Action(P.MOVE, _join, JoinIn, "others"),
    "leave": Action(P.MOVE, _leave, JoinIn, "others"),
}
