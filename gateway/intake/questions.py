"""Which question a bare digit answers: one that was really asked, within seven days, and the only one that is open.

Questions are not rows of their own: they are the messages that asked them. A question counts from when its text was
delivered (where the network tells nothing: from when it was sent); what waits for the morning was not asked yet. A
screen that the resident asked for takes the place of what was asked before it; what came on its own after it does not,
and then two are open: the digit must name its case.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from gateway.cases import voice
from gateway.cases.models import Case, CaseEvent
from gateway.cases.states import Status
from gateway.commitments.asking_models import Check, CheckAnswer
from gateway.intake.heard import Heard
from gateway.intake.models import Conversation
from gateway.intake.words import ANSWER_WORD
from gateway.messaging.models import Message
from gateway.messaging.states import State

OPEN = timedelta(days=7)
"""How long a question takes a bare digit, and how long an answer can be corrected by one."""

ASKED = (State.DELIVERED, State.ACCEPTED, State.UNKNOWN)
"""Messages that may have been read: reports are unreliable, so one that was taken by the network counts."""

ASKING = ("solved", "solved1", "solved2", "solved3")
"""The question whether a case is solved, and what says an answer back with a way to correct it."""


@dataclass(frozen=True, slots=True)
class Question:
    at: datetime
    case: UUID | None
    """None: the screen of the menus."""
    reference: str = ""
    """How to name it where there are more."""
    answered: bool = False
    """It was answered already: the digit would correct that."""
    check: UUID | None = None
    """A question to residents about a promise."""


def open_questions(heard: Heard, conversation: Conversation | None) -> list[Question]:
    """The questions that a bare digit of 1 to 3 may answer now. `conversation` is one that waits for a number."""
    asked = sorted([*_about_cases(heard), *_about_promises(heard)], key=lambda question: question.at, reverse=True)
    unanswered = [question for question in asked if not question.answered]
    corrections = [question for question in asked if question.answered]
    latest = max((question.at for question in unanswered), default=None)
    # The last answer can be corrected until something new is asked.
    corrections = [question for question in corrections[:1] if latest is None or question.at > latest]
    questions = [*unanswered, *corrections]
    if conversation is not None:
        screen = Question(_screen_shown(heard, conversation), None)
        questions = [screen, *(question for question in questions if question.at > screen.at)]
    return questions


def _about_cases(heard: Heard) -> list[Question]:
    """One for each case that was asked about or answered for, the newest first."""
    moment = sa.func.coalesce(Message.final_at, Message.sent_at)
    judged = sa.exists().where(
        CaseEvent.case_id == Case.id,
        CaseEvent.kind.in_(voice.JUDGED),
        CaseEvent.actor == "resident",
        CaseEvent.data.has_key("solved"),
        CaseEvent.at > heard.now - OPEN,
    )
    rows = heard.session.execute(
        sa.select(
            Case.id,
            Case.reference,
            Case.status,
            sa.func.max(moment).filter(Message.template == "solved").label("asked"),
            sa.func.max(moment).filter(Message.template != "solved").label("said_back"),
        )
        .join(Message, Message.case_id == Case.id)
        .where(
            Case.resident_id == heard.resident,
            Message.template.in_(ASKING),
            Message.state.in_(ASKED),
            moment > heard.now - OPEN,
            sa.or_(
                Case.status == Status.RESOLVED,
                sa.and_(Case.status.in_([Status.CONFIRMED, Status.REOPENED]), judged),
            ),
        )
        .group_by(Case.id)
    ).all()
    found = []
    for row in rows:
        answered = row.status != Status.RESOLVED
        # Resolved once more after an answer: until that question has gone out too, nothing is asked.
        if answered or (row.asked and (row.said_back is None or row.asked > row.said_back)):
            at = max(moment for moment in (row.asked, row.said_back) if moment)
            found.append(Question(at, row.id, row.reference, answered))
    return sorted(found, key=lambda question: question.at, reverse=True)


def _about_promises(heard: Heard) -> list[Question]:
    """The newest question that was delivered and takes answers."""
    moment = sa.func.coalesce(Message.final_at, Message.sent_at)
    row = heard.session.execute(
        sa.select(Check.id, moment.label("asked"), CheckAnswer.answered_at)
        .join(Message, Message.broadcast_id == Check.broadcast_id)
        .outerjoin(
            CheckAnswer, sa.and_(CheckAnswer.check_id == Check.id, CheckAnswer.resident_id == Message.resident_id)
        )
        .where(
            Message.resident_id == heard.resident,
            Message.template == "check",
            Message.state.in_(ASKED),
            moment > heard.now - OPEN,
            Check.closes_at > heard.now,
        )
        .order_by(Check.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return []
    word = ANSWER_WORD.get(heard.language, ANSWER_WORD["en"])
    at = max(row.asked, row.answered_at) if row.answered_at else row.asked
    return [Question(at, None, word, answered=row.answered_at is not None, check=row.id)]


def _screen_shown(heard: Heard, conversation: Conversation) -> datetime:
    """When the last screen was shown; one that has not left yet is the newest of all."""
    row = (
        heard.session.execute(
            sa.select(Message.state, Message.final_at, Message.sent_at).where(Message.id == conversation.said[-1])
        ).one_or_none()
        if conversation.said
        else None
    )
    if row is None or row.state not in ASKED:
        return heard.now
    shown: datetime = row.final_at or row.sent_at or heard.now
    return shown
