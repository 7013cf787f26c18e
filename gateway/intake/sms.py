"""An SMS from a handset: a command, an answer, words for a case, or a stranger's. Stored sealed first of all."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.cases import voice
from gateway.cases.models import Case, CaseEvent
from gateway.cases.states import Status
from gateway.channels.base import Inbound
from gateway.commitments import service as commitments
from gateway.commitments import stopping
from gateway.errors import TransitionNotAllowed
from gateway.ids import new_id
from gateway.intake import drafts, repeats
from gateway.intake.models import InboundMessage
from gateway.intake.words import Command, command, named_case, solved
from gateway.messaging import service as messaging
from gateway.messaging import templates
from gateway.messaging.models import Message
from gateway.pack import Pack
from gateway.residents import service as residents
from gateway.residents.models import Resident
from gateway.residents.numbers import textable, tidy_number
from gateway.residents.sealing import Vault

STRANGER_QUIET = timedelta(hours=24)
"""A stranger is told once in this time how to file."""

ADDED_QUIET = timedelta(minutes=10)
"""Words that follow each other are acknowledged once in this time."""

CORRECTION = timedelta(days=7)
"""How long an answer to "is it solved?" can be corrected by SMS."""


@dataclass(slots=True)
class _Heard:
    """One text and who sent it, within one unit of work."""

    session: Session
    vault: Vault
    pack: Pack
    now: datetime
    channel: str
    row: UUID
    resident: UUID
    language: str
    text: str

    def answer(self, template: str, case: UUID | None = None, **values: str) -> None:
        """Owe one SMS in answer to this one; the same text owes it once."""
        messaging.owe(
            self.session,
            self.vault,
            resident_id=self.resident,
            template=template,
            values=values,
            language=self.language,
            now=self.now,
            case_id=case,
            urgent=True,
            effect_key=self.vault.lookup.digest("inbound", f"{self.row}:{template}"),
        )


def receive(session: Session, vault: Vault, pack: Pack, inbound: Inbound, *, channel: str, now: datetime) -> bool:
    """Take in one SMS, once by its provider's id; whether it was new."""
    number = tidy_number(inbound.number, pack.about.country)
    answerable = textable(number)
    spoken = command(inbound.text)
    resident = _resident(session, vault, pack, number, spoken, now) if answerable else None
    row = _store(session, vault, inbound, channel, resident.id if resident else None, now)
    if row is None:
        return False
    if resident is None:
        return True  # a short code or a sender's name: kept for staff, never answered
    if repeats.is_repeat(session, vault, row=row, resident=resident.id, text=inbound.text, now=now):
        return True  # the same text once more: kept, and answered once
    heard = _Heard(session, vault, pack, now, channel, row, resident.id, resident.language, inbound.text.strip())
    case: UUID | None = None
    if spoken is not None:
        _obey(heard, spoken[0])
        disposition = "command"
    else:
        disposition, case = _answer_or_words(heard)
    session.execute(
        sa.update(InboundMessage).where(InboundMessage.id == row).values(disposition=disposition, case_id=case)
    )
    return True


def _resident(
    session: Session, vault: Vault, pack: Pack, number: str, spoken: tuple[Command, str] | None, now: datetime
) -> Resident:
    """Who sent it. An SMS carries its number: to answer it, and to honour a STOP, the number is kept, sealed."""
    known = residents.find(session, vault, number)
    if known is not None:
        return known
    offered = [language.code for language in pack.guide.languages]
    language = spoken[1] if spoken and spoken[1] in offered else offered[0]
    residents.keep(session, vault, number, language=language, now=now)
    found = residents.find(session, vault, number)
    assert found is not None
    return found


def _store(
    session: Session, vault: Vault, inbound: Inbound, channel: str, resident: UUID | None, now: datetime
) -> UUID | None:
    row = new_id()
    provider_id = inbound.provider_id or _content_id(vault, inbound)
    statement = (
        insert(InboundMessage)
        .values(
            id=row,
            channel=channel,
            provider_id=provider_id,
            resident_id=resident,
            to_code=inbound.to_code,
            text_sealed=vault.sealer.seal(inbound.text, f"inbound_messages.text:{row}"),
            received_at=now,
            disposition="ignored",
        )
        .on_conflict_do_nothing(index_elements=["channel", "provider_id"])
        .returning(InboundMessage.id)
    )
    return session.execute(statement).scalar_one_or_none()


def _content_id(vault: Vault, inbound: Inbound) -> str:
    """A provider that gives no id: the same words from the same number at the same second are one text."""
    content = hashlib.sha256(f"{inbound.number}\0{inbound.text}\0{inbound.sent_at}".encode()).hexdigest()
    return "content:" + vault.lookup.digest("inbound", content).hex()


def _obey(heard: _Heard, spoken: Command) -> None:
    match spoken:
        case Command.STOP:
            stopping.stop(heard.session, heard.resident, everything=False, now=heard.now)
            heard.answer("stop")
        case Command.STOP_ALL:
            stopping.stop(heard.session, heard.resident, everything=True, now=heard.now)
            heard.answer("stopall")
        case Command.START:
            stopping.start(heard.session, heard.resident)
            heard.answer("start")
        case Command.UNFOLLOW:
            commitments.unfollow_all(heard.session, resident_id=heard.resident, now=heard.now)
            heard.answer("unfollowed")
        case Command.HELP:
            heard.answer("help")
        case Command.STATUS:
            _status(heard)


def _status(heard: _Heard) -> None:
    """Up to three cases: four digits, date, state; never what they are about."""
    rows = heard.session.execute(
        sa.select(Case.reference, Case.filed_at, Case.status)
        .where(Case.resident_id == heard.resident)
        .order_by(Case.id.desc())
        .limit(3)
    ).all()
    if not rows:
        heard.answer("nocase")
        return
    cases = ((row.reference, row.filed_at.astimezone(heard.pack.about.zone).date(), row.status) for row in rows)
    heard.answer("status", lines=templates.case_lines(heard.pack.guide, heard.language, cases))


def _answer_or_words(heard: _Heard) -> tuple[str, UUID | None]:
    """What the text is taken for (`case`, `draft` or `triage`), and the case it belongs to."""
    named = named_case(heard.text)
    words = heard.text
    case = None
    if named is not None:
        case = _own(heard, named[0])
        words = named[1] if case is not None and named[1] else heard.text
    judged = solved(words)
    if judged is not None and (asked := _asked(heard, case)) is not None:
        return "case", _judge(heard, asked, judged)
    if case is None and drafts.add_words(heard.session, heard.vault, heard.resident, words, heard.now):
        if not _said_lately(heard, "draft_added", ADDED_QUIET):
            heard.answer("draft_added")
        return "draft", None
    case = case or _last_written_about(heard)
    if case is None:
        _tell_stranger(heard)
        return "triage", None
    return "case", _add_words(heard, case, words)


def _own(heard: _Heard, reference: str) -> Case | None:
    return heard.session.scalar(
        sa.select(Case)
        .where(Case.resident_id == heard.resident, Case.reference == reference)
        .order_by(Case.id.desc())
        .limit(1)
    )


def _asked(heard: _Heard, named: Case | None) -> Case | None:
    """The case whose question a bare digit answers: the one named, else the only one asked about."""
    if named is not None:
        return named
    answered = sa.select(CaseEvent.case_id).where(
        CaseEvent.kind.in_(voice.JUDGED),
        CaseEvent.actor == "resident",
        CaseEvent.data.has_key("solved"),
        CaseEvent.at > heard.now - CORRECTION,
    )
    rows = heard.session.scalars(
        sa.select(Case)
        .where(
            Case.resident_id == heard.resident,
            sa.or_(
                Case.status == Status.RESOLVED,
                sa.and_(Case.status.in_([Status.CONFIRMED, Status.REOPENED]), Case.id.in_(answered)),
            ),
        )
        .limit(2)
    ).all()
    return rows[0] if len(rows) == 1 else None


def _judge(heard: _Heard, case: Case, judged: str) -> UUID:
    try:
        voice.answer_solved(
            heard.session,
            heard.vault,
            case_id=case.id,
            resident_id=heard.resident,
            solved=judged,
            now=heard.now,
        )
    except TransitionNotAllowed:
        return _add_words(heard, case, heard.text)  # the question is closed: keep the digit as words
    heard.answer({"yes": "solved1", "partly": "solved2", "no": "solved3"}[judged], case.id, ref=case.reference)
    return case.id


def _last_written_about(heard: _Heard) -> Case | None:
    """The case our last SMS to this number was about; else the resident's only case."""
    last = heard.session.scalar(
        sa.select(Case)
        .join(Message, Message.case_id == Case.id)
        .where(Message.resident_id == heard.resident, Case.resident_id == heard.resident)
        .order_by(Message.id.desc())
        .limit(1)
    )
    if last is not None:
        return last
    only = heard.session.scalars(sa.select(Case).where(Case.resident_id == heard.resident).limit(2)).all()
    return only[0] if len(only) == 1 else None


def _add_words(heard: _Heard, case: Case, words: str) -> UUID:
    voice.resident_wrote(
        heard.session,
        heard.vault,
        case_id=case.id,
        resident_id=heard.resident,
        text=words,
        language=heard.language,
        channel=heard.channel,
        now=heard.now,
    )
    if case.privacy == "sms" and not _said_lately(heard, "added", ADDED_QUIET, case.id):
        heard.answer("added", case.id, ref=case.reference)
    return case.id


def _tell_stranger(heard: _Heard) -> None:
    if not _said_lately(heard, "stranger", STRANGER_QUIET):
        heard.answer("stranger")


def _said_lately(heard: _Heard, template: str, within: timedelta, case: UUID | None = None) -> bool:
    said = sa.select(Message.id).where(
        Message.resident_id == heard.resident, Message.template == template, Message.owed_at > heard.now - within
    )
    if case is not None:
        said = said.where(Message.case_id == case)
    return heard.session.scalar(said.limit(1)) is not None
