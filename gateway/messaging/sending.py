"""From owed to handed over, so that a worker killed at any line loses nothing and doubles nothing.

Three commits for each provider call: `claim` takes messages and lists the calls that will carry them; `depart` dates
the call that is about to leave; `settle` writes what came of it and deletes the call. A lease that ran out before its
call was dated ends with it; after that nobody knows: the messages are `unknown` until their reports (see `sweeping`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import sqlalchemy as sa
import structlog
from cryptography.exceptions import InvalidTag
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from gateway.broadcasts.states import CLAIMS, Status
from gateway.channels import sends
from gateway.messaging import hands, templates
from gateway.messaging.models import Broadcast, ChannelState, Message, ProviderCall, among, ids_literal
from gateway.messaging.quiet import SPREAD, Quiet
from gateway.messaging.segments import segments
from gateway.messaging.service import WITHDRAWN, open_params
from gateway.messaging.states import State
from gateway.residents import service as residents
from gateway.residents.sealing import Vault
from menus.guide import Guide

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
"""A job works 20 s and may then wait 12 s for its last call."""

MARGIN = timedelta(seconds=20)
"""No call leaves when less than this is left of its lease: the sweep must not touch a message on its way."""


class Claimed(NamedTuple):
    """A message in this worker's hands; a plain tuple, since a claim makes a thousand of them.

    Ids are as Postgres spells them: a `UUID` takes longer to make, to compare and to look up than all the rest.
    """

    id: str
    template: str
    params_sealed: bytes | None
    language: str
    resident_id: str
    broadcast_id: str | None
    attempts: int


@dataclass(frozen=True, slots=True)
class Call:
    """One text for at most a batch of residents, each once; listed under its id."""

    id: UUID
    text: str
    segments: int
    messages: tuple[Claimed, ...]

    @property
    def message_ids(self) -> list[str]:
        return [one.id for one in self.messages]

    def cut(self, first: int) -> tuple[Call, Call]:
        """The call with only its first so many messages, and another one with the rest: see `split`."""
        return replace(self, messages=self.messages[:first]), replace(self, id=uuid4(), messages=self.messages[first:])


def blocked(session: Session, now: datetime) -> bool:
    """Whether the channel is stopped, or rests."""
    state = session.execute(_CHANNEL, {"name": sends(session)}).one_or_none()
    return state is not None and bool(state.stopped_reason or (state.paused_until and state.paused_until > now))


_CHANNEL = sa.select(ChannelState.stopped_reason, ChannelState.paused_until).where(
    ChannelState.channel == sa.bindparam("name")
)


def halted(session: Session, *, election: bool = False) -> list[UUID]:
    """Broadcasts of which nothing more may leave, while they still have messages owed or held.

    In an `election` period claims too, whether the clock has paused them yet or not.
    """
    stopped: sa.ColumnElement[bool] = Broadcast.status.in_([Status.PAUSED, Status.CANCELLED])
    if election:
        stopped = sa.or_(stopped, Broadcast.kind.in_(CLAIMS))
    return list(session.scalars(sa.select(Broadcast.id).where(Broadcast.finished_at.is_(None), stopped)))


def of_none(broadcasts: Sequence[UUID]) -> sa.ColumnElement[bool]:
    """Messages that belong to none of these broadcasts."""
    return sa.or_(Message.broadcast_id.is_(None), ~among(Message.broadcast_id, broadcasts))


def hold_quiet(session: Session, quiet: Quiet, now: datetime, *, limit: int = 20_000) -> int:
    """Move what is due and not urgent to held, until the quiet ends and a little longer, each by chance; how many."""
    due = sa.select(Message.id).where(hands.FREE, Message.not_before <= now, Message.urgent.is_(False)).limit(limit)
    spread = sa.case(*((Message.lane == lane, sa.literal(length)) for lane, length in SPREAD.items()))
    opening = sa.literal(quiet.opening(now), sa.DateTime(timezone=True)) + sa.func.random() * spread
    free = hands.lock_free(session, due)
    if free:
        session.execute(
            sa.update(Message)
            .where(among(Message.id, free))
            .values(state=State.HELD, reason="quiet_hours", not_before=opening)
            .execution_options(synchronize_session=False)
        )
    return len(free)


# Right after a broadcast of a million was owed, Postgres has not counted it yet, expects a handful of rows, and would
# fetch and sort all of them for every claim. The index holds them in order.
_IN_ORDER = sa.text("SELECT set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true)")


def claim(
    session: Session,
    vault: Vault,
    guide: Guide,
    lane: str,
    *,
    limit: int,
    batch: int,
    now: datetime,
    quiet: Quiet | None = None,
    election: bool = False,
) -> list[Call]:
    """Take what is due in a lane, oldest first, as calls of at most `batch`, listed. Two workers never get the same.

    Nothing while the channel is blocked. In quiet hours the rest is held and only what is urgent is taken. Broadcasts
    that are paused or cancelled are passed over, claims in an election period too; what cannot be rendered is held for
    staff.
    """
    if blocked(session, now):
        return []
    session.execute(_IN_ORDER)
    silent = quiet is not None and quiet.holds(now)
    if quiet is not None and silent:
        hold_quiet(session, quiet, now)
    due = _TAKE.where(Message.lane == lane, hands.FREE, Message.not_before <= now)
    if silent:
        due = due.where(Message.urgent)
    if lane == templates.BROADCASTS and (still := halted(session, election=election)):
        due = due.where(of_none(still))
    calls = _prepare(session, vault, guide, _take(session, due.limit(limit)), batch)
    if calls:
        until = now + LEASE
        session.execute(
            _LIST,
            [{"id": call.id, "message_ids": ids_literal(call.message_ids), "leased_until": until} for call in calls],
        )
    return calls


_TAKE = (
    sa.select(
        sa.cast(Message.id, sa.Text).label("id"),
        Message.template,
        Message.params_sealed,
        Message.language,
        sa.cast(Message.resident_id, sa.Text).label("resident_id"),
        sa.cast(Message.broadcast_id, sa.Text).label("broadcast_id"),
        Message.attempts,
    )
    .order_by(Message.not_before, Message.id)
    .with_for_update(skip_locked=True)
)
_LIST = sa.text("""
    INSERT INTO provider_calls (id, message_ids, leased_until) VALUES (:id, CAST(:message_ids AS uuid[]), :leased_until)
""")


def _take(session: Session, due: sa.Select[Any]) -> list[Claimed]:
    """Lock what is due; without what another worker's call has listed between our look and our lock (see `hands`)."""
    for _ in range(TRIES):
        rows = session.connection().execute(due).all()  # plain rows: the ORM's take twice as long to make
        taken = hands.listed_of(session, [row.id for row in rows])
        claimed = [Claimed._make(row) for row in rows if not taken or row.id not in taken]
        if claimed or not rows:
            # By id, the order in which reports lock messages too: nobody waits in a circle.
            return sorted(claimed, key=lambda one: one.id)
    return []


TRIES = 3
"""How often a claim looks again when all it found was taken that moment."""


def _prepare(session: Session, vault: Vault, guide: Guide, claimed: Sequence[Claimed], batch: int) -> list[Call]:
    """Render the claimed and group equal texts into calls. What cannot be rendered is held for staff."""
    bodies = _bodies(session, {one.broadcast_id for one in claimed if one.broadcast_id})
    texts: dict[tuple[str, str], str] = {}
    groups: dict[str, list[Claimed]] = defaultdict(list)
    unreadable = []
    for one in claimed:
        try:
            if one.broadcast_id:
                key = (one.broadcast_id, one.language)
                if key not in texts:
                    body = bodies[one.broadcast_id][one.language]
                    texts[key] = templates.render(guide, one.template, one.language, {"body": body})
                groups[texts[key]].append(one)
            else:
                values = open_params(vault, one.id, one.params_sealed)
                groups[templates.render(guide, one.template, one.language, values)].append(one)
        except (InvalidTag, LookupError, ValueError) as error:
            log.error("message_unreadable", message=one.id, template=one.template, error=type(error).__name__)
            unreadable.append(one.id)
    _move(session, unreadable, state=State.HELD, reason="unreadable")
    return [
        Call(uuid4(), text, segments(text), tuple(part))
        for text, group in groups.items()
        for part in _parts(group, batch)
    ]


def _bodies(session: Session, broadcasts: Iterable[str]) -> dict[str, dict[str, str]]:
    wanted = [UUID(one) for one in broadcasts]
    if not wanted:
        return {}
    rows = session.execute(sa.select(Broadcast.id, Broadcast.bodies).where(Broadcast.id.in_(wanted)))
    return {str(row.id): row.bodies for row in rows}


def _parts(group: Sequence[Claimed], batch: int) -> list[list[Claimed]]:
    """Parts of at most a batch, no resident twice in one: outcomes are told apart by number."""
    times: Counter[str] = Counter()
    rounds: dict[int, list[Claimed]] = defaultdict(list)
    for one in group:
        rounds[times[one.resident_id]].append(one)
        times[one.resident_id] += 1
    return [round_[start : start + batch] for round_ in rounds.values() for start in range(0, len(round_), batch)]


@dataclass(frozen=True, slots=True)
class Departed:
    """A call dated as leaving, and whom it goes to."""

    call: Call
    numbers: dict[str, str]
    """Numbers (E.164) by message."""
    left_at: datetime


def split(session: Session, now: Call, later: Call) -> None:
    """List what is left of a call and its rest apart, as `Call.cut` made them; the lease stays what it was."""
    session.execute(
        _SPLIT,
        {
            "id": now.id,
            "message_ids": ids_literal(now.message_ids),
            "other": later.id,
            "rest": ids_literal(later.message_ids),
        },
    )


_SPLIT = sa.text("""
    WITH kept AS (
        UPDATE provider_calls SET message_ids = CAST(:message_ids AS uuid[])
        WHERE id = :id AND left_at IS NULL RETURNING leased_until)
    INSERT INTO provider_calls (id, message_ids, leased_until)
    SELECT :other, CAST(:rest AS uuid[]), leased_until FROM kept
""").bindparams(*(sa.bindparam(name, type_=Message.id.type) for name in ("id", "other")))


def depart(session: Session, vault: Vault, call: Call, *, now: datetime, election: bool = False) -> Departed | None:
    """Date the call as leaving, after a last look at who still wants it.

    None: the channel rests, the lease is over, or nobody is left.
    In an `election` period a claim stays, as if it were paused.

    Commit before sending. The numbers are unsealed here and live no longer than the call.
    """
    rows = session.execute(
        _LEAVE,
        {
            "call": call.id,
            "now": now,
            "at_least": now + MARGIN,
            "channel": sends(session),
            "commands": _COMMANDS,
            "resting": sorted(CLAIMS) if election else [],
        },
    ).all()
    staying: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row.stays:
            staying[row.stays].append(row.id)
    going = [row for row in rows if not row.stays] if staying else rows
    numbers = _numbers(vault, going)
    if len(numbers) < len(call.messages):
        for reason in ("stopped", WITHDRAWN, "cancelled"):
            _move(session, staying[reason], state=State.SUPPRESSED, reason=reason, final_at=now)
        _move(session, {row.id for row in going} - numbers.keys(), state=State.HELD, reason="unreadable")
        if not numbers:
            session.execute(_ENDED, {"call": call.id, "now": now})
            return None
        session.execute(_ONLY, {"call": call.id, "going": ids_literal(numbers)})
    return Departed(call, numbers, now)


# For every hundred recipients of a broadcast: one statement dates the call, if its lease still lasts, and looks. Each
# message is found by its id: what is owed has an index too, and right after a broadcast was owed, when Postgres has not
# counted it yet, it would read all of that for every call (OFFSET 0 keeps the state out of the search).
_LEAVE = sa.text("""
    WITH leaving AS (
        UPDATE provider_calls SET left_at = :now
        WHERE id = :call AND left_at IS NULL AND leased_until > :at_least AND NOT EXISTS (
            SELECT FROM channel_states
            WHERE channel = :channel AND (stopped_reason IS NOT NULL OR paused_until > :now))
        RETURNING message_ids)
    SELECT CAST(m.id AS text) AS id, CAST(m.resident_id AS text) AS resident, r.number_sealed, CASE
        WHEN m.template <> ALL(:commands)
            AND (r.stopped_all_at IS NOT NULL OR m.lane = 'broadcasts' AND r.stopped_broadcasts_at IS NOT NULL)
            THEN 'stopped'
        WHEN m.withdrawn THEN 'withdrawn'
        WHEN b.status = 'cancelled' THEN 'cancelled'
        WHEN b.status = 'paused' OR b.kind = ANY(:resting) THEN 'paused'
        END AS stays
    FROM leaving CROSS JOIN unnest(leaving.message_ids) AS listed(id)
    CROSS JOIN LATERAL (
        SELECT id, state, resident_id, template, lane, withdrawn, broadcast_id
        FROM messages WHERE messages.id = listed.id OFFSET 0) AS m
    JOIN residents AS r ON r.id = m.resident_id
    LEFT JOIN broadcasts AS b ON b.id = m.broadcast_id
    WHERE m.state = 'owed'
""").bindparams(*(sa.bindparam(name, type_=ARRAY(sa.Text)) for name in ("commands", "resting")))
_COMMANDS = [name for name, template in templates.TEMPLATES.items() if template.command]
"""What answers a command of the resident's leaves even when they stopped the rest."""
_ENDED = sa.text("DELETE FROM provider_calls WHERE id = :call AND left_at = :now")
_ONLY = sa.text("UPDATE provider_calls SET message_ids = CAST(:going AS uuid[]) WHERE id = :call")


def _numbers(vault: Vault, going: Iterable[Any]) -> dict[str, str]:
    """Numbers by message; one that no key opens keeps nobody else from theirs."""
    numbers: dict[str, str] = {}
    for row in going:
        try:
            numbers[row.id] = residents.open_number(vault, row.resident, row.number_sealed)
        except (InvalidTag, KeyError):
            log.error("number_unreadable", resident=row.resident)
    return numbers


def _move(session: Session, messages: Sequence[str] | Set[str], **values: Any) -> None:
    """Move what is in our hands."""
    if messages:
        session.execute(
            sa.update(Message)
            .where(among(Message.id, map(UUID, messages)), Message.state == State.OWED)
            .values(**values)
            .execution_options(synchronize_session=False)
        )


def release(session: Session, calls: Iterable[Call]) -> None:
    """Let go of what was claimed and did not leave: it is owed as before."""
    session.execute(
        sa.delete(ProviderCall)
        .where(among(ProviderCall.id, [call.id for call in calls]), ProviderCall.left_at.is_(None))
        .execution_options(synchronize_session=False)
    )
