"""The audit trail: linked in the order of arrival, and a changed row is named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.orm import Session

from gateway.context import Context
from gateway.staff import audit
from gateway.staff.models import AuditEntry, AuditLink

LONG_AGO = sa.func.now() - timedelta(minutes=1)


def write(session: Session, *actions: str) -> None:
    for action in actions:
        session.add(AuditEntry(action=action, subject="KAK-2026-000001", data={"n": 1, "words": "é"}, at=LONG_AGO))
        session.flush()


@contextmanager
def owner_session(owner: sa.Engine) -> Iterator[Session]:
    with Session(owner) as session, session.begin():
        yield session


def test_entries_are_linked_once_and_verify(context: Context) -> None:
    with context.work() as session:
        write(session, "one", "two", "three")
    with context.work() as session:
        assert audit.link(session) == 3
    with context.work() as session:
        assert audit.link(session) == 0
        assert audit.verify(session) == audit.AuditVerdict(ok=True, linked=3, unlinked=0, first_broken=None)


def test_an_entry_is_left_to_settle(context: Context) -> None:
    with context.work() as session:
        audit.record(session, staff_id=None, action="just.now")
    with context.work() as session:
        assert audit.link(session) == 0
        assert audit.verify(session) == audit.AuditVerdict(ok=True, linked=0, unlinked=1, first_broken=None)


def test_a_transaction_that_commits_late_is_linked_by_position(context: Context) -> None:
    late, early = Session(context.engine), Session(context.engine)
    with late, early:
        write(late, "began first")
        write(early, "committed first")
        early.commit()
        with context.work() as session:
            assert audit.link(session) == 1
        late.commit()
    with context.work() as session:
        assert audit.link(session) == 1
        order = list(session.scalars(sa.select(AuditLink.entry_id).order_by(AuditLink.position)))
        assert order == sorted(order, reverse=True)
        assert audit.verify(session).ok


def test_an_entry_far_behind_is_linked_when_all_are_looked_at(context: Context) -> None:
    with context.work() as session:
        write(session, "old")
        session.execute(sa.insert(AuditEntry).values(id=200_000, action="new", at=LONG_AGO))
    with context.work() as session:
        session.execute(sa.insert(AuditLink).values(position=1, entry_id=200_000, digest=b"x"))
        assert audit.link(session) == 0
        assert audit.link(session, whole=True) == 1


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_entries SET subject = 'KAK-2026-000009' WHERE id = 2",
        "UPDATE audit_entries SET data = '{\"n\": 2}' WHERE id = 2",
        "UPDATE audit_entries SET at = at + interval '1 microsecond' WHERE id = 2",
        "UPDATE audit_links SET digest = sha256('x') WHERE entry_id = 2",
    ],
)
def test_the_first_changed_row_is_named(context: Context, owner: sa.Engine, change: str) -> None:
    with context.work() as session:
        write(session, "one", "two", "three", "four")
    with context.work() as session:
        audit.link(session)
    with owner_session(owner) as session:
        session.execute(sa.text(change))
    with context.work() as session:
        verdict = audit.verify(session)
    assert (verdict.ok, verdict.first_broken, verdict.linked) == (False, 2, 4)


def test_a_row_taken_out_breaks_the_next(context: Context, owner: sa.Engine) -> None:
    with context.work() as session:
        write(session, "one", "two", "three")
    with context.work() as session:
        audit.link(session)
    with owner_session(owner) as session:
        session.execute(sa.text("DELETE FROM audit_links WHERE entry_id = 2"))
        session.execute(sa.text("DELETE FROM audit_entries WHERE id = 2"))
    with context.work() as session:
        assert audit.verify(session).first_broken == 3


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET action = 'x'",
        "DELETE FROM audit_entries",
        "TRUNCATE audit_entries CASCADE",
        "UPDATE audit_links SET digest = ''",
        "DELETE FROM audit_links",
    ],
)
def test_the_application_can_only_add(context: Context, statement: str) -> None:
    with pytest.raises(exc.ProgrammingError, match="permission denied"), context.work() as session:
        session.execute(sa.text(statement))


def test_two_linkers_at_once_make_one_chain(context: Context) -> None:
    with context.work() as session:
        write(session, "one", "two")
    first, second = Session(context.engine), Session(context.engine)
    with first, second:
        assert audit.link(first) == 2
        assert audit.link(second) == 0
        first.commit()
        second.commit()
    with context.work() as session:
        assert audit.verify(session).ok
