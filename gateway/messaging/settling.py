"""Writing down what came of a call, in bulk: one statement for all its messages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gateway.channels import sends
from gateway.channels.base import Outcome
from gateway.messaging import reports
from gateway.messaging.models import ChannelState, ProviderCall, among
from gateway.messaging.outcomes import FIRST_RETRY, Decision, Do, backoff, decide
from gateway.messaging.sending import Claimed, Departed
from gateway.messaging.states import FINAL, State, allowed
from gateway.residents.models import Resident

log = structlog.get_logger(__name__)

STATES = {
    Do.ACCEPT: State.ACCEPTED,
    Do.RETRY: State.OWED,
    Do.UNKNOWN: State.UNKNOWN,
    Do.FINAL: State.FAILED,
    Do.HOLD: State.HELD,
    Do.STOP: State.OWED,
    Do.PAUSE: State.OWED,
}
"""Where each decision leaves the message."""

# A message that the sweep gave up in the meantime is unknown by now; an answer that comes late still counts.
_WRITE = sa.text("""
    UPDATE messages AS m
    SET state = v.state, reason = v.reason, not_before = coalesce(v.not_before, m.not_before),
        attempts = m.attempts + 1, possible_repeat = m.possible_repeat OR v.repeat,
        provider_message_id = coalesce(v.provider_id, m.provider_message_id), segments = v.segments,
        cost = coalesce(m.cost + v.cost, v.cost, m.cost), currency = coalesce(v.currency, m.currency),
        sent_at = v.sent_at, final_at = v.final_at, lease = NULL, leased_until = NULL
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS v(
        id uuid, state text, reason text, not_before timestamptz, repeat boolean, provider_id text, segments smallint,
        cost numeric, currency text, sent_at timestamptz, final_at timestamptz, late boolean)
    WHERE m.id = v.id AND (m.state = 'leased' OR (m.state = 'unknown' AND v.late))
    RETURNING m.id, m.state, m.reason
""")


def settle(
    session: Session,
    departed: Departed,
    outcomes: Sequence[Outcome],
    now: datetime,
    first_retry: timedelta = FIRST_RETRY,
) -> list[tuple[str, str]]:
    """Write what the provider said of each message of a call, and end the call. Returns (state, reason) of each.

    What may be tried again waits for `first_retry`, then doubling.
    Also stops or rests the channel, marks numbers that cannot be reached, and applies reports that came first.
    """
    said = {outcome.number: outcome for outcome in outcomes}
    decided = [
        (one, said[number], decide(said[number].layer, said[number].code))
        for one in departed.call.messages
        if (number := departed.numbers.get(one.id)) in said
    ]
    rows = [_row(departed, one, outcome, decision, now, first_retry) for one, outcome, decision in decided]
    written = _write(session, rows)
    for decision in {decision for _, _, decision in decided}:
        _change_channel(session, decision, now)
    _mark_unreachable(session, (one.resident_id for one, _, decision in decided if decision.unreachable), now)
    reports.match_by_id(session, [row["provider_id"] for row in rows if row["provider_id"]], now)
    session.execute(_ENDED, {"ended": departed.id})
    return written


_ENDED = sa.delete(cast("sa.Table", ProviderCall.__table__)).where(ProviderCall.id == sa.bindparam("ended"))


def _row(
    departed: Departed, one: Claimed, outcome: Outcome, decision: Decision, now: datetime, first_retry: timedelta
) -> dict[str, Any]:
    state = STATES[decision.do]
    tries = one.attempts + 1
    if decision.do is Do.RETRY and tries >= decision.tries:
        state = State.FAILED
    # While the channel rests nothing leaves anyway; once staff let it go on, nothing should wait.
    wait = backoff(tries, first_retry) if decision.do is Do.RETRY else timedelta()
    return {
        "id": str(one.id),
        "state": state,
        "reason": decision.reason,
        "not_before": (now + wait).isoformat() if state is State.OWED else None,
        "repeat": decision.repeat and state is State.OWED,
        "provider_id": outcome.provider_id,
        "segments": departed.call.segments,
        "cost": str(outcome.cost) if outcome.cost is not None else None,
        "currency": outcome.currency,
        "sent_at": departed.left_at.isoformat(),  # its report may be here before the answer is
        "final_at": now.isoformat() if state in FINAL else None,
        "late": allowed(State.UNKNOWN, state),
    }


def _write(session: Session, rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """One statement. A provider that gives an id twice loses the match of its reports, not the messages."""
    try:
        with session.begin_nested():
            found = session.execute(_WRITE, {"rows": json.dumps(rows)})
    except IntegrityError:
        log.error("provider_id_repeated", channel=sends(session))
        plain = [row | {"provider_id": None} for row in rows]
        found = session.execute(_WRITE, {"rows": json.dumps(plain)})
    return [(row.state, row.reason) for row in found]


def _change_channel(session: Session, decision: Decision, now: datetime) -> None:
    """Stop the channel, or let it rest."""
    if decision.do is Do.STOP:
        values: dict[str, Any] = {"stopped_reason": decision.reason}
        log.error("channel_stopped", channel=sends(session), reason=decision.reason)
    elif decision.rest > timedelta():
        values = {"paused_until": now + decision.rest, "paused_reason": decision.reason}
        log.warning(
            "channel_rests", channel=sends(session), reason=decision.reason, seconds=decision.rest.total_seconds()
        )
    else:
        return
    statement = insert(ChannelState).values(channel=sends(session), changed_at=now, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["channel"], set_={**values, "changed_at": now}))


def _mark_unreachable(session: Session, found: Iterable[UUID], now: datetime) -> None:
    unreachable = list(found)
    if unreachable:
        session.execute(
            sa.update(Resident)
            .where(among(Resident.id, unreachable), Resident.unreachable_since.is_(None))
            .values(unreachable_since=now)
            .execution_options(synchronize_session=False)
        )
