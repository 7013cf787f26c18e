"""Growing delay after failures, kept in Postgres so that no restart forgives, by account and by address."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.errors import TooManyTries
from gateway.residents.models import Instant
from gateway.staff.models import SignInTries

FREE = 3
"""Failures of an account without a wait: fingers slip."""

FREE_ADDRESS = 20
"""Failures from one address without a wait: a whole office may share it."""

LONGEST = timedelta(minutes=5)
"""The wait stops growing here: whoever fails on purpose in a colleague's name must not lock them out for a day."""

FORGET = timedelta(hours=12)
"""After so long without a try the count begins anew."""


def count_try(session: Session, subject: bytes, now: datetime, *, free: int = FREE) -> None:
    """Count a try before it is judged, so that many at once are many. Raises `TooManyTries` with the seconds to wait.

    A subject is a keyed hash, of one that exists or not alike: the wait tells nobody who is staff.
    """
    since = sa.case((SignInTries.tried_at < now - FORGET, 0), else_=SignInTries.failures)
    grown = sa.func.least(sa.func.power(2, sa.func.greatest(since - free + 1, 0)) - 1, LONGEST.total_seconds())
    wait = sa.func.make_interval(0, 0, 0, 0, 0, 0, grown)
    statement = insert(SignInTries).values(subject=subject, failures=1, tried_at=now, wait_until=now)
    counted = session.scalar(
        statement.on_conflict_do_update(
            index_elements=["subject"],
            set_={
                "failures": sa.func.least(since + 1, 1000),
                "tried_at": now,
                "wait_until": sa.literal(now, Instant) + wait,
            },
            where=SignInTries.wait_until <= now,
        ).returning(SignInTries.failures)
    )
    if counted is None:
        until = session.scalar(sa.select(SignInTries.wait_until).where(SignInTries.subject == subject))
        raise TooManyTries(wait=max(1, round((until - now).total_seconds())) if until else 1)


def forgive(session: Session, *subjects: bytes) -> None:
    """A try that was right ends the count."""
    session.execute(sa.delete(SignInTries).where(SignInTries.subject.in_(subjects)))
