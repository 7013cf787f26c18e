"""STOP and START: what a resident hears of at all: promises, notices, and answers to their own cases."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from gateway.broadcasts import readers
from gateway.commitments import answerers, follows
from gateway.residents import service as residents


def stop(session: Session, resident: UUID, *, everything: bool, now: datetime) -> None:
    """End all follows, notices and broadcasts; with `everything`, answers to one's own cases too."""
    residents.stop_messages(session, resident, everything=everything, now=now)
    follows.stop(session, resident, now)
    readers.notices.stop(session, resident, now)
    answerers.asked.stop(session, resident, now)


def start(session: Session, resident: UUID) -> None:
    """Undo a stop: SMS come again, and so do the follows and notices that the stop ended."""
    residents.start_messages(session, resident)
    follows.start(session, resident)
    readers.notices.start(session, resident)
    answerers.asked.start(session, resident)
