"""Finding a case by a word of its sealed words: each word is kept as a keyed hash, beside the case's id.

Who has a copy of the tables and not the key sees which cases share words and how often each occurs, and no word; common
words can be guessed from how common they are. With the key, every word of a dictionary can be tried.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.cases.models import Case, CaseEvent
from gateway.cases.records import CaseTerm
from gateway.residents.sealing import Vault

SHORTEST, MOST = 3, 400
"""Letters of the shortest word that is kept, and how many different words of one text are."""

_ACCENT, _JOINT = re.compile(r"[\u0300-\u036f]"), re.compile(r"[^\w]")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def words(text: str) -> list[str]:
    """The different words of a text in one spelling: lower case, without accents, apostrophes and hyphens."""
    plain = text.lower() if text.isascii() else _ACCENT.sub("", unicodedata.normalize("NFKD", text).casefold())
    found = [word if word.isalnum() else _JOINT.sub("", word) for word in _WORD.findall(plain)]
    return list(dict.fromkeys(word for word in found if len(word) >= SHORTEST))[:MOST]


def terms(vault: Vault, text: str) -> list[int]:
    """The keyed hashes of a text's words, as signed 64-bit numbers."""
    return [_term(vault, word) for word in words(text)]


def _term(vault: Vault, word: str) -> int:
    return int.from_bytes(vault.lookup.digest("case_term", word)[:8], "big", signed=True)


def holds(vault: Vault, asked: str) -> sa.ColumnElement[bool]:
    """The condition that a case's words hold every word of `asked`; false when it has none."""
    wanted = terms(vault, asked)
    if not wanted:
        return sa.false()
    return sa.and_(*(sa.exists().where(CaseTerm.term == term, CaseTerm.case_id == Case.id) for term in wanted))


def add(session: Session, vault: Vault, case: UUID, text: str) -> None:
    """Words that joined a case can be searched by too."""
    rows = [{"term": term, "case_id": case} for term in terms(vault, text)]
    if rows:
        session.execute(insert(CaseTerm).values(rows).on_conflict_do_nothing())


def backfill(session: Session, vault: Vault, after: UUID | None, limit: int = 500) -> UUID | None:
    """Index up to `limit` cases that have no words yet, after the id `after`; the last id seen, None at the end."""
    statement = sa.select(Case.id, Case.story_sealed).order_by(Case.id).limit(limit)
    if after is not None:
        statement = statement.where(Case.id > after)
    batch = session.execute(statement).all()
    ids = [row.id for row in batch]
    known = set(session.scalars(sa.select(CaseTerm.case_id).where(CaseTerm.case_id.in_(ids)).distinct()))
    for row in batch:
        if row.id not in known:
            add(session, vault, row.id, vault.sealer.open(row.story_sealed, f"cases.story:{row.id}"))
    _add_later_words(session, vault, [id_ for id_ in ids if id_ not in known])
    return ids[-1] if ids else None


def _add_later_words(session: Session, vault: Vault, cases: Collection[UUID]) -> None:
    later = session.execute(
        sa.select(CaseEvent.id, CaseEvent.case_id, CaseEvent.text_sealed).where(
            CaseEvent.case_id.in_(cases), CaseEvent.kind == "resident_wrote", CaseEvent.text_sealed.is_not(None)
        )
    )
    for row in later:
        add(session, vault, row.case_id, vault.sealer.open(row.text_sealed, f"case_events.text:{row.id}"))
