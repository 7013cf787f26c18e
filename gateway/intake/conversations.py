"""Menus by SMS: each text is one answer, the next screen is owed as a text. Between them the state lies in Postgres.

A conversation belongs to one resident and is locked while a text is heard: texts that come at once follow each other.
One brought twice is heard once, by the unique id of its inbound row. Who chooses that the number is not kept is erased
when the last text has left: the conversation, its texts both ways, and the number if nothing else needs it.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.errors import BarazaError
from gateway.ids import new_id
from gateway.intake.caller import Caller
from gateway.intake.effects import perform
from gateway.intake.facts import FACTS
from gateway.intake.heard import Heard
from gateway.intake.models import Conversation, DeliveryReport, InboundMessage
from gateway.intake.paths import Path, note_said
from gateway.messaging import hands
from gateway.messaging.models import Message, ProviderCall, among
from gateway.messaging.states import State as MessageState
from gateway.residents import service as residents
from gateway.residents.models import Resident
from gateway.residents.sealing import Vault
from menus import by_sms
from menus.engine import State, Turn, missing
from menus.fold import Due
from menus.guide import Guide

UNSENT = (MessageState.OWED, MessageState.HELD)
"""A message in one of these states has not left, unless its call is under way."""

PATIENCE = timedelta(days=1)
"""How long the last text to who is not kept may wait to leave; then it is given up with all the rest."""


def find(heard: Heard) -> Conversation | None:
    """The open conversation of who sent this, locked; texts of one number are heard one after the other."""
    resident = sa.select(Resident.id).where(Resident.id == heard.resident)
    heard.session.execute(resident.with_for_update(key_share=True))
    return heard.session.scalar(
        sa.select(Conversation).where(
            Conversation.resident_id == heard.resident,
            Conversation.status == "open",
            Conversation.expires_at > heard.now,
        )
    )


def begin(heard: Heard, errand: str) -> None:
    """Begin at the first screen of an errand, or at the main menu; what was open before is over."""
    leave(heard.session, Conversation.resident_id == heard.resident, Conversation.status == "open")
    conversation = Conversation(
        id=new_id(),
        resident_id=heard.resident,
        status="open",
        not_kept=False,
        version=heard.pack.version,
        steps=0,
        state_sealed=b"",
        heard=[heard.row],
        said=[],
        began_at=heard.now,
        expires_at=heard.now,
    )
    heard.session.add(conversation)
    heard.session.flush()
    guide = by_sms.of_sms(heard.pack.guide)
    profile: dict[str, Any] = dict(FACTS["profile"](_caller(heard, conversation, State("entry.dial", ""))))
    if not any(profile[name] for name in ("cases", "follows", "draft", "ward")):
        profile["language"] = ""  # only a guess of ours so far, from the first text that came: ask
    _go_on(heard, conversation, Turn(by_sms.begin(profile, guide, errand)), guide)


def hear(heard: Heard, conversation: Conversation, typed: str) -> str:
    """Take a text as the answer to the screen; the disposition of its row."""
    conversation.heard = [*conversation.heard, heard.row]
    if conversation.version != heard.pack.version:
        language = stands(heard.vault, conversation).language
        _say(heard, conversation, State("end.changed", language), by_sms.of_sms(heard.pack.guide))
        return "menu"
    if not by_sms.has_words(typed) and _unseen(heard, conversation):
        return "early"
    guide = by_sms.of_sms(heard.pack.guide)
    conversation.steps += 1
    turn = by_sms.hear(stands(heard.vault, conversation), typed, guide, position=conversation.steps)
    _go_on(heard, conversation, turn, guide)
    return "menu"


def takes_words(heard: Heard, conversation: Conversation) -> bool:
    """Whether what is asked now is words; a conversation of another version only waits to be told so."""
    if conversation.version != heard.pack.version:
        return False
    return not by_sms.takes_choice(stands(heard.vault, conversation), by_sms.of_sms(heard.pack.guide))


def _unseen(heard: Heard, conversation: Conversation) -> bool:
    """Whether the last screen has not left yet: then this cannot be an answer to it."""
    if not conversation.said:
        return False
    left = sa.select(sa.func.unnest(ProviderCall.message_ids)).where(ProviderCall.left_at.is_not(None))
    waits = sa.select(Message.id).where(
        Message.id == conversation.said[-1], Message.state.in_(UNSENT), Message.id.not_in(left)
    )
    return heard.session.scalar(waits) is not None


def _go_on(heard: Heard, conversation: Conversation, turn: Turn, guide: Guide) -> None:
    """Do what the answer asks for, fetch what the next screen needs, and owe it. What cannot be done is said so."""
    try:
        with heard.session.begin_nested():
            state = _arrive(heard, conversation, turn)
    except BarazaError:
        state = State("end.notsaved", turn.state.language)
    conversation.not_kept = conversation.not_kept or state.answers.get("privacy") == "not_kept"
    _say(heard, conversation, state, guide)


def _arrive(heard: Heard, conversation: Conversation, turn: Turn) -> State:
    state, gained = turn.state, dict[str, Any]()
    caller = _caller(heard, conversation, state)
    for effect in turn.effects:
        gained |= perform(caller, Due(effect, conversation.steps, state.began))
    for want in missing(state):
        gained[want] = gained[want] if want in gained else FACTS[want](caller)
    return state._replace(facts=MappingProxyType({**state.facts, **gained}))


def _caller(heard: Heard, conversation: Conversation, state: State) -> Caller:
    """The resident as effects and facts know callers. The text they see grows by a mark an answer: it orders drafts."""
    return Caller(
        session=heard.session,
        vault=heard.vault,
        pack=heard.pack,
        now=heard.now,
        channel=heard.channel,
        way="sms",
        number=heard.number,
        key=_key(heard.vault, conversation),
        text="." * conversation.steps,
        state=state,
    )


def _key(vault: Vault, conversation: Conversation) -> bytes:
    """What stands for a session's key. A conversation's id is forgotten with it: then it leads nowhere."""
    return vault.lookup.digest("conversation", str(conversation.id))


def _say(heard: Heard, conversation: Conversation, state: State, guide: Guide) -> None:
    """Owe the screen, and keep where the conversation stands or end it. One that was not seen yet gives way to it."""
    text, ends = by_sms.said(state, guide)
    if conversation.said:
        _take_back(heard.session, conversation.said[-1], heard.now)
    if state.screen != "end.receipt":  # the receipt has a text of its own
        message = heard.answer("screen", language=state.language, text=text)
        conversation.said = [*conversation.said, message] if message else conversation.said
    path = Path(heard.now, heard.now, state.screen, conversation.steps, ends, {state.screen})
    note_said(heard.session, _key(heard.vault, conversation), path, channel=heard.channel)
    conversation.expires_at = heard.now + timedelta(hours=heard.pack.about.limits.conversation_hours)
    conversation.state_sealed = _seal(heard.vault, conversation.id, state)
    heard.session.flush()
    if ends:
        leave(heard.session, Conversation.id == conversation.id)


def _take_back(session: Session, message: UUID, now: datetime) -> None:
    free = hands.lock_free(session, sa.select(Message.id).where(Message.id == message, hands.FREE))
    session.execute(
        sa.update(Message)
        .where(among(Message.id, free))
        .values(state=MessageState.SUPPRESSED, reason="overtaken", final_at=now)
        .execution_options(synchronize_session=False)
    )


def _place(conversation: UUID) -> str:
    return f"conversations.state:{conversation}"


def _seal(vault: Vault, conversation: UUID, state: State) -> bytes:
    """The state with the facts that gave its digits their meaning."""
    body = {"state": state.to_json(), "facts": dict(state.facts)}
    return vault.sealer.seal(json.dumps(body, default=dict), _place(conversation))


def stands(vault: Vault, conversation: Conversation) -> State:
    """Where a conversation stands."""
    body = json.loads(vault.sealer.open(conversation.state_sealed, _place(conversation.id)))
    return State.from_json(body["state"])._replace(facts=MappingProxyType(body["facts"]))


def leave(session: Session, *which: sa.ColumnElement[bool]) -> None:
    """End conversations: forgotten at once, or, where the number is not kept, with all they said once it has left."""
    session.execute(
        sa.update(Conversation)
        .where(*which, Conversation.not_kept)
        .values(status="leaving", state_sealed=b"")
        .execution_options(synchronize_session=False)
    )
    session.execute(
        sa.delete(Conversation).where(*which, ~Conversation.not_kept).execution_options(synchronize_session=False)
    )


def forget(session: Session, now: datetime, *, limit: int = 200) -> int:
    """End what has expired; erase those whose number is not kept and whose last text has left. How many of these."""
    leave(session, Conversation.status == "open", Conversation.expires_at <= now)
    waiting = sa.exists().where(
        Message.id == sa.any_(Conversation.said), Message.state.in_([*UNSENT, MessageState.UNKNOWN])
    )
    gone = session.scalars(
        sa.select(Conversation)
        .where(Conversation.status == "leaving", sa.or_(~waiting, Conversation.expires_at <= now - PATIENCE))
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for conversation in gone:
        _erase(session, conversation)
    return len(gone)


def _erase(session: Session, conversation: Conversation) -> None:
    """Nothing that was said or heard stays, and no way from the case to the number."""
    reported = among(DeliveryReport.message_id, conversation.said)
    quietly = {"synchronize_session": False}
    session.execute(
        sa.update(DeliveryReport).where(reported).values(message_id=None, resident_id=None).execution_options(**quietly)
    )
    session.execute(sa.delete(Message).where(among(Message.id, conversation.said)).execution_options(**quietly))
    resident = conversation.resident_id
    repeated = sa.and_(
        InboundMessage.resident_id == resident,
        InboundMessage.disposition == "ignored",
        InboundMessage.received_at >= conversation.began_at,
    )
    session.execute(
        sa.update(InboundMessage)
        .where(sa.or_(among(InboundMessage.id, conversation.heard), repeated))
        .values(resident_id=None, text_sealed=b"", content_digest=None, disposition="erased")
        .execution_options(**quietly)
    )
    session.delete(conversation)
    session.flush()
    residents.forget_unused(session, Resident.id == resident)
