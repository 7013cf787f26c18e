"""Messages and broadcasts owed. A message is a row before it is anything else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from gateway.broadcasts.states import Status
from gateway.database import Base, Class, Word, column, one_of
from gateway.ids import new_id
from gateway.messaging.states import State
from gateway.residents.models import Instant


def among(one: Any, values: Iterable[Any]) -> sa.ColumnElement[bool]:
    """Whether a column is one of `values`, as one array parameter: the statement is the same however many there are."""
    return cast("sa.ColumnElement[bool]", one == sa.any_(sa.bindparam(None, list(values), ARRAY(one.type))))


def ids_literal(ids: Iterable[str]) -> str:
    """Spelled ids as Postgres reads an array of them, for statements about a hundred and more."""
    return "{" + ",".join(ids) + "}"


HAS_EFFECT = sa.text("effect_key IS NOT NULL")
"""Which messages are owed once by their effect."""


class Broadcast(Base):
    """One text owed to many residents, stored once a language."""

    __tablename__ = "broadcasts"
    __table_args__ = (
        one_of("status", *Status),
        sa.Index("ix_broadcasts_open", "status", postgresql_where=sa.text("finished_at IS NULL")),
    )

    id = column(UUID, primary_key=True, default=new_id, seen=Class.INTERNAL)
    kind = column(sa.String(16), nullable=False, seen=Class.INTERNAL)
    """`update` of a promise, or `notice` of the desk."""
    topic = column(sa.String(32), nullable=False, server_default="", seen=Class.INTERNAL)
    """The promise whose followers get it; empty: who gets notices."""
    places = column(JSONB, nullable=False, server_default=sa.text("'[]'::jsonb"), seen=Class.INTERNAL)
    """Codes of wards and sub-counties whose notices they get; none: wherever they are."""
    languages = column(JSONB, nullable=False, server_default=sa.text("'[]'::jsonb"), seen=Class.INTERNAL)
    """Only who reads one of these; none: everybody."""
    bodies = column(JSONB, nullable=False, seen=Class.PUBLIC)
    status = column(sa.String(12), nullable=False, seen=Class.INTERNAL)
    created_by = column(sa.ForeignKey("staff.id"), seen=Class.INTERNAL)
    created_at = column(Instant, nullable=False, seen=Class.INTERNAL)
    approved_by = column(sa.ForeignKey("staff.id"), seen=Class.INTERNAL)
    approved_at = column(Instant, seen=Class.INTERNAL)
    started_at = column(Instant, seen=Class.INTERNAL)
    finished_at = column(Instant, seen=Class.INTERNAL)
    """Since when nothing is left to send: done, or all that a cancel stopped is suppressed."""
    paused_because = column(sa.String(24), nullable=False, server_default="", seen=Class.INTERNAL)
    """`election_period`: only staff let it go on, and not before that is over. Empty: no such reason."""
    recipients = column(sa.Integer, nullable=False, server_default="0", seen=Class.INTERNAL)
    """To how many it was owed when they were added."""


WRITTEN = tuple(state for state in State if state is not State.LEASED)


class Message(Base):
    """One SMS owed to one resident: a template and its sealed values, rendered when sent."""

    __tablename__ = "messages"
    __table_args__ = (
        sa.Index("ix_messages_claim", "lane", "not_before", "id", postgresql_where=sa.text("state = 'owed'")),
        sa.Index("ix_messages_held", "not_before", postgresql_where=sa.text("state = 'held'")),
        sa.Index("ix_messages_unknown", "sent_at", postgresql_where=sa.text("state = 'unknown'")),
        sa.Index(
            "uq_messages_provider",
            "channel",
            "provider_message_id",
            unique=True,
            postgresql_where=sa.text("provider_message_id IS NOT NULL"),
        ),
        # Every change of state enters the row in every index that holds it: no index holds what it is never asked for.
        sa.Index(None, "case_id", "id", postgresql_where=sa.text("case_id IS NOT NULL")),
        sa.Index(None, "resident_id", "id"),
        sa.Index(
            "uq_messages_broadcast",
            "broadcast_id",
            "resident_id",
            unique=True,
            postgresql_where=sa.text("broadcast_id IS NOT NULL"),
        ),
        sa.Index("uq_messages_effect_key", "effect_key", unique=True, postgresql_where=HAS_EFFECT),
        sa.Index(
            "ix_messages_waiting",
            "broadcast_id",
            "state",
            "reason",
            postgresql_where=sa.text("broadcast_id IS NOT NULL AND state IN ('owed', 'held')"),
        ),
        sa.Index(
            "ix_messages_lost",
            "final_at",
            postgresql_where=sa.text("state IN ('failed', 'expired') AND case_id IS NOT NULL"),
        ),
        # Block ranges: what was sent lately is found, and sending pays next to nothing for it.
        sa.Index("ix_messages_sent_at", "sent_at", postgresql_using="brin"),
    )

    id = column(UUID, primary_key=True, default=new_id, seen=Class.INTERNAL)
    lane = column(Word("message_lane", 10, "replies", "broadcasts"), nullable=False, seen=Class.INTERNAL)
    """`replies` or `broadcasts`."""
    template = column(sa.String(32), nullable=False, seen=Class.INTERNAL)
    params_sealed = column(sa.LargeBinary, seen=Class.PERSONAL)
    language = column(sa.String(8), nullable=False, seen=Class.INTERNAL)
    audience = column(sa.String(12), nullable=False, server_default="resident", seen=Class.INTERNAL)
    resident_id = column(sa.ForeignKey("residents.id"), nullable=False, seen=Class.INTERNAL)
    case_id = column(sa.ForeignKey("cases.id"), seen=Class.INTERNAL)
    broadcast_id = column(sa.ForeignKey("broadcasts.id"), seen=Class.INTERNAL)
    urgent = column(sa.Boolean, nullable=False, server_default=sa.false(), seen=Class.INTERNAL)
    """A receipt, an answer to something just sent, or life and liberty: goes out in quiet hours too."""
    state = column(Word("message_state", 12, *WRITTEN), nullable=False, server_default="owed", seen=Class.INTERNAL)
    """Never `leased`: that is what an owed message is shown as while a call lists it, see `hands`."""
    reason = column(sa.String(64), nullable=False, server_default="", seen=Class.INTERNAL)
    """Why it is in this state, as a code of the outcome table."""
    not_before = column(Instant, nullable=False, seen=Class.INTERNAL)
    attempts = column(sa.SmallInteger, nullable=False, server_default="0", seen=Class.INTERNAL)
    possible_repeat = column(sa.Boolean, nullable=False, server_default=sa.false(), seen=Class.INTERNAL)
    withdrawn = column(sa.Boolean, nullable=False, server_default=sa.false(), seen=Class.INTERNAL)
    """Its resident left the broadcast while a worker held it: it must not leave."""
    channel = column(sa.String(24), nullable=False, seen=Class.INTERNAL)
    provider_message_id = column(sa.String(128), seen=Class.INTERNAL)
    segments = column(sa.SmallInteger, seen=Class.INTERNAL)
    cost = column(sa.Numeric(12, 4), seen=Class.INTERNAL)
    currency = column(sa.String(3), seen=Class.INTERNAL)
    owed_at = column(Instant, nullable=False, seen=Class.INTERNAL)
    sent_at = column(Instant, seen=Class.INTERNAL)
    final_at = column(Instant, seen=Class.INTERNAL)
    effect_key = column(sa.LargeBinary, seen=Class.SECRET)


class ProviderCall(Base):
    """A call that a worker is going to make, or has made and not written the answer of.

    It holds the lease of its messages. Written when they are claimed, dated and committed before it leaves, deleted
    with its answer: a message whose lease ran out may have been sent if, and only if, its call is dated.
    """

    __tablename__ = "provider_calls"

    id = column(UUID, primary_key=True, default=new_id, seen=Class.INTERNAL)
    message_ids = column(ARRAY(UUID), nullable=False, seen=Class.INTERNAL)
    leased_until = column(Instant, nullable=False, seen=Class.INTERNAL)
    left_at = column(Instant, seen=Class.INTERNAL)
    """Since when it may have left; none: it has not."""


class ChannelState(Base):
    """Whether a channel may send now, and why not."""

    __tablename__ = "channel_states"

    channel = column(sa.String(24), primary_key=True, seen=Class.INTERNAL)
    stopped_reason = column(sa.String(64), seen=Class.INTERNAL)
    paused_until = column(Instant, seen=Class.INTERNAL)
    paused_reason = column(sa.String(64), seen=Class.INTERNAL)
    """Why it rests, or rested last."""
    balance = column(sa.Numeric(14, 4), seen=Class.INTERNAL)
    """Money left at the provider when last asked, in `currency`."""
    currency = column(sa.String(3), seen=Class.INTERNAL)
    balance_at = column(Instant, seen=Class.INTERNAL)
    unreported = column(sa.Integer, nullable=False, server_default="0", seen=Class.INTERNAL)
    """Messages accepted and long without a delivery report, when last counted."""
    changed_at = column(Instant, nullable=False, seen=Class.INTERNAL)
