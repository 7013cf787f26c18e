"""Which messages are in a worker's hands: those that a call lists, whether it has left or not.

The row of a message says `owed` until its call is settled, so that it is written once; everybody who asks is told
`leased`. What keeps two hands off one message: a call lists it only by who holds the lock of its row, and whoever else
moves what is owed locks the row first and looks for calls afterwards, in a statement of its own: that one sees every
call committed by who held the lock before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from gateway.messaging.models import Message, ProviderCall, ids_literal
from gateway.messaging.states import State

LISTED = sa.select(sa.func.unnest(ProviderCall.message_ids))
"""Every message that a call lists."""

IN_HAND = sa.and_(Message.state == State.OWED, Message.id.in_(LISTED))
FREE = sa.and_(Message.state == State.OWED, Message.id.not_in(LISTED))

SHOWN: sa.ColumnElement[str] = sa.case((IN_HAND, State.LEASED.value), else_=Message.state)
"""The state as staff see it."""


def left_since(moment: datetime) -> sa.ColumnElement[bool]:
    """Messages that may have reached a handset since `moment`, though no answer of the provider says so yet."""
    left = sa.select(sa.func.unnest(ProviderCall.message_ids)).where(ProviderCall.left_at >= moment)
    return sa.and_(Message.state == State.OWED, Message.id.in_(left))


def shown_as(state: State) -> sa.ColumnElement[bool]:
    """Messages that are shown in `state`."""
    return {State.OWED: FREE, State.LEASED: IN_HAND}.get(state, Message.state == state)


def lock_free(session: Session, owed: sa.Select[Any]) -> list[UUID]:
    """Lock the messages that `owed` selects, and say which of them are in nobody's hands. Passes over locked ones."""
    locked = list(session.execute(owed.with_for_update(skip_locked=True)).scalars())
    taken = listed_of(session, [str(one) for one in locked])
    return [one for one in locked if str(one) not in taken]


def listed_of(session: Session, messages: Sequence[str]) -> set[str]:
    """Which of these messages a call lists by now; ids as they are spelled."""
    return set(session.scalars(_LISTED_OF, {"ids": ids_literal(messages)})) if messages else set()


_LISTED_OF = sa.text("""
    SELECT CAST(u.id AS text) AS id FROM unnest(CAST(:ids AS uuid[])) AS u(id)
    WHERE u.id IN (SELECT unnest(message_ids) FROM provider_calls)
""").columns(id=sa.Text)
