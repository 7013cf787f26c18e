"""Writing down what came of a call, in bulk: one statement for all its messages."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session

from gateway.channels import sends
from gateway.channels.base import Outcome
from gateway.messaging import reports
from gateway.messaging.models import ChannelState, among, ids_literal
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


@dataclass(frozen=True, slots=True)
class _End:
    """What one call came to for some of its messages."""

    decision: Decision
    state: State
    tries: int
    """Sends in all, this one counted."""
    cost: Decimal | None
    currency: str | None


# A message that the sweep gave up in the meantime is unknown by now; an answer that comes late still counts. The states
# stand in a CASE so that messages are found by their ids alone, as in `sending`.
_WRITE = sa.text("""
    UPDATE messages AS m
    SET state = :state, reason = :reason, not_before = coalesce(v.not_before, m.not_before),
        attempts = m.attempts + 1, possible_repeat = m.possible_repeat OR :repeat,
        provider_message_id = coalesce(v.provider_id, m.provider_message_id), segments = :segments,
        cost = coalesce(m.cost + :cost, :cost, m.cost), currency = coalesce(:currency, m.currency),
        sent_at = :sent_at, final_at = :final_at
    FROM ROWS FROM (
        unnest(CAST(:ids AS uuid[])), jsonb_array_elements_text(CAST(:provider_ids AS jsonb)),
        unnest(:not_before)) AS v(id, provider_id, not_before)
    WHERE m.id = v.id AND m.id = ANY(CAST(:ids AS uuid[]))
        AND CASE m.state WHEN 'owed' THEN :ours WHEN 'unknown' THEN :late ELSE false END
""").bindparams(
    sa.bindparam("state", type_=sa.Text),
    sa.bindparam("reason", type_=sa.Text),
    sa.bindparam("repeat", type_=sa.Boolean),
    sa.bindparam("segments", type_=sa.SmallInteger),
    sa.bindparam("cost", type_=sa.Numeric),
    sa.bindparam("currency", type_=sa.Text),
    sa.bindparam("sent_at", type_=sa.DateTime(timezone=True)),
    sa.bindparam("final_at", type_=sa.DateTime(timezone=True)),
    sa.bindparam("ids", type_=sa.Text),
    sa.bindparam("provider_ids", type_=sa.Text),
    sa.bindparam("not_before", type_=ARRAY(sa.DateTime(timezone=True))),
    sa.bindparam("ours", type_=sa.Boolean),
    sa.bindparam("late", type_=sa.Boolean),
)


def settle(
    session: Session,
    departed: Departed,
    outcomes: Sequence[Outcome],
    now: datetime,
    first_retry: timedelta = FIRST_RETRY,
) -> Counter[tuple[str, str]]:
    """Write what the provider said of each message of a call, and end the call. Returns how many are (state, reason).

    What may be tried again waits for `first_retry`, then doubling.
    Also stops or rests the channel, marks numbers that cannot be reached, and applies reports that came first. Raises
    IntegrityError when the provider gave an id twice; see `without_ids`.
    """
    # The call first, then its messages: the sweep takes them in the same order, and one of the two waits.
    ours = session.execute(_ENDED, {"ended": departed.call.id}).scalar() is not None
    ends = _ends(departed, outcomes)
    rows = [_row(departed, end, group, now, first_retry) | {"ours": ours} for end, group in ends.items()]
    written = _write(session, rows)
    for decision in {end.decision for end in ends}:
        _change_channel(session, decision, now)
    unreachable = [UUID(one.resident_id) for end in ends if end.decision.unreachable for one, _ in ends[end]]
    _mark_unreachable(session, unreachable, now)
    reports.match_by_id(session, [outcome.provider_id for outcome in outcomes if outcome.provider_id], now)
    return written


_ENDED = sa.text("DELETE FROM provider_calls WHERE id = :ended RETURNING id")


def _ends(departed: Departed, outcomes: Sequence[Outcome]) -> dict[_End, list[tuple[Claimed, str | None]]]:
    """The messages of a call, with the provider's ids, by what they came to: of a broadcast nearly always the same."""
    said = {outcome.number: outcome for outcome in outcomes}
    known: dict[tuple[Any, ...], _End] = {}
    ends: dict[_End, list[tuple[Claimed, str | None]]] = {}
    for one in departed.call.messages:
        outcome = said.get(departed.numbers.get(one.id, ""))
        if outcome is None:
            continue
        key = (outcome.layer, outcome.code, outcome.cost, outcome.currency, one.attempts)
        if key not in known:
            known[key] = _end(outcome, one.attempts + 1)
        ends.setdefault(known[key], []).append((one, outcome.provider_id))
    return ends


def _end(outcome: Outcome, tries: int) -> _End:
    decision = decide(outcome.layer, outcome.code)
    spent = decision.do is Do.RETRY and tries >= decision.tries
    return _End(decision, State.FAILED if spent else STATES[decision.do], tries, outcome.cost, outcome.currency)


def _row(
    departed: Departed, end: _End, group: list[tuple[Claimed, str | None]], now: datetime, first_retry: timedelta
) -> dict[str, Any]:
    again = end.state is State.OWED
    return {
        "ids": ids_literal(one.id for one, _ in group),
        "provider_ids": json.dumps([provider_id for _, provider_id in group]),
        "not_before": [now + _wait(end, first_retry) for _ in group] if again else [],
        "state": end.state.value,
        "reason": end.decision.reason,
        "repeat": end.decision.repeat and again,
        "segments": departed.call.segments,
        "cost": end.cost,
        "currency": end.currency,
        "sent_at": departed.left_at,  # its report may be here before the answer is
        "final_at": now if end.state in FINAL else None,
        "late": allowed(State.UNKNOWN, end.state),
    }


def _wait(end: _End, first_retry: timedelta) -> timedelta:
    """While the channel rests nothing leaves anyway; once staff let it go on, nothing should wait."""
    return backoff(end.tries, first_retry) if end.decision.do is Do.RETRY else timedelta()


def _write(session: Session, rows: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """A statement for each end."""
    written: Counter[tuple[str, str]] = Counter()
    for row in rows:
        result = cast("sa.CursorResult[Any]", session.execute(_WRITE, row))
        written[row["state"], row["reason"]] += result.rowcount
    return written


def without_ids(departed: Departed, outcomes: Sequence[Outcome]) -> tuple[Departed, list[Outcome]]:
    """The same answer for `settle` when the first try broke on a provider's id that another message has already.

    A provider that gives an id twice loses the match of its reports, not the messages.
    """
    return departed, [replace(outcome, provider_id=None) for outcome in outcomes]


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
