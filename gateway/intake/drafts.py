"""Drafts: words typed and not yet sent. They are in Postgres before the next screen shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic_core import from_json, to_json
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.ids import new_id
from gateway.intake.models import Draft
from gateway.residents.sealing import Vault
from gateway.statements import constant, insert_selected
from menus.engine import State


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A text of a session and the state after it."""

    text: str
    state: State


def _place(session_key: bytes) -> str:
    return f"drafts.checkpoint:{session_key.hex()}"


def _seal(vault: Vault, key: bytes, text: str, state: State, *, forget: tuple[str, ...] = ()) -> bytes:
    told = state.to_json()
    for name in forget:
        told["answers"].pop(name, None)
    mark = vault.lookup.digest("draft", text).hex()
    return _box(vault, key, {"mark": mark, "state": told})


def _box(vault: Vault, key: bytes, body: Any) -> bytes:
    return vault.sealer.seal_bytes(to_json(body), _place(key))


def _body(vault: Vault, key: bytes, sealed: bytes) -> Any:
    """What `_box` sealed for a session: {mark, state}."""
    return from_json(vault.sealer.open_bytes(sealed, _place(key)))


_RENEWED = ("sms_wanted", "consumed", "checkpoint_sealed", "language", "updated_at", "expires_at")

SAVED: Mapping[str, Any] = {f"draft_{name}": getattr(Draft, name) for name in ("id", "session_key", *_RENEWED)}
"""What `saving` is given, by the columns it is for; `saving_values` makes it."""


def saving(rows: sa.CTE, source: sa.FromClause, resident: sa.ColumnElement[Any]) -> Any:
    """Keep the states of sessions: a part of a statement over `rows`.

    `source` is `rows`, or `rows` joined to where `resident` comes from.
    """
    columns: dict[str, sa.ColumnElement[Any]] = {
        "resident_id": resident,
        "status": constant("open"),
        "created_at": rows.c.draft_updated_at,
        "case_id": sa.null(),
    }
    columns |= {name.removeprefix("draft_"): rows.c[name] for name in SAVED}
    statement = insert_selected(Draft, columns, source)
    values = {name: statement.excluded[name] for name in ("resident_id", "status", "case_id", *_RENEWED)}
    # A late repeat of an earlier hop never takes a draft back.
    later = Draft.consumed < statement.excluded.consumed
    return statement.on_conflict_do_update(index_elements=["session_key"], set_=values, where=later)


def saving_values(
    vault: Vault, *, key: bytes, text: str, state: State, sms_wanted: bool, days: int, now: datetime
) -> dict[str, Any]:
    """What `saving` is given: the state after `text`."""
    return {
        "draft_id": new_id(),
        "draft_session_key": key,
        "draft_sms_wanted": sms_wanted,
        "draft_consumed": len(text),
        "draft_checkpoint_sealed": _seal(vault, key, text, state),
        "draft_language": state.language,
        "draft_updated_at": now,
        "draft_expires_at": now + timedelta(days=days),
    }


_CLOSED = ("session_key", "consumed", "checkpoint_sealed", "updated_at")

CLOSED: Mapping[str, Any] = {f"draft_{name}": getattr(Draft, name) for name in _CLOSED}
"""What `closing` is given, by the columns it is for; `closing_values` makes it."""


def closing(rows: sa.CTE, case: sa.ColumnElement[Any]) -> sa.Update:
    """The drafts of sessions were filed: their words go, where they stand stays. A part of a statement over `rows`.

    Whose case `case` is among `rows`, the caller adds as a condition.
    """
    return (
        sa.update(Draft)
        .where(Draft.session_key == rows.c.draft_session_key)
        .values(
            status=constant("filed"),
            consumed=rows.c.draft_consumed,
            checkpoint_sealed=rows.c.draft_checkpoint_sealed,
            updated_at=rows.c.draft_updated_at,
            case_id=case,
        )
    )


def closing_values(vault: Vault, *, key: bytes, text: str, state: State, now: datetime) -> dict[str, Any]:
    """What `closing` is given: the state after `text`, without the story."""
    return {
        "draft_session_key": key,
        "draft_consumed": len(text),
        "draft_checkpoint_sealed": _seal(vault, key, text, state, forget=("story",)),
        "draft_updated_at": now,
    }


def keep_cut(session: Session, vault: Vault, key: bytes, text: str, state: State, *, days: int, now: datetime) -> None:
    """Keep where `text` led, of which answers were dropped. No word need be typed yet; whose draft it is stays."""
    values = saving_values(vault, key=key, text=text, state=state, sms_wanted=False, days=days, now=now)
    columns = {name.removeprefix("draft_"): value for name, value in values.items()}
    statement = insert(Draft).values(**columns, status="open", created_at=now)
    moved = {name: statement.excluded[name] for name in ("consumed", "checkpoint_sealed")}
    later = sa.and_(Draft.consumed < statement.excluded.consumed, Draft.status == "open")
    session.execute(statement.on_conflict_do_update(index_elements=["session_key"], set_=moved, where=later))


def set_aside(session: Session, vault: Vault, key: bytes, began: int) -> None:
    """Let words of another errand of this session stay a draft of their own, if their writer can be offered it.

    Afterwards the session's draft may be saved anew. Words of who is not kept could never be found again.
    """
    row = session.scalar(
        sa.select(Draft)
        .where(Draft.session_key == key, Draft.status == "open", Draft.resident_id.is_not(None))
        .with_for_update()
    )
    if row is None:
        return
    body = _body(vault, key, row.checkpoint_sealed)
    if body["state"]["began"] == began:
        return
    row.session_key = vault.lookup.digest("aside", str(row.id))
    row.checkpoint_sealed = _box(vault, row.session_key, body)
    session.flush()


def take_by_sms(session: Session, key: bytes, resumed: UUID | None, resident: UUID | None) -> None:
    """Let the resident's texts join this session's draft, or the one of theirs that it took up again."""
    theirs = sa.and_(Draft.id == resumed, Draft.resident_id == resident) if resumed and resident else sa.false()
    session.execute(
        sa.update(Draft).where(sa.or_(Draft.session_key == key, theirs), Draft.status == "open").values(by_sms=True)
    )


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
    body = _body(vault, draft.session_key, draft.checkpoint_sealed)
    answers = body["state"]["answers"]
    answers["story"] = f"{answers.get('story', '')} {words}".strip()
    draft.checkpoint_sealed = _box(vault, draft.session_key, body)
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


def words_after(session: Session, vault: Vault, draft_id: UUID, resident: UUID, heard: int) -> str:
    """What texts have joined to an open draft of this resident beyond the first `heard` characters."""
    row = session.scalar(
        sa.select(Draft)
        .where(Draft.id == draft_id, Draft.resident_id == resident, Draft.status == "open", Draft.by_sms)
        .with_for_update()
    )
    if row is None:
        return ""
    story: str = offered(vault, row.id, row.session_key, row.checkpoint_sealed)["state"]["answers"].get("story", "")
    return story[heard:].strip()


def discard(
    session: Session,
    draft_id: UUID,
    resident: UUID,
    now: datetime,
    *,
    case_id: UUID | None = None,
    by_sms: bool = True,
) -> None:
    """Forget an open draft of this resident, or mark what it was filed as; `by_sms`: also one that texts may join."""
    status = "filed" if case_id else "deleted"
    session.execute(
        sa.update(Draft)
        .where(Draft.id == draft_id, Draft.resident_id == resident, Draft.status == "open")
        .where(sa.true() if by_sms else ~Draft.by_sms)
        .values(status=status, updated_at=now, case_id=case_id, checkpoint_sealed=b"")
    )


def erase(session: Session, draft_id: UUID, resident: UUID) -> None:
    """Delete an open draft of this resident, and with it that it was theirs."""
    session.execute(sa.delete(Draft).where(Draft.id == draft_id, Draft.resident_id == resident, Draft.status == "open"))


def checkpoint(session: Session, vault: Vault, key: bytes, text: str) -> Checkpoint | None:
    """Where this session's draft stands, if `text` goes on from there."""
    row = session.execute(
        sa.select(Draft.consumed, Draft.checkpoint_sealed).where(Draft.session_key == key)
    ).one_or_none()
    if row is None or not row.checkpoint_sealed or len(text) < row.consumed:
        return None
    heard = text[: row.consumed]
    body = _body(vault, key, row.checkpoint_sealed)
    if body["mark"] != vault.lookup.digest("draft", heard).hex():
        return None
    if len(text) > len(heard) and text[len(heard)] != "*":
        return None
    return Checkpoint(heard, State.from_json(body["state"]))


def offered(vault: Vault, draft: UUID, session_key: bytes, sealed: bytes) -> dict[str, Any]:
    """An open draft as it is offered at dial: {id, state}."""
    return {"id": str(draft), "state": _body(vault, session_key, sealed)["state"]}


def expire(session: Session, now: datetime) -> int:
    """Delete drafts past their time; how many."""
    gone = session.execute(sa.delete(Draft).where(Draft.expires_at <= now).returning(Draft.id))
    return len(gone.all())
