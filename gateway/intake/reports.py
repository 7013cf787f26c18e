"""What the aggregator tells by itself: delivery reports, opt-outs, ends of sessions. Each may come more than once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.channels.base import Report, SessionEnded
from gateway.commitments import stopping
from gateway.intake.models import SessionEnd
from gateway.messaging.reports import apply_reports
from gateway.residents import service as residents
from gateway.residents.sealing import Vault


def take_reports(session: Session, told: Sequence[Report], *, channel: str, now: datetime, vault: Vault) -> int:
    """Keep delivery reports and move their messages along; how many were new. The numbers in them are not kept.

    A number is looked up in `vault`: it finds the message of a call that broke before its id came.
    """
    numbers = {report.number: _e164(report.number) for report in told if report.number}
    known = residents.known(session, vault, numbers.values())
    owners = [(report, known.get(numbers.get(report.number, ""))) for report in told]
    return apply_reports(session, owners, channel=channel, now=now)


def _e164(number: str) -> str:
    """A number that we sent to came back: it was E.164, whatever the provider makes of the plus."""
    return "+" + re.sub(r"[^0-9]", "", number)


def take_opt_out(session: Session, vault: Vault, number: str, *, now: datetime) -> bool:
    """Stop all broadcasts to a number (E.164), as if its owner had written STOP; whether we knew it.

    The operator's opt-out is about bulk texts: answers to one's own cases go on, as they do after STOP.
    """
    resident = residents.find(session, vault, number)
    if resident is None:
        return False
    stopping.stop(session, resident.id, everything=False, now=now)
    return True


def take_session_end(session: Session, ended: SessionEnded, *, session_key: bytes, channel: str, now: datetime) -> None:
    """Keep how a session ended, once a session; what a later event of it says is truer, what it leaves out is not."""
    if not ended.session_id:
        return
    values = {
        "channel": channel,
        "status": ended.status,
        "cost": ended.cost,
        "duration_ms": ended.duration_ms,
        "hops": ended.hops,
        "last_screen": ended.last_screen,
        "network": ended.network,
        "received_at": now,
    }
    statement = insert(SessionEnd).values(session_key=session_key, **values)
    told = {name: value for name, value in values.items() if value not in ("", None)}
    session.execute(statement.on_conflict_do_update(index_elements=["session_key"], set_=told))
