"""Drafts: words typed and not yet sent. They are in Postgres before the next screen shows."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.database import run, table_of
from gateway.ids import new_id
from gateway.intake.models import Draft
from gateway.residents.sealing import Vault
from menus.engine import State


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A text of a session and the state after it."""

    text: str
    state: State


def _place(session_key: bytes) -> str:
    return f"drafts.checkpoint:{session_key.hex()}"


def _seal(vault: Vault, key: bytes, text: str, state: State, *, forget: tuple[str, ...] = ()) -> bytes:
    mark = vault.lookup.digest("draft", text).hex()
    state = replace(state, answers={name: value for name, value in state.answers.items() if name not in forget})
    return vault.sealer.seal(json.dumps({"mark": mark, "state": state.to_json()}), _place(key))


DRAFTS = table_of(Draft)
_SAVE = insert(DRAFTS)
_SAVE = _SAVE.on_conflict_do_update(
    index_elements=["session_key"],
    set_={
        name: _SAVE.excluded[name]
        for name in (
            "status",
            "resident_id",
            "sms_wanted",
            "consumed",
            "checkpoint_sealed",
            "language",
            "updated_at",
            "expires_at",
        )
    },
    where=DRAFTS.c.consumed < _SAVE.excluded.consumed,
)
_CLOSE = (
    sa.update(DRAFTS)
    .where(DRAFTS.c.session_key == sa.bindparam("whose"))
    .values({name: sa.bindparam(name) for name in ("status", "consumed", "checkpoint_sealed", "updated_at", "case_id")})
)


def save(
    session: Session,
    vault: Vault,
    *,
    key: bytes,
    text: str,
    state: State,
    resident: UUID | None,
    sms_wanted: bool,
    days: int,
    now: datetime,
) -> None:
    """Keep the state after `text`. A late repeat of an earlier hop never takes a draft back."""
    run(
        session,
        _SAVE,
        id=new_id(),
        session_key=key,
        created_at=now,
        status="open",
        resident_id=resident,
        sms_wanted=sms_wanted,
        consumed=len(text),
        checkpoint_sealed=_seal(vault, key, text, state),
        language=state.language,
        updated_at=now,
        expires_at=now + timedelta(days=days),
    )


def close(session: Session, vault: Vault, *, key: bytes, text: str, state: State, case_id: UUID, now: datetime) -> None:
    """The draft of this session was filed: its words go, where the session stands stays."""
    run(
        session,
        _CLOSE,
        whose=key,
        status="filed",
        consumed=len(text),
        checkpoint_sealed=_seal(vault, key, text, state, forget=("story",)),
        updated_at=now,
        case_id=case_id,
    )


def take_by_sms(session: Session, key: bytes) -> None:
    """Let the resident's texts join this session's draft."""
    session.execute(sa.update(Draft).where(Draft.session_key == key, Draft.status == "open").values(by_sms=True))


def add_words(session: Session, vault: Vault, resident: UUID, words: str, now: datetime) -> bool:
    """Join words that came by SMS to the draft that waits for them; whether there is one. It is not filed by this."""
    draft = session.scalar(
        sa.select(Draft)
        .where(Draft.resident_id == resident, Draft.status == "open", Draft.by_sms, Draft.expires_at > now)
        .order_by(Draft.updated_at.desc())
        .limit(1)
        .with_for_update()
    )
    if draft is None:
        return False
    place = _place(draft.session_key)
    body = json.loads(vault.sealer.open(draft.checkpoint_sealed, place))
    answers = body["state"]["answers"]
    answers["story"] = f"{answers.get('story', '')} {words}".strip()
    draft.checkpoint_sealed = vault.sealer.seal(json.dumps(body), place)
    draft.updated_at = now
    return True


def left_alone(session: Session, since: datetime, now: datetime, limit: int = 200) -> list[tuple[UUID, str]]:
    """Residents and languages of drafts untouched since then, each marked as mentioned: it is done once."""
    alone = (
        sa.select(Draft.id)
        .where(
            Draft.status == "open",
            Draft.sms_wanted,
            Draft.mentioned_at.is_(None),
            Draft.updated_at < since,
            Draft.expires_at > now,
            Draft.resident_id.is_not(None),
        )
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    marked = (
        sa.update(Draft)
        .where(Draft.id.in_(alone))
        .values(mentioned_at=now)
        .returning(Draft.resident_id, Draft.language)
        .execution_options(synchronize_session=False)
    )
    return [(row.resident_id, row.language) for row in session.execute(marked)]


def discard(session: Session, draft_id: UUID, resident: UUID, now: datetime, *, case_id: UUID | None = None) -> None:
    """Forget an open draft of this resident, or mark what it was filed as."""
    status = "filed" if case_id else "deleted"
    session.execute(
        sa.update(Draft)
        .where(Draft.id == draft_id, Draft.resident_id == resident, Draft.status == "open")
        .values(status=status, updated_at=now, case_id=case_id, checkpoint_sealed=b"")
    )


def checkpoint(session: Session, vault: Vault, key: bytes, text: str) -> Checkpoint | None:
    """Where this session's draft stands, if `text` goes on from there."""
    row = session.execute(
        sa.select(Draft.consumed, Draft.checkpoint_sealed).where(Draft.session_key == key)
    ).one_or_none()
    if row is None or not row.checkpoint_sealed or len(text) < row.consumed:
        return None
    heard = text[: row.consumed]
    body = json.loads(vault.sealer.open(row.checkpoint_sealed, _place(key)))
    if body["mark"] != vault.lookup.digest("draft", heard).hex():
        return None
    if len(text) > len(heard) and text[len(heard)] != "*":
        return None
    return Checkpoint(heard, State.from_json(body["state"]))


def unfinished(session: Session, vault: Vault, resident: UUID, now: datetime) -> dict[str, Any] | None:
    """The newest open draft to offer at dial: {id, state}."""
    row = session.execute(
        sa.select(Draft.id, Draft.session_key, Draft.checkpoint_sealed)
        .where(Draft.resident_id == resident, Draft.status == "open", Draft.expires_at > now)
        .order_by(Draft.updated_at.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    body = json.loads(vault.sealer.open(row.checkpoint_sealed, _place(row.session_key)))
    return {"id": str(row.id), "state": body["state"]}


def expire(session: Session, now: datetime) -> int:
    """Delete drafts past their time; how many."""
    gone = session.execute(sa.delete(Draft).where(Draft.expires_at <= now).returning(Draft.id))
    return len(gone.all())
