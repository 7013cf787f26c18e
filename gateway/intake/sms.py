"""An SMS from a handset: a command, an answer, words for a case, or a stranger's. Stored sealed first of all."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.cases import voice
from gateway.cases.models import Case
from gateway.cases.projection import project_by_id
from gateway.channels.base import Inbound
from gateway.commitments import checks, stopping
from gateway.commitments.service import imported
from gateway.errors import TransitionNotAllowed
from gateway.ids import new_id
from gateway.intake import conversations, drafts, following, questions, repeats
from gateway.intake.heard import Heard
from gateway.intake.models import Conversation, InboundMessage
from gateway.intake.words import NUMBER, Command, check_answer, command, is_number, named_case, solved, starter
from gateway.intake.words import following as asked_to_follow
from gateway.messaging import templates
from gateway.messaging.models import Message
from gateway.pack import Pack
from gateway.residents import service as residents
from gateway.residents.models import Resident
from gateway.residents.numbers import textable, tidy_number
from gateway.residents.sealing import Vault
from menus.by_sms import MENU, has_words

STRANGER_QUIET = timedelta(hours=24)
"""A stranger is told once in this time how to file."""

ADDED_QUIET = timedelta(minutes=10)
"""Words that follow each other are acknowledged once in this time."""

Taken = tuple[str, UUID | None]
"""What a text was taken for (a disposition of `InboundMessage`), and the case it belongs to."""


def receive(session: Session, vault: Vault, pack: Pack, inbound: Inbound, *, channel: str, now: datetime) -> bool:
    """Take in one SMS, once by its provider's id; whether it was new."""
    number = tidy_number(inbound.number, pack.about.country)
    spoken = command(inbound.text)
    named = None if spoken else following.named(pack.guide, inbound.text, lambda: imported(session, pack.guide))
    resident = _resident(session, vault, pack, number, _language(inbound.text), now) if textable(number) else None
    row = _store(session, vault, inbound, channel, resident.id if resident else None, now)
    if row is None:
        return False
    if resident is None:
        return True  # a short code or a sender's name: kept for staff, never answered
    if repeats.is_repeat(session, vault, row=row, resident=resident.id, text=inbound.text, now=now):
        return True  # the same text once more: kept, and answered once
    text = inbound.text.strip()
    heard = Heard(session, vault, pack, now, channel, row, number, resident.id, resident.language, text)
    case: UUID | None = None
    if spoken is not None:
        _obey(heard, spoken[0])
        disposition = "command"
    elif named is not None:
        following.obey(heard, named[0], named[2])
        disposition = "command"
    else:
        disposition, case = _answer_or_words(heard)
    session.execute(
        sa.update(InboundMessage).where(InboundMessage.id == row).values(disposition=disposition, case_id=case)
    )
    return True


def _language(text: str) -> str:
    """The language of the word that a text is or begins with; empty for any other."""
    spoken, asked = command(text), asked_to_follow(text)
    return spoken[1] if spoken else asked[1] if asked else ""


def _resident(session: Session, vault: Vault, pack: Pack, number: str, spoken: str, now: datetime) -> Resident:
    """Who sent it. An SMS carries its number: to answer it, and to honour a STOP, the number is kept, sealed."""
    known = residents.find(session, vault, number)
    if known is not None:
        return known
    offered = [language.code for language in pack.guide.languages]
    language = spoken if spoken in offered else offered[0]
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


def _obey(heard: Heard, spoken: Command) -> None:
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
            following.leave(heard)
        case Command.UNFOLLOW_ALL:
            following.leave_all(heard)
        case Command.HELP:
            heard.answer("help")
        case Command.STATUS:
            _status(heard)


def _status(heard: Heard) -> None:
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


def _answer_or_words(heard: Heard) -> Taken:
    """The order in which a text that is no command finds its place.

    A word that begins the menus; an answer that names its case; a bare digit, to the one question it answers; the
    screen of a conversation; words for the case they name, for a draft that waits for them, or for the case we last
    wrote about; a stranger.
    """
    begun = starter(heard.text, heard.pack.guide.words)
    conversation = conversations.find(heard)
    if begun is not None:
        errand, answer = begun
        if answer and errand == MENU and conversation is not None:
            return conversations.hear(heard, conversation, answer), None
        conversations.begin(heard, errand)
        return "menu", None
    given = check_answer(heard.text)
    asked = checks.open_for(heard.session, heard.resident, heard.now) if given is not None else None
    if given is not None and asked is not None:
        return _check(heard, asked.id, given)
    case, words = _named(heard)
    said = solved(words)
    if case is not None and said is not None:
        return _judge(heard, case, said)
    if said is not None and (taken := _bare(heard, conversation, said)) is not None:
        return taken
    if conversation is not None and _is_for_menu(heard, conversation, case, words):
        return conversations.hear(heard, conversation, heard.text), None
    return _words(heard, case, words)


def _named(heard: Heard) -> tuple[Case | None, str]:
    """The case of the resident's own that a text names by its four digits, and the words after them."""
    named = named_case(heard.text)
    case = _own(heard, named[0]) if named is not None else None
    return case, named[1] if case is not None and named is not None and named[1] else heard.text


def _own(heard: Heard, reference: str) -> Case | None:
    return heard.session.scalar(
        sa.select(Case)
        .where(Case.resident_id == heard.resident, Case.reference == reference)
        .order_by(Case.id.desc())
        .limit(1)
    )


def _bare(heard: Heard, conversation: Conversation | None, said: str) -> Taken | None:
    """An answer that names nothing: taken by the only question that is open, sent back where there are more.

    None where no question is open. A screen that asks for words is no question for a digit. A word ("Yes") answers no
    menu, no question about a promise, and corrects nothing: people also just say so.
    """
    number = is_number(heard.text)
    if conversation is not None and not number:
        return None
    choosing = conversation is not None and not conversations.takes_words(heard, conversation)
    asked = questions.open_questions(heard, conversation if choosing else None)
    if not asked or (not number and (asked[0].check is not None or asked[0].answered)):
        return None
    if len(asked) > 1:
        heard.answer("which", lines=_which(heard, asked, NUMBER[said]))
        return "unclear", None
    case, check = asked[0].case, asked[0].check
    if check is not None:
        return _check(heard, check, int(NUMBER[said]))
    if case is None:
        assert conversation is not None
        return conversations.hear(heard, conversation, heard.text), None
    found = heard.session.get(Case, case)
    assert found is not None
    return _judge(heard, found, said)


def _check(heard: Heard, check: UUID, given: int) -> Taken:
    """Note an answer to our question about a promise, and say it back."""
    checks.answer(heard.session, check, resident_id=heard.resident, given=given, now=heard.now)
    heard.answer("checked", answer=str(given))
    return "check", None


def _which(heard: Heard, asked: list[questions.Question], digit: str) -> str:
    """What to send instead, a line each, the newest question first."""
    word = next(word for word, errand in heard.pack.guide.words.items() if errand == MENU)
    newest = sorted(asked, key=lambda question: question.at, reverse=True)
    return "\n".join(f"{question.reference or word} {digit}" for question in newest[:4])


def _is_for_menu(heard: Heard, conversation: Conversation, case: Case | None, words: str) -> bool:
    """Whether a text belongs to the open conversation and not to a case.

    Words that name a case go there. Words that no menu asks for go to the case we wrote about after its last screen.
    """
    if case is not None and has_words(words):
        return False
    if not has_words(heard.text) or conversations.takes_words(heard, conversation):
        return True
    return not _wrote_since(heard, conversation)


def _wrote_since(heard: Heard, conversation: Conversation) -> bool:
    """Whether the newest text we sent this number was about a case."""
    newest = heard.session.scalar(
        sa.select(Message.id)
        .where(Message.resident_id == heard.resident, Message.case_id.is_not(None))
        .order_by(Message.id.desc())
        .limit(1)
    )
    return newest is not None and bool(conversation.said) and newest > conversation.said[-1]


def _words(heard: Heard, case: Case | None, words: str) -> Taken:
    if case is None and drafts.add_words(heard.session, heard.vault, heard.resident, words, heard.now):
        if not heard.said_lately("draft_added", ADDED_QUIET):
            heard.answer("draft_added")
        return "draft", None
    case = case or _last_written_about(heard)
    if case is not None:
        return "case", _add_words(heard, case, words)
    if not heard.pack.guide.ussd_code:
        conversations.begin(heard, MENU)  # there is nothing to dial: the menus come to who writes
    elif not heard.said_lately("stranger", STRANGER_QUIET):
        heard.answer("stranger")
    return "triage", None


def _judge(heard: Heard, case: Case, said: str) -> Taken:
    try:
        voice.answer_solved(
            heard.session,
            heard.pack,
            case_id=case.id,
            holder=voice.Holder(heard.resident),
            solved=said,
            now=heard.now,
        )
    except TransitionNotAllowed:
        return "case", _add_words(heard, case, heard.text)  # the question is closed: keep the answer as words
    project_by_id(heard.session, heard.pack, case.id)
    heard.answer({"yes": "solved1", "partly": "solved2", "no": "solved3"}[said], case.id, ref=case.reference)
    return "case", case.id


def _last_written_about(heard: Heard) -> Case | None:
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


def _add_words(heard: Heard, case: Case, words: str) -> UUID:
    voice.resident_wrote(
        heard.session,
        heard.vault,
        case_id=case.id,
        holder=voice.Holder(heard.resident),
        text=words,
        language=heard.language,
        channel="sms",
        now=heard.now,
    )
    project_by_id(heard.session, heard.pack, case.id)
    if case.privacy == "sms" and not heard.said_lately("added", ADDED_QUIET, case.id):
        heard.answer("added", case.id, ref=case.reference)
    return case.id
